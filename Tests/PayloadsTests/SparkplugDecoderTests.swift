internal import Testing

@testable internal import Payloads

/// Builds Sparkplug payloads field by field.
enum SparkplugBytes {
    static func varint(_ value: UInt64) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + self.varint(value >> 7)
    }

    static func field(_ number: UInt64, _ value: UInt64) -> [UInt8] { self.varint(number << 3) + self.varint(value) }

    static func field(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
        self.varint(number << 3 | 2) + self.varint(UInt64(bytes.count)) + bytes
    }

    static func field(_ number: UInt64, _ text: String) -> [UInt8] { self.field(number, Array(text.utf8)) }

    static func float(_ value: Float) -> [UInt8] {
        [0x65] + withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }

    static func double(_ value: Double) -> [UInt8] {
        [0x69] + withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }

    /// A payload with time 1000.
    static func payload(sequence: UInt64?, _ metrics: [UInt8]...) -> [UInt8] {
        self.field(1, 1000) + metrics.flatMap { self.field(2, $0) } + (sequence.map { self.field(3, $0) } ?? [])
    }

    /// A metric of a birth: name, alias, datatype and int_value 1.
    static func born(_ name: String, alias: UInt64?, datatype: UInt64 = 3) -> [UInt8] {
        self.field(1, name) + (alias.map { self.field(2, $0) } ?? []) + self.field(4, datatype)
            + (datatype == 10 ? self.double(1) : self.field(10, 1))
    }
}

@Suite("Sparkplug B payloads")
struct SparkplugDecoderTests {
    private static let birth = "spBv1.0/hospA/DBIRTH/gw1/bed12"
    private static let data = "spBv1.0/hospA/DDATA/gw1/bed12"

    static func tree(
        _ bytes: [UInt8],
        _ topic: String,
        _ births: inout SparkplugBirths
    ) throws(DecodeFailure) -> PayloadTree {
        let topic = try SparkplugTopic(topic.utf8)
        return try decoded(bytes) { (bytes, tree) throws(DecodeFailure) in
            try SparkplugDecoder.decode(bytes, topic: topic, births: &births, into: &tree)
        }
    }

    static func reason(_ bytes: [UInt8], _ topic: String, _ births: SparkplugBirths = .init()) -> DecodeFailure? {
        var births = births
        do throws(DecodeFailure) {
            _ = try self.tree(bytes, topic, &births)
            return nil
        } catch {
            return error
        }
    }

    @Test("a birth and the data that needs it")
    func birthAndData() throws {
        var births = SparkplugBirths()
        let birth = try Self.tree(PayloadFixture.bytes("sparkplug/DBIRTH_hospA_gw1_bed12.bin"), Self.birth, &births)
        let time = "1763711100000"
        #expect(
            TreeText.of(birth)
                == "{message_type: \"DBIRTH\", group: \"hospA\", edge_node: \"gw1\", device: \"bed12\", "
                + "timestamp: \(time), seq: 1, metrics: ["
                + "{name: \"Vitals/HR\", alias: 1, timestamp: \(time), datatype: \"Int32\", value: 72}, "
                + "{name: \"Vitals/SpO2\", alias: 2, timestamp: \(time), datatype: \"Float\", value: 98}, "
                + "{name: \"Vitals/NIBP/Sys\", alias: 3, timestamp: \(time), datatype: \"Int32\", value: 118}, "
                + "{name: \"Vitals/NIBP/Dia\", alias: 4, timestamp: \(time), datatype: \"Int32\", value: 76}, "
                + "{name: \"Device/Model\", alias: 5, timestamp: \(time), datatype: \"String\", value: \"SimMon\"}]}"
        )
        let data = try Self.tree(PayloadFixture.bytes("sparkplug/DDATA_hospA_gw1_bed12.bin"), Self.data, &births)
        #expect(
            TreeText.of(data)
                == "{message_type: \"DDATA\", group: \"hospA\", edge_node: \"gw1\", device: \"bed12\", "
                + "timestamp: 1763711105000, seq: 2, metrics: [{name: \"Vitals/HR\", alias: 1, "
                + "timestamp: 1763711104900, datatype: \"Int32\", value: 74}]}"
        )
    }

    @Test("data before its birth is refused with the alias")
    func missingBirth() throws {
        let bytes = try PayloadFixture.bytes("sparkplug/DDATA_hospA_gw1_bed12.bin")
        let failure = try #require(Self.reason(bytes, Self.data))
        #expect(failure.reason == .missingState)
        #expect(failure.detail.contains("alias 1"))
    }

    @Test("the birth gives the datatype that data omits")
    func datatypeOfBirth() throws {
        var births = SparkplugBirths()
        let birth = SparkplugBytes.payload(
            sequence: 0,
            SparkplugBytes.born("a", alias: 1, datatype: 1),
            SparkplugBytes.born("b", alias: nil)
        )
        _ = try Self.tree(birth, Self.birth, &births)
        let data = SparkplugBytes.payload(
            sequence: 1,
            SparkplugBytes.field(2, 1) + SparkplugBytes.field(10, 0xFFFF_FFFB),
            SparkplugBytes.field(1, "b") + SparkplugBytes.field(10, 7)
        )
        let tree = try Self.tree(data, Self.data, &births)
        #expect(TreeText.of(tree, "metrics/0") == "{name: \"a\", alias: 1, datatype: \"Int8\", value: -5}")
        #expect(TreeText.of(tree, "metrics/1") == "{name: \"b\", datatype: \"Int32\", value: 7}")
        let stranger = SparkplugBytes.payload(sequence: 2, SparkplugBytes.field(1, "c") + SparkplugBytes.field(10, 7))
        #expect(Self.reason(stranger, Self.data, births)?.reason == .missingState)
    }

    @Test(
        "whole numbers by datatype, in two's complement of the type or of the field",
        arguments: [
            (1, 10, 0xFFFF_FFFF, "-1"), (1, 10, 0xC8, "-56"), (1, 10, 127, "127"), (2, 10, 0xFFFF_8000, "-32768"),
            (2, 10, 0x8000, "-32768"), (3, 10, 0x8000_0000, "-2147483648"), (3, 11, 0xFFFF_FFFF_FFFF_FFFF, "-1"),
            (3, 11, 0xFFFF_FFFF, "-1"), (4, 11, 0x8000_0000_0000_0000, "-9223372036854775808"), (4, 10, 5, "5"),
            (5, 10, 255, "255"), (6, 10, 65535, "65535"), (7, 10, 0xFFFF_FFFF, "4294967295"),
            (7, 11, 0xFFFF_FFFF, "4294967295"), (8, 11, UInt64.max, "18446744073709551615"),
            (13, 11, 1_763_711_100_000, "1763711100000"),
        ] as [(UInt64, UInt64, UInt64, String)]
    )
    func integers(datatype: UInt64, field: UInt64, raw: UInt64, text: String) throws {
        var births = SparkplugBirths()
        let metric = SparkplugBytes.field(1, "a") + SparkplugBytes.field(4, datatype) + SparkplugBytes.field(field, raw)
        let tree = try Self.tree(SparkplugBytes.payload(sequence: 0, metric), Self.data, &births)
        #expect(TreeText.of(tree, "metrics/0/value") == text)
    }

    @Test(
        "numbers outside their datatype are refused",
        arguments: [
            (1, 10, 256), (1, 11, 0xFFFF_FFFF), (2, 10, 0x1_0000), (5, 10, 256), (6, 10, 65536), (7, 11, 1 << 32),
        ]
            as [(UInt64, UInt64, UInt64)]
    )
    func integersOutOfRange(datatype: UInt64, field: UInt64, raw: UInt64) {
        let metric = SparkplugBytes.field(1, "a") + SparkplugBytes.field(4, datatype) + SparkplugBytes.field(field, raw)
        #expect(Self.reason(SparkplugBytes.payload(sequence: 0, metric), Self.data)?.reason == .malformed)
    }

    @Test(
        "other values by datatype",
        arguments: [
            (9, SparkplugBytes.float(36.6), "36.6"), (9, SparkplugBytes.float(.nan), "!not-a-number"),
            (9, SparkplugBytes.float(-.infinity), "!negative-infinity"), (10, SparkplugBytes.double(37.25), "37.25"),
            (10, SparkplugBytes.double(.infinity), "!positive-infinity"), (11, SparkplugBytes.field(14, 1), "true"),
            (12, SparkplugBytes.field(15, "µ"), "\"µ\""), (15, SparkplugBytes.field(15, "u"), "\"u\""),
            (17, SparkplugBytes.field(16, [1, 255]), "h'01ff'"),
            (23, SparkplugBytes.field(16, hex("0100 ffff 0080")), "[1, -1, -32768]"),
            (26, SparkplugBytes.field(16, hex("01ff")), "[1, 255]"),
            (30, SparkplugBytes.field(16, hex("0000c442 0000c07f")), "[98, !not-a-number]"),
            (31, SparkplugBytes.field(16, hex("0000000000805840")), "[98]"), (22, SparkplugBytes.field(16, []), "[]"),
        ] as [(UInt64, [UInt8], String)]
    )
    func values(datatype: UInt64, value: [UInt8], text: String) throws {
        var births = SparkplugBirths()
        let metric = SparkplugBytes.field(1, "a") + SparkplugBytes.field(4, datatype) + value
        let tree = try Self.tree(SparkplugBytes.payload(sequence: 0, metric), Self.data, &births)
        #expect(TreeText.of(tree, "metrics/0/value") == text)
    }

    @Test("flags, null, properties and structures")
    func metricDetails() throws {
        var births = SparkplugBirths()
        let quality = SparkplugBytes.field(1, 3) + SparkplugBytes.field(3, 192)
        let unit = SparkplugBytes.field(1, 12) + SparkplugBytes.field(8, "/min")
        let properties =
            SparkplugBytes.field(1, "Quality") + SparkplugBytes.field(1, "engUnit") + SparkplugBytes.field(2, quality)
            + SparkplugBytes.field(2, unit)
        let null =
            SparkplugBytes.field(1, "a") + SparkplugBytes.field(4, 3) + SparkplugBytes.field(5, 1)
            + SparkplugBytes.field(6, 1) + SparkplugBytes.field(7, 1) + SparkplugBytes.field(9, properties)
        let table =
            SparkplugBytes.field(1, "t") + SparkplugBytes.field(4, 16) + SparkplugBytes.field(17, [8, 1])
            + SparkplugBytes.field(99, "unknown")
        let tree = try Self.tree(SparkplugBytes.payload(sequence: nil, null, table), Self.data, &births)
        #expect(
            TreeText.of(tree, "metrics")
                == "[{name: \"a\", datatype: \"Int32\", value: null, is_null: true, is_historical: true, "
                + "is_transient: true, properties: {Quality: 192, engUnit: \"/min\"}}, "
                + "{name: \"t\", datatype: \"DataSet\", unsupported: true}]"
        )
    }

    @Test(
        "what is refused",
        arguments: [
            (SparkplugBytes.field(4, 3) + SparkplugBytes.field(10, 1), DecodeFailure.Reason.malformed),
            (SparkplugBytes.field(1, [0xFF]), .badEncoding),
            (SparkplugBytes.field(1, "a") + SparkplugBytes.field(4, 9) + SparkplugBytes.field(10, 1), .malformed),
            (SparkplugBytes.field(1, "a") + SparkplugBytes.field(4, 3) + SparkplugBytes.float(1), .malformed),
            (SparkplugBytes.field(1, "a") + SparkplugBytes.field(4, 23) + SparkplugBytes.field(16, [1]), .malformed),
            (SparkplugBytes.field(1, "a") + SparkplugBytes.field(4, 77) + SparkplugBytes.field(10, 1), .unsupported),
            (SparkplugBytes.field(1, "a") + SparkplugBytes.field(4, "3"), .malformed),
        ]
    )
    func refusals(metric: [UInt8], reason: DecodeFailure.Reason) {
        #expect(Self.reason(SparkplugBytes.payload(sequence: 0, metric), Self.data)?.reason == reason)
    }

    @Test("an empty payload, a seq above 255 and too many metrics are refused")
    func bounds() {
        #expect(Self.reason([], Self.data)?.reason == .truncated)
        #expect(Self.reason(SparkplugBytes.payload(sequence: 256), Self.data)?.reason == .malformed)
        let metrics = Array(repeating: SparkplugBytes.field(2, SparkplugBytes.field(1, "a")), count: 8_193).flatMap(
            \.self
        )
        #expect(Self.reason(metrics, Self.data)?.reason == .tooLarge)
    }

    @Test("every cut of the examples is decoded or refused, and never changes the births when refused")
    func truncation() throws {
        for (name, topic) in [("DBIRTH", Self.birth), ("DDATA", Self.data)] {
            let bytes = try PayloadFixture.bytes("sparkplug/\(name)_hospA_gw1_bed12.bin")
            for length in bytes.indices {
                var births = SparkplugBirths()
                let before = births.encoded()
                do throws(DecodeFailure) {
                    _ = try Self.tree(Array(bytes.prefix(length)), topic, &births)
                } catch {
                    #expect([.truncated, .missingState].contains(error.reason))
                    #expect(births.encoded() == before && !births.changed)
                }
            }
        }
    }

    @Test("mutated births and data are decoded or refused, never a trap")
    func mutation() throws {
        var births = SparkplugBirths()
        let birth = try PayloadFixture.bytes("sparkplug/DBIRTH_hospA_gw1_bed12.bin")
        let data = try PayloadFixture.bytes("sparkplug/DDATA_hospA_gw1_bed12.bin")
        let birthTopic = try SparkplugTopic(Self.birth.utf8)
        let dataTopic = try SparkplugTopic(Self.data.utf8)
        let ofBirth = fuzz([birth], seed: 11) { (bytes, tree) throws(DecodeFailure) in
            try SparkplugDecoder.decode(bytes, topic: birthTopic, births: &births, into: &tree)
        }
        let ofData = fuzz([data], seed: 12) { (bytes, tree) throws(DecodeFailure) in
            try SparkplugDecoder.decode(bytes, topic: dataTopic, births: &births, into: &tree)
        }
        #expect(ofBirth.decoded > 0 && ofBirth.refused > 0 && ofData.decoded > 0 && ofData.refused > 0)
        #expect(SparkplugBirths(encoded: births.encoded())?.encoded() == births.encoded())
    }
}
