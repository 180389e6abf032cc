internal import Synchronization

/// What one role of a node shows.
package struct DashboardPart: Sendable {
    package let pages: [DashboardPage]
    package let actions: [DashboardAction]

    package init(pages: [DashboardPage], actions: [DashboardAction] = []) {
        self.pages = pages
        self.actions = actions
    }
}

/// Gathers what the roles of a node show while they are made.
package final class DashboardParts: Sendable {
    private let parts = Mutex<[DashboardPart]>([])

    package init() {}

    package func add(_ part: DashboardPart) { self.parts.withLock { $0.append(part) } }

    /// One dashboard of all of them.
    ///
    /// - Parameter name: of the node, for people.
    /// - Returns: nil when no role shows anything.
    package func site(name: String) -> DashboardSite? {
        let parts = self.parts.withLock { $0 }
        guard !parts.isEmpty else { return nil }
        return DashboardSite(name: name, pages: parts.flatMap(\.pages), actions: parts.flatMap(\.actions))
    }
}
