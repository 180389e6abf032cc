package import Credentials
internal import Foundation
package import Logging
internal import ServiceLifecycle

/// Fetches the authority's revocation list at the start and then from time to time.
///
/// While the authority is away the list in use stays; it goes on to revoke what it names.
package struct RevocationRefresh: Service {
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
            while !Task.isCancelled {
                await self.fetch()
                do { try await Task.sleep(for: .seconds(self.everySeconds)) } catch { return }
            }
        }
    }

    /// Fetches the list once.
    func fetch() async {
        do {
            let bytes = try await AuthorityClient(self.identity.current).use { client throws(CredentialsError) in
                try await client.revocations()
            }
            try self.store.install(bytes)
        } catch {
            let now = UInt64(max(0, Date().timeIntervalSince1970))
            let level: Logger.Level = self.store.isStale(at: now) ? .error : .warning
            self.logger.log(level: level, "cannot fetch the revocation list", metadata: ["error": "\(error)"])
        }
    }
}
