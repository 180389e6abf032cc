package import CanonicalBytes
package import FiniteFields
internal import SecretSharing

/// One member's view of a joint key generation or resharing, from deals to the outcome (specification section 9.2).
///
/// Deals, complaints and answers are broadcast, so that all members see the same ones; shares come privately. In order:
/// deals and shares, then ``complaints``, then the accused dealers' answers, then ``outcome()``. Members who saw the same
/// broadcasts qualify the same dealers.
package struct KeyGeneration: Sendable {
    /// What is shared.
    package enum Purpose: Sendable {
        /// A new key, to which every dealer contributes.
        case newKey
        /// The key that members of an earlier committee hold; the dealers are they, numbered as there.
        case resharing(JointKey)
    }

    /// What a member says of a dealer whose share is missing or wrong.
    package struct Complaint: Sendable, Hashable {
        package let member: UInt16
        package let dealer: UInt16

        package init(member: UInt16, dealer: UInt16) {
            self.member = member
            self.dealer = dealer
        }
    }

    /// What a member has in the end.
    package struct Outcome: Sendable {
        package let jointKey: JointKey
        /// The member's share, which signs; its public key is that of the member in ``jointKey``.
        package let share: BLSKeyPair
        /// Dealers who contributed, ascending.
        package let dealers: [UInt16]
    }

    package let session: [UInt8]
    package let purpose: Purpose
    /// Members' signatures that the group's signature will need.
    package let threshold: Int
    package let memberCount: UInt16
    package let member: UInt16

    private var parts: [DealerPart] = []

    /// - Parameters:
    ///   - session: names this run; every dealer's proof of possession is bound to it.
    ///   - purpose: a new key or a resharing.
    ///   - threshold: from 1 to the number of members.
    ///   - memberCount: of the group whose members receive shares, numbered from 1.
    ///   - member: this one's number.
    /// - Throws: `THRESHOLD` or `FORMAT` for numbers out of range.
    package init(
        session: [UInt8],
        purpose: Purpose = .newKey,
        threshold: Int,
        memberCount: UInt16,
        member: UInt16
    ) throws(ProtocolFailure) {
        try require((1...Int(memberCount)).contains(threshold), .threshold, "the threshold is out of range")
        try require((1...memberCount).contains(member), .format, "members are numbered from 1")
        self.session = session
        self.purpose = purpose
        self.threshold = threshold
        self.memberCount = memberCount
        self.member = member
    }

    /// Takes a dealer's broadcast; one that fails here takes no part.
    ///
    /// - Throws: `DUPLICATE` for a second one, `FORMAT` for dealer 0, `FORMAT`, `POINT`, `IDENTITY`, `SUBGROUP` or
    ///   `PROOF` for what the deal has wrong, `KEY` when a resharing is of another share than the dealer's.
    package mutating func receive(_ deal: Deal, from dealer: UInt16) throws(ProtocolFailure) {
        try require(dealer >= 1, .format, "dealers are numbered from 1")
        try require(self.place(of: dealer) == nil, .duplicate, "a second deal of a dealer")
        let commitments = try DealerCommitments(deal.commitments, threshold: self.threshold)
        try commitments.verifyPossession(deal.possession, session: self.session, dealer: dealer)
        if case .resharing(let key) = self.purpose {
            let isOwnShare = try key.key(of: dealer).encoded == commitments.encoded[0]
            try require(isOwnShare, .key, "the dealer shares something else than its share")
        }
        self.parts.append(DealerPart(dealer: dealer, commitments: commitments))
        self.parts.sort { $0.dealer < $1.dealer }
    }

    /// Takes the share that a dealer sent privately; one that fails here is complained of.
    ///
    /// - Throws: `CONTEXT` without a deal of the dealer, `DUPLICATE` for a second share, `PROOF` for a wrong one.
    package mutating func receive(share: Fr, from dealer: UInt16) throws(ProtocolFailure) {
        let place = try self.dealtPlace(dealer)
        try require(self.parts[place].share == nil, .duplicate, "a second share of a dealer")
        try self.parts[place].commitments.check(share: share, of: self.member)
        self.parts[place].share = SecretCell(share)
    }

    /// This member's complaints once deals and shares had their time, ascending by dealer.
    package var complaints: [Complaint] {
        self.parts.filter { $0.share == nil }.map { Complaint(member: self.member, dealer: $0.dealer) }
    }

    /// Takes a broadcast complaint of any member, this one included.
    ///
    /// - Throws: `CONTEXT` for a dealer without a deal, `FORMAT` for no member; a repetition counts once.
    package mutating func receive(_ complaint: Complaint) throws(ProtocolFailure) {
        try require((1...self.memberCount).contains(complaint.member), .format, "no such member")
        let place = try self.dealtPlace(complaint.dealer)
        guard !self.parts[place].accusers.contains(complaint.member) else { return }
        self.parts[place].accusers.append(complaint.member)
    }

    /// Takes the share with which a dealer answers a complaint, for all to check.
    ///
    /// - Throws: `CONTEXT` when there is no such complaint, `PROOF` for a wrong share, which disqualifies the dealer.
    package mutating func receive(answer share: Fr, to complaint: Complaint) throws(ProtocolFailure) {
        let place = try self.dealtPlace(complaint.dealer)
        let isAsked = self.parts[place].accusers.contains(complaint.member)
        try require(isAsked, .context, "an answer to no complaint")
        do throws(ProtocolFailure) {
            try self.parts[place].commitments.check(share: share, of: complaint.member)
        } catch {
            self.parts[place].answeredWrongly = true
            throw error
        }
        if !self.parts[place].answered.contains(complaint.member) {
            self.parts[place].answered.append(complaint.member)
        }
        if complaint.member == self.member { self.parts[place].share = SecretCell(share) }
    }

    /// Dealers who dealt and do not take part in the outcome as things stand, ascending: once the answers had their
    /// time, those who cheated.
    package var disqualified: [UInt16] {
        self.parts.filter { !$0.isQualified(threshold: self.threshold) }.map(\.dealer)
    }

    /// Adds up what the qualified dealers gave.
    ///
    /// A dealer is disqualified by an unanswered complaint, and by as many complaints as shares determine its secret:
    /// some of them are honest, and the answers would show the secret.
    ///
    /// - Throws: `THRESHOLD` for fewer qualified dealers than an honest one is sure to be among, `CONTEXT` when this
    ///   member has no share of one of them, `IDENTITY`, or `KEY` when shares and commitments disagree.
    package func outcome() throws(ProtocolFailure) -> Outcome {
        let (dealers, weights) = try self.contributions()
        let jointKey = try JointKey(dealers: dealers.map(\.commitments), weights: weights)
        var sum = Fr.zero
        defer { sum.wipe() }
        for (dealer, weight) in zip(dealers, weights) {
            guard let share = dealer.share else {
                throw ProtocolFailure(.context, "a qualified dealer's share is missing")
            }
            sum = share.withValue { sum + weight * $0 }
        }
        let share = try BLSKeyPair(secret: SecretFr(sum))
        let isShare = try jointKey.key(of: self.member) == share.publicKey
        try require(isShare, .key, "the shares do not fit the commitments")
        return Outcome(jointKey: jointKey, share: share, dealers: dealers.map(\.dealer))
    }

    /// The dealers whose polynomials are added up, and with which factors.
    private func contributions() throws(ProtocolFailure) -> ([DealerPart], [Fr]) {
        let qualified = self.parts.filter { $0.isQualified(threshold: self.threshold) }
        switch self.purpose {
        case .newKey:
            try require(qualified.count >= self.threshold, .threshold, "too few qualified dealers")
            return (qualified, qualified.map { _ in .one })
        case .resharing(let key):
            try require(qualified.count >= key.threshold, .threshold, "too few qualified dealers")
            let used = Array(qualified.prefix(key.threshold))
            return (used, Lagrange.weights(atZeroFrom: used.map { UInt64($0.dealer) }))
        }
    }

    private func place(of dealer: UInt16) -> Int? { self.parts.firstIndex { $0.dealer == dealer } }

    private func dealtPlace(_ dealer: UInt16) throws(ProtocolFailure) -> Int {
        guard let place = self.place(of: dealer) else { throw ProtocolFailure(.context, "a dealer without a deal") }
        return place
    }
}

/// What came of one dealer.
private struct DealerPart: Sendable {
    let dealer: UInt16
    let commitments: DealerCommitments
    var share: SecretCell<Fr>?
    var accusers: [UInt16] = []
    var answered: [UInt16] = []
    var answeredWrongly = false

    func isQualified(threshold: Int) -> Bool {
        let isAnswered = self.accusers.allSatisfy(self.answered.contains) && !self.answeredWrongly
        return self.accusers.count < threshold && isAnswered
    }
}
