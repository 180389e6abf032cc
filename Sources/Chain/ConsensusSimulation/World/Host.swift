internal import Consensus

/// One running (or crashed) validator process.
///
/// An object, since a copy of all its state for every message would be
/// most of a run's time.
final class Host {
    let id: ReplicaID
    let reader: SimulatedReader
    let setting: Setting
    var disk = Disk()
    var application: Application
    var replica: Replica
    var isUp = true
    /// Effects until the process is killed, when a kill is due.
    var effectsLeft: Int?
    /// Incarnation: happenings of an earlier one are void.
    var life = 0
    /// Whether the log is gone, until the replica has listened long enough.
    var isLogLost = false
    private var isListening = false
    /// Why it does not start any more; an operator must act.
    var refusal: String?
    /// Kill the process while it writes its next snapshot, and restart it after so many microseconds.
    var crashInSnapshot: UInt64?
    /// Since when the leader can be blamed for what waits.
    var patientSince: UInt64 = 0
    /// Whom the process has shown to have forged a certificate.
    var accused: Set<ReplicaID> = []
    /// The most messages that it kept for a later view.
    private(set) var mostBuffered = 0
    private(set) var verifier: MessageVerifier
    private var placeOfLeader = PlaceOfLeader(epoch: 0, view: 0, isChanging: false)

    private struct PlaceOfLeader: Equatable {
        let epoch: CommitteeEpoch
        let view: View
        let isChanging: Bool
    }

    /// What all validators of a run share.
    struct Setting: Sendable {
        let keys: KeyRing
        let genesis: Committee
        let configuration: ReplicaConfiguration
        let broken: BrokenRules
        let transactionsPerBlock: Int
    }

    init(id: ReplicaID, setting: Setting) {
        self.id = id
        self.setting = setting
        self.reader = SimulatedReader(keys: setting.keys)
        self.application = Application(reader: self.reader, transactionsPerBlock: setting.transactionsPerBlock)
        self.replica = Self.replica(id, setting)
        self.verifier = self.replica.verifier
    }

    private static func replica(_ id: ReplicaID, _ setting: Setting) -> Replica {
        Replica(
            id: id,
            chain: SimulatedWorld.chain,
            genesis: (SimulatedWorld.genesis, setting.genesis),
            configuration: setting.configuration,
            signer: setting.keys.signer(id),
            scheme: setting.keys.scheme,
            breaking: setting.broken
        )
    }

    /// One event at the replica.
    func step(_ event: Event, at time: UInt64) -> [Effect] {
        let effects = self.replica.step(event)
        let place = Self.look(at: &self.replica, &self.mostBuffered)
        if place.epoch != self.placeOfLeader.epoch { self.verifier = self.replica.verifier }
        if self.isListening && !self.replica.isSilent {
            self.isListening = false
            self.isLogLost = false
        }
        if place != self.placeOfLeader {
            self.placeOfLeader = place
            self.patientSince = time
        }
        return effects
    }

    /// Computed properties of an object's struct are read from a copy of it; `inout` spares that at every event.
    private static func look(at replica: inout Replica, _ mostBuffered: inout Int) -> PlaceOfLeader {
        mostBuffered = max(mostBuffered, replica.bufferedMessages)
        return PlaceOfLeader(epoch: replica.epoch, view: replica.view, isChanging: replica.isChangingView)
    }

    /// The process dies; of a snapshot that is being written `share` thousandths are on the disk.
    func crash(share: Int) {
        self.isUp = false
        self.effectsLeft = nil
        self.life += 1
        self.application.crash(share: share)
    }

    /// Starts again from what the disk holds.
    ///
    /// - Returns: how many snapshots were not whole and are ignored; nil when the start is refused.
    func restart() -> Int? {
        guard self.refusal == nil else { return nil }
        guard let ignored = self.application.restart() else { return self.refuse("no snapshot is whole") }
        let state = self.application.state
        switch self.disk.read(blocks: self.reader) {
        case .damaged(let frame, let offset):
            return self.refuse(
                "\(self.id): the log is damaged at record \(frame), byte \(offset), with readable records behind it; "
                    + "what this validator has voted for is not known. Start it without the log, as one that lost it."
            )
        case .records(let records, _): self.recover(state, records)
        }
        self.isUp = true
        self.life += 1
        return ignored
    }

    private func refuse(_ reason: String) -> Int? {
        self.refusal = reason
        return nil
    }

    private func recover(_ state: SimulatedState, _ records: [LogRecord]) {
        self.replica = Self.replica(self.id, self.setting)
        var committees = CommitteeHistory(genesis: self.setting.genesis)
        for handover in state.handovers {
            guard let next = handover.block.nextCommittee else { continue }
            committees.follow(next, after: handover.block.height)
        }
        let genesis = StablePoint(genesis: SimulatedWorld.genesis)
        let recovery = Recovery(
            tip: state.top.map { StablePoint(certificate: $0.certificate) } ?? genesis,
            committees: committees,
            records: records,
            isLogLost: self.isLogLost
        )
        self.replica.recover(recovery)
        self.isListening = self.isLogLost
        self.replica.holdsBlocks(from: self.application.store.base + 1)
        self.verifier = self.replica.verifier
        self.placeOfLeader = Self.look(at: &self.replica, &self.mostBuffered)
    }
}
