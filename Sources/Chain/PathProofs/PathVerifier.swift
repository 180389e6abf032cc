internal import BLS12381
internal import CanonicalBytes
internal import ThresholdSignatures

/// A path that a ``PathVerifier`` has accepted: the message was final on its source chain and was forwarded by exactly
/// these hops in this order, unless more members of a committee are faulty than its thresholds allow.
package struct VerifiedPath: Sendable {
    package struct Hop: Sendable {
        package let record: HopRecord
        /// Of every subgroup of the list the places of those who signed, ascending; nil for a certificate that hides
        /// its signers.
        package let signers: [[Int]]?
    }

    package let message: PathMessage
    package let hops: [Hop]
}

/// Judges paths that arrive on one chain.
package struct PathVerifier {
    /// Where the verifying chain stands on the path.
    package enum Place: Sendable {
        /// The message is for this chain.
        case destination
        /// This chain passes the message on.
        case transit
    }

    /// The verifying chain.
    package let chain: String
    package let place: Place
    /// Seconds since 1970, of the block that the proof is judged in.
    package let now: UInt64
    private let lists: (_ chain: String, _ epoch: UInt64) -> ListReign?
    private let isKnown: (MessageIdentifier) -> Bool

    /// - Parameters:
    ///   - chain: the verifying chain.
    ///   - place: where it stands on the path.
    ///   - now: seconds since 1970.
    ///   - lists: the lists that the verifying chain has followed.
    ///   - isKnown: whether a message of this number was accepted before.
    package init(
        chain: String,
        place: Place = .destination,
        now: UInt64,
        lists: @escaping (_ chain: String, _ epoch: UInt64) -> ListReign?,
        isKnown: @escaping (MessageIdentifier) -> Bool
    ) {
        self.chain = chain
        self.place = place
        self.now = now
        self.lists = lists
        self.isKnown = isKnown
    }

    /// Verifies a path: all rules that cost little first, then one product of pairings for all hops.
    ///
    /// - Parameters:
    ///   - proof: of any origin.
    ///   - payloadHash: of the payload that came with it, 32 bytes.
    /// - Returns: what the verifying chain may act on.
    /// - Throws: ``PathRefusal`` for the first rule that is broken.
    package func verify(_ proof: PathProof, payloadHash: [UInt8]) throws(PathRefusal) -> VerifiedPath {
        let claims = try self.claims(proof, payloadHash)
        try Self.check(claims, of: proof)
        return VerifiedPath(
            message: proof.message,
            hops: zip(proof.hops, claims).map { VerifiedPath.Hop(record: $0.record, signers: $1.signers) }
        )
    }

    /// Who certified one hop, judged by itself: they answer for it, whatever the hops before it are worth.
    ///
    /// - Parameters:
    ///   - index: a hop of the proof.
    ///   - proof: of any origin.
    ///   - reign: of the hop's chain and epoch.
    /// - Returns: of every subgroup of the list the places of those who signed, ascending; nil for a certificate that
    ///   hides its signers.
    /// - Throws: ``PathRefusal`` when the hop does not show that they forwarded the message.
    package static func signers(
        ofHop index: Int,
        in proof: PathProof,
        under reign: ListReign
    ) throws(PathRefusal) -> [[Int]]? {
        let hop = proof.hops[index]
        let isForwarded = hop.record.verdict == .forwarded
        try requirePath(isForwarded, .refusedByHop, hop: index, .context, "a chain has refused the message")
        try self.require(reign, of: hop, at: index)
        let claim = try HopClaim(hop, at: index, under: reign)
        let hash = self.hash(hop.record.signedBytes(of: proof.message))
        let isSigned = Pairing.productIsOne([(claim.key, hash), (-G1Point.generator, claim.signature)])
        try requirePath(isSigned, .signature, hop: index, .signature, "the signature does not fit")
        return claim.signers
    }

    private static func require(_ reign: ListReign, of hop: PathProof.Hop, at index: Int) throws(PathRefusal) {
        let certifier = hop.record.certifier
        guard reign.list.chain.hasBytes(of: hop.record.link.chain), reign.list.epoch == certifier.epoch,
            reign.list.root == certifier.listRoot
        else { throw PathRefusal(.unknownList, hop: index, .context, "no such list of the chain") }
        let isInForce = reign.covers(hop.record.anchor.height)
        try requirePath(isInForce, .listNotValid, hop: index, .context, "the list is not that of the height")
    }

    /// What the certificates claim, when all rules hold that need no pairing.
    private func claims(_ proof: PathProof, _ payloadHash: [UInt8]) throws(PathRefusal) -> [HopClaim] {
        try self.checkMessage(proof, payloadHash)
        try PathRules.check(proof, to: self.chain)
        let reigns = try self.reigns(proof)
        var claims: [HopClaim] = []
        for (index, hop) in proof.hops.enumerated() {
            claims.append(try HopClaim(hop, at: index, under: reigns[index]))
        }
        return claims
    }

    private func checkMessage(_ proof: PathProof, _ payloadHash: [UInt8]) throws(PathRefusal) {
        let message = proof.message
        let isSame = message.payloadHash == payloadHash
        try requirePath(isSame, .wrongPayload, .context, "the path is of another payload")
        try requirePath(self.isOnWay(proof), .wrongDestination, .context, "the message has no business here")
        let isNew = !self.isKnown(message.identifier)
        try requirePath(isNew, .replayed, .duplicate, "the message was accepted before")
    }

    /// In transit there must be a hop left, and the destination must be ahead.
    private func isOnWay(_ proof: PathProof) -> Bool {
        let destination = proof.message.destinationChain
        let isHere = destination.hasBytes(of: self.chain)
        switch self.place {
        case .destination: return isHere
        case .transit:
            let isBehind = proof.hops.contains { $0.record.link.chain.hasBytes(of: destination) }
            return !isHere && !isBehind && proof.hops.count < PathProof.hopsMax
        }
    }

    private func reigns(_ proof: PathProof) throws(PathRefusal) -> [ListReign] {
        for (index, hop) in proof.hops.enumerated() {
            let isForwarded = hop.record.verdict == .forwarded
            try requirePath(isForwarded, .refusedByHop, hop: index, .context, "a chain has refused the message")
            let isInTime = self.now <= hop.record.expiry
            try requirePath(isInTime, .expired, hop: index, .time, "the record has expired")
        }
        var reigns: [ListReign] = []
        for (index, hop) in proof.hops.enumerated() {
            let certifier = hop.record.certifier
            guard let reign = self.lists(hop.record.link.chain, certifier.epoch) else {
                throw PathRefusal(.unknownList, hop: index, .context, "no such list of the chain")
            }
            try Self.require(reign, of: hop, at: index)
            reigns.append(reign)
        }
        return reigns
    }
}

// The one aggregate check.
extension PathVerifier {
    /// Whether `∏ e(PKᵢ, HG2(mᵢ)) · e(-P1, Σσᵢ) = 1`: one Miller loop more than hops, one final exponentiation.
    ///
    /// The signatures are added up as they are, without random weights. That is the aggregate signature of Boneh, Gentry,
    /// Lynn and Shacham (2003): it is unforgeable where every key's possession is proven, and a list has no other keys;
    /// the messages are distinct besides, for each holds the digest of its hop, which holds all before it. So a sum that
    /// fits shows that the signers of every hop signed it, and that is all a path has to show. Weights would only add
    /// that each certificate fits by itself, at the price of a multiplication in G1 and in G2 for every hop; where that
    /// matters (``signers(ofHop:in:under:)``) they are checked one by one. All validators have to come to one
    /// verdict: weights from a random source are out of the question on a chain.
    private static func check(_ claims: [HopClaim], of proof: PathProof) throws(PathRefusal) {
        var pairs: [(G1Point, G2Point)] = []
        var sum = G2Point.identity
        for (hop, claim) in zip(proof.hops, claims) {
            pairs.append((claim.key, self.hash(hop.record.signedBytes(of: proof.message))))
            sum = sum + claim.signature
        }
        pairs.append((-G1Point.generator, sum))
        try requirePath(Pairing.productIsOne(pairs), .signature, .signature, "the signatures do not fit")
    }

    private static func hash(_ message: [UInt8]) -> G2Point { G2Point.hash(message, domain: self.messageDomain) }

    /// The suite of all certificates (specification of the cryptographic layer, section 9).
    private static let messageDomain = Array("BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_".utf8)
}
