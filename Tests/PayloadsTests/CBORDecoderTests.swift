import Payloads
import Testing
import Units

@Suite("CBOR")
struct CBORDecoderTests {
    private func cbor(_ payload: [UInt8]) throws(DecodeFailure) -> String {
        try rendered(payload) { (bytes, tree) throws(DecodeFailure) in try CBORDecoder.decode(bytes, into: &tree) }
    }

    private func reason(_ hex: String) -> DecodeFailure.Reason? {
        failure(bytes(hex: hex)) { (bytes, tree) throws(DecodeFailure) in
            try CBORDecoder.decode(bytes, into: &tree)
        }?.reason
    }

    @Test(
        "RFC 8949 appendix A: numbers",
        arguments: [
            ("00", "0"), ("01", "1"), ("0a", "10"), ("17", "23"), ("1818", "24"), ("1819", "25"), ("1864", "100"),
            ("1903e8", "1000"), ("1a000f4240", "1000000"), ("1b000000e8d4a51000", "1000000000000"),
            ("1bffffffffffffffff", "18446744073709551615"), ("c249010000000000000000", "18446744073709551616"),
            ("3bffffffffffffffff", "-18446744073709551616"), ("c349010000000000000000", "-18446744073709551617"),
            ("20", "-1"), ("29", "-10"), ("3863", "-100"), ("3903e7", "-1000"), ("f90000", "0"), ("f98000", "0"),
            ("f93c00", "1"), ("fb3ff199999999999a", "1.1"), ("f93e00", "1.5"), ("f97bff", "65504"),
            ("fa47c35000", "100000"), ("fa7f7fffff", "3.4028235e38"),
            ("fb7e37e43c8800759c", "1e300"), ("f90001", "0.00000006"), ("f90400", "0.00006104"), ("f9c400", "-4"),
            ("fbc010666666666666", "-4.1"), ("f97c00", "<positive-infinity>"), ("f97e00", "<not-a-number>"),
            ("f9fc00", "<negative-infinity>"), ("fa7f800000", "<positive-infinity>"), ("fa7fc00000", "<not-a-number>"),
            ("faff800000", "<negative-infinity>"), ("fb7ff0000000000000", "<positive-infinity>"),
            ("fb7ff8000000000000", "<not-a-number>"), ("fbfff0000000000000", "<negative-infinity>"),
        ]
    )
    func appendixNumbers(_ hex: String, _ expected: String) throws {
        let text = try self.cbor(bytes(hex: hex))
        if let number = ExactDecimal(expected) {
            #expect(ExactDecimal(text) == number)
        } else {
            #expect(text == expected)
        }
    }

    @Test(
        "RFC 8949 appendix A: everything else",
        arguments: [
            ("f4", "false"), ("f5", "true"), ("f6", "null"), ("f7", "null"),
            ("c074323031332d30332d32315432303a30343a30305a", #""2013-03-21T20:04:00Z""#),
            ("c11a514b67b0", "1363896240"), ("c1fb41d452d9ec200000", "1363896240.5"),
            ("d74401020304", "h'01020304'"), ("d818456449455446", "h'6449455446'"),
            ("d82076687474703a2f2f7777772e6578616d706c652e636f6d", #""http://www.example.com""#),
            ("40", "h''"), ("4401020304", "h'01020304'"), ("60", #""""#), ("6161", #""a""#), ("6449455446", #""IETF""#),
            ("62225c", #""\"\\""#), ("62c3bc", #""ü""#), ("63e6b0b4", #""水""#), ("64f0908591", "\"\u{10151}\""),
            ("80", "[]"), ("83010203", "[1,2,3]"), ("8301820203820405", "[1,[2,3],[4,5]]"),
            (
                "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]"
            ),
            ("a0", "{}"), ("a201020304", #"{"1":2,"3":4}"#), ("a26161016162820203", #"{"a":1,"b":[2,3]}"#),
            ("826161a161626163", #"["a",{"b":"c"}]"#),
            ("a56161614161626142616361436164614461656145", #"{"a":"A","b":"B","c":"C","d":"D","e":"E"}"#),
            ("5f42010243030405ff", "h'0102030405'"), ("7f657374726561646d696e67ff", #""streaming""#), ("9fff", "[]"),
            ("9f018202039f0405ffff", "[1,[2,3],[4,5]]"), ("9f01820203820405ff", "[1,[2,3],[4,5]]"),
            ("83018202039f0405ff", "[1,[2,3],[4,5]]"), ("83019f0203ff820405", "[1,[2,3],[4,5]]"),
            (
                "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
                "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]"
            ),
            ("bf61610161629f0203ffff", #"{"a":1,"b":[2,3]}"#), ("826161bf61626163ff", #"["a",{"b":"c"}]"#),
            ("bf6346756ef563416d7421ff", #"{"Fun":true,"Amt":-2}"#),
        ]
    )
    func appendixOthers(_ hex: String, _ expected: String) throws {
        #expect(try self.cbor(bytes(hex: hex)) == expected)
    }

    @Test(
        "numbers keep the digits of their own precision",
        arguments: [
            ("fa42126666", "36.6"), ("f95093", "36.6"), ("fb40424ccccccccccd", "36.6"), ("c48221196ab3", "273.15"),
            ("c48221190eb0", "37.60"), ("c4820203", "300"), ("c482203904d1", "-123.4"), ("c48220c2420100", "25.6"),
            ("c48220c3420100", "-25.7"), ("c49f200aff", "1.0"), ("c24f000000000000000000000000000001", "1"),
            ("d9d9f718 48", "72"), ("a1382afa42126666", #"{"-43":36.6}"#),
            ("a13bfffffffffffffffe00", #"{"-18446744073709551615":0}"#),
        ]
    )
    func precision(_ hex: String, _ expected: String) throws {
        #expect(try self.cbor(bytes(hex: hex)) == expected)
    }

    @Test(
        "RFC 8949 appendix F: input that ends too early",
        arguments: [
            "18", "19", "1a", "1b", "1901", "1a0102", "1b01020304050607", "38", "58", "78", "98", "9a01ff00", "b8",
            "d8",
            "f8", "f900", "fa0000", "fb000000", "41", "61", "5affffffff00", "5bffffffffffffffff010203", "7affffffff00",
            "7b7fffffffffffffff010203", "81", "818181818181818181", "8200", "a1", "a20102", "a100", "a2000000", "c0",
            "5f4100", "7f6100", "9f", "9f0102", "bf", "bf01020102", "819f", "9f8000", "9f9f9f9f9fffffffff",
            "9f819f819f9fffffff", "9bffffffffffffffff00", "bbffffffffffffffff0000",
        ]
    )
    func truncated(_ hex: String) {
        #expect(self.reason(hex) == .truncated)
    }

    @Test(
        "RFC 8949 appendix F: input that is not well formed",
        arguments: [
            "1c", "1d", "1e", "3c", "5c", "7d", "9e", "bc", "dc", "fc", "fd", "fe", "f800", "f801", "f818", "f81f",
            "5f00ff", "5f21ff", "5f6100ff", "5f80ff", "5fa0ff", "5fc000ff", "5fe0ff", "7f4100ff", "5f5f4100ffff",
            "7f7f6100ffff", "ff", "81ff", "8200ff", "a100ff", "9f81ff", "bf00ff", "bf000000ff", "1f", "3f", "df",
            "c200", "c4820163616263", "c48101", "c4a10102", "c49f010203ff",
        ]
    )
    func malformed(_ hex: String) {
        #expect(self.reason(hex) == .malformed)
    }

    @Test(
        "other refusals have their own reason",
        arguments: [
            ("", DecodeFailure.Reason.truncated), ("0000", .trailingBytes), ("61ff", .badEncoding),
            ("7f61c361a9ff", .badEncoding), ("f0", .unsupported), ("f8ff", .unsupported), ("e0", .unsupported),
            ("a1f500", .unsupported), ("a1410000", .unsupported), ("a1800000", .unsupported), ("a1ff00", .unsupported),
            ("c250ffffffffffffffffffffffffffffffff", .unsupported), ("c25f41ff", .unsupported),
            ("c4821a7fffffff01", .unsupported), ("a13bffffffffffffffff00", .unsupported),
        ]
    )
    func refusals(_ hex: String, _ expected: DecodeFailure.Reason) {
        #expect(self.reason(hex) == expected)
    }

    @Test("nesting of containers is bounded and tags do not nest the stack")
    func depth() throws {
        #expect(self.reason(String(repeating: "81", count: 65) + "00") == .tooDeep)
        #expect(self.reason(String(repeating: "9f", count: 200_000)) == .tooDeep)
        #expect(try self.cbor([UInt8](repeating: 0xC6, count: 500_000) + [0x01]) == "1")
    }

    @Test("random values survive encoding with definite and indefinite lengths", arguments: 0..<8)
    func roundTrip(_ seed: UInt64) throws {
        var generator = PayloadGenerator(seed: seed)
        for _ in 0..<500 {
            let value = DecodedValue.random(depth: 5, using: &generator)
            var payload: [UInt8] = []
            CBOREncoding.encode(value, to: &payload, using: &generator)
            #expect(try self.cbor(payload) == value.description)
        }
    }

    @Test("every half-precision number reads back as the same half")
    func halves() throws {
        for pattern in UInt16.min...UInt16.max {
            let half = Float16(bitPattern: pattern)
            guard half.isFinite else { continue }
            let text = try self.cbor([0xF9, UInt8(pattern >> 8), UInt8(pattern & 0xFF)])
            #expect(Float16(text) == half)
        }
    }
}

/// Writes CBOR in ways that RFC 8949 allows.
private enum CBOREncoding {
    static func encode(_ value: DecodedValue, to output: inout [UInt8], using generator: inout PayloadGenerator) {
        switch value {
        case .null: output.append(0xF6)
        case .bool(let flag): output.append(flag ? 0xF5 : 0xF4)
        case .number(let number): self.number(number, to: &output)
        case .string(let text): self.string(3, Array(text.utf8), to: &output, using: &generator)
        case .bytes(let bytes): self.string(2, bytes, to: &output, using: &generator)
        case .absent: output += [0xF9, 0x7E, 0x00]
        case .array(let values):
            let isIndefinite = self.open(4, values.count, to: &output, using: &generator)
            for value in values { self.encode(value, to: &output, using: &generator) }
            if isIndefinite { output.append(0xFF) }
        case .object(let members):
            let isIndefinite = self.open(5, members.count, to: &output, using: &generator)
            for member in members {
                self.string(3, Array(member.name.utf8), to: &output, using: &generator)
                self.encode(member.value, to: &output, using: &generator)
            }
            if isIndefinite { output.append(0xFF) }
        }
    }

    private static func head(_ major: UInt8, _ argument: UInt64, to output: inout [UInt8]) {
        let width = argument < 24 ? 0 : argument <= 0xFF ? 1 : argument <= 0xFFFF ? 2 : argument <= 0xFFFF_FFFF ? 4 : 8
        let info: [Int: UInt8] = [0: UInt8(truncatingIfNeeded: argument), 1: 24, 2: 25, 4: 26, 8: 27]
        output.append(major << 5 | (info[width] ?? 0))
        for byte in (0..<width).reversed() { output.append(UInt8(truncatingIfNeeded: argument >> UInt64(8 * byte))) }
    }

    private static func open(
        _ major: UInt8,
        _ count: Int,
        to output: inout [UInt8],
        using generator: inout PayloadGenerator
    ) -> Bool {
        let isIndefinite = generator.chance(oneIn: 3)
        if isIndefinite { output.append(major << 5 | 31) } else { self.head(major, UInt64(count), to: &output) }
        return isIndefinite
    }

    private static func string(
        _ major: UInt8,
        _ bytes: [UInt8],
        to output: inout [UInt8],
        using generator: inout PayloadGenerator
    ) {
        let isIndefinite = generator.chance(oneIn: 4)
        if isIndefinite { output.append(major << 5 | 31) }
        self.head(major, UInt64(bytes.count), to: &output)
        output += bytes
        if isIndefinite { output += [major << 5, 0xFF] }
    }

    private static func number(_ number: ExactDecimal, to output: inout [UInt8]) {
        if number.exponent != 0 {
            output += [0xC4, 0x82]
            self.integer(Int128(number.exponent), to: &output)
        }
        self.integer(number.significand, to: &output)
    }

    private static func integer(_ value: Int128, to output: inout [UInt8]) {
        let magnitude = value < 0 ? UInt128(-1 - value) : UInt128(value)
        if let small = UInt64(exactly: magnitude) {
            self.head(value < 0 ? 1 : 0, small, to: &output)
        } else {
            output += [value < 0 ? 0xC3 : 0xC2, 0x50]
            for byte in (0..<16).reversed() {
                output.append(UInt8(truncatingIfNeeded: magnitude >> UInt128(8 * byte)))
            }
        }
    }
}
