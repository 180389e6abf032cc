internal import Payloads

/// Which format a sample payload has, and what it decodes to.
struct PayloadGuess {
    /// Key and text of `payload`.
    let payload: [(key: String, value: String)]
    /// For people: what was found.
    let why: String
    let tree: PayloadTree

    var format: String { self.payload[0].value }

    /// Tries the formats from the most to the least telling; nil when none that names its parts fits: binary and text
    /// formats without names need a person.
    ///
    /// - Parameter bytes: one payload as the device publishes it.
    init?(_ bytes: [UInt8]) {
        for attempt in [Self.hl7, Self.json, Self.scalar, Self.delimited, Self.lineProtocol, Self.cbor] {
            if let guess = attempt(bytes) {
                self = guess
                return
            }
        }
        return nil
    }

    private init(_ format: String, _ why: String, _ tree: PayloadTree, _ more: [(key: String, value: String)] = []) {
        self.payload = [("format", format)] + more
        self.why = why
        self.tree = tree
    }

    private typealias Decode = (UnsafeRawBufferPointer, inout PayloadTree) throws(DecodeFailure) -> Void

    /// The tree, when a decoder takes the bytes.
    private static func tree(_ bytes: [UInt8], _ decode: Decode) -> PayloadTree? {
        var tree = PayloadTree()
        return bytes.withUnsafeBytes { buffer in
            do throws(DecodeFailure) {
                try decode(buffer, &tree)
                return tree.isEmpty ? nil : tree
            } catch {
                return nil
            }
        }
    }

    private static func isText(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
            && bytes.allSatisfy { $0 >= 32 || $0 == 9 || $0 == 10 || $0 == 13 }
    }

    // MARK: Formats

    private static func hl7(_ bytes: [UInt8]) -> PayloadGuess? {
        let start = bytes.first == 0x0B ? 1 : 0
        guard bytes.dropFirst(start).starts(with: "MSH|".utf8) else { return nil }
        let tree = self.tree(bytes) { buffer, tree throws(DecodeFailure) in try HL7Decoder.decode(buffer, into: &tree) }
        return tree.map { PayloadGuess("hl7v2", "begins with MSH", $0) }
    }

    private static func json(_ bytes: [UInt8]) -> PayloadGuess? {
        guard let first = bytes.first(where: { ![9, 10, 13, 32, 0xEF, 0xBB, 0xBF].contains($0) }),
            first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return nil }
        if let tree = self.tree(
            bytes,
            { buffer, tree throws(DecodeFailure) in
                try JSONTextDecoder.decode(buffer, into: &tree)
            }
        ) {
            if self.isSenML(tree), let resolved = self.senml(bytes, .json) {
                return PayloadGuess("senml+json", "a list of records with n and v (RFC 8428)", resolved)
            }
            return PayloadGuess("json", "one JSON document", tree)
        }
        let lines = self.tree(bytes) { buffer, tree throws(DecodeFailure) in
            try JSONTextDecoder.decode(buffer, into: &tree, framing: .lines)
        }
        return lines.map { PayloadGuess("json-lines", "a JSON document on each line", $0) }
    }

    private static func senml(_ bytes: [UInt8], _ encoding: SenMLDecoder.Encoding) -> PayloadTree? {
        self.tree(bytes) { buffer, tree throws(DecodeFailure) in
            try SenMLDecoder.decode(buffer, encoding: encoding, into: &tree)
        }
    }

    private static func isSenML(_ tree: PayloadTree) -> Bool {
        guard tree.kind(.root) == .array, let first = tree.firstChild(.root), tree.kind(first) == .object else {
            return false
        }
        var names: [String] = []
        var next = tree.firstChild(first)
        while let node = next {
            names.append(tree.key(node) ?? "")
            next = tree.nextSibling(node)
        }
        let known = ["bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"]
        return names.allSatisfy { known.contains($0) || $0.hasPrefix("b") }
            && names.contains { $0 == "bn" || $0 == "n" }
    }

    /// One short line that begins with a number.
    private static func scalar(_ bytes: [UInt8]) -> PayloadGuess? {
        guard bytes.count <= 64, self.isText(bytes), !bytes.dropLast().contains(10) else { return nil }
        let tree = self.tree(bytes) { buffer, tree throws(DecodeFailure) in
            try ScalarDecoder.decode(buffer, into: &tree)
        }
        guard let tree, let value = tree.member(.root, named: "value"), tree.kind(value) == .number else { return nil }
        return PayloadGuess("scalar", "one number", tree)
    }

    private static func lineProtocol(_ bytes: [UInt8]) -> PayloadGuess? {
        guard self.isText(bytes), bytes.contains(UInt8(ascii: "=")) else { return nil }
        let tree = self.tree(bytes) { buffer, tree throws(DecodeFailure) in
            try LineProtocolDecoder.decode(buffer, into: &tree)
        }
        return tree.map { PayloadGuess("line-protocol", "measurement,tags fields on each line", $0) }
    }

    private static func cbor(_ bytes: [UInt8]) -> PayloadGuess? {
        guard !self.isText(bytes) else { return nil }
        let tree = self.tree(bytes) { buffer, tree throws(DecodeFailure) in try CBORDecoder.decode(buffer, into: &tree)
        }
        guard let tree else { return nil }
        if tree.kind(.root) == .array, let resolved = self.senml(bytes, .cbor) {
            return PayloadGuess("senml+cbor", "SenML records in CBOR", resolved)
        }
        guard tree.kind(.root) == .object else { return nil }
        return PayloadGuess("cbor", "a CBOR map", tree)
    }

    /// Rows whose lines hold one separator equally often.
    private static func delimited(_ bytes: [UInt8]) -> PayloadGuess? {
        guard self.isText(bytes) else { return nil }
        let lines = bytes.split { $0 == 10 || $0 == 13 }.prefix(64)
        let separators: [(byte: UInt8, name: String)] = [(59, ";"), (9, "tab"), (44, ","), (124, "|")]
        for separator in separators {
            let counts = Set(lines.map { line in line.count { $0 == separator.byte } })
            guard lines.count >= 2, counts.count == 1, counts.first != 0, self.isHeader(lines[0], separator.byte) else {
                continue
            }
            var dialect = DelimitedDecoder.Dialect(separator: separator.byte)
            dialect.decimalComma = separator.byte != 44 && self.hasDecimalComma(lines[1], separator.byte)
            let chosen = dialect
            let tree = self.tree(bytes) { buffer, tree throws(DecodeFailure) in
                try DelimitedDecoder.decode(buffer, into: &tree, dialect: chosen)
            }
            guard let tree else { continue }
            var more: [(key: String, value: String)] = []
            if separator.byte != 44 { more.append(("separator", separator.name)) }
            if dialect.decimalComma { more.append(("decimal_comma", "true")) }
            return PayloadGuess("csv", "rows separated by \(separator.name) under a header line", tree, more)
        }
        return nil
    }

    private static func isHeader(_ line: ArraySlice<UInt8>, _ separator: UInt8) -> Bool {
        line.split(separator: separator).allSatisfy { field in
            !field.contains(UInt8(ascii: "=")) && field.contains { $0.isNameFirst || $0 >= 128 }
        }
    }

    private static func hasDecimalComma(_ line: ArraySlice<UInt8>, _ separator: UInt8) -> Bool {
        line.split(separator: separator).contains { field in
            let parts = field.split(separator: UInt8(ascii: ","))
            return parts.count == 2 && parts.allSatisfy { $0.allSatisfy { (48...57).contains($0) || $0 == 45 } }
        }
    }
}
