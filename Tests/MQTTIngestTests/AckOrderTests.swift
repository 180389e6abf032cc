import Foundation
import MQTTIngest
import Synchronization
import Testing

/// The promise of ``AckAfterCommit``, seen from the broker's end of the wire.
@Suite(.timeLimit(.minutes(10)))
struct AckOrderTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let version: BrokerSettings.Version
        let burst: Int
        var testDescription: String { "MQTT \(self.version), bursts of \(self.burst)" }
    }

    static let cases = [BrokerSettings.Version.v5, .v311].flatMap { version in
        [1, 16, 1_000].map { Case(version: version, burst: $0) }
    }

    /// A store that has the broker look at the wire just before each commit and each refusal.
    private static func store(watchedBy broker: ScriptedBroker) -> RecordingStore {
        RecordingStore(
            beforeCommit: { messages in
                broker.settle()
                broker.note(.commit(messages.map(\.packetIdentifier)))
            },
            afterRefusal: { messages in
                broker.settle()
                broker.note(.refuse(messages.map(\.packetIdentifier)))
            }
        )
    }

    /// Acknowledgements that arrived before the commit of their message.
    private static func early(_ events: [ScriptedBroker.Event]) -> [UInt16] {
        var durable: Set<UInt16> = []
        var early: [UInt16] = []
        for event in events {
            switch event {
            case .commit(let identifiers): durable.formUnion(identifiers)
            case .puback(let identifier) where !durable.contains(identifier): early.append(identifier)
            default: break
            }
        }
        return early
    }

    private static func acknowledged(_ events: [ScriptedBroker.Event]) -> Int {
        events.count { if case .puback = $0 { true } else { false } }
    }

    @Test("no acknowledgement before the commit that holds its message", arguments: cases)
    func ackFollowsCommit(_ example: Case) async throws {
        let broker = try ScriptedBroker()
        defer { broker.stop() }
        let store = Self.store(watchedBy: broker)
        let total = 3 * example.burst
        let settings = try loopbackSettings(
            port: broker.port,
            version: example.version,
            burst: BurstLimits(messagesMax: example.burst)
        )
        try await withConnection(settings, store) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions == ["ward/#"] })
            broker.publish((0..<total).map { "reading \($0)" })
            #expect(await eventually { Self.acknowledged(broker.events) == total })
        }
        #expect(Self.early(broker.events).isEmpty)
        #expect(store.payloads == (0..<total).map { "reading \($0)" })
        #expect(store.bursts.allSatisfy { $0.count <= example.burst })
        let acknowledged = broker.events.compactMap { if case .puback(let number) = $0 { number } else { nil } }
        #expect(acknowledged == (1...total).map { UInt16($0) })
    }

    @Test(
        "packets that share a TLS record, where poll(2) does not see them, are found at once",
        arguments: [1, 7, 300]
    )
    func packetsInsideOpenSSL(_ burst: Int) async throws {
        let certificates = try TestCertificates()
        let terminator = try TLSTerminator(certificates)
        let broker = ScriptedBroker(adopting: terminator.connection)
        defer { broker.stop() }
        let store = Self.store(watchedBy: broker)
        let settings = try loopbackSettings(
            port: terminator.port,
            host: "localhost",
            tls: TLSSettings(caFile: certificates.ca),
            burst: BurstLimits(messagesMax: burst)
        )
        try await withConnection(settings, store) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions == ["ward/#"] })
            broker.publish((0..<300).map { "reading \($0)" })
            #expect(await eventually { Self.acknowledged(broker.events) == 300 })
        }
        #expect(Self.early(broker.events).isEmpty)
        #expect(store.payloads == (0..<300).map { "reading \($0)" })
    }

    @Test("a refused burst is never acknowledged, and comes again", arguments: [BrokerSettings.Version.v5, .v311])
    func refusedBurstIsRedelivered(_ version: BrokerSettings.Version) async throws {
        let broker = try ScriptedBroker()
        defer { broker.stop() }
        let store = Self.store(watchedBy: broker)
        try await withConnection(try loopbackSettings(port: broker.port, version: version), store) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions == ["ward/#"] })
            broker.publish(["kept"])
            #expect(await eventually { Self.acknowledged(broker.events) == 1 })

            store.refuses = true
            broker.publish((0..<16).map { "refused \($0)" })
            #expect(await eventually { connection.state.phase == .refusing(reason: "the disk is full") })
            #expect(await eventually { broker.events.contains(.closed) })
            #expect(Self.acknowledged(broker.events) == 1)
            #expect(!broker.events.contains(.disconnect), "the last will must tell that the agent is away")

            store.refuses = false
            #expect(await eventually { Self.acknowledged(broker.events) == 17 })
            #expect(connection.state.refusals == 1)
            #expect(connection.state.connections == 2)
        }
        #expect(Self.early(broker.events).isEmpty)
        #expect(store.payloads == ["kept"] + (0..<16).map { "refused \($0)" })
        #expect(store.messages.map(\.packetIdentifier) == (1...17).map { UInt16($0) })
        #expect(store.sessionsPresent == [false, true])
    }

    @Test("a commit longer than the keep-alive neither breaks the connection nor lets an acknowledgement out")
    func slowCommitOutlastsKeepAlive() async throws {
        let broker = try ScriptedBroker()
        defer { broker.stop() }
        let store = RecordingStore { messages in
            // A disk that hangs; five seconds is the least keep-alive of libmosquitto.
            if messages.first?.payload == "slow" { Thread.sleep(forTimeInterval: 6) }
            broker.settle()
            broker.note(.commit(messages.map(\.packetIdentifier)))
        }
        let settings = try loopbackSettings(port: broker.port, session: SessionLimits(keepAliveSeconds: 5))
        try await withConnection(settings, store) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions == ["ward/#"] })
            broker.publish(["slow"])
            #expect(await eventually { Self.acknowledged(broker.events) == 1 })
            #expect(await eventually { broker.events.contains(.ping) })
            broker.publish(["after"])
            #expect(await eventually { Self.acknowledged(broker.events) == 2 })
            #expect(connection.state.connections == 1)
        }
        #expect(Self.early(broker.events).isEmpty)
    }

    @Test("a stop during a burst commits it, acknowledges it, says offline and disconnects, in this order")
    func stopDuringBurst() async throws {
        let broker = try ScriptedBroker()
        defer { broker.stop() }
        let stopper = Mutex<BrokerConnection?>(nil)
        let store = RecordingStore { messages in
            stopper.withLock { $0?.requestStop() }
            broker.settle()
            broker.note(.commit(messages.map(\.packetIdentifier)))
        }
        let settings = try loopbackSettings(port: broker.port)
        try await withConnection(settings, store) { connection in
            stopper.withLock { $0 = connection }
            #expect(await eventually { connection.state.grantedSubscriptions == ["ward/#"] })
            broker.publish((0..<16).map { "reading \($0)" })
            #expect(await eventually { connection.state.phase == .stopped })
        }
        stopper.withLock { $0 = nil }
        #expect(await eventually { broker.events.last == .closed })
        let events = broker.events
        #expect(Self.early(events).isEmpty)
        #expect(Self.acknowledged(events) == 16)
        let offline = #"{"agent":"icu-agent","status":"offline","reason":"stopped"}"#
        #expect(events.suffix(3) == [.status(offline), .disconnect, .closed])
    }

    @Test("online is announced, and subscriptions changed on the running connection")
    func subscriptionsChangeLive() async throws {
        let broker = try ScriptedBroker()
        defer { broker.stop() }
        let settings = try loopbackSettings(port: broker.port, filters: ["ward/a", "ward/b"])
        try await withConnection(settings, RecordingStore()) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions == ["ward/a", "ward/b"] })
            try connection.update(subscriptions: [
                Subscription(filter: "ward/b"), Subscription(filter: "refused/x"), Subscription(filter: "ward/c"),
            ])
            #expect(await eventually { connection.state.grantedSubscriptions == ["ward/b", "ward/c"] })
            #expect(await eventually { connection.state.refusedSubscriptions.keys.contains("refused/x") })
        }
        let events = broker.events
        #expect(events.contains(.status(#"{"agent":"icu-agent","status":"online"}"#)))
        let changes = events.filter {
            switch $0 {
            case .subscribe, .unsubscribe: true
            default: false
            }
        }
        #expect(
            changes == [
                .subscribe("ward/a"), .subscribe("ward/b"), .unsubscribe("ward/a"), .subscribe("refused/x"),
                .subscribe("ward/c"),
            ]
        )
    }

    @Test("the session asked for: protocol version, session expiry, receive maximum")
    func connectRequest() async throws {
        for (version, expected) in [
            (
                BrokerSettings.Version.v5,
                ScriptedBroker.Connect(
                    version: 5,
                    cleanStart: false,
                    keepAlive: 30,
                    sessionExpiry: 90_000,
                    receiveMaximum: 77
                )
            ),
            (.v311, ScriptedBroker.Connect(version: 4, cleanStart: false, keepAlive: 30)),
        ] {
            let broker = try ScriptedBroker()
            defer { broker.stop() }
            let session = try SessionLimits(keepAliveSeconds: 30, sessionExpirySeconds: 90_000, receiveMaximum: 77)
            let settings = try loopbackSettings(port: broker.port, version: version, session: session)
            try await withConnection(settings, RecordingStore()) { connection in
                #expect(await eventually { connection.state.isConnected })
            }
            #expect(broker.events.first == .connect(expected))
        }
    }

    @Test("a refused subscription is named with its reason", arguments: [BrokerSettings.Version.v5, .v311])
    func refusedSubscription(_ version: BrokerSettings.Version) async throws {
        let broker = try ScriptedBroker()
        defer { broker.stop() }
        let settings = try loopbackSettings(port: broker.port, version: version, filters: ["refused/a", "ward/#"])
        try await withConnection(settings, RecordingStore()) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions == ["ward/#"] })
            let reason = try #require(connection.state.refusedSubscriptions["refused/a"])
            #expect(reason.contains(version == .v5 ? "Not authorized" : "access control list"))
            #expect(connection.state.isConnected)
        }
    }
}
