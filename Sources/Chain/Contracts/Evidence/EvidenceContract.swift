package import CanonicalBytes
package import Consensus
package import Ledger

/// Brings proof of a validator's misbehaviour: the canonical bytes of ``Evidence``.
package struct ReportEvidence: MethodArguments {
    package static let contract = "evidence"
    package static let method = "report"
    package static let channels: [Channel] = [.access, .index]

    package let evidence: Evidence

    package init(evidence: Evidence) { self.evidence = evidence }

    package func write(to writer: inout CanonicalWriter) { writer.raw(self.evidence.bytes) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.evidence = try Evidence(bytes: try reader.take(reader.remaining))
    }
}

/// Keys of the evidence contract.
package enum EvidenceKey {
    /// `transaction(32) || u64 height` of what convicts a validator of one kind of fault in one epoch.
    package static func record(_ culprit: ReplicaID, _ epoch: CommitteeEpoch, kind: UInt8) -> [UInt8] {
        StateKey.make("evidence", bytes: culprit.number.bigEndianBytes + epoch.bigEndianBytes + [kind])
    }
}

extension RejectionCode {
    package static let notEvidence = RejectionCode(701, "not-evidence")
    package static let recordedAlready = RejectionCode(702, "recorded-already")
}

/// `evidence`: what convicts a validator is kept for ever.
///
/// It needs no signature of whoever brings it.
struct EvidenceContract: Sendable {
    /// Bytes of the smallest signature or vote in evidence, which bounds how many there are.
    private static let voteBytesMin: UInt64 = 64

    private let scheme: any SignatureScheme

    init(scheme: any SignatureScheme) { self.scheme = scheme }

    var methods: [Method] { [Method(self.report)] }

    @Sendable private func report(_ arguments: ReportEvidence, _ call: ContractCall) throws(ContractFailure) {
        let evidence = arguments.evidence
        let key = EvidenceKey.record(evidence.culprit, evidence.epoch, kind: call.arguments.first ?? 0)
        try ensure(try call.value(of: key) == nil, .recordedAlready, "the validator is convicted of it")
        try call.charge(signatureCost * (UInt64(call.arguments.count) / Self.voteBytesMin + 1))
        guard let committee = try call.committee(evidence.epoch) else {
            throw .rejected(.notEvidence, "no committee of epoch \(evidence.epoch)")
        }
        let isProven = evidence.holds(
            chain: ChainContext(chain: call.block.chain, channel: call.block.channel.name),
            committees: CommitteeHistory(genesis: committee),
            scheme: self.scheme
        )
        try ensure(isProven, .notEvidence, "the messages convict nobody")
        try call.set(key, to: call.transaction.id + call.block.height.bigEndianBytes)
        var writer = CanonicalWriter(capacity: 16)
        writer.u16(evidence.culprit.number)
        writer.u64(evidence.epoch)
        writer.u8(call.arguments.first ?? 0)
        try call.emit("evidence.recorded", writer.bytes)
    }
}
