import BLSCertificates
import CanonicalBytes
import Consensus
import SecretSharing
import Testing

/// What the certificates of a chain consist of.
enum CertificateKind: CaseIterable {
    case ed25519
    case bls

    var scheme: any SignatureScheme {
        switch self {
        case .ed25519: Ed25519Scheme()
        case .bls: BLSScheme()
        }
    }
}

/// A validator's keys, the same in every run.
struct TestSigner: ReplicaSigner {
    private let signer: any ReplicaSigner
    private let publicSide: @Sendable (ReplicaID) -> Member

    init(_ kind: CertificateKind, _ number: UInt8) throws {
        let seed = [UInt8](repeating: number, count: 32)
        switch kind {
        case .ed25519:
            let signer = try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
            self.signer = signer
            self.publicSide = { signer.member($0) }
        case .bls:
            let signer = try #require(BLSSigner(votingSeed: seed, shareSecret: try SecretFr(bytes: seed)))
            self.signer = signer
            self.publicSide = { signer.member($0) }
        }
    }

    func member(_ id: ReplicaID) -> Member { self.publicSide(id) }

    func sign(_ bytes: [UInt8]) -> [UInt8] { self.signer.sign(bytes) }

    func signShare(_ bytes: [UInt8]) -> [UInt8] { self.signer.signShare(bytes) }
}
