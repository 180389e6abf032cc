import BLSCertificates
import CanonicalBytes
import Consensus
import Ledger
import ThresholdSignatures

/// Aggregated certificates and the keys behind them; each try at a pairing costs a millisecond, so they are drawn rarely.
enum CertificateTargets {
    static let all: [Target] = [
        Target.canonical("aggregated-certificate", weight: 2, family: .certificates) {
            (bytes) throws(ProtocolFailure) in
            let certificate = try QuorumCertificate(bytes: bytes)
            guard let committee = CertificateSeeds.committee else { return [] }
            let isValid = certificate.isValid(
                chain: CertificateSeeds.chain,
                committee: committee,
                scheme: CertificateSeeds.scheme
            )
            // Signatures are unique: what holds is one of those that the committee has made, and nothing else is.
            guard isValid == CertificateSeeds.certificates.contains(certificate) else { return [] }
            let relayed = try? certificate.relayCertificate(of: committee)
            guard !isValid || relayed != nil else { return [] }
            return certificate.bytes
        },
        Target(name: "relay-certificate", weight: 1, family: .certificates) { _, payload, _ in
            Self.relayed(payload)
        },
        Target.canonical("relay-committee", weight: 1, family: .certificates) { (bytes) throws(ProtocolFailure) in
            try PrivilegedCommittee(bytes: bytes).bytes
        },
        Target(name: "share-key", weight: 1, family: .certificates) { _, payload, _ in Self.shareKey(payload) },
    ]

    private static func relayed(_ payload: [UInt8]) -> Verdict {
        guard let committee = CertificateSeeds.relayCommittee, let message = CertificateSeeds.relayMessage else {
            return .broken("no committee")
        }
        do throws(ProtocolFailure) {
            try message.verify(payload, by: committee)
            return CertificateSeeds.relayed.contains(payload) ? .accepted : .broken("a certificate that nobody signed")
        } catch {
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }

    /// Nobody proves possession of a key without its secret.
    private static func shareKey(_ payload: [UInt8]) -> Verdict {
        guard let key = ShareKey.publicKey(payload) else {
            return CertificateSeeds.shareKeys.contains(payload) ? .broken("refused a good key") : .refused("no key")
        }
        guard CertificateSeeds.shareKeys.contains(payload) else { return .broken("a key that nobody has made") }
        return key.encoded == Array(payload.prefix(48)) ? .accepted : .broken("accepted another encoding")
    }
}
