internal import Spool

extension AgentStatus {
    /// The series of the share outbox; nothing without one.
    ///
    /// Labels never name a request.
    func writeShareRequests(_ out: inout PrometheusText) {
        guard let sharing = self.sharing else { return }
        let counts = self.spool.shareRequests
        out.write(
            "wardline_share_requests",
            .gauge,
            "Share requests by state, those within their retention.",
            StoredShareRequest.State.allCases.map { ([("state", $0.rawValue)], counts[$0]) }
        )
        out.write(
            "wardline_share_open_bytes",
            .gauge,
            "Bytes of share requests whose outcome is open.",
            counts.openBytes
        )
        let now = wallNanoseconds() / 1_000_000
        out.write(
            "wardline_share_oldest_open_seconds",
            .gauge,
            "Age of the oldest share request whose outcome is open; 0 without one.",
            counts.oldestOpen.map { max(0, Double(now - $0) / 1_000) } ?? 0
        )
        out.write("wardline_share_requests_in_flight", .gauge, "Share requests on their way.", sharing.inFlight)
        out.write(
            "wardline_share_failing",
            .gauge,
            "1 while share requests cannot be handed in.",
            sharing.problem == nil && sharing.failure == nil ? 0 : 1
        )
    }

    /// How the share outbox is, and why nothing leaves it, if so; empty when nothing is open and all is well.
    var shareNotes: [String] {
        guard let sharing = self.sharing else { return [] }
        var notes: [String] = []
        if let failure = sharing.failure { notes.append("share outbox: \(failure)") }
        if let problem = sharing.problem { notes.append("share outbox: \(problem)") }
        let open = self.spool.shareRequests.open
        if open > 0 { notes.append("\(open) share requests wait for their outcome") }
        return notes
    }
}
