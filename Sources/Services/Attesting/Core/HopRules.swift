package import CanonicalBytes
internal import Contracts
package import IBTP
internal import Ledger
package import PathProofs

/// What a hop must say to be true of a leaf; all that needs neither a chain nor a list.
package enum HopRules {
    /// What a leaf hands on, as paths see it.
    package struct Passage: Sendable {
        package let message: InterchainMessage
        package let id: MessageID
        package let path: PathMessage
        /// The chain that the leaf stands on.
        package let chain: String
        package let nextChain: String
        /// 0 on the chain that the message comes from, 1 on its relay chain.
        package let index: UInt8

        /// Until when the message may be handed on, seconds since 1970.
        ///
        /// - Throws: what its extension throws.
        package var end: UInt64 {
            get throws(ProtocolFailure) { try self.message.relayExtension?.expiry ?? .max }
        }
    }

    /// Reads a leaf that a path can lead through.
    ///
    /// - Parameters:
    ///   - leaf: "WLIO".
    ///   - chain: that it stands on: a registered name, or the relay chain's own.
    /// - Returns: nil for a leaf that hands on no message, and needs no path.
    /// - Throws: `FORMAT`, or what the message's extension throws.
    package static func passage(_ leaf: [UInt8], on chain: String) throws(ProtocolFailure) -> Passage? {
        switch try OutboundLeaf(bytes: leaf) {
        case .message(let message):
            let id = try message.id
            let sender = message.type.category == .response ? id.to : id.from
            return try self.passage(message, id, chain, sender.hub, 0)
        case .notice(let notice):
            guard let message = notice.message else { return nil }
            return try self.passage(message, notice.id, chain, notice.chain, 1)
        }
    }

    private static func passage(
        _ message: InterchainMessage,
        _ id: MessageID,
        _ chain: String,
        _ nextChain: String,
        _ index: UInt8
    ) throws(ProtocolFailure) -> Passage {
        let isAnswer = message.type.category == .response
        let (source, destination) = isAnswer ? (id.to.chain, id.from.chain) : (id.from.chain, id.to.chain)
        return Passage(
            message: message,
            id: id,
            path: try PathMessage(of: message, id, from: source, to: destination),
            chain: chain,
            nextChain: nextChain,
            index: index
        )
    }

    /// Requires a hop to say what its leaf shows.
    ///
    /// - Parameters:
    ///   - question: whose proof was verified.
    ///   - chain: the name of the chain that this node signs for.
    ///   - now: seconds since 1970.
    ///   - expirySecondsMax: a hop may be good for so long.
    /// - Returns: what the leaf hands on.
    /// - Throws: ``AttestRefusal``.
    package static func check(
        _ question: HopQuestion,
        of chain: String,
        at now: UInt64,
        expirySecondsMax: UInt64
    ) throws(AttestRefusal) -> Passage {
        let record = question.record
        guard record.link.chain.utf8.elementsEqual(chain.utf8) else {
            throw .refused(.anotherChain, "this node signs for \(chain)")
        }
        let proof = question.proof
        let found = try refusing { () throws(ProtocolFailure) in try self.passage(proof.leaf, on: chain) }
        guard let passage = found, proof.tree == .out else {
            throw .refused(.anotherMessage, "the leaf hands on no message")
        }
        try self.check(question, passage, HopRecord.Anchor(proof), at: now, expirySecondsMax: expirySecondsMax)
        return passage
    }

    /// Requires a hop to say what is known of its leaf, whatever has shown that.
    ///
    /// - Parameters:
    ///   - question: with the hop.
    ///   - passage: what the leaf hands on.
    ///   - anchor: where the leaf stands.
    ///   - now: seconds since 1970.
    ///   - expirySecondsMax: a hop may be good for so long.
    /// - Throws: ``AttestRefusal``.
    static func check(
        _ question: some HopAsking,
        _ passage: Passage,
        _ anchor: HopRecord.Anchor,
        at now: UInt64,
        expirySecondsMax: UInt64
    ) throws(AttestRefusal) {
        let record = question.record
        guard question.path.message == passage.path else {
            throw .refused(.anotherMessage, "the path is of another message than the leaf")
        }
        try self.check(record, passage, question)
        let isThere =
            record.anchor.height == anchor.height && record.anchor.blockHash == anchor.blockHash
            && record.anchor.inclusionRoot == anchor.inclusionRoot
        guard isThere else { throw .refused(.anotherMessage, "the hop names another block than the proof") }
        try self.checkExpiry(record, passage.message, now, expirySecondsMax)
    }

    private static func check(
        _ record: HopRecord,
        _ passage: Passage,
        _ question: some HopAsking
    ) throws(AttestRefusal) {
        let isInPlace = record.link.index == passage.index && question.previous.count == Int(passage.index)
        guard isInPlace else { throw .refused(.badPath, "hop \(passage.index) is the one to be signed here") }
        guard record.link.nextChain.utf8.elementsEqual(passage.nextChain.utf8) else {
            throw .refused(.anotherMessage, "the leaf is for \(passage.nextChain)")
        }
        guard record.verdict == .forwarded else { throw .refused(.anotherMessage, "the chain forwards the message") }
        let previous = question.previous.last?.record.digest ?? question.path.message.digest
        guard record.previous == previous else { throw .refused(.badPath, "the hop continues something else") }
    }

    private static func checkExpiry(
        _ record: HopRecord,
        _ message: InterchainMessage,
        _ now: UInt64,
        _ secondsMax: UInt64
    ) throws(AttestRefusal) {
        guard record.expiry >= now else { throw .refused(.expired, "the hop's time is over") }
        guard record.expiry - now <= secondsMax else {
            throw .refused(.expiresTooLate, "a hop is good for \(secondsMax) s at most")
        }
        let end = try refusing { () throws(ProtocolFailure) in try message.relayExtension?.expiry } ?? .max
        guard end >= now else { throw .refused(.expired, "the message's time is over") }
        guard record.expiry <= end else { throw .refused(.expiresTooLate, "the message's time ends before the hop's") }
    }
}
