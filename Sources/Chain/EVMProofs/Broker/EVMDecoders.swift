internal import CanonicalBytes

/// All decoders of this module over the same bytes, for fuzzing.
package enum EVMDecoders {
    /// Names that are read as themselves.
    package static let names = ["rlp", "header", "receipt", "trie-node", "proof", "event"]

    /// Reads bytes with one decoder.
    ///
    /// - Returns: whether it took them.
    /// - Throws: ``Contradiction`` when it took bytes that it does not write itself.
    package static func read(_ bytes: [UInt8], as name: String) throws(Contradiction) -> Bool {
        let again: [UInt8]
        do throws(ProtocolFailure) { again = try self.rewritten(bytes, name) } catch {
            guard error.detail.isEmpty else { return false }
            throw Contradiction(description: "\(name): a refusal without words")
        }
        guard again == bytes else { throw Contradiction(description: "\(name): two encodings of one value") }
        return true
    }

    /// What a decoder must never do.
    package struct Contradiction: Error, CustomStringConvertible { package let description: String }

    private static func rewritten(_ bytes: [UInt8], _ name: String) throws(ProtocolFailure) -> [UInt8] {
        switch name {
        case "rlp": return try RLPItem(encoded: bytes).encoded
        case "header": return try EVMBlockHeader(rlp: bytes).rlp
        case "receipt": return try EVMReceipt(encoded: bytes).encoded
        case "trie-node": return try TrieNode(encoded: bytes).encoded
        case "proof": return try EVMInclusionProof(bytes: bytes).bytes
        case "event": return try self.event(bytes)
        default: throw ProtocolFailure(.format, "no decoder of this name")
        }
    }

    /// A log as RLP, read as the broker's.
    private static func event(_ bytes: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        let item = try RLPItem(encoded: bytes)
        let log = try EVMLog(item: item)
        _ = try BrokerEvent(log: log)
        return log.item.encoded
    }
}
