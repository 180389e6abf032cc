import Payloads

/// The decoders of text and self-describing formats.
enum DecoderTargets {
    static let all: [Target] = [
        Target(name: "json", weight: 100, family: .json) { bench, payload, _ in
            bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in
                try JSONTextDecoder.decode(bytes, into: &tree)
            }
        },
        Target(name: "json-lines", weight: 40, family: .jsonLines) { bench, payload, _ in
            bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in
                try JSONTextDecoder.decode(bytes, into: &tree, framing: .lines)
            }
        },
        Target(name: "cbor", weight: 80, family: .cbor) { bench, payload, _ in
            bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in try CBORDecoder.decode(bytes, into: &tree) }
        },
        Target(name: "senml-json", weight: 60, family: .senmlJSON) { bench, payload, _ in
            Self.senml(bench, payload, .json)
        },
        Target(name: "senml-cbor", weight: 60, family: .senmlCBOR) { bench, payload, _ in
            Self.senml(bench, payload, .cbor)
        },
        Target(name: "csv", weight: 20, family: .delimited) { bench, payload, _ in Self.delimited(bench, payload, 0) },
        Target(name: "csv-semicolon", weight: 20, family: .delimited) { bench, payload, _ in
            Self.delimited(bench, payload, 1)
        },
        Target(name: "csv-tab", weight: 20, family: .delimited) { bench, payload, _ in Self.delimited(bench, payload, 2)
        },
        Target(name: "scalar", weight: 40, family: .scalar) { bench, payload, random in
            let decimalComma = random.once(in: 2)
            return bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in
                try ScalarDecoder.decode(bytes, into: &tree, decimalComma: decimalComma)
            }
        },
        Target(name: "line-protocol", weight: 60, family: .lineProtocol) { bench, payload, _ in
            bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in
                try LineProtocolDecoder.decode(bytes, into: &tree)
            }
        },
        Target(name: "hl7v2", weight: 100, family: .hl7) { bench, payload, _ in
            bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in try HL7Decoder.decode(bytes, into: &tree) }
        },
        Target(name: "mllp", weight: 10, family: .hl7) { _, payload, _ in Self.unframe(payload) },
        Target(name: "hl7-header", weight: 15, family: .hl7) { _, payload, _ in Self.header(payload) },
    ]

    private static let dialects = [
        DelimitedDecoder.Dialect(),
        DelimitedDecoder.Dialect(
            separator: UInt8(ascii: ";"),
            header: .names(["time", "hr", "spo2", ""]),
            decimalComma: true,
            trimsBlanks: false
        ),
        DelimitedDecoder.Dialect(separator: UInt8(ascii: "\t"), quote: nil, header: .none),
    ]

    private static func senml(_ bench: Workbench, _ payload: [UInt8], _ encoding: SenMLDecoder.Encoding) -> Verdict {
        var scratch = bench.scratch
        defer { bench.scratch = scratch }
        return bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in
            try SenMLDecoder.decode(bytes, encoding: encoding, into: &tree, scratch: &scratch)
        }
    }

    private static func delimited(_ bench: Workbench, _ payload: [UInt8], _ number: Int) -> Verdict {
        let dialect = Self.dialects[number]
        return bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in
            try DelimitedDecoder.decode(bytes, into: &tree, dialect: dialect)
        }
    }

    /// Fields go into the answer as they came: none may end its segment, or stand for more than one.
    private static func header(_ payload: [UInt8]) -> Verdict {
        let header: HL7Header
        do throws(DecodeFailure) {
            header = try payload.withBytes { (bytes) throws(DecodeFailure) in try HL7Header(bytes) }
        } catch {
            return Workbench.verdict(error)
        }
        guard let separator = header.marks.first, payload.count > 3, separator == payload[3] else {
            return .broken("a separator that was not sent")
        }
        let fields = [
            Array(header.marks.dropFirst()), header.sendingApplication, header.sendingFacility,
            header.receivingApplication, header.receivingFacility, header.messageTime, header.controlID,
        ]
        guard fields.allSatisfy({ $0.count <= HL7Header.fieldBytesMax }) else {
            return .broken("a field above the limit")
        }
        let isWhole = fields.allSatisfy { !$0.contains(separator) && !$0.contains(0x0D) && !$0.contains(0x0A) }
        return isWhole ? .accepted : .broken("a field that ends itself")
    }

    private static func unframe(_ payload: [UInt8]) -> Verdict {
        do throws(DecodeFailure) {
            let count = try payload.withBytes { (bytes) throws(DecodeFailure) in try MLLP.unframed(bytes).count }
            return count <= payload.count ? .accepted : .broken("the content is longer than its frame")
        } catch {
            return Workbench.verdict(error)
        }
    }
}
