internal import SecureHTTP
internal import Synchronization

/// What a validator's interface counts, with the validator's own figures, as Prometheus text.
final class ChainMetrics: Sendable {
    /// What clients use at the moment.
    struct Use {
        let waits: Int
        let streams: Int
        let uploadBytes: Int
    }

    /// Requests by route and status.
    let requests = RequestMetrics()
    /// From a transaction's arrival to its proof.
    let commits = LatencyHistogram()

    /// Prometheus text exposition, format 0.0.4.
    func text(_ status: ChainStatus, _ use: Use) -> String {
        var lines = MetricLines()
        self.addChannels(of: status, to: &lines)
        Self.addPeers(of: status, to: &lines)
        lines.add("wardline_chain_ready", "gauge", "1 when it serves clients.", status.obstacles.isEmpty ? 1 : 0)
        lines.add("wardline_chain_disk_full", "gauge", "1 when it waits for disk space.", status.isDiskFull ? 1 : 0)
        lines.add("wardline_chain_log_bytes", "gauge", "Bytes of the log.", status.logBytes)
        lines.add(
            "wardline_chain_disk_synchronizations_total",
            "counter",
            "Times that the disk was waited for.",
            status.synchronizations
        )
        lines.add("wardline_chain_jobs_waiting", "gauge", "Signature checks that wait.", status.jobsWaiting)
        lines.add("wardline_chain_events_waiting", "gauge", "What waits for consensus.", status.eventsWaiting)
        lines.add("wardline_chain_submissions_waiting", "gauge", "Clients that wait for their blocks.", use.waits)
        lines.add("wardline_chain_event_streams", "gauge", "Open event streams.", use.streams)
        lines.add("wardline_chain_body_bytes", "gauge", "Bytes of request bodies in memory.", use.uploadBytes)
        return lines.text
            + self.commits.text("wardline_chain_commit_seconds", "From a transaction's arrival to its proof.")
            + self.requests.text
    }

    private func addChannels(of status: ChainStatus, to lines: inout MetricLines) {
        typealias Reading = (ChainStatus.ChannelStatus) -> UInt64
        let gauges: [(String, String, (ChainStatus.ChannelStatus) -> Int64)] = [
            ("height", "Height of the last block.", { Int64(clamping: $0.height) }),
            ("view", "View of the consensus.", { Int64(clamping: $0.view) }),
            ("epoch", "Epoch of the committee.", { Int64(clamping: $0.epoch) }),
            ("block_time_milliseconds", "Time of the last block since 1970.", { Int64(clamping: $0.time) }),
            ("pool_transactions", "Transactions in the pool.", { Int64($0.poolCount) }),
            ("pool_bytes", "Bytes in the pool.", { Int64($0.poolBytes) }),
            ("members_reachable", "Members that are reachable, itself included.", { Int64($0.reachable) }),
            ("quorum_margin", "Members that may fail before it stands still.", { Int64($0.margin) }),
            ("silent", "1 when it does not vote because its log was lost.", { $0.isSilent ? 1 : 0 }),
        ]
        for (name, help, value) in gauges {
            lines.begin("wardline_chain_\(name)", "gauge", help)
            for channel in status.channels { lines.row(#"channel="\#(channel.channel)""#, value(channel)) }
        }
        let counters: [(String, String, Reading)] = [
            ("blocks_committed", "Blocks since the start.", \.blocksCommitted),
            ("transactions_committed", "Transactions since the start.", \.transactionsCommitted),
            ("view_changes", "Changes of the view since the start.", \.viewChanges),
            ("bad_proposals", "Proposals that were refused.", \.badProposals),
            ("evidence_reported", "Proofs of misbehaviour reported.", \.evidenceReported),
            ("refused_votes", "Votes that would have contradicted earlier ones.", \.refusedVotes),
        ]
        for (name, help, value) in counters {
            lines.begin("wardline_chain_\(name)_total", "counter", help)
            for channel in status.channels { lines.row(#"channel="\#(channel.channel)""#, value(channel)) }
        }
    }

    private static func addPeers(of status: ChainStatus, to lines: inout MetricLines) {
        lines.begin("wardline_chain_peer_connected", "gauge", "1 when frames to the validator flow.")
        for peer in status.peers { lines.row(#"validator="\#(peer.number)""#, peer.isConnected ? 1 : 0) }
        lines.begin("wardline_chain_peer_sent_bytes_total", "counter", "Bytes sent to the validator.")
        for peer in status.peers { lines.row(#"validator="\#(peer.number)""#, peer.sentBytes) }
        lines.begin("wardline_chain_peer_received_bytes_total", "counter", "Bytes of the validator.")
        for peer in status.peers { lines.row(#"validator="\#(peer.number)""#, peer.receivedBytes) }
        lines.begin("wardline_chain_peer_dropped_frames_total", "counter", "Frames that full queues dropped.")
        for peer in status.peers { lines.row(#"validator="\#(peer.number)""#, peer.droppedFrames) }
        lines.begin("wardline_chain_peer_queued_bytes", "gauge", "Bytes that wait for the validator.")
        for peer in status.peers { lines.row(#"validator="\#(peer.number)""#, peer.queuedBytes) }
    }
}

/// How long something took, in steps of the exposition's histograms.
final class LatencyHistogram: Sendable {
    private static let bounds = [0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30]

    private struct State {
        var counts = [UInt64](repeating: 0, count: bounds.count + 1)
        var seconds = 0.0
    }

    private let state = Mutex(State())

    func record(_ duration: Duration) {
        let (whole, fraction) = duration.components
        let seconds = Double(whole) + Double(fraction) / 1e18
        let step = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        self.state.withLock { state in
            state.counts[step] += 1
            state.seconds += seconds
        }
    }

    func text(_ name: String, _ help: String) -> String {
        let state = self.state.withLock { $0 }
        var text = "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
        var sum: UInt64 = 0
        for (step, count) in state.counts.enumerated() {
            sum += count
            let bound = step < Self.bounds.count ? "\(Self.bounds[step])" : "+Inf"
            text += "\(name)_bucket{le=\"\(bound)\"} \(sum)\n"
        }
        return text + "\(name)_sum \(state.seconds)\n\(name)_count \(sum)\n"
    }
}

/// Lines of the text exposition.
private struct MetricLines {
    private(set) var text = ""
    private var name = ""

    mutating func add(_ name: String, _ kind: String, _ help: String, _ value: some BinaryInteger) {
        self.begin(name, kind, help)
        self.text += "\(name) \(value)\n"
    }

    mutating func begin(_ name: String, _ kind: String, _ help: String) {
        self.name = name
        self.text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    mutating func row(_ labels: String, _ value: some BinaryInteger) {
        self.text += "\(self.name){\(labels)} \(value)\n"
    }
}
