import BLSCertificates
import CanonicalBytes
import Consensus
import Ledger
import SecretSharing
import ThresholdSignatures

/// Aggregated certificates of four validators whose secrets everybody knows.
enum CertificateSeeds {
    static let all: [[UInt8]] =
        Self.certificates.map(\.bytes) + Self.shareKeys + Self.relayed + (Self.relayCommittee.map { [$0.bytes] } ?? [])

    static let chain = ChainContext(chain: LedgerSeeds.chain, channel: Channel.index.name)
    static let scheme = BLSScheme()

    private static let signers: [BLSSigner] = (1...4 as ClosedRange<UInt8>).compactMap { number in
        guard let secret = try? SecretFr(bytes: LedgerSeeds.digest(number)) else { return nil }
        return BLSSigner(votingSeed: LedgerSeeds.digest(number), shareSecret: secret)
    }

    static let committee = Committee(
        epoch: 0,
        members: Self.signers.enumerated().map { $0.element.member(ReplicaID(UInt16($0.offset))) }
    )

    static let shareKeys: [[UInt8]] = Self.committee?.members.map(\.shareKey) ?? []

    static let slot = Slot(epoch: 0, view: 3, height: 5, block: FuzzConsortium.genesis, parent: .zero)

    static let message = Self.chain.commitMessage(
        epoch: Self.slot.epoch,
        view: Self.slot.view,
        height: Self.slot.height,
        block: Self.slot.block
    )

    /// Every certificate of the message that there is.
    static let certificates: [QuorumCertificate] = [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3], [0, 1, 2, 3]].map {
        places in
        QuorumCertificate(
            version: .blsAggregate,
            epoch: Self.slot.epoch,
            view: Self.slot.view,
            height: Self.slot.height,
            block: Self.slot.block,
            signers: [places.reduce(0) { $0 | 1 << UInt8($1) }],
            proof: Self.scheme.combine(places.map { Self.signers[$0].signShare(Self.message) })
        )
    }

    static let relayCommittee = Self.committee.flatMap { try? PrivilegedCommittee(validators: $0) }

    static let relayed: [[UInt8]] = Self.certificates.compactMap { certificate in
        Self.committee.flatMap { try? certificate.relayCertificate(of: $0) }
    }

    static let relayMessage = try? CommitMessage(
        chain: String(decoding: LedgerSeeds.chain, as: UTF8.self),
        channel: Channel.index.name,
        epoch: Self.slot.epoch,
        view: Self.slot.view,
        height: Self.slot.height,
        blockHash: Self.slot.block.bytes
    )
}
