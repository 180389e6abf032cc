internal import CanonicalBytes
internal import ChainReading
internal import Consensus
internal import Contracts
internal import IBTP
internal import Ledger
internal import Uplink

extension ConsortiumLink: DeliveryChain {
    func deliveries(under permission: [UInt8], after place: ChainPlace?) async throws -> [ChainEntry] {
        let after = place.map { SubjectPlace(height: $0.height, index: $0.place) }
        let entries = try await self.client.events(
            of: permission,
            after: after,
            limit: Self.entriesAtOnce,
            on: .index
        )
        return entries.map {
            ChainEntry(
                place: ChainPlace(height: $0.place.height, place: $0.place.index),
                transaction: $0.transaction
            )
        }
    }

    func tell(_ exchange: MessageID, of transaction: [UInt8]) async throws -> Bool {
        guard let proof = try await self.client.proof(of: transaction, on: .index) else {
            throw ChainReadingError(.chainUnavailable, "nobody proves the delivery")
        }
        let isDelivery = proof.receipt.events.contains { $0.topic.utf8.elementsEqual(DeliveryRecorded.topic.utf8) }
        guard proof.receipt.code == 0, isDelivery else { return false }
        try await self.showCommittees(upTo: proof.header.epoch)
        _ = try await self.writer.submit(TellDelivery(id: exchange, proof: proof), needless: [.toldAlready])
        return true
    }

    /// Shows the access channel from which blocks of the index channel the committees decide there that it was not shown.
    private func showCommittees(upTo epoch: UInt64) async throws {
        guard epoch > 0, try await self.indexReign(epoch) == nil else { return }
        var first = epoch
        while first > 1, try await self.indexReign(first - 1) == nil { first -= 1 }
        for handover in try await self.handovers(after: first - 1) where handover.next.epoch <= epoch {
            _ = try await self.writer.submit(
                FollowIndex(header: handover.header, certificate: handover.certificate, next: handover.next),
                needless: [.relayFollowedAlready]
            )
        }
    }

    private func indexReign(_ epoch: UInt64) async throws -> [UInt8]? {
        try await self.facts.fact(of: SystemKey.indexReign(epoch), on: .access).value
    }

    /// The first validator's that has them; the contract judges them.
    private func handovers(after epoch: UInt64) async throws -> [Handover] {
        var last = UplinkFailure.unreachable("no validator shows the committees")
        for validator in self.validators {
            do throws(UplinkFailure) {
                let found = try await validator.handovers(after: epoch, on: .index)
                if !found.isEmpty { return found }
            } catch { last = error }
        }
        throw last
    }
}
