internal import CanonicalBytes
internal import P256Group
internal import Signcryption

/// The re-encryption key of a grant, which privacy centers put together from their shares.
struct ReencryptionKey {
    /// `grant_digest`.
    let grant: [UInt8]
    let terms: GrantTerms
    let shares: [KeyShare]
    /// `rk`, proven by the grant's commitment.
    let secret: P256Scalar

    /// Grants at most.
    private static let grantsMax = 32

    /// Those of all grants of which the centers have enough shares, one that is wanted first.
    ///
    /// - Throws: `PROOF` when shares do not give what the grant commits to; `IDENTITY` in theory.
    static func all(of centers: [CenterHoldings], first wanted: [UInt8]) throws -> [ReencryptionKey] {
        var grants: [[UInt8]] = []
        var shares: [[UInt8]: [CenterHoldings.Share]] = [:]
        for share in centers.flatMap(\.shares) {
            if shares[share.grant] == nil { grants.append(share.grant) }
            shares[share.grant, default: []].append(share)
        }
        let ordered = grants.filter { $0 == wanted } + grants.filter { $0 != wanted }
        return try ordered.prefix(self.grantsMax).compactMap { try Self($0, shares[$0] ?? []) }
    }

    private init?(_ grant: [UInt8], _ held: [CenterHoldings.Share]) throws {
        guard let terms = held.first?.terms, held.count >= terms.threshold else { return nil }
        let used = held.map(\.share).sorted { $0.index < $1.index }.prefix(terms.threshold)
        let indices = used.map(\.index)
        let secret = used.reduce(P256Scalar.zero) { sum, share in
            sum + share.keyPair.withSecret { P256Scalar.lagrangeAtZero(share.index, among: indices) * $0 }
        }
        let isCommitted = try P256Point.base(times: secret).encoded() == terms.commitments.first
        try require(isCommitted, .proof, "the centers' shares do not give the grant's re-encryption key")
        self.grant = grant
        self.terms = terms
        self.shares = held.map(\.share)
        self.secret = secret
    }

    /// `S`, which the grant's receiver adds.
    func blinding(_ receiver: P256KeyPair) throws -> P256Scalar {
        let (scopeKey, ephemeral) = (try P256Point(self.terms.scopeKey), try P256Point(self.terms.ephemeral))
        return try receiver.withSecret { secret in
            try GrantBlinding.scalar(
                self.terms,
                receiver: receiver.publicKey,
                scopeShared: secret * scopeKey,
                ephemeralShared: secret * ephemeral
            )
        }
    }
}
