internal import Logging
internal import ServiceLifecycle

/// Deletes what the ledger need not keep any more, at the start and then every hour.
struct LinkPruning: Service {
    private static let everySeconds = 3_600

    let links: LinkLedger
    let logger: Logger
    /// Seconds since 1970.
    let clock: @Sendable () -> UInt64

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let outcome: Result<Void, any Error>
                do { outcome = .success(try await self.links.prune(at: self.clock())) } catch {
                    outcome = .failure(error)
                }
                if case .failure(let error) = outcome {
                    self.logger.error("the ledger of links cannot be pruned", metadata: ["why": "\(error)"])
                }
                do { try await Task.sleep(for: .seconds(Self.everySeconds)) } catch { return }
            }
        }
    }
}
