internal import Dashboard
internal import Foundation
internal import MQTTIngest
internal import Normalization
internal import Spool

extension PipelineView {
    /// - Parameters:
    ///   - status: the agent's state.
    ///   - now: ms since 1970.
    init(_ status: AgentStatus, at now: Int64) {
        self.init(now: now)
        let spool = status.spool
        self.obstacles = status.obstacles
        self.notes = status.uplinkNotes + status.anchorNotes + status.shareNotes
        self.brokers = status.brokers.map { broker in
            Broker(
                name: broker.name,
                isConnected: broker.state.isConnected,
                messages: Int64(clamping: broker.state.totals.messages),
                failures: Int64(clamping: broker.state.failures)
            )
        }
        self.received = Flow(spool.messages.received)
        self.observations = Flow(spool.observationsStored)
        self.duplicates = spool.messages.duplicate
        self.ignored = spool.messages.ignored
        self.redelivered = spool.messages.redelivered
        self.backlog = spool.backlog.messages
        self.waveBacklog = spool.waveBacklog?.messages
        self.inboxBytes = spool.sizes.inbox + spool.sizes.inboxLog
        self.spoolBytes = spool.sizes.spool + spool.sizes.spoolLog
        self.deadLetters = spool.deadLettersOpen
        self.sinks = spool.sinks.map { Sink(name: $0.name, lag: spool.lastSequence - $0.sequence) }
        self.profiles = status.profiles
        self.refusedFiles = status.profileProblems
        self.upload = status.uplink.map { Upload($0, spool.uplink) }
        self.anchoring = status.anchoring.map { Anchoring($0, spool.anchors) }
    }
}

extension PipelineView.Upload {
    fileprivate init(_ uplink: AgentStatus.Uplink, _ counts: UplinkStatistics) {
        self.init()
        self.unsealed = counts.unsealedObservations
        self.held = counts.heldBundles
        self.waiting = counts.outboxEnvelopes
        self.waitingBytes = counts.outboxBytes
        self.oldest = counts.oldestCreated.map { $0 * 1_000 }
        self.delivered = counts.deliveredEnvelopes
        self.refused = counts.refusedEnvelopes
        self.centers = uplink.delivery.centers.map { ($0.name, $0.problem ?? $0.auditProblem) }
    }
}

extension PipelineView.Anchoring {
    fileprivate init(_ state: AnchorState, _ counts: AnchorStatistics) {
        self.init()
        self.anchored = counts.anchoredEnvelopes
        self.waiting = counts.waitingEnvelopes
        self.refusedWindows = counts.refusedWindows
        self.lateWindows = counts.lateWindows
        self.oldest = counts.oldestWaiting
        self.last = counts.lastAnchored
        self.problem = state.failure ?? state.problem
    }
}

extension DeadLettersView.Group {
    init(_ group: DeadLetterGroup) {
        self.init(
            profile: group.profile ?? "-",
            reason: group.reasonCode,
            letters: group.letters,
            messages: group.messages
        )
    }
}

extension DeadLettersView.Letter {
    init(_ stored: StoredDeadLetter) {
        self.init(
            id: stored.id,
            topic: stored.letter.topic,
            profile: stored.letter.profile ?? "-",
            reason: stored.letter.reasonCode,
            explanation: stored.letter.reasonText,
            count: stored.count,
            lastSeen: stored.lastSeen,
            bytes: stored.letter.payload.count
        )
    }
}

extension TraceView {
    /// - Parameters:
    ///   - report: the steps.
    ///   - found: the Observation, while the spool has it.
    ///   - agent: whose report it is.
    ///   - now: ms since 1970.
    init(_ report: TraceReport, _ found: TracedObservation?, agent: String, at now: Int64) {
        self.init(
            subject: report.subject,
            checkedAt: now,
            agent: agent,
            reading: found.flatMap { try? JSONDecoder().decode(WardObservation.self, from: Data($0.line)) }
                .map(Reading.init),
            steps: report.steps.map { step in
                Step(
                    name: step.name,
                    state: State(rawValue: step.state.rawValue) ?? .failed,
                    text: step.text,
                    facts: step.facts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
                )
            }
        )
    }
}

extension TraceView.Reading {
    fileprivate init(_ seen: WardObservation) {
        let value = seen.value
        let isWave = seen.block != nil
        self.init(
            name: seen.name,
            value: isWave ? "a block of a waveform" : "\(value.text) \(value.unit)",
            effective: seen.effectiveDateTime ?? "not said",
            issued: seen.issued ?? "not said",
            correction: Self.correction(seen),
            device: [seen.device?.identifier?.value, seen.device?.display].compactMap { $0 }.joined(separator: ", "),
            flags: seen.flags
        )
    }

    private static func correction(_ seen: WardObservation) -> String? {
        guard let clock = seen.extension?.first(where: { $0.url == FHIRNames.clock })?.extension,
            let time = clock.first(where: { $0.url == "deviceTime" })?.valueDateTime
        else { return nil }
        let offset = clock.first { $0.url == "offsetSeconds" }?.valueDecimal
        let added = offset.map { "\($0) s were added, by how far its clock was off" } ?? "the gateway's time was taken"
        return "the device said \(time); \(added)"
    }
}
