internal import CanonicalBytes
internal import IndexPages
internal import Logging
internal import Synchronization
internal import Transcripts

/// Index keys of scopes that receivers without a policy ask about, collected when they ask.
///
/// They are kept in memory only: the owner secret opens the envelopes again after a restart.
final class IndexKeyShelf: Sendable {
    /// What there is of a scope.
    enum Content: Sendable {
        /// Gateways with their newest key each.
        case keys([(sender: String, key: IndexKey)])
        /// No envelope of the scope has one.
        case none
        /// Envelopes are being opened, or no privacy center answers.
        case pending
    }

    private struct Shelf {
        var keys: [(sender: String, key: IndexKey)] = []
        var positions: [String: UInt64] = [:]
        var isReading = false
        var isRead = false
        /// When the centers are asked again; ms since 1970.
        var nextReading: UInt64 = 0
    }

    private static let mark = TaggedHash.digest("CUSTODIAN-HANDOVER")
    /// ms.
    private static let pause: UInt64 = 2_000
    private static let look = Duration.milliseconds(25)

    private let post: any IndexKeyPost
    private let logger: Logger
    private let clock: @Sendable () -> UInt64
    private let shelves = Mutex<[[UInt8]: Shelf]>([:])

    /// - Parameters:
    ///   - post: where envelopes come from.
    ///   - logger: is told of centers that do not answer.
    ///   - clock: milliseconds since 1970.
    init(post: any IndexKeyPost, logger: Logger, clock: @escaping @Sendable () -> UInt64) {
        self.post = post
        self.logger = logger
        self.clock = clock
    }

    /// The index keys of a scope, with what centers have new; waits for a first reading, but not for long.
    func keys(of scope: RegisteredScope, wait: Duration) async -> Content {
        if self.begin(scope.digest) {
            // Goes on when who asked goes away: a long list is not begun anew by each question.
            Task { await self.read(scope) }
        }
        let end = ContinuousClock.now + wait
        while self.isReading(scope.digest), ContinuousClock.now < end {
            do { try await Task.sleep(for: Self.look) } catch { break }
        }
        return self.shelves.withLock { shelves in
            guard let shelf = shelves[scope.digest] else { return .pending }
            if !shelf.keys.isEmpty { return .keys(shelf.keys) }
            return shelf.isRead ? .none : .pending
        }
    }

    private func begin(_ scope: [UInt8]) -> Bool {
        let now = self.clock()
        return self.shelves.withLock { shelves in
            var shelf = shelves[scope] ?? Shelf()
            guard !shelf.isReading, shelf.nextReading <= now else { return false }
            shelf.isReading = true
            shelves[scope] = shelf
            return true
        }
    }

    private func isReading(_ scope: [UInt8]) -> Bool { self.shelves.withLock { $0[scope]?.isReading ?? false } }

    /// One center's list is enough; the next one is asked when it does not answer.
    private func read(_ scope: RegisteredScope) async {
        var isRead = false
        for center in self.post.centers where !isRead {
            do {
                try await self.read(scope, at: center)
                isRead = true
            } catch {
                self.logger.info(
                    "index keys to hand over wait",
                    metadata: ["center": "\(center)", "why": "\(String("\(error)".prefix(500)))"]
                )
            }
        }
        self.end(scope.digest, isRead)
    }

    @inline(never)
    private func read(_ scope: RegisteredScope, at center: String) async throws {
        let position = self.shelves.withLock { $0[scope.digest]?.positions[center] }
        let next = try await self.post.collect(scope, at: center, from: position, mark: Self.mark) { keys in
            try self.put(keys, scope.digest)
        }
        self.shelves.withLock { $0[scope.digest]?.positions[center] = next }
    }

    private func end(_ scope: [UInt8], _ isRead: Bool) {
        let next = self.clock() + Self.pause
        self.shelves.withLock { shelves in
            shelves[scope]?.isReading = false
            shelves[scope]?.nextReading = next
            if isRead { shelves[scope]?.isRead = true }
        }
    }

    private func put(_ keys: [CollectedIndexKey], _ scope: [UInt8]) throws {
        for collected in keys {
            let key = try IndexKey(collected.key)
            self.shelves.withLock { shelves in
                shelves[scope]?.keys.removeAll { $0.sender.utf8.elementsEqual(collected.sender.utf8) }
                shelves[scope]?.keys.append((collected.sender, key))
            }
        }
    }
}
