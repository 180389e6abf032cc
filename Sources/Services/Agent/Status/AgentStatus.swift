internal import MLLPIngest
internal import MQTTIngest
internal import Normalization
internal import Spool

/// What the agent is doing, at one moment: the source of `/metrics`, `/healthz`, `/readyz` and systemd's status.
struct AgentStatus: Sendable {
    struct Sink: Sendable {
        let name: String
        let written: UInt64
        let failure: String?
        let heartbeat: UInt64
        /// What a FHIR server made of them; nil for other sinks.
        var counts: FHIRDelivery.Counts?
    }

    struct Broker: Sendable {
        let name: String
        let state: BrokerState
    }

    /// What is sealed and sent.
    struct Uplink: Sendable {
        var sealerHeartbeat: UInt64
        /// Why nothing is sealed, if so.
        var sealerFailure: String?
        var delivery: UplinkState
    }

    var now: UInt64
    var brokers: [Broker]
    var spool: SpoolStatistics
    var sinks: [Sink]
    var normalizerHeartbeat: UInt64
    var normalizerFailure: String?
    var isHoldingNormalization: Bool
    var profiles: Int
    /// Profile files refused at the last load; the versions before them stay in force.
    var profileProblems: Int
    var clocks: [ClockReport]
    /// Accounts of devices in this hour and the one before it.
    var accounts: [DeviceAccount] = []
    /// Hours since 1970 now.
    var hour: Int64 = 0
    /// nil without an uplink.
    var uplink: Uplink?
    /// nil without a chain.
    var anchoring: AnchorState?
    /// nil when the agent hands in nothing for others.
    var sharing: ShareState?
    /// nil without a lane of waveforms.
    var waves: Waves?
    /// nil without an MLLP listener.
    var intake: Intake?
    /// nil where no message moves patients.
    var patients: PatientStatus?
    /// nil before the first look at the machine.
    var room: AgentRoom?
    /// Which profiles are in force, and since when.
    var profileLoads: ProfileStatus?

    /// The thread of the waveforms' lane.
    struct Waves: Sendable {
        var heartbeat: UInt64
        /// Why its results are refused at the moment, if they are.
        var failure: String?
    }

    /// The MLLP listeners and the thread that stores what they take.
    struct Intake: Sendable {
        var heartbeat: UInt64
        /// Why the store refuses messages, if it does.
        var failure: String?
        var listeners: [(name: String, state: ListenerState)]
    }

    /// A thread that has not moved for this long hangs.
    static let heartbeatNsMax: UInt64 = 60_000_000_000

    /// What hangs; empty when the process is healthy.
    var hanging: [String] {
        var names: [String] = []
        if !self.isHoldingNormalization, self.isStale(self.normalizerHeartbeat) { names.append("normalizer") }
        if !self.isHoldingNormalization, let waves = self.waves, self.isStale(waves.heartbeat) { names.append("waves") }
        names += self.brokers.filter { self.isStale($0.state.heartbeat) }.map { "mqtt \($0.name)" }
        if let intake = self.intake, self.isStale(intake.heartbeat) { names.append("mllp") }
        names += self.sinks.filter { self.isStale($0.heartbeat) }.map { "sink \($0.name)" }
        if let uplink = self.uplink {
            if self.isStale(uplink.sealerHeartbeat) { names.append("sealer") }
            if self.isStale(uplink.delivery.heartbeat) { names.append("uplink") }
        }
        if let anchoring = self.anchoring, self.isStale(anchoring.heartbeat) { names.append("anchoring") }
        if let sharing = self.sharing, self.isStale(sharing.heartbeat) { names.append("share outbox") }
        return names
    }

    /// Why nothing is sealed or delivered; empty when all is well.
    ///
    /// No obstacle to readiness: the spool holds what the others lack.
    var uplinkNotes: [String] {
        guard let uplink = self.uplink else { return [] }
        var notes: [String] = []
        if let failure = uplink.sealerFailure { notes.append("sealer: \(failure)") }
        if let failure = uplink.delivery.failure { notes.append("uplink: \(failure)") }
        if let problem = uplink.delivery.custodianProblem { notes.append("custodian: \(problem)") }
        for center in uplink.delivery.centers {
            if let problem = center.problem { notes.append("privacy center \(center.name): \(problem)") }
            if let problem = center.auditProblem { notes.append("privacy center \(center.name): \(problem)") }
        }
        if self.spool.uplink.heldBundles > 0 {
            notes.append("\(self.spool.uplink.heldBundles) bundles wait for the key of their scope")
        }
        if self.spool.uplink.refusedEnvelopes > 0 {
            notes.append("\(self.spool.uplink.refusedEnvelopes) envelopes were refused for good")
        }
        return notes
    }

    /// Why the agent is not taking in or normalizing data; empty when it is ready.
    ///
    /// A sink that waits for its reader is no obstacle: the spool holds what it lacks (`wardline_sink_failing` tells).
    var obstacles: [String] {
        var reasons = self.hanging.map { "\($0): no sign of life" }
        for broker in self.brokers {
            switch broker.state.phase {
            case .connected: break
            case .refusing(let reason): reasons.append("mqtt \(broker.name): not acknowledging: \(reason)")
            case .connecting, .waiting, .stopped:
                reasons.append("mqtt \(broker.name): not connected: \(broker.state.lastError ?? "connecting")")
            }
            for (filter, reason) in broker.state.refusedSubscriptions.sorted(by: { $0.key < $1.key }) {
                reasons.append("mqtt \(broker.name): subscription \(filter) refused: \(reason)")
            }
        }
        if let intake = self.intake {
            if let failure = intake.failure { reasons.append("mllp: not acknowledging: \(failure)") }
            for (name, state) in intake.listeners where !state.isListening {
                reasons.append(state.failure ?? "mllp \(name): not listening")
            }
        }
        if let failure = self.normalizerFailure { reasons.append("normalizer: \(failure)") }
        if let failure = self.waves?.failure { reasons.append("waves: \(failure)") }
        return reasons
    }

    private func isStale(_ heartbeat: UInt64) -> Bool {
        heartbeat != 0 && self.now > heartbeat && self.now - heartbeat > Self.heartbeatNsMax
    }
}

extension AgentStatus.Sink {
    init(_ sink: any ObservationSink) {
        self.init(
            name: sink.name,
            written: sink.written,
            failure: sink.failure,
            heartbeat: sink.heartbeat,
            counts: sink.counts
        )
    }
}
