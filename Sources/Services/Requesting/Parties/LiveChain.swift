internal import CanonicalBytes
package import ChainReading
package import Ledger
package import Uplink

/// The chain through validators' interfaces.
///
/// A value is proven by the first validator that can: it may be some blocks old, which delays a requester and deceives
/// nobody, because those who give something away read for themselves.
package struct LiveChain: RequesterChain {
    private let client: ChainClient
    private let committees: CommitteeBook

    package init(client: ChainClient, committees: CommitteeBook) {
        self.client = client
        self.committees = committees
    }

    package var identifier: [UInt8] { self.client.chain }

    package func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact {
        let proof: ValueProof
        do throws(UplinkFailure) { proof = try await self.client.value(of: key, on: channel) } catch {
            // The first who asks for something finds a channel without a block, and nothing of hers in it.
            if case .refused(_, "no-block", _, _) = error { return ChainFact(value: nil, time: 0, height: 0) }
            throw ChainReadingError(.chainUnavailable, "\(error)")
        }
        return ChainFact(
            value: proof.value,
            time: proof.header.time,
            height: proof.header.height,
            head: CertifiedHead(header: proof.header, certificate: proof.certificate)
        )
    }

    package func events(
        of subject: [UInt8],
        after place: EventPlace?,
        on channel: Channel
    ) async throws -> [FoundEvent] {
        let after = place.map { SubjectPlace(height: $0.height, index: $0.place) }
        return try await self.client.events(of: subject, after: after, on: channel).map { entry in
            FoundEvent(
                place: EventPlace(height: entry.place.height, place: entry.place.index),
                transaction: entry.transaction,
                topic: entry.topic
            )
        }
    }

    package func proof(of transaction: [UInt8], on channel: Channel) async throws -> TransactionProof? {
        try await self.client.proof(of: transaction, on: channel)
    }

    package func valueProof(of key: [UInt8], on channel: Channel) async throws -> ValueProof {
        try await self.client.value(of: key, on: channel)
    }

    package func handovers(on channel: Channel) async throws -> [Handover] {
        try await self.committees.handovers(on: channel)
    }

    package func verify(_ proof: TransactionProof) async throws {
        let view = try await self.committees.view(of: proof.header.channel, reaching: proof.header.epoch)
        try proof.verify(by: view)
    }

    package func verify(_ head: CertifiedHead) async throws {
        let view = try await self.committees.view(of: head.header.channel, reaching: head.header.epoch)
        try head.verify(by: view)
    }
}
