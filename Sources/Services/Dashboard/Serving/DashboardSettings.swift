package import Certificates

/// What an operator says about a dashboard.
package struct DashboardSettings: Sendable, Equatable {
    /// Loopback unless the operator says otherwise.
    package var address = "127.0.0.1"
    /// TCP port; 0 takes a free one.
    package var port = 0
    /// Of the server's certificate.
    package var identityDirectory: String
    /// Where one-time tokens wait.
    package var tokenDirectory: String
    /// Who may sign in by certificate, and as what; nobody else can.
    package var people: [PartyName: DashboardRole] = [:]
    package var sessions = SessionLimits()

    package init(identityDirectory: String, tokenDirectory: String) {
        self.identityDirectory = identityDirectory
        self.tokenDirectory = tokenDirectory
    }
}
