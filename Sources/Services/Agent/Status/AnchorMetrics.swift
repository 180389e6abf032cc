internal import Spool

extension AgentStatus {
    /// The series of the anchoring; nothing without a chain.
    func writeAnchors(_ out: inout PrometheusText) {
        guard let anchoring = self.anchoring else { return }
        let counts = self.spool.anchors
        let now = wallNanoseconds() / 1_000_000
        func age(_ time: Int64?) -> Double { time.map { max(0, Double(now - $0) / 1_000) } ?? 0 }
        out.write(
            "wardline_anchored_windows_total",
            .counter,
            "Windows whose anchor is proven.",
            counts.anchoredWindows
        )
        out.write(
            "wardline_anchored_envelopes_total",
            .counter,
            "Envelopes in anchored windows.",
            counts.anchoredEnvelopes
        )
        out.write(
            "wardline_late_anchors_total",
            .counter,
            "Windows that the chain marked as late.",
            counts.lateWindows
        )
        out.write("wardline_anchor_waiting_windows", .gauge, "Windows without a proof.", counts.waitingWindows)
        out.write(
            "wardline_anchor_waiting_envelopes",
            .gauge,
            "Delivered envelopes without an anchor.",
            counts.waitingEnvelopes
        )
        out.write(
            "wardline_anchor_waiting_bytes",
            .gauge,
            "Bytes of delivered envelopes without an anchor.",
            counts.waitingBytes
        )
        out.write(
            "wardline_anchor_oldest_waiting_seconds",
            .gauge,
            "Age of the oldest envelope that waits for its anchor; 0 without one.",
            age(counts.oldestWaiting)
        )
        out.write("wardline_anchor_refused_windows", .gauge, "Windows that the chain refuses.", counts.refusedWindows)
        out.write(
            "wardline_anchor_age_seconds",
            .gauge,
            "Time since the last proof was stored; 0 before the first.",
            age(counts.lastAnchored)
        )
        out.write("wardline_anchors_in_flight", .gauge, "Windows on their way.", anchoring.inFlight)
        out.write(
            "wardline_anchoring_failing",
            .gauge,
            "1 while nothing can be anchored.",
            anchoring.problem == nil && anchoring.failure == nil ? 0 : 1
        )
    }

    /// Why nothing is anchored; empty when all is well.
    var anchorNotes: [String] {
        guard let anchoring = self.anchoring else { return [] }
        var notes: [String] = []
        if let failure = anchoring.failure { notes.append("anchoring: \(failure)") }
        if let problem = anchoring.problem { notes.append("chain: \(problem)") }
        if self.spool.anchors.refusedWindows > 0 {
            notes.append("the chain refuses \(self.spool.anchors.refusedWindows) windows of anchors")
        }
        return notes
    }
}
