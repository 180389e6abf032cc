/// What somebody who signed in may do; everyone may look.
package enum DashboardRole: String, Sendable, CaseIterable {
    case viewer
    /// May replay dead letters as well.
    case engineer
    /// May decide about requests for data as well.
    case steward
    /// May see what was said and done about the sharing of data as well, and decides nothing.
    case auditor

    /// Whether the role may do it.
    package func may(_ permission: DashboardPermission) -> Bool {
        switch permission {
        case .look: true
        case .mend: self == .engineer
        case .decide: self == .steward
        case .review: self == .steward || self == .auditor
        }
    }
}

/// What a page or a button asks for.
package enum DashboardPermission: Sendable, Hashable {
    case look
    /// Repair the flow of data.
    case mend
    /// Decide who gets data.
    case decide
    /// See who was given whose data, and what patients said about it.
    case review
}
