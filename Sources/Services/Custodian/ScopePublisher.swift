internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import Uplink

/// Tells every privacy center who owns which scope, so that the owner may list and read there.
struct ScopePublisher: Service {
    private static let scopesPerRound = 100
    private static let secondsBetweenRounds = 2.0
    private static let secondsBetweenWarnings = 300.0

    let custodian: Custodian
    let centers: [PrivacyCenterClient]
    let client: SecureClient
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var warnings: [String: Date] = [:]
            while !Task.isCancelled {
                for center in self.centers {
                    do { _ = try await self.publish(to: center) } catch {
                        self.warn(of: center, error, &warnings)
                    }
                }
                try? await Task.sleep(for: .seconds(Self.secondsBetweenRounds))
            }
        }
        await self.client.close()
    }

    /// Publishes what a center does not know yet.
    ///
    /// - Returns: how many scopes were published.
    func publish(to center: PrivacyCenterClient) async throws -> Int {
        var published = 0
        while true {
            let scopes = try self.custodian.registry.unpublished(to: center.name, limit: Self.scopesPerRound)
            guard !scopes.isEmpty else { return published }
            for scope in scopes {
                try await center.putScope(
                    scope.descriptor,
                    digest: scope.digest,
                    ownerCertificate: scope.ownerCertificate
                )
                try self.custodian.registry.markPublished(scope, to: center.name)
                published += 1
            }
        }
    }

    /// An outage is worth a line now and then, not one every round.
    private func warn(of center: PrivacyCenterClient, _ error: any Error, _ warnings: inout [String: Date]) {
        let now = Date()
        if let last = warnings[center.name], now.timeIntervalSince(last) < Self.secondsBetweenWarnings { return }
        warnings[center.name] = now
        self.logger.warning(
            "scopes wait to be published",
            metadata: ["center": "\(center.name)", "why": "\(error)"]
        )
    }
}
