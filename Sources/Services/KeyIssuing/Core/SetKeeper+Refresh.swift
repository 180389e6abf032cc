internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import IdentityEncryption
internal import P256Group
internal import SecretSharing
internal import Transcripts

/// Refreshes of the shares: the public key stays, and a share that was stolen before is worth nothing.
///
/// Both shares are kept until all parties have stored the refresh. Each party signs that it is ready after those before
/// it in the plan did, so that the first one decides between refreshes that exclude each other; giver and taker keep all
/// that they took part in, so that they can follow whichever it chose.
extension SetKeeper {
    /// A factor on its way to the other party, encrypted to it.
    struct Gift: Sendable {
        let give: PartyStatement
        let taker: PartyName
        let url: String
        let factor: SecretFr
    }

    /// Makes the factor for a refresh, unless it was made before.
    ///
    /// - Throws: ``IssuingRefusal``, `CredentialsError`.
    func give(round: UInt64, to taker: UInt8, secondsMin: UInt64) throws -> Gift {
        let installed = try self.requireNext(round)
        // The KGC's certificate allows signatures only, so that nothing can be encrypted to it.
        guard taker > 0, taker != self.place, Int(taker) < self.plan.parties.count else {
            throw IssuingRefusal.refused(.malformedBody, "the taker must be another privacy center of the set")
        }
        let pair = RefreshPair(giver: self.place, taker: taker, round: round)
        let other = self.plan.parties[Int(taker)]
        if let known = try self.folder.given(pair) {
            return Gift(give: known.give, taker: other.name, url: other.url, factor: known.factor)
        }
        guard self.prepared == nil else {
            throw IssuingRefusal.refused(.refreshUnderWay, "this party is ready for another refresh")
        }
        try self.requirePause(taker, secondsMin)
        let factor = SecretFr.random()
        let (refresh, share) = try ShareRefresh.give(
            installed.share,
            factor: factor,
            pair: pair,
            context: self.plan.context
        )
        let payload = SignedRefresh.payload(of: refresh, pair)
        let give = try self.context.sign(.give, payload, self.plan, place: self.place)
        try self.folder.keep(give, factor: factor, share: share, pair)
        return Gift(give: give, taker: other.name, url: other.url, factor: factor)
    }

    /// The factor encrypted to the taker's key.
    func sealed(_ gift: Gift, to certificate: [UInt8]) throws -> [UInt8] {
        let certificate = try ImplicitCertificate(bytes: certificate)
        guard certificate.fields.subject.utf8.elementsEqual(gift.taker.description.utf8),
            !self.context.revocations.contains(certificate.digest)
        else { throw IssuingRefusal.refused(.otherParty, "\(gift.url) is not \(gift.taker), or is revoked") }
        let key = try self.context.issuer.publicKey(of: certificate, at: self.context.clock(), usage: .keyExchange)
        var secret = gift.factor.secretBytes()
        defer { secret.wipe() }
        return try ECIES.seal(to: key, associated: Self.binding(gift.give), plaintext: secret)
    }

    /// Verifies the taker's answer; nothing is in force yet.
    func accept(_ take: [UInt8], for gift: Gift) throws -> SignedRefresh {
        let take = try refusing { () throws(ProtocolFailure) in try PartyStatement(bytes: take) }
        let refresh = SignedRefresh(give: gift.give, take: take)
        let round = try SignedRefresh.pair(gift.give).round
        let installed = try self.requireNext(round)
        _ = try self.verified(refresh, round, installed)
        return refresh
    }

    /// Divides the share by a factor that another party gave.
    ///
    /// - Throws: ``IssuingRefusal``, `CredentialsError`.
    func take(_ give: [UInt8], factor sealed: [UInt8], from peer: PartyName) throws -> PartyStatement {
        let give = try refusing { () throws(ProtocolFailure) in try PartyStatement(bytes: give) }
        let pair = try refusing { () throws(ProtocolFailure) in try SignedRefresh.pair(give) }
        guard Int(pair.giver) < self.plan.parties.count, self.plan.parties[Int(pair.giver)].name == peer else {
            throw IssuingRefusal.refused(.notTheGiver, "a factor comes from its giver alone")
        }
        if let known = try self.folder.taken(pair) {
            guard known.give == give else {
                throw IssuingRefusal.refused(.refreshUnderWay, "this party took another factor from that one")
            }
            return known.take
        }
        let installed = try self.requireNext(pair.round)
        guard self.prepared == nil else {
            throw IssuingRefusal.refused(.refreshUnderWay, "this party is ready for another refresh")
        }
        guard pair.taker == self.place, pair.giver != self.place else {
            throw IssuingRefusal.refused(.malformedBody, "the factor is for another party")
        }
        try blaming(self.plan) { () throws(PartyFailure) in
            try SignedRefresh.verify(
                give,
                in: self.plan,
                issuer: self.context.issuer,
                at: self.context.clock()
            )
        }
        try self.context.requireUnrevoked([give])
        let factor = try self.opened(sealed, for: give)
        let (answer, share) = try refusing { () throws(ProtocolFailure) in
            try SignedRefresh.refresh(give)
                .take(installed.share, factor: factor, pair: pair, context: self.plan.context)
        }
        let payload = SignedRefresh.payload(of: answer, pair)
        let take = try self.context.sign(.take, payload, self.plan, place: self.place)
        let refresh = SignedRefresh(give: give, take: take)
        _ = try self.verified(refresh, pair.round, installed)
        try self.folder.keep(refresh, share: share, pair)
        return take
    }

    /// The refresh that this party is ready for.
    var pendingRefresh: SignedRefresh? { self.prepared?.refresh }

    /// Stores a refresh and the share after it, and says so; from then on this party takes no other for this round.
    ///
    /// - Parameters:
    ///   - refresh: verified by this party anew.
    ///   - ready: the words of the parties before this one.
    /// - Returns: this party's word.
    /// - Throws: ``IssuingRefusal``, `CredentialsError`.
    func prepare(_ refresh: SignedRefresh, ready: [PartyStatement]) throws -> PartyStatement {
        let pair = try refusing { () throws(ProtocolFailure) in try SignedRefresh.pair(refresh.give) }
        if !self.isInForce(refresh, pair.round), self.prepared?.refresh.digest != refresh.digest {
            try self.makeReady(refresh, pair, ready)
        }
        return try self.context.sign(
            .ready,
            SignedRefresh.readyPayload(refresh, round: pair.round),
            self.plan,
            place: self.place
        )
    }

    private func makeReady(_ refresh: SignedRefresh, _ pair: RefreshPair, _ ready: [PartyStatement]) throws {
        let installed = try self.requireNext(pair.round)
        guard self.prepared == nil else {
            throw IssuingRefusal.refused(.refreshUnderWay, "this party is ready for another refresh")
        }
        let joint = try self.verified(refresh, pair.round, installed)
        guard ready.count == Int(self.place) else {
            throw IssuingRefusal.refused(.malformedBody, "the parties before this one must be ready first")
        }
        try self.requireReady(ready, for: refresh, pair.round)
        try self.folder.write(self.nextShare(refresh, pair, installed), of: pair.round)
        let share = try Self.share(pair.round, of: joint, in: self.folder, self.place)
        try self.folder.write(ready: refresh)
        self.prepared = Prepared(refresh: refresh, joint: joint, share: share)
    }

    /// Puts a refresh in force for which every party is ready, and erases the share before.
    ///
    /// - Throws: ``IssuingRefusal``, `CredentialsError`.
    func finish(_ refresh: SignedRefresh, ready: [PartyStatement]) throws {
        let round = try refusing { () throws(ProtocolFailure) in try SignedRefresh.pair(refresh.give).round }
        if self.isInForce(refresh, round) { return }
        guard let prepared = self.prepared, let installed = self.installed,
            prepared.refresh.digest == refresh.digest
        else { throw IssuingRefusal.refused(.noRefresh, "this party is not ready for this refresh") }
        guard ready.count == self.plan.parties.count else {
            throw IssuingRefusal.refused(.malformedBody, "every party must be ready first")
        }
        try self.requireReady(ready, for: refresh, round)
        let file = try installed.file.appending(prepared.refresh)
        // From here on the refresh is in force, whatever happens.
        try self.folder.write(file.bytes, to: .parameters)
        self.installed = Installed(file: file, joint: prepared.joint, share: prepared.share)
        self.prepared = nil
        self.folder.eraseShares(before: round)
        self.folder.forgetRefreshes()
        let pair = try SignedRefresh.pair(refresh.give)
        if pair.giver == self.place { self.lastGift[pair.taker] = self.context.clock() }
    }

    // MARK: - Details

    private func requireNext(_ round: UInt64) throws(IssuingRefusal) -> Installed {
        guard let installed = self.installed else { throw .refused(.notSetUp, "the joint setup is not complete") }
        guard round == installed.file.round + 1, round <= UInt64(ParametersFile.refreshesMax) else {
            throw .refused(.anotherRound, "round \(installed.file.round) is in force")
        }
        return installed
    }

    private func isInForce(_ refresh: SignedRefresh, _ round: UInt64) -> Bool {
        guard let file = self.installed?.file, round >= 1, round <= file.round else { return false }
        return file.refreshes[Int(round) - 1].digest == refresh.digest
    }

    private func verified(
        _ refresh: SignedRefresh,
        _ round: UInt64,
        _ installed: Installed
    ) throws(IssuingRefusal) -> JointParameters {
        try self.context.requireUnrevoked([refresh.give, refresh.take])
        return try blaming(self.plan) { () throws(PartyFailure) in
            try refresh.apply(
                to: installed.joint,
                round: round,
                plan: self.plan,
                issuer: self.context.issuer,
                at: self.context.clock()
            )
        }
    }

    private func requireReady(
        _ ready: [PartyStatement],
        for refresh: SignedRefresh,
        _ round: UInt64
    ) throws(IssuingRefusal) {
        let expected = SignedRefresh.readyPayload(refresh, round: round)
        for (place, statement) in ready.enumerated() {
            try refusing { () throws(ProtocolFailure) in
                try statement.verify(
                    .ready,
                    of: place,
                    in: self.plan,
                    issuer: self.context.issuer,
                    at: self.context.clock()
                )
                try require(statement.payload == expected, .context, "a party is ready for another refresh")
            }
        }
        try self.context.requireUnrevoked(ready)
    }

    /// The share after a refresh: another one for the giver and the taker, who must have made this very refresh.
    private func nextShare(
        _ refresh: SignedRefresh,
        _ pair: RefreshPair,
        _ installed: Installed
    ) throws -> SecretFr {
        guard self.place == pair.giver || self.place == pair.taker else { return installed.share }
        let isOwn =
            self.place == pair.giver
            ? try self.folder.given(pair)?.give == refresh.give : try self.folder.taken(pair) == refresh
        guard isOwn, let share = try self.folder.nextShare(pair) else {
            throw IssuingRefusal.refused(.noRefresh, "this party did not take part in that refresh")
        }
        return share
    }

    private func opened(_ sealed: [UInt8], for give: PartyStatement) throws(IssuingRefusal) -> SecretFr {
        let key = self.context.identity.current.key
        return try refusing { () throws(ProtocolFailure) in
            var secret = try ECIES.open(key, associated: Self.binding(give), ciphertext: sealed)
            defer { secret.wipe() }
            return try SecretFr(bytes: secret)
        }
    }

    private static func binding(_ give: PartyStatement) -> [UInt8] {
        transcript(Array("IBE-REFRESH-FACTOR".utf8), give.bytes)
    }

    /// Each refresh makes the parameters longer, so that nobody may have one after the other made.
    private func requirePause(_ taker: UInt8, _ secondsMin: UInt64) throws(IssuingRefusal) {
        let now = self.context.clock()
        if let last = self.lastGift[taker], now < last + secondsMin {
            throw .refused(.refreshTooSoon, "the next refresh with this party is due in \(last + secondsMin - now) s")
        }
    }
}
