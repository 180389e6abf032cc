internal import Consensus
package import Ledger
internal import Synchronization

/// Follows what happens on a channel over `f + 1` validators at once, so that a correct one is among them.
///
/// A validator that fails gives way to another one. Each event is handed on when the first of them tells it, as a hint:
/// only its transaction's proof shows that it is so. An event may come twice after a long time apart, and the events
/// of different validators come in no order.
package final class EventFollower: Sendable {
    /// Seconds after which another validator gets its turn.
    private static let streamSeconds = 900
    /// A stream that ends sooner is a failure, ms.
    private static let shortMilliseconds = 1_000

    private let validators: [ServiceURL]
    private let channel: Channel
    private let client: SecureClient
    private let together: Int
    private let topics: Set<String>?
    private let backoff: RetryBackoff
    private let book: FollowerBook
    private let turn = TaskTurn()

    /// - Parameters:
    ///   - chain: its validators are followed.
    ///   - channel: of the events.
    ///   - place: where it goes on: ``place`` of an earlier follower.
    ///   - topics: of the events that are handed on; nil for all.
    ///   - backoff: between attempts after failures.
    package init(
        _ chain: ChainClient,
        on channel: Channel,
        after place: SubjectPlace,
        topics: Set<String>? = nil,
        backoff: RetryBackoff = RetryBackoff(most: 15_000_000_000)
    ) {
        self.validators = chain.validators.map(\.base)
        self.channel = channel
        self.client = chain.client
        self.together = min(chain.genesis.committee.oneCorrect, self.validators.count)
        self.topics = topics
        self.backoff = backoff
        self.book = FollowerBook(validators: self.validators.count, oneCorrect: self.together, start: place)
    }

    /// Everything up to here was handed on, if one of any `f + 1` validators is correct: where to go on after a restart.
    package var place: SubjectPlace { self.book.place }

    /// Hands on events until the task is cancelled.
    ///
    /// - Parameter handle: takes one event at a time; the followed validators wait for it.
    /// - Throws: what `handle` throws; ``UplinkFailure`` with 410 `pruned` when no validator's blocks go back to
    ///   ``place``, or none is configured.
    package func run(_ handle: @escaping @Sendable (EventHint) async throws -> Void) async throws {
        guard self.together > 0 else { throw UplinkFailure.unreachable("no validator is configured") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<self.together { group.addTask { try await self.work(handle) } }
            // The first one that cannot go on ends the others.
            for try await _ in group {}
        }
    }

    /// What `handle` threw, apart from the failures of connections.
    private struct HandlerFailure: Error { let cause: any Error }

    private func work(_ handle: @escaping @Sendable (EventHint) async throws -> Void) async throws {
        var failures = 0
        while !Task.isCancelled {
            let validator = self.book.take()
            let begin = ContinuousClock.now
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await self.follow(validator, handle)) } catch { outcome = .failure(error) }
            self.book.giveBack(validator)
            if Task.isCancelled { return }
            let isShort = ContinuousClock.now - begin < .milliseconds(Self.shortMilliseconds)
            var atLeast: UInt64 = 0
            if case .failure(let error) = outcome {
                if let failure = error as? HandlerFailure { throw failure.cause }
                atLeast = try self.note(error, of: validator)
                failures += 1
            } else {
                failures = isShort ? failures + 1 : 0
            }
            guard failures > 0 else { continue }
            var generator = SystemRandomNumberGenerator()
            let pause = self.backoff.delay(failures: failures, atLeast: atLeast, using: &generator)
            try? await Task.sleep(for: .nanoseconds(Int64(clamping: pause)))
        }
    }

    /// - Returns: how long the validator wants to be left alone, ns.
    private func note(_ error: any Error, of validator: Int) throws -> UInt64 {
        guard let failure = error as? UplinkFailure else { throw error }
        if case .refused(410, _, _, _) = failure, self.book.notePruned(validator) { throw failure }
        return UInt64(failure.retryAfterSeconds ?? 0) * 1_000_000_000
    }

    /// Reads one validator's stream until it ends.
    private func follow(
        _ validator: Int,
        _ handle: @escaping @Sendable (EventHint) async throws -> Void
    ) async throws {
        let since = self.book.begin(validator)
        let path = "/v1/channels/\(self.channel.name)/events?since=\(since)"
        let end = ContinuousClock.now + .seconds(Self.streamSeconds)
        var parser = EventStreamParser()
        var last = since
        try await self.client.read(self.validators[validator].appending(path)) { bytes in
            let entries = try parser.feed(bytes)
            guard !entries.isEmpty else { return ContinuousClock.now < end && !Task.isCancelled }
            for entry in entries {
                guard entry.place > last else { throw UplinkFailure.malformed("events that do not ascend") }
                last = entry.place
            }
            try await self.turn.take {
                for entry in entries where !Task.isCancelled {
                    if let hint = entry.hint { try await self.hand(hint, handle) }
                    self.book.advance(validator, to: entry.place)
                }
            }
            return ContinuousClock.now < end && !Task.isCancelled
        }
    }

    private func hand(
        _ hint: EventHint,
        _ handle: @Sendable (EventHint) async throws -> Void
    ) async throws {
        guard self.topics?.contains(hint.topic) ?? true, self.book.isNew(hint) else { return }
        do { try await handle(hint) } catch {
            self.book.forget(hint)
            throw HandlerFailure(cause: error)
        }
    }
}

/// Lets one task after another do something that waits.
final class TaskTurn: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Runs the body when no other one runs.
    func take(_ body: () async throws -> Void) async throws {
        await withCheckedContinuation { continuation in
            let isFree = self.state.withLock { state in
                guard state.isTaken else {
                    state.isTaken = true
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        defer { self.leave() }
        try await body()
    }

    private func leave() {
        let next = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
