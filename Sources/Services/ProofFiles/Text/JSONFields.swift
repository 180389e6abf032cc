internal import CanonicalBytes
internal import FiniteFields
internal import Payloads
internal import Units

/// The members of a small JSON object, read strictly: known names only, each once, values within bounds.
struct JSONFields: Sendable {
    /// Bytes that are read at most; the files have a few kilobytes.
    static let bytesMax = 1 << 16

    private let tree: PayloadTree

    /// - Throws: `FORMAT` for what is no JSON object of these names.
    init(_ bytes: [UInt8], required: [String], optional: [String] = []) throws(ProtocolFailure) {
        var tree = PayloadTree()
        do {
            try bytes.withUnsafeBytes { try JSONTextDecoder.decode($0, into: &tree, bytesMax: Self.bytesMax) }
        } catch {
            throw ProtocolFailure(.format, "no JSON: \((error as? DecodeFailure)?.explanation ?? "unreadable")")
        }
        try require(tree.kind(.root) == .object, .format, "no JSON object")
        self.tree = tree
        var missing = required
        var possible = required + optional
        var next = tree.firstChild(.root)
        while let member = next {
            let name = tree.key(member) ?? ""
            guard let place = possible.firstIndex(of: name) else {
                throw ProtocolFailure(.format, "a member that is unknown or there twice: \(Self.shown(name))")
            }
            possible.remove(at: place)
            missing.removeAll { $0 == name }
            next = tree.nextSibling(member)
        }
        try require(missing.isEmpty, .format, "missing: \(missing.joined(separator: ", "))")
    }

    /// Whether an optional member is there.
    func has(_ name: String) -> Bool { self.tree.member(.root, named: name) != nil }

    /// A text of so many bytes.
    func text(_ name: String, _ lengths: ClosedRange<Int>) throws(ProtocolFailure) -> String {
        try self.text(self.member(name), name, lengths)
    }

    /// A list of texts.
    func texts(_ name: String, upTo countMax: Int, _ lengths: ClosedRange<Int>) throws(ProtocolFailure) -> [String] {
        let list = try self.member(name)
        try require(
            self.tree.kind(list) == .array && self.tree.childCount(list) <= countMax,
            .format,
            "`\(name)` is no list of at most \(countMax)"
        )
        var texts: [String] = []
        var next = self.tree.firstChild(list)
        while let element = next {
            texts.append(try self.text(element, name, lengths))
            next = self.tree.nextSibling(element)
        }
        return texts
    }

    /// A whole number.
    func integer(_ name: String, upTo limit: UInt64) throws(ProtocolFailure) -> UInt64 {
        guard let number = self.tree.number(try self.member(name)), number.exponent == 0,
            let value = UInt64(exactly: number.significand), value <= limit
        else { throw ProtocolFailure(.format, "`\(name)` is no whole number up to \(limit)") }
        return value
    }

    /// Bytes in lower- or upper-case hexadecimal digits.
    func bytes(_ name: String, _ lengths: ClosedRange<Int>) throws(ProtocolFailure) -> [UInt8] {
        try self.bytes(self.text(name, 0...2 * lengths.upperBound), name, lengths)
    }

    /// A field element: 64 digits, below the group order.
    ///
    /// - Throws: `FORMAT`, `SCALAR`.
    func scalar(_ name: String) throws(ProtocolFailure) -> Fr { try Fr(self.bytes(name, 32...32)) }

    /// A list of just so many field elements.
    ///
    /// - Throws: `FORMAT`, `SCALAR`.
    func scalars(_ name: String, count: Int) throws(ProtocolFailure) -> [Fr] {
        let texts = try self.texts(name, upTo: count, 64...64)
        try require(texts.count == count, .format, "`\(name)` has \(texts.count) values, not \(count)")
        var scalars: [Fr] = []
        for text in texts { scalars.append(try Fr(self.bytes(text, name, 32...32))) }
        return scalars
    }

    /// Checks the file's version.
    func requireVersion(_ version: UInt64 = 1) throws(ProtocolFailure) {
        let found = try self.integer("version", upTo: 1 << 32)
        try require(found == version, .format, "version \(found), and only \(version) is known")
    }

    private func member(_ name: String) throws(ProtocolFailure) -> PayloadTree.NodeID {
        guard let node = self.tree.member(.root, named: name) else {
            throw ProtocolFailure(.format, "missing: \(name)")
        }
        return node
    }

    private func text(
        _ node: PayloadTree.NodeID,
        _ name: String,
        _ lengths: ClosedRange<Int>
    ) throws(ProtocolFailure) -> String {
        guard let text = self.tree.string(node), lengths.contains(text.utf8.count) else {
            let bounds = lengths.count == 1 ? "\(lengths.lowerBound)" : "\(lengths.lowerBound) to \(lengths.upperBound)"
            throw ProtocolFailure(.format, "`\(name)` is no text of \(bounds) bytes")
        }
        return text
    }

    private func bytes(
        _ text: String,
        _ name: String,
        _ lengths: ClosedRange<Int>
    ) throws(ProtocolFailure) -> [UInt8] {
        guard let bytes = [UInt8](hex: text), lengths.contains(bytes.count) else {
            let bounds =
                lengths.count == 1
                ? "\(2 * lengths.lowerBound)" : "\(2 * lengths.lowerBound) to \(2 * lengths.upperBound)"
            throw ProtocolFailure(.format, "`\(name)` has not \(bounds) hexadecimal digits")
        }
        return bytes
    }

    private static func shown(_ name: String) -> String {
        "`" + String(decoding: name.utf8.prefix(40).map { (32..<127).contains($0) ? $0 : 63 }, as: UTF8.self) + "`"
    }
}
