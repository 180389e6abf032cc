internal import Credentials
internal import Custodian
internal import Dashboard
internal import Foundation

/// `wardline node check`: everything that can be found wrong without starting.
package enum NodeCheck {
    /// Sentences about what is wrong and how to mend it; empty when the node would start.
    ///
    /// - Parameters:
    ///   - configuration: parsed.
    ///   - nowSeconds: seconds since 1970.
    /// - Returns: the sentences.
    package static func problems(
        of configuration: NodeConfiguration,
        at nowSeconds: UInt64 = UInt64(Date().timeIntervalSince1970)
    ) -> [String] {
        configuration.roles.flatMap { $0.problems(nowSeconds) } + self.dashboard(configuration)
            + PortPlan(configuration).conflicts
    }

    private static func dashboard(_ configuration: NodeConfiguration) -> [String] {
        guard let dashboard = configuration.dashboard else { return [] }
        let shows =
            configuration.validator != nil || configuration.custodian?.sharing != nil || configuration.relay != nil
            || configuration.evmRelay != nil
        guard shows else {
            return [
                "dashboard: no role of this node shows anything; a validator does, a custodian with sharing, and a relay"
            ]
        }
        do {
            let identity = try Identity.load(directory: dashboard.identityDirectory)
            guard identity.peer.hosts.isEmpty else { return [] }
            return [
                "dashboard: the certificate in \(dashboard.identityDirectory) names no host, so that no browser could "
                    + "trust it; enrol with --host"
            ]
        } catch { return ["dashboard.identity: \(error)"] }
    }
}
