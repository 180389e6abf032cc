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
        configuration.roles.flatMap { $0.problems(nowSeconds) }
    }
}
