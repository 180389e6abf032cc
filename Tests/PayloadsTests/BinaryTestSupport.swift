internal import Foundation
internal import Units

@testable internal import Payloads

/// The fixtures of the decoders of binary and medical formats.
enum PayloadFixture {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: self.root.appending(path: path)))
    }
}

/// A tree as text, so that a test can state a whole tree: JSON, except `h'00ff'` for bytes and `!reason` for absent.
enum TreeText {
    static func of(_ tree: PayloadTree, at node: PayloadTree.NodeID = .root) -> String {
        switch tree.kind(node) {
        case .null: return "null"
        case .bool: return tree.bool(node) == true ? "true" : "false"
        case .number: return tree.number(node)?.description ?? "?"
        case .absent: return "!" + (tree.absence(node)?.rawValue ?? "?")
        case .string: return "\"\(tree.string(node) ?? "?")\""
        case .bytes: return "h'\((tree.bytes(node) ?? []).map { Self.hexadecimal($0) }.joined())'"
        case .array: return "[\(self.children(tree, node).map { self.of(tree, at: $0) }.joined(separator: ", "))]"
        case .object:
            let members = self.children(tree, node).map { "\(tree.key($0) ?? "?"): \(self.of(tree, at: $0))" }
            return "{\(members.joined(separator: ", "))}"
        }
    }

    /// The text at a path of member names and element numbers; nil when there is nothing.
    static func of(_ tree: PayloadTree, _ path: String) -> String? {
        var node = PayloadTree.NodeID.root
        for step in path.split(separator: "/") {
            let next = Int(step).map { tree.element(node, at: $0) } ?? tree.member(node, named: String(step))
            guard let next else { return nil }
            node = next
        }
        return self.of(tree, at: node)
    }

    private static func children(_ tree: PayloadTree, _ node: PayloadTree.NodeID) -> [PayloadTree.NodeID] {
        Array(sequence(first: tree.firstChild(node), next: { $0.map { tree.nextSibling($0) } }).prefix { $0 != nil })
            .compactMap { $0 }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}

/// Bytes from hexadecimal digits; nil for anything else.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// Decodes into a new tree.
func decoded(
    _ bytes: [UInt8],
    _ decode: (UnsafeRawBufferPointer, inout PayloadTree) throws(DecodeFailure) -> Void
) throws(DecodeFailure) -> PayloadTree {
    var tree = PayloadTree()
    // A copy of the exact length, so that a read past the end is one past the allocation.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    try decode(UnsafeRawBufferPointer(buffer), &tree)
    return tree
}

/// The reason for which bytes are refused; nil when they are decoded.
func refusal(
    _ bytes: [UInt8],
    _ decode: (UnsafeRawBufferPointer, inout PayloadTree) throws(DecodeFailure) -> Void
) -> DecodeFailure.Reason? {
    do throws(DecodeFailure) {
        let tree = try decoded(bytes, decode)
        return tree.depth == 0 && !tree.isEmpty ? nil : .malformed
    } catch {
        return error.reason
    }
}

/// SplitMix64: small, seeded, and the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Changes, removes, repeats or adds a few bytes.
    mutating func mutated(_ seed: [UInt8]) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = Int.random(in: 0...bytes.count, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0, 1: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &self) }
            case 2: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &self) }
            case 3: if place < bytes.count { bytes.remove(at: place) }
            case 4: bytes.insert(UInt8.random(in: 0...255, using: &self), at: place)
            default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
            }
        }
        return bytes
    }
}

/// Decodes mutations of examples; a trap ends the test process.
///
/// - Returns: how many were decoded and how many refused.
func fuzz(
    _ seeds: [[UInt8]],
    seed: UInt64,
    count: Int = 20_000,
    _ decode: (UnsafeRawBufferPointer, inout PayloadTree) throws(DecodeFailure) -> Void
) -> (decoded: Int, refused: Int) {
    var generator = SeededGenerator(state: seed)
    var counts = (decoded: 0, refused: 0)
    for round in 0..<count {
        let bytes = generator.mutated(seeds[round % seeds.count])
        if refusal(bytes, decode) == nil { counts.decoded += 1 } else { counts.refused += 1 }
    }
    return counts
}
