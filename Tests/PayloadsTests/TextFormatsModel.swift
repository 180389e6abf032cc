import Payloads
import Units

/// A decoded payload as a value, for comparison; its text is CBOR diagnostic notation (RFC 8949 §8).
indirect enum DecodedValue: CustomStringConvertible {
    case null, bool(Bool), number(ExactDecimal), string(String), bytes([UInt8]), absent(PayloadTree.Absence)
    case array([DecodedValue])
    case object([(name: String, value: DecodedValue)])

    init(_ tree: PayloadTree, _ id: PayloadTree.NodeID = .root) {
        switch tree.kind(id) {
        case .null: self = .null
        case .bool: self = .bool(tree.bool(id) == true)
        case .number: self = tree.number(id).map { .number($0) } ?? .null
        case .string: self = .string(tree.string(id) ?? "")
        case .bytes: self = .bytes(Array(tree.bytes(id) ?? []))
        case .absent: self = tree.absence(id).map { .absent($0) } ?? .null
        case .array: self = .array(Self.children(tree, id).map { DecodedValue(tree, $0) })
        case .object:
            self = .object(Self.children(tree, id).map { (tree.key($0) ?? "", DecodedValue(tree, $0)) })
        }
    }

    private static func children(_ tree: PayloadTree, _ id: PayloadTree.NodeID) -> [PayloadTree.NodeID] {
        var children: [PayloadTree.NodeID] = []
        var next = tree.firstChild(id)
        while let child = next {
            children.append(child)
            next = tree.nextSibling(child)
        }
        precondition(children.count == tree.childCount(id))
        return children
    }

    var description: String {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): number.description
        case .string(let text): Self.quoted(text)
        case .bytes(let bytes): "h'" + hexText(bytes) + "'"
        case .absent(let absence): "<\(absence.rawValue)>"
        case .array(let values): "[" + values.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.name)):\($0.value)" }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map {
            $0 == "\"" || $0 == "\\" ? "\\\($0)" : $0.value < 0x20 ? "\\x\($0.value)" : "\($0)"
        }
        return "\"" + escaped.joined() + "\""
    }
}

func hexText(_ bytes: some Collection<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func bytes(hex: String) -> [UInt8] {
    let digits = hex.utf8.filter { $0 != UInt8(ascii: " ") }.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

typealias Decoding = (UnsafeRawBufferPointer, inout PayloadTree) throws(DecodeFailure) -> Void

/// Decodes into a fresh tree and renders it.
func rendered(_ payload: [UInt8], _ decode: Decoding) throws(DecodeFailure) -> String {
    try DecodedValue(tree(payload, decode)).description
}

func tree(_ payload: [UInt8], _ decode: Decoding) throws(DecodeFailure) -> PayloadTree {
    var tree = PayloadTree()
    // Memory of exactly this length, so that the address sanitizer sees a read past the end.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: payload.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: payload)
    try decode(UnsafeRawBufferPointer(memory), &tree)
    return tree
}

/// The refusal of a payload; nil when it decodes.
func failure(_ payload: [UInt8], _ decode: Decoding) -> DecodeFailure? {
    do throws(DecodeFailure) {
        _ = try tree(payload, decode)
        return nil
    } catch { return error }
}

func json(_ text: String) throws(DecodeFailure) -> String {
    try rendered(Array(text.utf8)) { (bytes, tree) throws(DecodeFailure) in
        try JSONTextDecoder.decode(bytes, into: &tree)
    }
}

func jsonRefusal(_ payload: [UInt8]) -> DecodeFailure? {
    failure(payload) { (bytes, tree) throws(DecodeFailure) in try JSONTextDecoder.decode(bytes, into: &tree) }
}
