internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Signcryption
internal import Spool

/// The sealer's work, one step after the other; the clock is passed in.
///
/// Every step ends with at most one commit, so that a crash between two steps loses nothing.
struct SealerWork {
    /// What a step did.
    struct Step: Equatable {
        /// Something was committed.
        var sealed = false
        /// Somebody should fetch scopes.
        var wantsScopes = false
        /// There is more to do at once.
        var hasMore = false
        /// How long to wait otherwise, ms.
        var pauseMilliseconds: Int64 = 200
    }

    /// The gateway cannot seal anything now.
    struct Invalid: Error, CustomStringConvertible {
        let description: String
    }

    private static let heldPerStep = 16

    private let spool: Spool
    private let scopes: ScopeBook
    private let identity: Identity
    private let parameters: ParameterBook
    private let sealer: EnvelopeSealer
    private var window: BundleWindow
    /// Newest Observation that is sealed or in the window.
    private var taken: Int64
    /// A chunk that belongs to the next window.
    private var next: [SealableChunk] = []
    /// Streams with bundles that wait for their scope.
    private var held: Set<PatientStream>
    /// What was known when no held bundle could be sealed.
    private var heldVersion = -1
    private var heldEpoch: Int64 = -1
    /// The scopes' epoch at the last step.
    private var epoch: Int64 = -1

    /// Accounts are stated before this hour, hours since 1970.
    private var statedBefore: Int64 = .min

    /// Generation of the identity that seals.
    let generation: Int

    /// - Throws: when the store fails.
    init(
        spool: Spool,
        scopes: ScopeBook,
        identity: Identity,
        parameters: ParameterBook,
        policyDigest: [UInt8],
        limits: EnvelopeLimits
    ) throws {
        self.spool = spool
        self.scopes = scopes
        self.identity = identity
        self.parameters = parameters
        self.sealer = try EnvelopeSealer(
            spool: spool,
            identity: identity,
            parameters: parameters,
            policyDigest: policyDigest
        )
        self.window = BundleWindow(limits: limits)
        self.taken = try spool.registerSealer()
        self.held = Set(try spool.heldStreams(max: .max))
        self.generation = identity.generation
    }

    /// Does the next piece of work.
    ///
    /// - Parameter now: ms since 1970.
    /// - Returns: what was done, and when to go on.
    /// - Throws: ``Invalid`` outside of the certificate's window; what the store throws.
    mutating func step(now: Int64) throws -> Step {
        let seconds = now / 1_000
        guard self.sealer.isValid(at: seconds) else {
            throw Invalid(description: "the gateway's certificate is not valid now; enrol again if it has ended")
        }
        var step = Step()
        if ScopeBook.epoch(at: seconds) != self.epoch {
            self.epoch = ScopeBook.epoch(at: seconds)
            try self.scopes.forget(before: self.epoch)
            try self.spool.deleteEpochKeys(beforeEpoch: self.epoch)
        }
        if try self.releaseHeld(seconds, &step) { return step }
        if try self.stateAccounts(now, &step) { return step }
        let isFull = try self.fill(seconds, &step)
        if isFull || self.window.isDue(now: now) {
            try self.sealWindow(seconds, &step)
        } else if let deadline = self.window.deadline {
            step.pauseMilliseconds = min(step.pauseMilliseconds, max(1, deadline - now))
        }
        return step
    }

    /// Takes what is there into the window.
    ///
    /// - Returns: whether something was left over, so that the window is complete.
    private mutating func fill(_ seconds: Int64, _ step: inout Step) throws -> Bool {
        while self.window.room > 0 {
            if self.next.isEmpty {
                self.next = try self.spool.sealableChunks(after: self.taken, bytesMax: 1).reversed()
            }
            guard let chunk = self.next.popLast() else { return false }
            guard self.window.take(chunk) else {
                self.next.append(chunk)
                return true
            }
            self.taken = chunk.lastSequence
            // Scopes are asked for while the window is open, so that they are there when it closes.
            for stream in chunk.material.streams where try self.scopes(of: stream, seconds) == nil {
                step.wantsScopes = true
            }
        }
        return true
    }

    private mutating func sealWindow(_ seconds: Int64, _ step: inout Step) throws {
        guard let through = self.window.lastSequence else { return }
        var sealed = SealedWindow()
        sealed.through = through
        for portion in self.window.portions() {
            let bundle = try self.sealer.bundle(portion, of: self.window)
            if let scopes = try self.scopes(of: portion.stream, seconds) {
                sealed.envelopes += try self.sealer.seal(bundle, to: scopes, now: seconds)
            } else {
                sealed.held.append(bundle)
                step.wantsScopes = true
            }
        }
        try self.sealer.commit(sealed)
        self.held.formUnion(sealed.held.map(\.stream))
        self.window.removeAll()
        step.sealed = true
        step.hasMore = true
    }

    /// Seals what the devices' accounts of complete hours say, a record at a time.
    ///
    /// - Returns: whether there was any.
    private mutating func stateAccounts(_ now: Int64, _ step: inout Step) throws -> Bool {
        let hour = AccountStatement.openHour(at: now)
        guard hour > self.statedBefore else { return false }
        guard
            let statement = try AccountStatement.next(self.spool, gateway: self.identity.name.description, now: now)
        else {
            self.statedBefore = hour
            return false
        }
        var sealed = SealedWindow()
        sealed.accounts = statement.accounts
        if let scopes = try self.scopes(of: statement.bundle.stream, now / 1_000) {
            sealed.envelopes = try self.sealer.seal(statement.bundle, to: scopes, now: now / 1_000)
        } else {
            sealed.held = [statement.bundle]
            step.wantsScopes = true
        }
        try self.sealer.commit(sealed)
        self.held.formUnion(sealed.held.map(\.stream))
        step.sealed = true
        step.hasMore = true
        return true
    }

    /// Seals bundles whose scope has become known.
    ///
    /// - Returns: whether there were any.
    private mutating func releaseHeld(_ seconds: Int64, _ step: inout Step) throws -> Bool {
        let (version, epoch) = (self.scopes.version, self.epoch)
        guard !self.held.isEmpty, version != self.heldVersion || epoch != self.heldEpoch else { return false }
        for stream in self.held {
            guard let scopes = try self.scopes(of: stream, seconds) else {
                step.wantsScopes = true
                continue
            }
            let bundles = try self.spool.heldBundles(of: stream, max: Self.heldPerStep)
            guard !bundles.isEmpty else {
                self.held.remove(stream)
                continue
            }
            var sealed = SealedWindow()
            for stored in bundles {
                sealed.envelopes += try self.sealer.seal(stored.bundle, to: scopes, now: seconds)
                sealed.released.append(stored.id)
            }
            try self.sealer.commit(sealed)
            step.sealed = true
            step.hasMore = true
            return true
        }
        (self.heldVersion, self.heldEpoch) = (version, epoch)
        return false
    }

    /// The scopes that seal a stream now; the next epoch's are asked for in good time.
    private func scopes(of stream: PatientStream, _ seconds: Int64) throws -> SealingScopes? {
        let epoch = self.epoch
        if ScopeBook.isNextEpochNear(at: seconds) { _ = try self.scopes(of: stream, epoch: epoch + 1, seconds) }
        return try self.scopes(of: stream, epoch: epoch, seconds)
    }

    private func scopes(of stream: PatientStream, epoch: Int64, _ seconds: Int64) throws -> SealingScopes? {
        func scope(_ purpose: ScopePurpose) throws -> VerifiedScope? {
            try self.scopes.scope(
                ScopeRequest(stream: stream, purpose: purpose, epoch: epoch),
                identity: self.identity,
                now: seconds
            )
        }
        let records = try scope(.records)
        guard self.parameters.isDualControl else { return records.map { SealingScopes(records: $0, epochKeys: nil) } }
        // Both are asked for at once.
        guard let epochKeys = try scope(.epochKeys), let records else { return nil }
        return SealingScopes(records: records, epochKeys: epochKeys)
    }
}

/// Where a stream's envelopes go.
struct SealingScopes {
    let records: VerifiedScope
    /// The owner's scope for epoch keys; nil where the scope's key alone opens envelopes.
    let epochKeys: VerifiedScope?
}
