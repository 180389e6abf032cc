internal import Foundation

/// A folder of one test, gone when its owner is.
package final class TestFolder: Sendable {
    package let path: String

    package init(_ name: String) throws {
        self.path = "\(NSTemporaryDirectory())\(name)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: self.path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// An own folder for every call, which does not exist yet.
    package func fresh(_ name: String) -> String { "\(self.path)/\(name)-\(UUID().uuidString)" }
}
