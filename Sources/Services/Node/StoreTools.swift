internal import Foundation
package import PrivacyCenter
package import PrivacyCenterStore
internal import Records
internal import Signcryption

/// What an operator does with a privacy center's store besides running it.
package struct StoreTools: Sendable {
    private let location: PrivacyCenterConfiguration.StoreLocation

    package init(_ configuration: PrivacyCenterConfiguration) { self.location = configuration.store }

    /// Verifies every row, hash and index; a running center goes on working.
    ///
    /// - Parameter report: gets progress and findings, from another thread.
    /// - Returns: what was looked at and found.
    /// - Throws: `StoreError` when the store cannot be reached.
    package func scrub(report: @escaping @Sendable (ScrubEvent) -> Void) async throws -> ScrubReport {
        try await self.with(self.openForScrub()) { store in
            try await store.scrub(digest: Self.pointer, report: report)
        }
    }

    /// Writes a consistent copy; a running center goes on working.
    ///
    /// - Parameter path: a file that does not exist.
    /// - Returns: size and root of the tree that the copy holds.
    /// - Throws: `StoreError`.
    package func backUp(to path: String) async throws -> TreeHead {
        try await self.with(self.location.openBeside()) { try await $0.backUp(to: path) }
    }

    /// Fills an empty store from a backup and scrubs it; no center may run.
    ///
    /// - Parameter path: a file that a backup wrote.
    /// - Returns: what the scrub of the filled store found.
    /// - Throws: `StoreError`, for one that is not empty.
    package func restore(from path: String) async throws -> ScrubReport {
        try await self.with(self.location.open()) { try await $0.restore(from: path, digest: Self.pointer) }
    }

    /// The whole store when nobody has it open, and its rows beside a running center.
    ///
    /// What does not exist is not made: a scrub of a mistyped directory must not report an empty, sound store.
    private func openForScrub() throws -> RelationalStore {
        if case .sqlite(let directory) = self.location,
            !FileManager.default.fileExists(atPath: "\(directory)/store.db")
        {
            throw StoreError.unavailable("there is no store in \(directory)")
        }
        do { return try self.location.open() } catch StoreError.inUse { return try self.location.openBeside() }
    }

    /// H1 of an envelope's bytes; nil when they are none.
    private static let pointer: @Sendable ([UInt8]) -> Digest? = { bytes in
        guard let envelope = try? ParsedEnvelope(bytes: bytes) else { return nil }
        return Digest(bytes: envelope.indexPointer)
    }

    private func with<T: Sendable>(
        _ store: RelationalStore,
        _ body: (RelationalStore) async throws -> T
    ) async throws -> T {
        do {
            let result = try await body(store)
            try await store.close()
            return result
        } catch {
            try? await store.close()
            throw error
        }
    }
}
