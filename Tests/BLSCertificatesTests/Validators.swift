import CanonicalBytes
import FiniteFields
import SecretSharing
import Transcripts

@testable import BLSCertificates
@testable import Consensus

/// Validators whose certificates are aggregated, of one committee.
struct Validators {
    static let chain = ChainContext(chain: Array("test".utf8), channel: "index")

    let signers: [any ReplicaSigner]
    let committee: Committee
    let scheme: any SignatureScheme

    // Certificates are aggregated, or all keys are Ed25519.
    init(size: Int = 4, epoch: CommitteeEpoch = 0, isAggregated: Bool = true) throws {
        var signers: [any ReplicaSigner] = []
        var members: [Member] = []
        for index in 0..<size {
            let id = ReplicaID(UInt16(index))
            let seed = TaggedHash.digest("TEST-VOTING", [UInt8(index)])
            let share = TaggedHash.digest("TEST-SHARE", [UInt8(index)])
            if isAggregated {
                guard let signer = BLSSigner(votingSeed: seed, shareSecret: try SecretFr(Fr(reducing: share))) else {
                    throw ProtocolFailure(.format, "signer")
                }
                signers.append(signer)
                members.append(signer.member(id))
            } else {
                guard let signer = Ed25519Signer(votingSeed: seed, shareSeed: share) else {
                    throw ProtocolFailure(.format, "signer")
                }
                signers.append(signer)
                members.append(signer.member(id))
            }
        }
        guard let committee = Committee(epoch: epoch, members: members),
            let scheme = ChainSignatures.scheme(of: committee)
        else { throw ProtocolFailure(.format, "committee") }
        self.signers = signers
        self.committee = committee
        self.scheme = scheme
    }

    static func slot(view: View = 0, block: UInt8 = 1) throws -> Slot {
        guard let hash = BlockHash([UInt8](repeating: block, count: 32)) else { throw ProtocolFailure(.format, "hash") }
        return Slot(epoch: 0, view: view, height: 7, block: hash, parent: .zero)
    }

    func commit(_ slot: Slot, by index: Int) -> Commit {
        Commit(signing: slot, as: ReplicaID(UInt16(index)), in: Self.chain, with: self.signers[index])
    }

    func certificate(_ slot: Slot, by indices: [Int] = [0, 1, 2]) -> QuorumCertificate {
        QuorumCertificate(
            joining: indices.map { self.commit(slot, by: $0) },
            committee: self.committee,
            scheme: self.scheme
        )
    }

    func isValid(_ certificate: QuorumCertificate) -> Bool {
        certificate.isValid(chain: Self.chain, committee: self.committee, scheme: self.scheme)
    }
}

extension QuorumCertificate {
    /// A copy with other parts.
    func changed(
        version: CertificateVersion? = nil,
        view: View? = nil,
        signers: [UInt8]? = nil,
        proof: [UInt8]? = nil
    ) -> QuorumCertificate {
        QuorumCertificate(
            version: version ?? self.version,
            epoch: self.epoch,
            view: view ?? self.view,
            height: self.height,
            block: self.block,
            signers: signers ?? self.signers,
            proof: proof ?? self.proof
        )
    }

    var bytes: [UInt8] {
        var writer = CanonicalWriter()
        self.write(to: &writer)
        return writer.bytes
    }
}
