import Foundation
import MQTTIngest
import Testing

/// Against a real mosquitto: what only a real broker does.
@Suite(.enabled(if: TestBroker.isAvailable, "mosquitto is not installed"), .timeLimit(.minutes(10)))
struct RealBrokerTests {
    private static func numbered(_ count: Int) -> [String] { (0..<count).map { "reading \($0)" } }

    /// Leaves a session with a subscription in the broker.
    private static func makeSession(_ settings: BrokerSettings) async throws {
        try await withConnection(settings, RecordingStore()) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions.count == settings.subscriptions.count })
        }
    }

    @Test("messages published while the agent is away are delivered", arguments: [BrokerSettings.Version.v5, .v311])
    func sessionPersists(_ version: BrokerSettings.Version) async throws {
        let broker = try TestBroker()
        let settings = try loopbackSettings(port: broker.port, version: version)
        try await Self.makeSession(settings)
        try TestPublisher.publish(Self.numbered(50), topic: "ward/7", port: broker.port)
        let store = RecordingStore()
        try await withConnection(settings, store, broker: 3) { connection in
            #expect(await eventually { connection.state.totals.messages == 50 })
        }
        #expect(store.payloads == Self.numbered(50))
        #expect(store.sessionsPresent == [true])
        #expect(store.messages.allSatisfy { $0.topic == "ward/7" && $0.broker == 3 && $0.packetIdentifier > 0 })
    }

    @Test("a refused burst is delivered again", arguments: [BrokerSettings.Version.v5, .v311])
    func refusalIsRedelivered(_ version: BrokerSettings.Version) async throws {
        let broker = try TestBroker()
        let store = RecordingStore()
        try await withConnection(try loopbackSettings(port: broker.port, version: version), store) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions.count == 1 })
            store.refuses = true
            try TestPublisher.publish(Self.numbered(300), topic: "ward/7", port: broker.port)
            #expect(await eventually { store.refusals > 0 })
            store.refuses = false
            #expect(await eventually { store.count == 300 })
        }
        #expect(store.payloads == Self.numbered(300))
    }

    @Test("20,000 messages are drained exactly, without pauses")
    func drain() async throws {
        let broker = try TestBroker()
        let settings = try loopbackSettings(port: broker.port)
        try await Self.makeSession(settings)
        try TestPublisher.publish(Self.numbered(20_000), topic: "ward/7", port: broker.port)
        let store = RecordingStore()
        try await withConnection(settings, store) { connection in
            #expect(await eventually { connection.state.totals.messages >= 20_000 })
            #expect(connection.state.totals.messages == 20_000)
            #expect(connection.state.totals.bursts == UInt64(store.bursts.count))
        }
        #expect(store.payloads == Self.numbered(20_000))
    }

    @Test("over TLS with a client certificate, a session is drained in order", arguments: [1, 7, 1_024])
    func drainOverTLS(_ burst: Int) async throws {
        let certificates = try TestCertificates()
        let broker = try TestBroker(.init(certificates: certificates, requiresClientCertificate: true))
        let settings = try loopbackSettings(
            port: broker.port,
            host: "localhost",
            tls: TLSSettings(
                caFile: certificates.ca,
                certificateFile: certificates.client,
                keyFile: certificates.clientKey
            ),
            burst: BurstLimits(messagesMax: burst)
        )
        try await Self.makeSession(settings)
        try TestFolder.run(
            "/usr/bin/mosquitto_pub",
            [
                "-h", "localhost", "-p", "\(broker.port)", "--cafile", certificates.ca, "--cert", certificates.client,
                "--key", certificates.clientKey, "-t", "ward/7", "-q", "1", "-m", "reading", "--repeat", "3000",
            ]
        )
        let store = RecordingStore()
        try await withConnection(settings, store) { _ in
            #expect(await eventually { store.count == 3_000 })
        }
        let identifiers = store.messages.map(\.packetIdentifier)
        #expect(identifiers == identifiers.sorted())
        #expect(store.bursts.contains { $0.count > 1 } == (burst > 1))
    }

    @Test("an unknown authority, an expired certificate, a wrong name: each is told")
    func untrustedServers() async throws {
        let certificates = try TestCertificates()
        let strangers = try TestCertificates()
        let trusted = try TestBroker(.init(certificates: certificates))
        try await Self.expectFailure(
            port: trusted.port,
            ca: strangers.ca,
            host: "localhost",
            sentence: "it is not signed by an authority in"
        )

        let expired = try TestCertificates(serverDays: -1)
        let late = try TestBroker(.init(certificates: expired))
        try await Self.expectFailure(
            port: late.port,
            ca: expired.ca,
            host: "localhost",
            sentence: "it is expired"
        )

        let elsewhere = try TestCertificates(names: "DNS:mqtt.example.org")
        let misnamed = try TestBroker(.init(certificates: elsewhere))
        try await Self.expectFailure(
            port: misnamed.port,
            ca: elsewhere.ca,
            host: "localhost",
            sentence: "does not name \"localhost\""
        )
    }

    @Test("a missing client certificate and a port without TLS: each is told")
    func otherTLSFailures() async throws {
        let certificates = try TestCertificates()
        let strict = try TestBroker(.init(certificates: certificates, requiresClientCertificate: true))
        try await Self.expectFailure(
            port: strict.port,
            ca: certificates.ca,
            host: "localhost",
            sentence: "demands a client certificate"
        )

        let plain = try TestBroker()
        try await Self.expectFailure(
            port: plain.port,
            ca: certificates.ca,
            host: "localhost",
            sentence: "localhost:\(plain.port)"
        )
    }

    private static func expectFailure(port: Int, ca: String, host: String, sentence: String) async throws {
        let settings = try loopbackSettings(port: port, host: host, tls: TLSSettings(caFile: ca))
        try await withConnection(settings, RecordingStore()) { connection in
            #expect(await eventually { connection.state.failures > 1 })
            let told = try #require(connection.state.lastError)
            #expect(told.contains(sentence), "\(told)")
            #expect(connection.state.connections == 0)
        }
    }

    @Test("user name and password", arguments: [BrokerSettings.Version.v5, .v311])
    func password(_ version: BrokerSettings.Version) async throws {
        let broker = try TestBroker(.init(passwords: ["icu": "secret"]))
        let folder = try TestFolder.make("password")
        for (name, content) in [("right", "secret\n"), ("wrong", "guess")] {
            try TestFolder.write(content, to: "\(folder)/\(name)")
        }
        let right = try Login(username: "icu", passwordFile: "\(folder)/right")
        try await Self.makeSession(try loopbackSettings(port: broker.port, version: version, login: right))

        let wrong = try Login(username: "icu", passwordFile: "\(folder)/wrong")
        let settings = try loopbackSettings(port: broker.port, version: version, login: wrong)
        try await withConnection(settings, RecordingStore()) { connection in
            #expect(await eventually { connection.state.failures > 0 })
            let told = try #require(connection.state.lastError)
            #expect(told.contains("refuses the connection") && told.lowercased().contains("not authori"), "\(told)")
            #expect(!told.contains("guess"))
        }
    }

    @Test("the status is retained: online, lost when the connection breaks, stopped after a stop")
    func status() async throws {
        let broker = try TestBroker()
        let watch = RecordingStore()
        let watching = try loopbackSettings(
            port: broker.port,
            clientID: "watch",
            filters: ["wardline/agent/icu-agent/status"]
        )
        let store = RecordingStore()
        let settings = try loopbackSettings(port: broker.port)
        let online = #"{"agent":"icu-agent","status":"online"}"#
        try await withConnection(watching, watch) { watcher in
            #expect(await eventually { watcher.state.grantedSubscriptions.count == 1 })
            try await withConnection(settings, store) { connection in
                #expect(await eventually { watch.payloads == [online] })
                #expect(await eventually { connection.state.grantedSubscriptions.count == 1 })
                // A refusal drops the connection without DISCONNECT, as a crash does.
                store.refuses = true
                try TestPublisher.publish(["reading"], topic: "ward/7", port: broker.port)
                #expect(await eventually { watch.count == 2 })
                store.refuses = false
                #expect(await eventually { watch.count == 3 })
            }
            #expect(await eventually { watch.count == 4 })
        }
        let lost = #"{"agent":"icu-agent","status":"offline","reason":"connection lost"}"#
        let stopped = #"{"agent":"icu-agent","status":"offline","reason":"stopped"}"#
        #expect(watch.payloads == [online, lost, online, stopped])

        let later = RecordingStore()
        let newcomer = try loopbackSettings(
            port: broker.port,
            clientID: "later",
            filters: ["wardline/agent/icu-agent/status"]
        )
        try await withConnection(newcomer, later) { connection in
            #expect(await eventually { connection.state.totals.retained == 1 })
        }
        #expect(later.messages.map(\.payload) == [stopped])
        #expect(later.messages.map(\.retained) == [true])
    }

    @Test("a shared subscription spreads the messages over two agents")
    func sharedSubscription() async throws {
        let broker = try TestBroker()
        let (first, second) = (RecordingStore(), RecordingStore())
        let filters = ["$share/agents/ward/#"]
        let one = try loopbackSettings(port: broker.port, clientID: "one", filters: filters)
        let two = try loopbackSettings(port: broker.port, clientID: "two", filters: filters)
        try await withConnection(one, first) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions.count == 1 })
            try await withConnection(two, second) { other in
                #expect(await eventually { other.state.grantedSubscriptions.count == 1 })
                try TestPublisher.publish(Self.numbered(400), topic: "ward/7", port: broker.port)
                #expect(await eventually { first.count + second.count == 400 })
            }
        }
        #expect(first.count > 0 && second.count > 0)
        #expect(Set(first.payloads + second.payloads) == Set(Self.numbered(400)))
    }

    @Test("after a broker restart the agent comes back and gets what was published meanwhile")
    func brokerRestart() async throws {
        let broker = try TestBroker(.init(persistence: true))
        let store = RecordingStore()
        try await withConnection(try loopbackSettings(port: broker.port), store) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions.count == 1 })
            try broker.restart()
            #expect(await eventually { connection.state.connections == 2 && connection.state.isConnected })
            try TestPublisher.publish(Self.numbered(20), topic: "ward/7", port: broker.port)
            #expect(await eventually { store.count == 20 })
            #expect(connection.state.failures > 0)
        }
        #expect(store.payloads == Self.numbered(20))
        #expect(store.sessionsPresent == [false, true])
    }

    // mosquitto before 2.0.16 forgets the receive maximum once messages have queued up (its ChangeLog, issue 2306), so
    // only what is in flight before the first acknowledgement can be judged; the burst limit holds in any case.
    @Test("no more messages are in flight than the receive maximum")
    func receiveMaximum() async throws {
        let broker = try TestBroker()
        let settings = try loopbackSettings(
            port: broker.port,
            session: SessionLimits(receiveMaximum: 10),
            burst: BurstLimits(lingerMilliseconds: 500)
        )
        let store = RecordingStore()
        try await withConnection(settings, store) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions.count == 1 })
            // The first burst lingers, so it holds all that the broker sends without an acknowledgement.
            try TestPublisher.publish(Self.numbered(15), topic: "ward/7", port: broker.port)
            #expect(await eventually { store.count == 15 })
        }
        #expect(store.bursts.first?.count == 10)
        #expect(store.payloads == Self.numbered(15))
    }

    @Test(
        "a payload above the limit leaves its beginning and its length",
        arguments: [(1_000, 1_000), (70_000, 65_536)]
    )
    func oversized(_ limit: Int, _ kept: Int) async throws {
        let broker = try TestBroker()
        let settings = try loopbackSettings(port: broker.port, burst: BurstLimits(payloadBytesMax: limit))
        let store = RecordingStore()
        let large = String(repeating: "x", count: 200_000)
        try await withConnection(settings, store) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions.count == 1 })
            try TestPublisher.publish([large], topic: "ward/7", port: broker.port)
            try TestPublisher.publish(["small"], topic: "ward/7", port: broker.port)
            #expect(await eventually { connection.state.totals.messages == 2 })
            #expect(connection.state.totals.oversized == 1)
        }
        #expect(store.payloads == [String(large.prefix(kept)), "small"])
        #expect(store.oversized == [OversizedMessage(index: 0, payloadBytes: 200_000)])
    }

    @Test("publishers at QoS 2 are served at QoS 1, QoS 0 has no packet identifier")
    func otherQualities() async throws {
        let broker = try TestBroker()
        let store = RecordingStore()
        try await withConnection(try loopbackSettings(port: broker.port), store) { connection in
            #expect(await eventually { connection.state.grantedSubscriptions.count == 1 })
            try TestPublisher.publish(["twice"], topic: "ward/7", port: broker.port, qos: 2)
            try TestPublisher.publish(["never"], topic: "ward/7", port: broker.port, qos: 0)
            #expect(await eventually { store.count == 2 })
        }
        #expect(store.messages.map { $0.packetIdentifier > 0 } == [true, false])
    }

    @Test("a broker that is not there is told, and a stop ends the waiting")
    func absentBroker() async throws {
        let broker = try TestBroker()
        broker.stop(signal: SIGKILL)
        try await withConnection(try loopbackSettings(port: broker.port), RecordingStore()) { connection in
            #expect(await eventually { connection.state.failures > 2 })
            #expect(connection.state.lastError == "no connection to 127.0.0.1:\(broker.port): Connection refused")
        }
    }
}
