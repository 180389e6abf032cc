internal import CanonicalBytes
internal import Credentials
internal import Foundation
internal import Logging
internal import Spool
internal import Synchronization

/// Takes normalized Observations with their raw messages, and seals them for the institution.
///
/// Envelopes, sequence numbers and the cursor are one transaction: a crash repeats a window or does not. What has no
/// scope yet is set aside, so that one stream never holds up another.
final class SealerLoop: Sendable {
    private struct Shared {
        var stopping = false
        var heartbeat: UInt64 = 0
        var failure: String?
    }

    private let spool: Spool
    private let scopes: ScopeBook
    private let identity: IdentityWatch
    private let parameterFiles: [String]
    private let policyDigest: [UInt8]
    private let limits: EnvelopeLimits
    private let logger: Logger
    private let onSealed: @Sendable () -> Void
    private let shared = Mutex(Shared())
    private let wakeUp = NSCondition()

    /// - Parameters:
    ///   - spool: where Observations come from and envelopes go.
    ///   - scopes: known and wanted.
    ///   - identity: of the gateway.
    ///   - parameterFiles: of the identity-based scheme, read at the start and at the beginning of every epoch.
    ///   - policyDigest: of the policy that protects the envelopes.
    ///   - limits: of windows and envelopes.
    ///   - logger: for failures.
    ///   - onSealed: called after a commit with envelopes, and when a scope is wanted.
    init(
        spool: Spool,
        scopes: ScopeBook,
        identity: IdentityWatch,
        parameterFiles: [String],
        policyDigest: [UInt8],
        limits: EnvelopeLimits,
        logger: Logger,
        onSealed: @escaping @Sendable () -> Void
    ) {
        self.spool = spool
        self.scopes = scopes
        self.identity = identity
        self.parameterFiles = parameterFiles
        self.policyDigest = policyDigest
        self.limits = limits
        self.logger = logger
        self.onSealed = onSealed
    }

    func requestStop() {
        self.shared.withLock { $0.stopping = true }
        self.wake()
    }

    /// Monotonic ns when the loop last showed that it is alive.
    var heartbeat: UInt64 { self.shared.withLock { $0.heartbeat } }

    /// Why nothing is sealed at the moment, if so.
    var failure: String? { self.shared.withLock { $0.failure } }

    /// Ends a pause, because a scope became known.
    func wake() {
        self.wakeUp.lock()
        self.wakeUp.broadcast()
        self.wakeUp.unlock()
    }

    /// Works until ``requestStop()``; blocks its thread.
    func run() {
        while self.beat() {
            do {
                let identity = self.identity.current
                var work = try SealerWork(
                    spool: self.spool,
                    scopes: self.scopes,
                    identity: identity,
                    parameters: ParameterBook(files: self.parameterFiles, issuer: identity.issuer),
                    policyDigest: self.policyDigest,
                    limits: self.limits
                )
                try self.run(&work)
            } catch {
                // Nothing is lost: the material stays in the spool. An operator must see it, and it is tried again.
                self.note(failure: "\(error)")
                self.pause(milliseconds: 1_000)
            }
        }
    }

    /// Works until it is stopped, fails, the identity was rotated, or an epoch ends.
    private func run(_ work: inout SealerWork) throws {
        let epoch = ScopeBook.epoch(at: wallNanoseconds() / 1_000_000_000)
        while self.beat(), self.identity.current.generation == work.generation {
            let now = wallNanoseconds() / 1_000_000
            guard ScopeBook.epoch(at: now / 1_000) == epoch else { return }
            let step = try work.step(now: now)
            if step.sealed { self.shared.withLock { $0.failure = nil } }
            if step.sealed || step.wantsScopes { self.onSealed() }
            if !step.hasMore { self.pause(milliseconds: step.pauseMilliseconds) }
        }
    }

    private func beat() -> Bool {
        self.shared.withLock { shared in
            shared.heartbeat = monotonicNanoseconds()
            return !shared.stopping
        }
    }

    private func pause(milliseconds: Int64) {
        self.wakeUp.lock()
        defer { self.wakeUp.unlock() }
        guard !self.shared.withLock({ $0.stopping }) else { return }
        _ = self.wakeUp.wait(until: Date(timeIntervalSinceNow: Double(milliseconds) / 1_000))
    }

    private func note(failure: String) {
        let isNew = self.shared.withLock { shared in
            defer { shared.failure = failure }
            return shared.failure != failure
        }
        if isNew { self.logger.error("sealing waits", metadata: ["why": "\(failure)"]) }
    }
}
