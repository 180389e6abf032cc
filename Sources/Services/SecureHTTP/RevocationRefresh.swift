package import Credentials
internal import Foundation
package import Logging
internal import ServiceLifecycle

/// Fetches the authority's revocation list at the start and then from time to time.
///
/// While the authority is away the list in use stays; it goes on to revoke what it names.
package struct RevocationRefresh: Service {
    private static let firstRetrySeconds = 5

    private let store: RevocationStore
    private let identity: IdentityWatch
    private let everySeconds: Int
    private let logger: Logger

    /// - Parameters:
    ///   - store: takes the lists; servers ask it.
    ///   - identity: names the authority, and authenticates to it.
    ///   - everySeconds: from one attempt to the next.
    ///   - logger: for warnings.
    package init(store: RevocationStore, identity: Identity, everySeconds: Int = 300, logger: Logger) {
        self.store = store
        self.identity = IdentityWatch(identity)
        self.everySeconds = everySeconds
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                failures = await self.fetch() ? 0 : failures + 1
                do { try await Task.sleep(for: .seconds(self.pause(after: failures))) } catch { return }
            }
        }
    }

    /// Seconds to the next attempt: sooner after a failure, because the authority may have started a moment later.
    func pause(after failures: Int) -> Int {
        failures == 0 ? self.everySeconds : min(self.everySeconds, Self.firstRetrySeconds << min(failures - 1, 20))
    }

    /// Fetches the list once.
    ///
    /// - Returns: whether the authority gave one.
    @discardableResult
    func fetch() async -> Bool {
        do {
            let bytes = try await AuthorityClient(self.identity.current).use { client throws(CredentialsError) in
                try await client.revocations()
            }
            try self.store.install(bytes)
            return true
        } catch {
            let now = UInt64(max(0, Date().timeIntervalSince1970))
            let level: Logger.Level = self.store.isStale(at: now) ? .error : .warning
            self.logger.log(level: level, "cannot fetch the revocation list", metadata: ["error": "\(error)"])
            return false
        }
    }
}
