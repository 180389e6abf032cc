/// The fields of one record as they were sent (RFC 8428 §4.1, §4.2).
struct SenMLRecord {
    /// The labels that RFC 8428 §4.3 defines; raw values are their CBOR labels (§6).
    enum Label: Int {
        case baseVersion = -1, baseName = -2, baseTime = -3, baseUnit = -4, baseValue = -5, baseSum = -6
        case name = 0, unit, value, stringValue, boolValue, sum, time, updateTime, dataValue

        /// The label that these bytes name in JSON.
        init?(text: ArraySlice<UInt8>) {
            switch (text.count, text.first ?? 0, text.dropFirst().first ?? 0) {
            case (1, UInt8(ascii: "n"), _): self = .name
            case (1, UInt8(ascii: "u"), _): self = .unit
            case (1, UInt8(ascii: "v"), _): self = .value
            case (1, UInt8(ascii: "s"), _): self = .sum
            case (1, UInt8(ascii: "t"), _): self = .time
            case (2, UInt8(ascii: "v"), UInt8(ascii: "s")): self = .stringValue
            case (2, UInt8(ascii: "v"), UInt8(ascii: "b")): self = .boolValue
            case (2, UInt8(ascii: "v"), UInt8(ascii: "d")): self = .dataValue
            case (2, UInt8(ascii: "u"), UInt8(ascii: "t")): self = .updateTime
            case (2, UInt8(ascii: "b"), UInt8(ascii: "n")): self = .baseName
            case (2, UInt8(ascii: "b"), UInt8(ascii: "t")): self = .baseTime
            case (2, UInt8(ascii: "b"), UInt8(ascii: "u")): self = .baseUnit
            case (2, UInt8(ascii: "b"), UInt8(ascii: "v")): self = .baseValue
            case (2, UInt8(ascii: "b"), UInt8(ascii: "s")): self = .baseSum
            case (4, _, _) where text.elementsEqual("bver".utf8): self = .baseVersion
            default: return nil
            }
        }

        /// The label that these decimal digits, made of an integer map key, name in CBOR (§6).
        init?(number: ArraySlice<UInt8>) {
            let isNegative = number.first == UInt8(ascii: "-")
            guard number.count == (isNegative ? 2 : 1), let digit = number.last,
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
            else { return nil }
            let magnitude = Int(digit - UInt8(ascii: "0"))
            self.init(rawValue: isNegative ? -magnitude : magnitude)
        }

        /// What kind of node a value is.
        func accepts(_ kind: PayloadTree.Kind, in encoding: SenMLDecoder.Encoding) -> Bool {
            switch self {
            case .baseName, .baseUnit, .name, .unit, .stringValue: kind == .string
            case .boolValue: kind == .bool
            case .dataValue: kind == (encoding == .json ? .string : .bytes)
            // CBOR can say NaN: the device declares that it has no number.
            case .value, .sum: kind == .number || kind == .absent
            case .baseVersion, .baseTime, .baseValue, .baseSum, .time, .updateTime: kind == .number
            }
        }
    }

    /// Nodes by label, at `rawValue + 6`.
    private var nodes = InlineNodes()
    /// Whether the record has any field that is not a base field.
    private(set) var isMeasurement = false

    /// Collects the fields of a record.
    ///
    /// - Throws: ``DecodeFailure``, with the number of the record, for values of the wrong type, repeated labels and
    ///   unknown labels that must be understood (§4.4).
    init(
        _ id: PayloadTree.NodeID,
        of pack: PayloadTree,
        encoding: SenMLDecoder.Encoding,
        number: Int
    ) throws(DecodeFailure) {
        guard pack.kind(id) == .object else {
            throw DecodeFailure(.malformed, "SenML record \(number) is not an object")
        }
        var next = pack.firstChild(id)
        while let field = next {
            let name = pack.keyBytes(field)
            if let label = Label(text: name) ?? (encoding == .cbor ? Label(number: name) : nil) {
                guard label.accepts(pack.kind(field), in: encoding) else {
                    throw DecodeFailure(.malformed, "a field of SenML record \(number) has the wrong type")
                }
                guard self[label] == nil else {
                    throw DecodeFailure(.malformed, "a field of SenML record \(number) is repeated")
                }
                self.nodes[label.rawValue + 6] = field
                if label.rawValue >= 0 { self.isMeasurement = true }
            } else if name.last == UInt8(ascii: "_") {
                throw DecodeFailure(
                    .unsupported,
                    "SenML record \(number) has a field that must be understood, but is unknown"
                )
            }
            next = pack.nextSibling(field)
        }
    }

    subscript(_ label: Label) -> PayloadTree.NodeID? { self.nodes[label.rawValue + 6] }

    /// Fifteen optional nodes without an allocation for each record.
    private struct InlineNodes {
        private var indices = SIMD16<Int32>(repeating: -1)

        subscript(_ slot: Int) -> PayloadTree.NodeID? {
            get { self.indices[slot] < 0 ? nil : PayloadTree.NodeID(index: self.indices[slot]) }
            set { self.indices[slot] = newValue?.index ?? -1 }
        }
    }
}
