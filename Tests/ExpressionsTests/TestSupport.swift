import Payloads
import Units

@testable import Expressions

/// Decodes a JSON document.
func tree(_ json: String) throws -> PayloadTree {
    var tree = PayloadTree()
    try Array(json.utf8).withUnsafeBytes { bytes in try JSONTextDecoder.decode(bytes, into: &tree) }
    return tree
}

/// A tree whose root is one byte string.
func tree(bytes: [UInt8]) throws -> PayloadTree {
    var tree = PayloadTree()
    let span = tree.append(bytes)
    try tree.addBytes(span)
    return tree
}

extension PayloadTree {
    /// The node as compact JSON; texts are not escaped.
    func json(_ node: NodeID) -> String {
        switch self.kind(node) {
        case .null: "null"
        case .bool: self.bool(node) == true ? "true" : "false"
        case .number: self.number(node)?.description ?? "?"
        case .string: "\"\(self.string(node) ?? "?")\""
        case .bytes: "bytes"
        case .absent: self.absence(node)?.rawValue ?? "?"
        case .array: "[\(self.children(node).map { self.json($0) }.joined(separator: ","))]"
        case .object:
            "{\(self.children(node).map { "\"\(self.key($0) ?? "?")\":\(self.json($0))" }.joined(separator: ","))}"
        }
    }

    func children(_ node: NodeID) -> [NodeID] {
        var children: [NodeID] = []
        var next = self.firstChild(node)
        while let child = next {
            children.append(child)
            next = self.nextSibling(child)
        }
        return children
    }
}

extension JSONPath {
    /// The selected nodes as JSON, in order.
    func results(in json: String) throws -> [String] {
        let tree = try tree(json)
        return try self.select(in: tree).map { tree.json($0) }
    }
}

extension Value {
    /// A short description for tables: the value in the notation of expressions, texts in single quotes.
    func shown(in tree: PayloadTree) -> String {
        switch self {
        case .absent: "absent"
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let number): number.description
        case .text(let text): "'\(text)'"
        case .unavailable(let reason): "unavailable \(reason.rawValue)"
        case .node(let node): tree.json(node)
        }
    }
}

/// The error that parsing throws, or nil.
func parsingError<Parsed>(_ parse: () throws(ExpressionError) -> Parsed) -> ExpressionError? {
    do {
        _ = try parse()
        return nil
    } catch {
        return error
    }
}

/// A seeded generator (SplitMix64), so that every failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

extension Array {
    /// One element, or nil of an empty array.
    func pick(_ generator: inout SeededGenerator) -> Element? { self.randomElement(using: &generator) }
}
