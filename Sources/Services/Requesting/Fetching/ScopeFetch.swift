internal import CanonicalBytes
internal import Certificates
package import ChainReading
internal import Contracts
internal import IdentityEncryption
internal import Ledger
package import Receiving
package import Records
internal import Signcryption
internal import Transcripts

/// What came of one round of fetching a scope.
package struct ScopeOutcome: Sendable {
    package let scope: ShareRecord.Scope
    /// Envelopes that are anchored, and of those the opened ones.
    package internal(set) var anchored = 0
    package internal(set) var opened = 0
    /// Opened in this round.
    package internal(set) var fresh = 0
    /// Envelopes that centers have and no anchor lists: set aside.
    package internal(set) var unanchored: [Digest] = []
    /// What was found wrong with centers.
    package internal(set) var faults: [CenterFault] = []
    /// What keeps the share from being complete; nil when it is.
    package internal(set) var trouble: ShareTrouble?

    init(_ scope: ShareRecord.Scope) { self.scope = scope }
}

/// How far a scope is, for whoever waits.
package struct FetchProgress: Sendable {
    package let scope: ShareRecord.Scope
    package let step: ShareStep
    package let opened: Int
    package let anchored: Int
}

/// Takes one scope of a share as far as it goes, from whatever its folder holds.
///
/// Every step looks first at what is kept and asks others only for the rest, so that it can be given again after any
/// interruption, and at once when nothing is missing.
package struct ScopeFetch: Sendable {
    let scope: ScopeFolder
    let parties: ShareParties
    let receiver: RequesterKey
    /// How long a custodian may take for a grant, ms.
    let patience: Int
    private let progress: @Sendable (FetchProgress) -> Void

    package init(
        _ scope: ScopeFolder,
        parties: ShareParties,
        receiver: RequesterKey,
        patience: Int,
        progress: @escaping @Sendable (FetchProgress) -> Void
    ) {
        self.scope = scope
        self.parties = parties
        self.receiver = receiver
        self.patience = patience
        self.progress = progress
    }

    /// Goes on until nothing more can be done now.
    ///
    /// - Returns: what there is, and what is in the way.
    /// - Throws: for a folder that cannot be used.
    package func run() async throws -> ScopeOutcome {
        var outcome = ScopeOutcome(self.scope.entry)
        do { try await self.advance(&outcome) } catch {
            let trouble = try self.trouble(of: error)
            try self.notebook.note(trouble, at: self.parties.clock())
            outcome.trouble = trouble
        }
        return outcome
    }

    /// What an error means; when the permission is over, that, in whatever words others say so.
    private func trouble(of error: any Error) throws -> ShareTrouble {
        let trouble = try ShareTrouble(error, at: .delivery)
        let isAbout = ![ShareStep.request, .permission, .data, .acknowledgement].contains(trouble.step)
        guard isAbout, trouble.isWaiting || trouble.code.isSame(as: "TIME"),
            let permission = try self.scope.permission(), self.isOver(permission)
        else { return trouble }
        return Self.expired
    }

    private func isOver(_ permission: Permission) -> Bool { permission.validUntil < self.parties.clock() }

    private static let expired = ShareTrouble(
        .permission,
        isWaiting: false,
        code: "permission-expired",
        "the time of the permission is over"
    )

    private var notebook: Notebook { Notebook(self.scope.share, self.scope.entry) }

    private func done(_ step: ShareStep, _ outcome: ScopeOutcome? = nil) throws {
        try self.notebook.note(step, .done, at: self.parties.clock())
        self.progress(
            FetchProgress(
                scope: self.scope.entry,
                step: step,
                opened: outcome?.opened ?? 0,
                anchored: outcome?.anchored ?? 0
            )
        )
    }

    private func advance(_ outcome: inout ScopeOutcome) async throws {
        guard self.scope.has(.request) else {
            if let verdict = self.notebook.verdict(at: .request) { throw verdict }
            throw ShareTrouble(.request, isWaiting: true, "the request is not on the chain yet")
        }
        let permission = try await Self.settled(at: .permission) { try await self.permission() }.get()
        // Without a grant nobody would give one any more; with one, what is here may be all there is.
        if self.isOver(permission), !self.scope.has(.grantRecord) { throw Self.expired }
        try self.done(.permission)
        async let newest = Self.settled {
            try await self.parties.chain.fact(of: AccessKey.permission(permission.id), on: .access)
        }
        let (found, grant) = await self.indexAndGrant(permission)
        let seen = await newest
        switch grant {
        case .failure(let trouble as ShareTrouble): try self.notebook.note(trouble, at: self.parties.clock())
        case .success where permission.kind.needsNoPolicy:
            try self.notebook.note(.grant, .done, at: self.parties.clock())
        default: break
        }
        let (envelopes, closed) = try found.get()
        outcome.anchored = envelopes.count
        let opened = try self.openedAlready()
        outcome.opened = envelopes.count { opened.contains($0.h1) }
        let held = try grant.get()
        try self.done(.grant, outcome)
        let work = Work(permission: permission, held: held, seen: try seen.get(), opened: opened)
        try await self.deliver(envelopes, work, &outcome)
        if let why = closed.first {
            throw ShareTrouble(.pages, isWaiting: true, "\(closed.count) pages do not open: \(why)")
        }
        if envelopes.isEmpty {
            throw ShareTrouble(
                .pages,
                isWaiting: true,
                code: "nothing-anchored",
                "no envelope of the scope is anchored yet"
            )
        }
    }

    private func indexAndGrant(
        _ permission: Permission
    ) async -> (Result<ScopeIndex.Anchored, any Error>, Result<ScopeGrant.Held, any Error>) {
        guard !permission.kind.needsNoPolicy else {
            // The custodian hands over index keys under a recorded grant only.
            let grant = await self.granted(permission)
            if case .failure(let error) = grant { return (.failure(error), grant) }
            return (await self.index(permission), grant)
        }
        // Neither needs the other; the second may wait for people.
        let (senders, found) = AsyncStream.makeStream(of: [String].self)
        async let index = self.index(permission, found)
        async let granting = self.granted(permission, senders)
        return (await index, await granting)
    }

    private func index(
        _ permission: Permission,
        _ found: AsyncStream<[String]>.Continuation? = nil
    ) async -> Result<ScopeIndex.Anchored, any Error> {
        let index = ScopeIndex(
            scope: self.scope,
            parties: self.parties,
            receiver: self.receiver,
            found: { names in _ = found?.yield(names) },
            note: { step in try self.done(step) }
        )
        let anchored = await Self.settled(at: .pages) { try await index.anchored(under: permission) }
        found?.finish()
        return anchored
    }

    /// The grant, and beside the pages the identity keys of gateways that will be needed.
    ///
    /// What goes wrong with a key is of no account here: it is asked for again when it is needed.
    private func granted(
        _ permission: Permission,
        _ senders: AsyncStream<[String]>
    ) async -> Result<ScopeGrant.Held, any Error> {
        let granted = await self.granted(permission)
        guard case .success(let held) = granted else { return granted }
        for await names in senders {
            let missing = names.filter { !self.scope.has(.identityKey($0)) }
            await withTaskGroup(of: Void.self) { group in
                for name in missing {
                    group.addTask { _ = try? await self.identityKey(of: name, permission, held) }
                }
            }
        }
        return granted
    }

    private func granted(_ permission: Permission) async -> Result<ScopeGrant.Held, any Error> {
        let grant = ScopeGrant(
            scope: self.scope,
            parties: self.parties,
            receiver: self.receiver,
            patience: self.patience
        )
        return await Self.settled(at: .grant) { try await grant.grant(under: permission) }
    }

    private static func outcome<Value>(_ body: () async throws -> Value) async -> Result<Value, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private static func settled<Value>(
        at step: ShareStep = .delivery,
        _ body: () async throws -> Value
    ) async -> Result<Value, any Error> {
        do { return .success(try await body()) } catch {
            // What is wrong with the folder stays what it is.
            do { return .failure(try ShareTrouble(error, at: step)) } catch { return .failure(error) }
        }
    }

    // MARK: - Permission

    private func permission() async throws -> Permission {
        if let kept = try self.scope.permission() { return kept }
        let fact = try await self.parties.chain.fact(of: AccessKey.request(self.scope.request), on: .access)
        guard let request = fact.value.flatMap({ try? AccessRequest(bytes: $0) }) else {
            throw ShareTrouble(.permission, isWaiting: true, "this validator has not seen the request yet")
        }
        switch request.status {
        case .denied:
            throw ShareTrouble(.permission, isWaiting: false, code: "request-denied", "the request was denied")
        case .open:
            guard fact.time <= request.arguments.expires else {
                throw ShareTrouble(.permission, isWaiting: false, code: "request-expired", "nobody decided in time")
            }
            throw ShareTrouble(.permission, isWaiting: true, "nobody has decided the request yet")
        case .permitted: break
        }
        let found = try await self.parties.chain.first("access.permitted", about: self.scope.request, on: .access)
        guard let found, let permission = try? found.permission(), permission.request == self.scope.request,
            permission.requester == self.receiver.certificate.digest, permission.scope == self.scope.scope
        else {
            throw ShareTrouble(.permission, isWaiting: true, "no validator shows the transaction of the permission")
        }
        try self.scope.write(found.bytes, to: .permission)
        return permission
    }

    // MARK: - Delivery

    private struct Work {
        let permission: Permission
        let held: ScopeGrant.Held
        /// The newest block of the access channel that was seen.
        let seen: ChainFact
        let opened: Set<Digest>
    }

    private func deliver(
        _ envelopes: [AnchoredEnvelope],
        _ work: Work,
        _ outcome: inout ScopeOutcome
    ) async throws {
        let reports = ScopeReports(scope: self.scope, writer: self.parties.writer(self.receiver))
        let missing = envelopes.filter { !work.opened.contains($0.h1) }
        var trouble: ShareTrouble?
        if !missing.isEmpty {
            try self.requireStanding(work)
            let keys = try await self.identityKeys(of: missing, work, reports)
            if !keys.keys.isEmpty { try self.done(.identityKeys, outcome) }
            trouble = try await self.open(missing, envelopes, keys, work, &outcome) ?? keys.trouble
        }
        try await self.report(outcome.faults, work, reports)
        if let trouble { throw trouble }
        if outcome.opened > 0 { try self.done(.acknowledgement, outcome) }
    }

    /// Before anybody is asked for what only a permission in force gives.
    private func requireStanding(_ work: Work) throws {
        if self.isOver(work.permission) { throw Self.expired }
        let newest = work.seen.value.flatMap { try? Permission(bytes: $0) }
        guard let newest, newest.revoked > 0 else { return }
        throw ShareTrouble(.permission, isWaiting: false, code: "permission-revoked", "the permission was revoked")
    }

    private func report(_ faults: [CenterFault], _ work: Work, _ reports: ScopeReports) async throws {
        do {
            for fault in faults {
                guard let lie = fault.lie else { continue }
                try await reports.accuse(
                    fault.center,
                    lie.kind,
                    evidence: fault.evidence,
                    permission: work.permission.id
                )
            }
            try await reports.acknowledge(faulty: Set(faults.filter(\.isLie).map(\.center)))
        } catch { throw try ShareTrouble(error, at: .acknowledgement) }
    }

    private struct Keys {
        var keys: [IdentityKey] = []
        var senders: Set<String> = []
        var trouble: ShareTrouble?
    }

    /// The keys of all gateways whose envelopes are missing; one that refuses does not stop the others.
    private func identityKeys(
        of envelopes: [AnchoredEnvelope],
        _ work: Work,
        _ reports: ScopeReports
    ) async throws -> Keys {
        var senders: [String] = []
        for envelope in envelopes where !senders.contains(where: { $0.isSame(as: envelope.sender) }) {
            senders.append(envelope.sender)
        }
        let results = await withTaskGroup(of: (String, Result<IdentityKey, any Error>).self) { group in
            for sender in senders {
                group.addTask {
                    (sender, await Self.outcome { try await self.identityKey(of: sender, work.permission, work.held) })
                }
            }
            var results: [String: Result<IdentityKey, any Error>] = [:]
            for await (sender, result) in group { results[sender] = result }
            return results
        }
        var keys = Keys()
        for sender in senders {
            do {
                guard let key = try results[sender]?.get() else { continue }
                keys.keys.append(key)
                keys.senders.insert(sender)
            } catch let step as FalseKeyStep {
                try await reports.accuse(
                    step.party,
                    .falseKey,
                    evidence: step.evidence,
                    permission: work.permission.id
                )
                keys.trouble = ShareTrouble(.identityKeys, isWaiting: true, code: "false-key-step", step.description)
            } catch { keys.trouble = try ShareTrouble(error, at: .identityKeys) }
        }
        if let trouble = keys.trouble { try self.notebook.note(trouble, at: self.parties.clock()) }
        return keys
    }

    private func identityKey(
        of sender: String,
        _ permission: Permission,
        _ held: ScopeGrant.Held
    ) async throws -> IdentityKey {
        if var bytes = try self.scope.read(.identityKey(sender)) {
            defer { bytes.wipe() }
            if let kept = try? self.parties.identityKeys.key(stored: bytes) { return kept }
        }
        let wish = IdentityKeyWish(
            permission: permission.id,
            descriptor: held.grant.scope.descriptor,
            ownerCertificate: held.file.ownerCertificate,
            sender: sender
        )
        let key = try await self.parties.identityKeys.key(wish, to: self.receiver)
        var bytes = try key.fileBytes()
        defer { bytes.wipe() }
        try self.scope.write(bytes, to: .identityKey(sender))
        return key
    }

    private func open(
        _ missing: [AnchoredEnvelope],
        _ all: [AnchoredEnvelope],
        _ keys: Keys,
        _ work: Work,
        _ outcome: inout ScopeOutcome
    ) async throws -> ShareTrouble? {
        let audit = DeliveryAudit(
            self.scope,
            chain: self.parties.chain,
            receiver: self.receiver.certificate.digest,
            seen: work.seen
        )
        let centers = try self.parties.centers(work.held.file, self.receiver)
        let receiver = try EnvelopeReceiver(
            work.held.file,
            receiver: self.receiver,
            issuers: self.parties.issuers,
            keys: keys.keys,
            centers: centers,
            judge: audit
        )
        defer { receiver.forget() }
        let opening = ScopeOpening(scope: self.scope, receiver: receiver)
        let base = outcome
        let result: Result<ScopeOpening.Result, any Error> = await Self.outcome {
            try await opening.open(missing, known: Set(all.map(\.h1)), senders: keys.senders) { fresh in
                self.progress(
                    FetchProgress(
                        scope: self.scope.entry,
                        step: .delivery,
                        opened: base.opened + fresh,
                        anchored: base.anchored
                    )
                )
            }
        }
        outcome.faults = receiver.faults
        if let problem = audit.problem { throw problem }
        if audit.count > 0 { try await self.keepConsents(work.permission) }
        let opened: ScopeOpening.Result
        do { opened = try result.get() } catch {
            let trouble = try ShareTrouble(error, at: .delivery)
            guard trouble.code.isEmpty else { return trouble }
            let code = FinalRefusals.decisive(of: receiver.faults.map(\.code))
            let isWaiting = trouble.isWaiting && !FinalRefusals.contains(code)
            return ShareTrouble(trouble.step, isWaiting: isWaiting, code: code, trouble.why)
        }
        outcome.fresh = opened.fresh
        outcome.opened += opened.fresh
        outcome.unanchored = opened.unanchored
        if opened.fresh > 0 { try self.done(.delivery, outcome) }
        return opened.trouble(receiver.faults)
    }

    private func openedAlready() throws -> Set<Digest> {
        var opened: Set<Digest> = []
        for number in self.scope.segments(.records) {
            for entry in try self.scope.records(number) {
                if let h1 = Digest(bytes: entry.h1) { opened.insert(h1) }
            }
        }
        return opened
    }

    /// The consents as they were when the deliveries were made, for whoever checks the share later.
    private func keepConsents(_ permission: Permission) async throws {
        let key = AccessKey.consents(of: permission.scope, permission.organization)
        let proof = try await self.parties.chain.valueProof(of: key, on: .access)
        if let label = try proof.value.flatMap({ try ScopeConsents(bytes: $0).label }) {
            let key = AccessKey.consents(of: label, permission.organization)
            let about = try await self.parties.chain.valueProof(of: key, on: .access)
            try self.scope.write(about.bytes, to: .labelConsents)
        }
        try self.scope.write(proof.bytes, to: .consents)
    }
}
