internal import Units

/// Applies the base fields of a pack to its records, in order (RFC 8428 §4.6).
struct SenMLResolver {
    /// The highest version that is understood (§4.1: the default, and the only one defined).
    static let versionMax = ExactDecimal(10)
    /// Times from here on are absolute: seconds since 1970; below they are relative to now (§4.5.3).
    static let absoluteTimeMin = ExactDecimal(1 << 28)

    let encoding: SenMLDecoder.Encoding
    /// Which record this is, from 1.
    private var number = 0
    private var baseName: PayloadTree.NodeID?
    private var baseUnit: PayloadTree.NodeID?
    private var baseTime: ExactDecimal?
    private var baseValue: ExactDecimal?
    private var baseSum: ExactDecimal?
    private var version: ExactDecimal?

    init(encoding: SenMLDecoder.Encoding) {
        self.encoding = encoding
    }

    /// Resolves the next record and adds it to the open array.
    mutating func resolve(
        _ id: PayloadTree.NodeID,
        of pack: PayloadTree,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        self.number += 1
        let record = try SenMLRecord(id, of: pack, encoding: self.encoding, number: self.number)
        try self.takeBases(record, pack)
        guard record.isMeasurement else { return }
        try tree.openContainer(.object)
        try self.addName(record, pack, &tree)
        if let unit = (record[.unit] ?? self.baseUnit).flatMap({ pack.bytes($0) }) {
            try tree.addString(unit, key: "u")
        }
        try self.addValue(record, pack, &tree)
        try self.addTime(record, pack, &tree)
        tree.closeContainer()
    }

    private mutating func takeBases(_ record: SenMLRecord, _ pack: PayloadTree) throws(DecodeFailure) {
        self.baseName = record[.baseName] ?? self.baseName
        self.baseUnit = record[.baseUnit] ?? self.baseUnit
        self.baseTime = record[.baseTime].flatMap { pack.number($0) } ?? self.baseTime
        self.baseValue = record[.baseValue].flatMap { pack.number($0) } ?? self.baseValue
        self.baseSum = record[.baseSum].flatMap { pack.number($0) } ?? self.baseSum
        guard let version = record[.baseVersion].flatMap({ pack.number($0) }) else { return }
        guard version <= Self.versionMax else {
            throw DecodeFailure(.unsupported, "SenML version \(version) is later than \(Self.versionMax)")
        }
        guard version > .zero, version.isInteger, self.version == nil || self.version == version else {
            throw DecodeFailure(
                .malformed,
                "the version in SenML record \(self.number) is no version or differs from the others"
            )
        }
        self.version = version
    }

    // MARK: Name

    private func addName(
        _ record: SenMLRecord,
        _ pack: PayloadTree,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let base = self.baseName.flatMap { pack.bytes($0) } ?? []
        let own = record[.name].flatMap { pack.bytes($0) } ?? []
        guard let first = base.first ?? own.first, Self.isAlphanumeric(first),
            base.allSatisfy(Self.isNameCharacter), own.allSatisfy(Self.isNameCharacter)
        else {
            throw DecodeFailure(
                .malformed,
                "the name of SenML record \(self.number) is empty or has a character that RFC 8428 forbids"
            )
        }
        // The full name and its two parts are spans of the same bytes.
        let baseSpan = tree.append(base)
        let ownSpan = tree.append(own)
        let full = PayloadTree.Span(start: baseSpan.start, count: baseSpan.count + ownSpan.count)
        try tree.addString(full, key: tree.append(literal: "n"))
        if !base.isEmpty { try tree.addString(baseSpan, key: tree.append(literal: "bn")) }
        if !own.isEmpty { try tree.addString(ownSpan, key: tree.append(literal: "name")) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    /// The characters of RFC 8428 §4.5.1.
    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "_"): true
        default: self.isAlphanumeric(byte)
        }
    }

    // MARK: Value

    private func addValue(
        _ record: SenMLRecord,
        _ pack: PayloadTree,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        var values = 0
        if let id = record[.stringValue], let text = pack.bytes(id) {
            values += 1
            try tree.addString(text, key: "vs")
        }
        if let id = record[.boolValue], let flag = pack.bool(id) {
            values += 1
            try tree.add(flag, key: "vb")
        }
        if let id = record[.dataValue], let data = pack.bytes(id) {
            values += 1
            let span = tree.append(self.encoding == .json ? try self.data(data) : data)
            try tree.addBytes(span, key: tree.append(literal: "vd"))
        }
        if record[.value] != nil || (values == 0 && self.baseValue != nil) {
            values += 1
            try self.add(record[.value], base: self.baseValue, key: "v", pack, &tree)
        }
        let hasSum = record[.sum] != nil || self.baseSum != nil
        guard values == 1 || (values == 0 && hasSum) else {
            throw DecodeFailure(.malformed, "SenML record \(self.number) has no value or more than one")
        }
        if hasSum { try self.add(record[.sum], base: self.baseSum, key: "s", pack, &tree) }
    }

    /// Adds a number and its base; one of them may be missing (§4.5.4).
    private func add(
        _ id: PayloadTree.NodeID?,
        base: ExactDecimal?,
        key: StaticString,
        _ pack: PayloadTree,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        if let absence = id.flatMap({ pack.absence($0) }) {
            try tree.add(absence, key: key)
        } else {
            try tree.add(try self.sum(id.flatMap { pack.number($0) }, base), key: key)
        }
    }

    /// Data values in JSON are base64url without padding (§4.2).
    private func data(_ text: ArraySlice<UInt8>) throws(DecodeFailure) -> ArraySlice<UInt8> {
        var output: [UInt8] = []
        do throws(DecodeFailure) {
            try Base64.decode(text, into: &output, bytesMax: text.count)
        } catch {
            throw DecodeFailure(.malformed, "the data value of SenML record \(self.number) is not base64")
        }
        return output[...]
    }

    // MARK: Time

    private func addTime(
        _ record: SenMLRecord,
        _ pack: PayloadTree,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        let time = try self.sum(record[.time].flatMap { pack.number($0) }, self.baseTime)
        if time >= Self.absoluteTimeMin {
            try tree.add(time, key: "t")
        } else {
            try tree.add(time, key: "relative_t")
        }
        if let update = record[.updateTime].flatMap({ pack.number($0) }) { try tree.add(update, key: "ut") }
    }

    /// The exact sum; a missing part counts as zero.
    private func sum(_ own: ExactDecimal?, _ base: ExactDecimal?) throws(DecodeFailure) -> ExactDecimal {
        guard let own, let base, !own.isZero, !base.isZero else {
            if let own, !own.isZero { return own }
            return base ?? own ?? .zero
        }
        let highest = max(own.exponent + own.digitCount, base.exponent + base.digitCount)
        // One more digit for the carry: what fits is not rounded by the addition.
        guard highest + 1 - min(own.exponent, base.exponent) <= ExactDecimal.maximumDigits else {
            throw DecodeFailure(.unsupported, "a sum in SenML record \(self.number) needs too many digits")
        }
        return own + base
    }
}
