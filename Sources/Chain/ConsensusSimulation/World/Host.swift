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
    var isLogLost = false
    var isPaused = false
    var lastComplaint: UInt64 = 0

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

    func crash() {
        self.isUp = false
        self.effectsLeft = nil
        self.life += 1
        self.application.crash()
    }

    /// Starts again from what the disk holds.
    func restart() {
        self.isUp = true
        self.life += 1
        self.replica = Self.replica(self.id, self.setting)
        var committees = CommitteeHistory(genesis: self.setting.genesis)
        var tip = StablePoint(genesis: SimulatedWorld.genesis)
        for certified in self.application.chain {
            if let next = certified.block.nextCommittee { committees.follow(next, after: certified.block.height) }
            tip = StablePoint(certificate: certified.certificate)
        }
        let recovery = Recovery(
            tip: tip,
            committees: committees,
            records: self.disk.log,
            isLogLost: self.isLogLost
        )
        self.replica.recover(recovery)
    }
}
