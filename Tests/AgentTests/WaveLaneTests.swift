import DeviceProfiles
import Foundation
import MQTTIngest
import Normalization
import Spool
import Testing

@testable import Agent

@Suite struct WaveSubscriptionTests {
    private static func broker(_ subscriptions: String) throws -> AgentConfiguration.Broker {
        let configuration = try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: state
                spool: {master_key_file: spool.key}
                devices: devices
                brokers: [{host: 127.0.0.1\(subscriptions)}]
                """,
            file: "agent.yaml"
        )
        return try #require(configuration.brokers.first)
    }

    private static let library: ProfileLibrary = {
        let texts = [thermometer(), waveform()]
        return ProfileLibrary(profiles: texts.compactMap { try? ProfileParser.parse($0, file: "p.yaml") })
    }()

    @Test("without a list, each connection takes the topics of its lane's profiles")
    func fromProfiles() throws {
        let broker = try Self.broker("")
        #expect(broker.hasWaves(Self.library))
        let filters: [AgentConfiguration.Broker.Lanes: [String]] = [
            .one: ["ward/+/bed/+/ecg/+", "ward/+/bed/+/thermometer/+"], .numerics: ["ward/+/bed/+/thermometer/+"],
            .waves: ["ward/+/bed/+/ecg/+"],
        ]
        for (lanes, wanted) in filters {
            #expect(try broker.topicSubscriptions(profiles: Self.library, lanes: lanes).map(\.filter) == wanted)
        }
        #expect(!broker.hasWaves(ProfileLibrary(profiles: [])))
    }

    @Test("a list says itself what takes the lane of waveforms")
    func fromList() throws {
        let plain = try Self.broker(", subscriptions: [{filter: \"ward/#\"}]")
        #expect(!plain.hasWaves(Self.library))
        let split = try Self.broker(", subscriptions: [{filter: \"a/#\"}, {filter: \"b/#\", lane: waves}]")
        #expect(split.hasWaves(ProfileLibrary(profiles: [])))
        #expect(try split.topicSubscriptions(profiles: Self.library, lanes: .numerics).map(\.filter) == ["a/#"])
        #expect(try split.topicSubscriptions(profiles: Self.library, lanes: .waves).map(\.filter) == ["b/#"])
        #expect(try split.topicSubscriptions(profiles: Self.library).map(\.filter) == ["a/#", "b/#"])
    }

    @Test("the second connection is another client, and its bursts are small and may wait")
    func settings() throws {
        let broker = try Self.broker("")
        let waves = try broker.settings(agentID: "test", profiles: Self.library, lanes: .waves)
        let numerics = try broker.settings(agentID: "test", profiles: Self.library, lanes: .numerics)
        #expect(waves.endpoint.clientID == "wardline-test-waves" && numerics.endpoint.clientID == "wardline-test")
        #expect(waves.statusTopic != numerics.statusTopic)
        #expect(waves.burst.lingerMilliseconds > 0 && numerics.burst.lingerMilliseconds == 0)
        #expect(waves.burst.bytesMax < numerics.burst.bytesMax)
    }
}

@Suite("Waveforms beside numerics, from a real broker", .enabled(if: TestBroker.isAvailable), .timeLimit(.minutes(20)))
struct WaveLaneTests {
    @Test("each kind goes its way, and everything arrives once")
    func bothLanes() async throws {
        let broker = try TestBroker()
        let site = try TestSite(
            profiles: ["thermometer.yaml": thermometer(), "ecg.yaml": waveform()],
            brokerPort: broker.port
        )
        let store = try AgentStore(configuration: site.configuration, makesWaves: true)
        _ = try (store.recover(), store.recoverWaves())
        let turn = LaneTurn()
        let lane = try #require(
            try WaveLane(
                site.configuration,
                library: site.library,
                store: store,
                turn: turn,
                logger: TestSite.logger
            )
        )
        let configured = try #require(site.configuration.brokers.first)
        #expect(lane.takes(configured) && lane.connections.count == 1)
        let main = try BrokerConnection(
            settings: configured.settings(agentID: "test", profiles: site.library, lanes: .numerics),
            broker: 0,
            store: IngestStore(
                inbox: store.inbox,
                receiveMaximum: 1_024,
                secret: try store.dedupSecret(),
                logger: TestSite.logger
            ),
            logger: TestSite.logger
        )
        let loop = NormalizerLoop(inbox: store.inbox, spool: store.spool, turn: turn, logger: TestSite.logger)
        let processor = try site.processor(store)
        let waveThread = try lane.normalizerService(store, .withheld, site.library)
        async let mainEnd: Void = main.run()
        async let waveEnd: Void = lane.connections[0].run()
        try await withThread({ loop.run(processor) }, stop: loop.requestStop) {
            try await withThread(waveThread.work, stop: waveThread.requestStop) {
                #expect(
                    await eventually {
                        main.state.grantedSubscriptions.count == 1
                            && lane.connections[0].state.grantedSubscriptions.count == 1
                    }
                )
                let blocks = (0..<40).filter { $0 != 17 }.map { block($0) }
                try broker.publish(blocks, topic: "ward/7/bed/3/ecg/E1")
                try broker.publish(["36.5", "36.6", "36.7"], topic: "ward/7/bed/3/thermometer/T1")
                #expect(try await eventually { try store.statistics().observationsStored == 42 })
            }
        }
        main.requestStop()
        lane.connections[0].requestStop()
        _ = await (mainEnd, waveEnd)
        let statistics = try store.statistics()
        #expect(statistics.messages.received == 42 && statistics.messages.normalized == 42)
        #expect(try store.inbox.messageCount == 3)
        #expect(try #require(store.waves).messageCount == 39)
        #expect(statistics.waveBacklog?.messages == 0)
        let lines = try store.spool.allLines().filter { $0.contains("valueSampledData") }
        #expect(lines.count == 39)
        #expect(lines.count { $0.contains("samples-lost") } == 1)
        #expect(lines.last?.contains(#"{"url":"position","valueDecimal":195}"#) == true)
        // The state is of the lane, in the same transaction.
        let states = try store.spool.states()
        #expect(states["waves.waves"] != nil && states["waves"] == nil)
    }

    /// A block of five samples at 5 Hz.
    private func block(_ number: Int) -> String {
        let time = 1_795_240_800 + number
        return #"{"t":\#(time),"n":\#(number * 5),"v":[1,2,3,4,\#(number)]}"#
    }
}

/// A profile of blocks of samples that take their own lane.
func waveform() -> String {
    """
    wardline: device-profile/1
    id: ecg
    version: 1.0.0
    name: ECG
    topics: ["ward/{ward}/bed/{bed}/ecg/{serial}"]
    payload: {format: json}
    device: "{serial}"
    bed: "{ward}/{bed}"
    time: {value: $.t, format: unix-s}
    clock: trust
    lane: waves
    readings:
      - {code: ecg-lead-i, as: sampled, value: $.v, period_ms: 200, factor: 0.005, origin: 0, continuity: {counter: $.n}}

    """
}
