internal import DeviceProfiles
internal import Foundation
package import Logging
internal import MQTTIngest
internal import Normalization
internal import Records
internal import ServiceLifecycle
internal import Spool
internal import Synchronization
internal import UnixSignals

/// `wardline agent`: brokers → inbox → normalizer → spool → sinks, and what watches over them.
package final class Agent: Sendable {
    let configuration: AgentConfiguration
    let logger: Logger
    private let store: AgentStore
    private let lock: StateLock
    private let ingest: IngestStore
    private let normalizer: NormalizerLoop
    /// nil while no profile and no subscription asks for a lane of waveforms.
    private let waves: WaveLane?
    private let brokers: [BrokerConnection]
    private let sinks: [any ObservationSink]
    private let uplink: UplinkServices?
    private let anchoring: AnchorServices?
    private let sharing: ShareServices?
    /// nil without an MLLP listener.
    private let intake: MLLPIntake?
    /// The bed map as the numerics' normalizer leaves it, for the waveforms'; nil without movements.
    private let sharedBeds: SharedBeds?
    private let holdsNormalization: Bool
    private let profiles: Mutex<(library: ProfileLibrary, problems: Int)>
    private let profileStatus: Mutex<ProfileStatus>
    /// One load after the other: SIGHUP and changed files may come together.
    private let loading = Mutex(())
    /// What the first profiles were loaded from.
    let foldersAtStart: ProfileFolders?
    private let naming: PatientNaming
    private let notifier = AgentNotifier()
    private let room: AgentRoomWatch
    /// What the dashboard looks through; nil without one.
    private let watch = Mutex<AgentWatch?>(nil)

    /// Opens everything that must work before the first message is taken.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - holdsNormalization: take messages in, but leave them for a later run.
    ///   - logger: for the whole process.
    /// - Throws: an error whose description says what to do.
    package init(configuration: AgentConfiguration, holdsNormalization: Bool, logger: Logger) throws {
        self.configuration = configuration
        self.holdsNormalization = holdsNormalization
        self.logger = logger
        self.foldersAtStart = ProfileFolders(configuration.deviceDirectories)
        let (library, problems) = ProfileLibrary.load(directories: configuration.deviceDirectories)
        for problem in problems { Self.log(refused: problem, to: logger) }
        self.profiles = Mutex((library, problems.count))
        self.profileStatus = Mutex(ProfileStatus(library, problems: problems, after: nil))
        self.room = try AgentRoomWatch(configuration)
        self.naming = try configuration.patientNaming()
        if case .withheld = self.naming {
            logger.notice("no patients.pseudonym_key_file: readings of patients whom messages name stay unassociated")
        }
        let store = try AgentStore(
            configuration: configuration,
            makesWaves: configuration.brokers.contains { $0.hasWaves(library) }
        )
        self.store = store
        self.lock = try StateLock(directory: configuration.stateDirectory)
        self.ingest = IngestStore(
            inbox: store.inbox,
            receiveMaximum: configuration.brokers.map(\.unacknowledgedMax).max() ?? 1024,
            secret: try store.dedupSecret(),
            logger: logger
        )
        let turn = LaneTurn()
        let sharedBeds = configuration.adt == nil ? nil : SharedBeds()
        self.sharedBeds = sharedBeds
        self.normalizer = NormalizerLoop(
            inbox: store.inbox,
            spool: store.spool,
            turn: turn,
            sharedBeds: sharedBeds,
            logger: logger
        )
        self.waves = try WaveLane(
            configuration,
            library: library,
            store: store,
            turn: turn,
            sharedBeds: sharedBeds,
            logger: logger
        )
        self.intake = try MLLPIntake(configuration, store: store, logger: logger)
        self.brokers = try Self.connections(
            configuration,
            library: library,
            store: self.ingest,
            waves: self.waves,
            logger: logger
        )
        self.sinks = configuration.sinks.map { sink -> any ObservationSink in
            switch sink.destination {
            case .ndjson(let path):
                NDJSONSink(name: sink.name, path: path, spool: store.spool, logger: logger)
            case .fhir(let server):
                FHIRSink(name: sink.name, server: server, spool: store.spool, logger: logger)
            }
        }
        // The sealer asks for it when it starts.
        try store.spool.setAnchoring(configuration.chain != nil)
        self.anchoring = try Self.anchoring(configuration, spool: store.spool, logger: logger)
        self.sharing = try Self.sharing(configuration, spool: store.spool, logger: logger)
        self.uplink = try configuration.uplink.map { try UplinkServices($0, spool: store.spool, logger: logger) }
    }

    private static func anchoring(
        _ configuration: AgentConfiguration,
        spool: Spool,
        logger: Logger
    ) throws -> AnchorServices? {
        guard let chain = configuration.chain, let uplink = configuration.uplink else { return nil }
        return try AnchorServices(chain, identityDirectory: uplink.identityDirectory, spool: spool, logger: logger)
    }

    private static func sharing(
        _ configuration: AgentConfiguration,
        spool: Spool,
        logger: Logger
    ) throws -> ShareServices? {
        guard let share = configuration.share, let chain = configuration.chain else { return nil }
        return try ShareServices(share, chain: chain, spool: spool, logger: logger)
    }

    private static func connections(
        _ configuration: AgentConfiguration,
        library: ProfileLibrary,
        store: IngestStore,
        waves: WaveLane?,
        logger: Logger
    ) throws -> [BrokerConnection] {
        var connections: [BrokerConnection] = []
        for (index, broker) in configuration.brokers.enumerated() {
            let settings = try broker.settings(
                agentID: configuration.agentID,
                profiles: library,
                takesShareRequests: configuration.share != nil,
                movementTopics: configuration.adt?.topics ?? [],
                lanes: waves?.takes(broker) ?? false ? .numerics : .one
            )
            try settings.checkFiles()
            connections.append(
                try BrokerConnection(settings: settings, broker: UInt8(index), store: store, logger: logger)
            )
        }
        return connections
    }

    /// Runs until SIGTERM or SIGINT; SIGHUP reloads the profiles.
    package func run() async throws {
        self.saveProfilesInForce(self.profileStatus.withLock { $0.inForce })
        self.reportRecovery(try self.store.recover())
        if let waves = try self.store.recoverWaves() { self.reportRecovery(waves) }
        self.reportForgottenSinks()
        let library = self.profiles.withLock { $0.library }
        let processor = MessageProcessor(
            library: library,
            state: try self.store.decoderState(),
            normalizer: try self.store.normalizer(naming: self.naming),
            streams: try self.store.streamNaming(),
            shareIntake: self.sharing?.intake,
            patients: try self.configuration.patientBook(self.store.spool)
        )
        let dashboard = try AgentDashboard(self.configuration, store: self.store, logger: self.logger) {
            try self.status()
        }
        self.watch.withLock { $0 = dashboard?.watch }
        // Shutdown goes through this list backwards: first nothing comes in, last nothing goes out.
        var services: [any Service] = []
        if let port = self.configuration.httpPort {
            services.append(
                StatusServer.service(host: self.configuration.httpHost, port: port, logger: self.logger) {
                    try self.status()
                }
            )
        }
        services.append(SupervisionService(agent: self))
        if let dashboard { services.append(dashboard.service) }
        services += self.anchoring.map { [$0.service] } ?? []
        services += self.sharing?.services ?? []
        services += self.uplink?.services ?? []
        services += self.sinks.map { sink in
            BlockingService(name: "sink-\(sink.name)", work: sink.run, requestStop: sink.requestStop)
        }
        if !self.holdsNormalization {
            let normalizer = self.normalizer
            services.append(
                BlockingService(
                    name: "normalizer",
                    work: { normalizer.run(processor) },
                    requestStop: normalizer.requestStop
                )
            )
            if let waves = self.waves { services.append(try waves.normalizerService(self.store, self.naming, library)) }
        }
        services += (self.brokers + (self.waves?.connections ?? [])).map(BrokerService.init)
        services += self.intake?.services ?? []
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: self.quietLogger
            )
        )
        try await group.run()
        self.notifier.stopping()
        self.logger.info("stopped")
    }

    /// ServiceLifecycle's own notes are for debugging.
    private var quietLogger: Logger {
        var logger = self.logger
        logger.logLevel = max(.warning, logger.logLevel)
        return logger
    }

    private func isConsumer(_ name: String) -> Bool {
        self.sinks.contains { $0.name == name } || (self.uplink != nil && name == Spool.sealer)
    }

    private func reportRecovery(_ report: RecoveryReport) {
        if report.inboxReplaced {
            self.logger.warning("the inbox is not the one the spool knew; normalization starts at its beginning")
        }
        self.logger.info(
            report.messages == 0 ? "nothing left to normalize" : "resuming with messages stored before the last stop",
            metadata: ["messages": "\(report.messages)", "batches": "\(report.batchesToNormalize)"]
        )
    }

    private func reportForgottenSinks() {
        for sink in (try? self.store.spool.sinks()) ?? [] where !self.isConsumer(sink.name) {
            self.logger.warning(
                "a sink that is no longer configured holds back pruning; wardline spool forget-sink ends that",
                metadata: ["sink": "\(sink.name)"]
            )
        }
    }

    /// Loads the profiles anew because an operator asks for it; what the chain refused is tried again.
    func reloadProfiles() {
        self.notifier.reloading()
        self.anchoring?.retryRefused()
        self.loadProfiles(cause: "asked for")
        self.notifier.ready(status: self.statusLine())
    }

    /// Loads the profiles anew; refused files leave their running version in force.
    ///
    /// The library is swapped whole between two batches: a message is read by one library from beginning to end.
    func loadProfiles(cause: String) { self.loading.withLock { _ in self.loadProfilesNow(cause: cause) } }

    private func loadProfilesNow(cause: String) {
        let running = self.profiles.withLock { $0.library }
        let (library, problems) = ProfileLibrary.load(
            directories: self.configuration.deviceDirectories,
            running: running
        )
        for problem in problems { Self.log(refused: problem, to: self.logger) }
        self.profiles.withLock { $0 = (library, problems.count) }
        let status = self.profileStatus.withLock { status in
            status = ProfileStatus(library, problems: problems, after: status)
            return status
        }
        self.saveProfilesInForce(status.inForce)
        self.normalizer.use(library)
        self.waves?.use(library, logger: self.logger)
        for (connection, broker) in zip(self.brokers, self.configuration.brokers) {
            do {
                try connection.update(subscriptions: self.subscriptions(of: broker, library))
            } catch {
                self.logger.error("subscriptions not changed", metadata: ["why": "\(error)"])
            }
        }
        self.logger.info(
            "profiles reloaded",
            metadata: [
                "cause": "\(cause)", "in force": "\(library.profiles.count)", "files refused": "\(problems.count)",
            ]
        )
    }

    private func subscriptions(
        of broker: AgentConfiguration.Broker,
        _ library: ProfileLibrary
    ) throws(BrokerSettingsError) -> [MQTTIngest.Subscription] {
        // A lane that begins with a reload would need a connection of its own: until a restart one takes both.
        let hasLane = self.waves?.takes(broker) ?? false
        return try broker.topicSubscriptions(
            profiles: library,
            takesShareRequests: self.configuration.share != nil,
            movementTopics: self.configuration.adt?.topics ?? [],
            lanes: hasLane ? .numerics : .one
        )
    }

    /// Tells systemd that the agent runs, and that it is alive as long as its threads are.
    func supervise() {
        guard let status = try? self.status(), status.hanging.isEmpty else { return }
        self.notifier.alive(status: self.statusLine(status))
    }

    func announceReady() { self.notifier.ready(status: self.statusLine()) }

    /// How often ``supervise()`` must be called, in seconds.
    var supervisionSeconds: Double {
        self.notifier.beatSeconds
    }

    /// Deletes what is delivered and past its retention; bounded work a call.
    func prune() {
        self.watch.withLock { $0 }?.rest()
        do {
            try self.store.prune()
        } catch {
            self.logger.warning("pruning failed", metadata: ["why": "\(error)"])
        }
    }

    private func statusLine(_ status: AgentStatus? = nil) -> String {
        guard let status = try? status ?? self.status() else { return "running" }
        let counts = status.spool.messages
        return "\(counts.received) messages, \(status.spool.observationsStored) observations, "
            + "\(status.spool.deadLettersOpen) dead letters, backlog \(status.spool.backlog.messages)"
            + (status.spool.shareRequests.open > 0 ? ", \(status.spool.shareRequests.open) share requests open" : "")
            + (status.obstacles.first.map { "; \($0)" } ?? "")
    }

    /// The agent's state at this moment.
    func status() throws -> AgentStatus {
        let (library, problems) = self.profiles.withLock { $0 }
        let hour = systemMilliseconds() / AccountSheet.hourMilliseconds
        return AgentStatus(
            now: monotonicNanoseconds(),
            brokers: zip(self.brokers, self.configuration.brokers).map { connection, broker in
                AgentStatus.Broker(name: "\(broker.host):\(broker.port)", state: connection.state)
            } + (self.waves?.brokers ?? []),
            spool: try self.store.statistics(),
            sinks: self.sinks.map(AgentStatus.Sink.init),
            normalizerHeartbeat: self.normalizer.heartbeat,
            normalizerFailure: self.normalizer.failure,
            isHoldingNormalization: self.holdsNormalization,
            profiles: library.profiles.count,
            profileProblems: problems,
            clocks: self.normalizer.clocks,
            accounts: try self.store.spool.accounts(fromHour: hour - 1),
            hour: hour,
            uplink: self.uplink?.status,
            anchoring: self.anchoring?.state,
            sharing: self.sharing?.state,
            waves: self.waves?.state,
            intake: self.intake?.state,
            patients: self.normalizer.patients,
            room: self.room.room,
            profileLoads: self.profileStatus.withLock { $0 }
        )
    }
}

/// One broker's connection as a service.
struct BrokerService: Service {
    let connection: BrokerConnection

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await self.connection.run()
        } onCancelOrGracefulShutdown: {
            self.connection.requestStop()
        }
    }
}
