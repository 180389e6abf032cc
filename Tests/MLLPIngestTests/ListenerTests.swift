import Foundation
import Logging
import NIOSSL
import Records
import Testing

@testable import MLLPIngest

@Suite("An MLLP port", .timeLimit(.minutes(20)))
struct ListenerTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a listener with its committing thread.
    private static func withListener(
        _ store: RecordingStore,
        tls: ListenerSettings.TLS? = nil,
        limits: ListenerSettings.Limits = ListenerSettings.Limits(),
        storedLast: [MessageBurst] = [],
        _ body: (MLLPListener, Int) async throws -> Void
    ) async throws {
        let committer = MessageCommitter(secret: (1, 2), storedLast: storedLast) { try store.store($0) }
        let (ended, ending) = AsyncStream.makeStream(of: Void.self)
        Thread {
            committer.run()
            ending.finish()
        }.start()
        let settings = ListenerSettings(
            name: "beds",
            host: "127.0.0.1",
            port: 0,
            tls: tls,
            topic: "hl7/monitors",
            admission: Admission(messageTypes: ["ORU", "ADT"]),
            limits: limits
        )
        let listener = try MLLPListener(settings, committer: committer, logger: Self.logger)
        let port = try await listener.start()
        let result: Result<Void, any Error>
        do { result = .success(try await body(listener, port)) } catch { result = .failure(error) }
        store.setGate(open: true)
        await listener.stop()
        committer.requestStop()
        for await _ in ended {}
        #expect(listener.state.connections == 0 && !listener.state.isListening)
        try result.get()
    }

    @Test("stores observations and movements under their topics, and answers in order")
    func topics() async throws {
        let store = RecordingStore()
        try await Self.withListener(store) { listener, port in
            let sender = try await TestSender(port: port)
            let adt = "MSH|^~\\&|HIS|H|||20261121080000||ADT^A01|a|P|2.5\rPID|1\r"
            try await sender.send(TestSender.frame(TestSender.oru("1")) + TestSender.frame(adt))
            try await sender.send(TestSender.frame("MSH|^~\\&|HIS|H|||1||ORM^O01|b|P|2.5\r"))
            try await sender.send(TestSender.frame(TestSender.oru("2")))
            #expect(await eventually { sender.answers.count == 4 })
            #expect(
                sender.answers == ["MSA|AA|1", "MSA|AA|a", "MSA|AR|b|Unsupported message type", "MSA|AA|2"]
            )
            #expect(store.messages.map(\.topic) == ["hl7/monitors", "wardline/adt/beds", "hl7/monitors"])
            #expect(store.messages.map(\.payload) == [TestSender.oru("1"), adt, TestSender.oru("2")])
            let state = listener.state
            #expect(state.messagesStored == 3 && state.messagesRefused == ["message-type": 1])
            #expect(state.acknowledgementCounts.reduce(0, +) == 3)
            await sender.close()
        }
    }

    @Test("answers nothing before the write has returned, and shares one write among connections")
    func durability() async throws {
        let store = RecordingStore()
        try await Self.withListener(store) { _, port in
            store.setGate(open: false)
            var senders: [TestSender] = []
            for number in 0..<10 {
                let sender = try await TestSender(port: port)
                try await sender.send(TestSender.frame(TestSender.oru("\(number)", value: number)))
                senders.append(sender)
            }
            // The committing thread waits in its first write; what comes meanwhile shares the next one.
            #expect(await eventually { store.entered == 1 })
            #expect(senders.allSatisfy { $0.answers.isEmpty })
            store.setGate(open: true)
            let all = senders
            #expect(await eventually { all.allSatisfy { $0.answers.count == 1 } })
            #expect(store.messages.count == 10)
            #expect(store.bursts.count < 10)
            for sender in senders { await sender.close() }
        }
    }

    @Test("answers nothing that the store refuses, and closes, so that the sender keeps it")
    func refusedByStore() async throws {
        let store = RecordingStore()
        try await Self.withListener(store) { listener, port in
            store.refuse(true)
            let sender = try await TestSender(port: port)
            try await sender.send(TestSender.frame(TestSender.oru("1")))
            #expect(await eventually { sender.isClosed })
            #expect(sender.answers.isEmpty && listener.state.messagesNotStored == 1)
            store.refuse(false)
            let again = try await TestSender(port: port)
            try await again.send(TestSender.frame(TestSender.oru("1")))
            #expect(await eventually { again.answers == ["MSA|AA|1"] })
            // It was never stored: what comes now is no repetition.
            #expect(store.messages.map(\.isRepeated) == [false])
            await again.close()
        }
    }

    @Test("recognises what is sent again, also after a restart, unless two messages may be equal")
    func repetitions() async throws {
        let store = RecordingStore()
        let untimed = TestSender.oru("1", time: "")
        try await Self.withListener(store) { _, port in
            for _ in 0..<2 {
                let sender = try await TestSender(port: port)
                try await sender.send(TestSender.frame(TestSender.oru("1")) + TestSender.frame(untimed))
                #expect(await eventually { sender.answers.count == 2 })
                await sender.close()
            }
        }
        #expect(store.messages.map(\.isRepeated) == [false, false, true, false])
        let after = RecordingStore()
        try await Self.withListener(after, storedLast: store.bursts) { _, port in
            let sender = try await TestSender(port: port)
            try await sender.send(TestSender.frame(TestSender.oru("1")) + TestSender.frame(TestSender.oru("2")))
            #expect(await eventually { sender.answers.count == 2 })
            await sender.close()
        }
        #expect(after.messages.map(\.isRepeated) == [true, false])
    }

    @Test("takes frames byte by byte, and lets half a frame go with its connection")
    func halves() async throws {
        let store = RecordingStore()
        // Beside all other tests so many turns can take minutes.
        var limits = ListenerSettings.Limits()
        limits.frameSeconds = 3_600
        try await Self.withListener(store, limits: limits) { listener, port in
            let slow = try await TestSender(port: port)
            for byte in TestSender.frame(TestSender.oru("1")).utf8 { try await slow.send([byte]) }
            #expect(await eventually { slow.answers == ["MSA|AA|1"] })
            let broken = try await TestSender(port: port)
            try await broken.send(String(TestSender.frame(TestSender.oru("2")).dropLast(20)))
            await broken.close()
            #expect(await eventually { listener.state.framesTorn == 1 })
            #expect(store.messages.count == 1)
            await slow.close()
        }
    }

    @Test("answers a sender that has shut its end down")
    func halfClosed() async throws {
        let store = RecordingStore()
        try await Self.withListener(store) { _, port in
            let sender = try await TestSender(port: port)
            try await sender.send(TestSender.frame(TestSender.oru("1")))
            try await sender.shutDown()
            #expect(await eventually { sender.answers == ["MSA|AA|1"] && sender.isClosed })
        }
    }

    @Test("finishes what waits when it stops")
    func drains() async throws {
        let store = RecordingStore()
        var answered: TestSender?
        try await Self.withListener(store) { _, port in
            store.setGate(open: false)
            let sender = try await TestSender(port: port)
            try await sender.send(TestSender.frame(TestSender.oru("1")))
            #expect(await eventually { store.entered == 1 })
            answered = sender
            // The gate opens when the body has ended; then the listener is stopped.
        }
        let sender = try #require(answered)
        #expect(await eventually { sender.isClosed })
        #expect(sender.answers == ["MSA|AA|1"])
    }

    @Test("has bounds: connections, bytes of a frame, bytes that are no frames")
    func bounds() async throws {
        let store = RecordingStore()
        var limits = ListenerSettings.Limits()
        limits.connectionsMax = 2
        limits.frameBytesMax = 4_096
        try await Self.withListener(store, limits: limits) { listener, port in
            let first = try await TestSender(port: port)
            let second = try await TestSender(port: port)
            #expect(await eventually { listener.state.connections == 2 })
            let third = try await TestSender(port: port)
            #expect(await eventually { third.isClosed && listener.state.connectionsRefused == 1 })
            let large = TestSender.oru("big") + String(repeating: "NTE|x\r", count: 2_000)
            try await first.send(TestSender.frame(large) + TestSender.frame(TestSender.oru("1")))
            #expect(await eventually { first.answers.count == 2 })
            #expect(first.answers == ["MSA|AE|big|Message larger than this system takes", "MSA|AA|1"])
            try await second.send([UInt8](repeating: 0x16, count: 5_000))
            #expect(await eventually { second.isClosed && listener.state.connectionsBroken == 1 })
            await first.close()
        }
    }

    @Test("with TLS listens to nobody without a certificate of the institution")
    func tls() async throws {
        let certificates = try TestCertificates()
        let tls = ListenerSettings.TLS(
            certificateFile: certificates.file("server.pem"),
            keyFile: certificates.file("server.key"),
            clientCAFile: certificates.file("ca.pem")
        )
        let store = RecordingStore()
        try await Self.withListener(store, tls: tls) { listener, port in
            let sender = try await TestSender(port: port, tls: certificates.client("client"))
            try await sender.send(TestSender.frame(TestSender.oru("1")))
            #expect(await eventually { sender.answers == ["MSA|AA|1"] })
            for name in [nil, "stranger"] as [String?] {
                let stranger = try await TestSender(port: port, tls: certificates.client(name))
                try? await stranger.send(TestSender.frame(TestSender.oru("2")))
                #expect(await eventually { stranger.isClosed })
                #expect(stranger.answers.isEmpty)
            }
            let plain = try await TestSender(port: port)
            try await plain.send(TestSender.frame(TestSender.oru("3")))
            #expect(await eventually { plain.isClosed })
            #expect(store.messages.count == 1 && listener.state.connectionsBroken >= 3)
            await sender.close()
        }
        #expect(throws: ListenerFailure.self) {
            try MLLPListener.check(
                ListenerSettings(
                    name: "x",
                    host: "127.0.0.1",
                    port: 1,
                    tls: ListenerSettings.TLS(certificateFile: "/none", keyFile: "/none", clientCAFile: "/none"),
                    topic: "t",
                    admission: Admission(messageTypes: ["ORU"])
                )
            )
        }
    }
}
