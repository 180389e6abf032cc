internal import CanonicalBytes
package import Certificates
package import IdentityEncryption
internal import Uplink

/// Carries the statements of refreshes from party to party; as the setup's driver it holds nothing that matters.
package struct RefreshDriver: Sendable {
    private let parties: PartyDirectory
    private let issuer: CertificateIssuer
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - parties: of the set.
    ///   - issuer: of their certificates.
    ///   - report: gets a line about each round.
    package init(
        _ parties: PartyDirectory,
        issuer: CertificateIssuer,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.parties = parties
        self.issuer = issuer
        self.report = report
    }

    /// Brings to its end what an earlier run began, and no more.
    ///
    /// - Returns: the parameters, which all parties have now.
    /// - Throws: ``DrivingFailure``.
    package func recover() async throws -> ParametersFile {
        var newest = try await self.file(of: 0)
        var oldest = newest.round
        for place in self.parties.plan.parties.indices.dropFirst() {
            let file = try await self.file(of: place)
            oldest = min(oldest, file.round)
            if file.round > newest.round { newest = file }
        }
        // In force somewhere means that all are ready for it.
        if oldest < newest.round, let last = newest.refreshes.last {
            newest = try await self.conclude(last, on: newest)
        }
        for place in self.parties.plan.parties.indices {
            let found = try await self.parties.ask(place) { try await $0.pendingRefresh() }
            guard let found else { continue }
            let refresh = SignedRefresh(
                give: try PartyStatement(bytes: found.give),
                take: try PartyStatement(bytes: found.take)
            )
            return try await self.conclude(refresh, on: newest)
        }
        return newest
    }

    /// Refreshes every share once: the KGC gives a factor to each privacy center in turn.
    ///
    /// - Returns: the parameters, with the same public key.
    /// - Throws: ``DrivingFailure``; ``recover()`` goes on where it ended.
    package func run() async throws -> ParametersFile {
        var file = try await self.recover()
        for taker in self.parties.plan.parties.indices.dropFirst() {
            let before = file
            let outcome: Result<ParametersFile, any Error>
            do { outcome = .success(try await self.refresh(before, taker)) } catch { outcome = .failure(error) }
            if case .failure(let failure as DrivingFailure) = outcome, failure.code == "refresh-too-soon" {
                self.report("party \(taker) has a share of a moment ago; it keeps it")
                continue
            }
            file = try outcome.get()
        }
        return file
    }

    /// One refresh between the KGC and a privacy center.
    package func refresh(_ file: ParametersFile, _ taker: Int) async throws -> ParametersFile {
        let round = file.round + 1
        let found = try await self.parties.ask(0) { try await $0.give(round: round, to: UInt8(taker)) }
        let refresh = SignedRefresh(
            give: try PartyStatement(bytes: found.give),
            take: try PartyStatement(bytes: found.take)
        )
        return try await self.conclude(refresh, on: file)
    }

    /// Makes all parties ready in order, then has all put it in force.
    private func conclude(_ refresh: SignedRefresh, on file: ParametersFile) async throws -> ParametersFile {
        let pair = try SignedRefresh.pair(refresh.give)
        let (give, take) = (refresh.give.bytes, refresh.take.bytes)
        var ready: [[UInt8]] = []
        for place in self.parties.plan.parties.indices {
            let before = ready
            ready.append(
                try await self.parties.ask(place) { try await $0.prepare(give: give, take: take, ready: before) }
            )
        }
        let all = ready
        for place in self.parties.plan.parties.indices {
            try await self.parties.ask(place) { try await $0.finish(give: give, take: take, ready: all) }
        }
        self.report("refresh \(pair.round): parties \(pair.giver) and \(pair.taker) have new shares")
        return try await self.file(of: 0)
    }

    private func file(of place: Int) async throws -> ParametersFile {
        let bytes = try await self.parties.ask(place) { try await $0.parameters() }
        let file: ParametersFile
        do throws(ProtocolFailure) { file = try ParametersFile(bytes: bytes) } catch {
            throw DrivingFailure(PartyFailure(party: place, error), in: self.parties.plan, what: "its parameters")
        }
        guard file.plan.context == self.parties.plan.context else {
            throw DrivingFailure(
                "party \(place) (\(self.parties.plan.parties[place].name)) has another set's parameters"
            )
        }
        do throws(PartyFailure) { _ = try file.verify(issuer: self.issuer) } catch {
            throw DrivingFailure(error, in: self.parties.plan, what: "the parameters of party \(place)")
        }
        return file
    }
}
