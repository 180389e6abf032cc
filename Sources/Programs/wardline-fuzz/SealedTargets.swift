import AccessPolicies
import Bundles
import CanonicalBytes
import Certificates
import IndexPages
import P256Group
import Pseudonyms
import Receipts
import Signcryption

/// Everything that is read before, or in order that, a signature is verified.
enum SealedTargets {
    static let all: [Target] = [
        Self.canonical("certificate") { (bytes) throws(ProtocolFailure) in
            try ImplicitCertificate(bytes: bytes).bytes
        },
        Self.canonical("revocation-list") { (bytes) throws(ProtocolFailure) in try RevocationList(bytes: bytes).bytes },
        Self.canonical("envelope") { (bytes) throws(ProtocolFailure) in try ParsedEnvelope(bytes: bytes).bytes },
        Self.canonical("envelope-header") { (bytes) throws(ProtocolFailure) in try EnvelopeHeader(bytes: bytes).bytes },
        Self.canonical("record-batch") { (bytes) throws(ProtocolFailure) in
            try RecordBatch.encode(RecordBatch.parse(bytes))
        },
        Self.canonical("scope-descriptor") { (bytes) throws(ProtocolFailure) in
            try ScopeDescriptor(bytes: bytes).bytes
        },
        Self.canonical("grant") { (bytes) throws(ProtocolFailure) in try ParsedGrant(bytes: bytes).bytes },
        Self.canonical("reencryption-part") { (bytes) throws(ProtocolFailure) in
            _ = try ReencryptionPart(bytes: bytes)
            return bytes
        },
        Self.canonical("pseudonym-request") { (bytes) throws(ProtocolFailure) in
            _ = try PseudonymRequest(bytes: bytes)
            return bytes
        },
        Self.canonical("pseudonym-signature") { (bytes) throws(ProtocolFailure) in
            _ = try PseudonymSignature(bytes: bytes)
            return bytes
        },
        Self.canonical("receipt") { (bytes) throws(ProtocolFailure) in
            try ParsedReceipt(bytes: bytes).unverified.bytes
        },
        Self.canonical("tree-head") { (bytes) throws(ProtocolFailure) in
            _ = try ParsedTreeHead(bytes: bytes)
            return bytes
        },
        Self.canonical("denial") { (bytes) throws(ProtocolFailure) in try ParsedDenial(bytes: bytes).unverified.bytes },
        Self.canonical("fault-evidence") { (bytes) throws(ProtocolFailure) in
            let evidence = try ParsedFault(bytes: bytes)
            // Nobody has given a certificate: nothing is proven by it.
            let isProven = (try? evidence.verified(by: [])) != nil
            let isBounded = (1...2).contains(evidence.certificateDigests.count) && evidence.envelopes.count <= 2
            return isBounded && !isProven ? bytes : []
        },
        Self.canonical("index-page") { (bytes) throws(ProtocolFailure) in try IndexPage(bytes: bytes).bytes },
        Self.canonical("bundle") { (bytes) throws(ProtocolFailure) in
            _ = try Bundle(encoded: bytes)
            return bytes
        },
        Self.canonical("bundle-data") { (bytes) throws(ProtocolFailure) in
            _ = try Bundle(data: bytes, limits: BundleLimits(inflatedBytesMax: 65_536))
            return bytes
        },
        Self.canonical("point") { (bytes) throws(ProtocolFailure) in try P256Point(bytes).encoded() },
        Target(name: "policy", weight: 10, family: .policy) { _, payload, _ in Self.policy(payload) },
    ]

    /// What is accepted must be the canonical encoding: signatures and hashes are over bytes.
    private static func canonical(
        _ name: String,
        _ read: @escaping @Sendable ([UInt8]) throws(ProtocolFailure) -> [UInt8]
    ) -> Target {
        Target(name: name, weight: 6, family: .sealed) { _, payload, _ in
            do throws(ProtocolFailure) {
                return try read(payload) == payload ? .accepted : .broken("accepted another encoding")
            } catch {
                return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
            }
        }
    }

    private static func policy(_ payload: [UInt8]) -> Verdict {
        do throws(ProtocolFailure) {
            let policy = try AccessPolicy(bytes: payload)
            let again = try AccessPolicy(policy.text)
            return again.text == policy.text ? .accepted : .broken("the canonical text is not canonical")
        } catch {
            return error.code == .policy ? .refused(error.code.rawValue) : .broken("refused as \(error)")
        }
    }
}
