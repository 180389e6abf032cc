internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import P256Group
internal import PrivacyCenter
internal import PrivacyCenterStore
internal import Records
internal import Signcryption

/// Everything that a privacy center has: its key, the shares in its vault, the envelopes and capsules in its store.
struct CenterHoldings: Sendable {
    /// A share of a re-encryption key with the grant that it belongs to.
    struct Share: Sendable {
        /// `grant_digest`.
        let grant: [UInt8]
        let terms: GrantTerms
        let share: KeyShare
    }

    let identity: Identity
    /// Those of grants that were revoked too: a center that lies does not forget them.
    let shares: [Share]
    /// In the order of the center's tree.
    let envelopes: [VerifiedEnvelope]
    /// The capsules that the envelopes name, by digest.
    let capsules: [[UInt8]: EpochCapsule]

    /// Envelopes of a store at most.
    private static let envelopesMax: UInt64 = 2_000

    /// All centers of a consortium that store envelopes.
    static func all(in dev: String) async throws -> [CenterHoldings] {
        var all: [CenterHoldings] = []
        for (path, identity) in try CollusionFolders.folders(of: .privacyCenter, in: dev)
        where PrivateFile.exists("\(path)/state/store.db") {
            all.append(try await CenterHoldings(folder: path, identity: identity))
        }
        return all
    }

    private init(folder: String, identity: Identity) async throws {
        self.identity = identity
        let store = try RelationalStore.sqliteReadOnly(directory: "\(folder)/state")
        let vault = try ShareVault(directory: "\(folder)/identity")
        self.shares = try await store.rekeys(.all, after: nil, limit: 1_000).map { rekey in
            let entry = try vault.open(rekey.sealedShare, grant: rekey.grantDigest, index: rekey.index)
            let key = try P256KeyPair(secret: P256Scalar(entry.share))
            return Share(
                grant: rekey.grantDigest.bytes,
                terms: try ParsedGrant(bytes: rekey.grant).terms,
                share: KeyShare(index: rekey.index, keyPair: key)
            )
        }
        self.envelopes = try await Self.envelopes(in: store, issuer: identity.issuer)
        var capsules: [[UInt8]: EpochCapsule] = [:]
        for digest in self.envelopes.map(\.header.capsuleDigest) where capsules[digest] == nil {
            guard let name = Digest(bytes: digest), let bytes = try await store.certificate(name) else { continue }
            capsules[digest] = EpochCapsule(bytes: bytes)
        }
        self.capsules = capsules
        try await store.close()
    }

    private static func envelopes(
        in store: RelationalStore,
        issuer: CertificateIssuer
    ) async throws -> [VerifiedEnvelope] {
        var senders: [[UInt8]: CertifiedKey] = [:]
        var found: [VerifiedEnvelope] = []
        let count = min(try await store.treeHead().size, self.envelopesMax)
        for leaf in 0..<count {
            guard let h1 = try await store.inclusion(ofLeaf: leaf, treeSize: nil)?.h1,
                let stored = try await store.envelope(h1)
            else { continue }
            let envelope = try ParsedEnvelope(bytes: stored.envelope.bytes)
            let digest = envelope.header.senderCertificateDigest
            if senders[digest] == nil, let certificate = try await store.certificate(stored.envelope.sender) {
                senders[digest] = try CertifiedKey(bytes: certificate, from: issuer)
            }
            guard let sender = senders[digest] else { throw ProtocolFailure(.context, "no certificate of a sender") }
            found.append(try envelope.verify(sender: sender))
        }
        return found
    }
}
