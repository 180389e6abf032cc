internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Ledger
internal import Receiving
internal import Transcripts

/// Tells the chain how a share went: deliveries that arrived, and lies.
struct ScopeReports: Sendable {
    /// Transactions that are waited for at once.
    private static let atOnce = 8

    let scope: ScopeFolder
    let writer: any ChainWriting

    /// Acknowledges every delivery that was not acknowledged yet, as faulty those of centers of these names.
    func acknowledge(faulty: Set<String>) async throws {
        let open = self.scope.deliveries.filter { !self.scope.share.has(self.scope.acknowledgementName($0)) }
        for start in stride(from: 0, to: open.count, by: Self.atOnce) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in open[start..<min(start + Self.atOnce, open.count)] {
                    group.addTask { try await self.acknowledge(id, faulty) }
                }
                try await group.waitForAll()
            }
        }
    }

    private func acknowledge(_ id: [UInt8], _ faulty: Set<String>) async throws {
        let arguments = AcknowledgeDelivery(
            delivery: id,
            outcome: try self.isFaulty(id, faulty) ? .faulty : .complete
        )
        let proof = try await self.writer.submit(arguments, needless: [.acknowledgedAlready])
        try self.scope.share.write(proof.bytes, to: self.scope.acknowledgementName(id))
    }

    private func isFaulty(_ id: [UInt8], _ faulty: Set<String>) throws -> Bool {
        guard !faulty.isEmpty else { return false }
        let delivery = try self.scope.delivery(id)
        guard let arguments = try? delivery.proof.arguments(RecordDelivery.self) else { return false }
        return faulty.contains { PartyName($0).map { Delivery.id(arguments, by: $0) == id } ?? false }
    }

    /// Accuses a party on the chain of what it sent; the evidence is kept, and each accusation made once.
    func accuse(_ party: String, _ kind: FaultKind, evidence: [UInt8], permission: [UInt8]) async throws {
        guard let accused = PartyName(party) else { return }
        let digest = TaggedHash.digest("FAULT-EVIDENCE", evidence)
        let name = "\(self.scope.folder)/faults/\(digest.hex)"
        guard !self.scope.share.has("\(name).wltp") else { return }
        try self.scope.share.write(evidence, to: "\(name).bin")
        let fault = RecordFault(permission: permission, accused: accused, kind: kind, evidence: digest)
        let proof = try await self.writer.submit(fault)
        try self.scope.share.write(proof.bytes, to: "\(name).wltp")
    }
}

extension CenterFault.Lie {
    var kind: FaultKind {
        switch self {
        case .falsePart: .falsePart
        case .anotherEnvelope: .anotherEnvelope
        case .staleHead: .staleHead
        case .falseRecord: .missing
        }
    }
}
