package import ChainReading
package import Ledger

/// A place in the order of a channel's transactions.
package struct EventPlace: Sendable, Hashable, Comparable {
    package let height: UInt64
    package let place: UInt32

    package init(height: UInt64, place: UInt32) {
        self.height = height
        self.place = place
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.height, left.place) < (right.height, right.place)
    }
}

/// A transaction that validators say concerns a subject; nothing of it is proven.
package struct FoundEvent: Sendable, Hashable {
    package let place: EventPlace
    package let transaction: [UInt8]
    package let topic: String

    package init(place: EventPlace, transaction: [UInt8], topic: String) {
        self.place = place
        self.transaction = transaction
        self.topic = topic
    }
}

/// What a requester asks the chain; all that is returned is proven, but for the list of events, which may lack some.
package protocol RequesterChain: ChainFacts {
    /// The chain's identifier.
    var identifier: [UInt8] { get }

    /// Transactions that concern a subject, ascending.
    ///
    /// - Parameters:
    ///   - subject: 32 bytes.
    ///   - after: the last place that is known; nil for all.
    ///   - channel: of the transactions.
    /// - Returns: as validators list them.
    /// - Throws: when too few validators answer.
    func events(of subject: [UInt8], after: EventPlace?, on channel: Channel) async throws -> [FoundEvent]

    /// A committed transaction, its proof verified; nil when nobody shows one.
    func proof(of transaction: [UInt8], on channel: Channel) async throws -> TransactionProof?

    /// The proof of a value, verified.
    func valueProof(of key: [UInt8], on channel: Channel) async throws -> ValueProof

    /// All changes of a channel's committee, verified, from the genesis on.
    func handovers(on channel: Channel) async throws -> [Handover]

    /// Verifies a proof that somebody else shows.
    ///
    /// - Throws: `ProtocolFailure` when it does not hold.
    func verify(_ proof: TransactionProof) async throws

    /// Verifies a head that somebody else shows.
    ///
    /// - Throws: `ProtocolFailure` when it does not hold.
    func verify(_ head: CertifiedHead) async throws
}

extension RequesterChain {
    /// The first transaction of a topic that concerns a subject, with its verified proof; it took effect.
    package func first(_ topic: String, about subject: [UInt8], on channel: Channel) async throws -> TransactionProof? {
        for event in try await self.events(of: subject, after: nil, on: channel) where event.topic.isSame(as: topic) {
            if let proof = try await self.proof(of: event.transaction, on: channel), proof.receipt.code == 0 {
                return proof
            }
        }
        return nil
    }
}

extension String {
    /// As bytes: `==` equates different texts.
    func isSame(as other: String) -> Bool { self.utf8.elementsEqual(other.utf8) }
}
