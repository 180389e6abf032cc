internal import DeviceProfiles
internal import Logging
internal import MQTTIngest
internal import Normalization
internal import ServiceLifecycle
internal import Spool

/// The waveforms' way through the agent, beside that of numerics: connections, inbox and thread of its own, so that no
/// number ever waits behind a block of samples.
final class WaveLane: Sendable {
    /// One connection for each broker that has waveforms.
    let connections: [BrokerConnection]
    private let configurations: [AgentConfiguration.Broker]
    private let loop: NormalizerLoop

    /// Broker indices of this lane begin here, so that the two sessions of one broker are two.
    private static let brokerIndexBase = 128

    /// - Returns: nil while nothing asks for the lane, and nothing of an earlier run waits in it.
    init?(
        _ configuration: AgentConfiguration,
        library: ProfileLibrary,
        store: AgentStore,
        turn: LaneTurn,
        sharedBeds: SharedBeds? = nil,
        logger: Logger
    ) throws {
        guard let inbox = store.waves else { return nil }
        let brokers = configuration.brokers.prefix(Self.brokerIndexBase).filter { $0.hasWaves(library) }
        let ingest = IngestStore(
            inbox: inbox,
            receiveMaximum: brokers.map(\.unacknowledgedMax).max() ?? 1024,
            secret: try store.dedupSecret(),
            logger: logger
        )
        var connections: [BrokerConnection] = []
        for (index, broker) in configuration.brokers.enumerated()
        where index < Self.brokerIndexBase && broker.hasWaves(library) {
            let settings = try broker.settings(agentID: configuration.agentID, profiles: library, lanes: .waves)
            try settings.checkFiles()
            connections.append(
                try BrokerConnection(
                    settings: settings,
                    broker: UInt8(Self.brokerIndexBase + index),
                    store: ingest,
                    logger: logger
                )
            )
        }
        self.connections = connections
        self.configurations = Array(brokers)
        self.loop = NormalizerLoop(
            inbox: inbox,
            spool: store.spool,
            turn: turn,
            sharedBeds: sharedBeds,
            logger: logger
        )
    }

    /// Whether a broker's waveforms come this way.
    func takes(_ broker: AgentConfiguration.Broker) -> Bool {
        self.configurations.contains {
            $0.clientID == broker.clientID && $0.host == broker.host && $0.port == broker.port
        }
    }

    /// The thread that turns blocks into Observations.
    func normalizerService(
        _ store: AgentStore,
        _ naming: PatientNaming,
        _ library: ProfileLibrary
    ) throws -> BlockingService {
        let processor = MessageProcessor(
            library: library,
            state: try store.decoderState(of: .waves),
            normalizer: try store.normalizer(naming: naming, lane: .waves),
            lane: .waves,
            streams: try store.streamNaming()
        )
        let loop = self.loop
        return BlockingService(name: "waves", work: { loop.run(processor) }, requestStop: loop.requestStop)
    }

    /// Puts new profiles in force.
    func use(_ library: ProfileLibrary, logger: Logger) {
        self.loop.use(library)
        for (connection, broker) in zip(self.connections, self.configurations) {
            do {
                try connection.update(subscriptions: broker.topicSubscriptions(profiles: library, lanes: .waves))
            } catch {
                logger.error("subscriptions of waveforms not changed", metadata: ["why": "\(error)"])
            }
        }
    }

    /// The connections' states.
    var brokers: [AgentStatus.Broker] {
        zip(self.connections, self.configurations).map { connection, broker in
            AgentStatus.Broker(name: "\(broker.host):\(broker.port) waves", state: connection.state)
        }
    }

    var state: AgentStatus.Waves {
        AgentStatus.Waves(heartbeat: self.loop.heartbeat, failure: self.loop.failure)
    }
}
