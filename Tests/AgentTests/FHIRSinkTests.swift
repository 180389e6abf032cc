import Foundation
import Spool
import Synchronization
import Testing

@testable import Agent

@Suite("FHIR server as a sink", .timeLimit(.minutes(10)))
struct FHIRSinkTests {
    @Test(
        "each Observation is created once; those that come while the sink runs follow",
        arguments: ["batch", "transaction"]
    )
    func everything(mode: String) async throws {
        let desk = try FHIRDesk()
        try desk.add(0..<25)
        try await desk.server.run {
            let sink = try desk.sink(", mode: \(mode), entries_max: 10")
            try await withThread(sink.run, stop: sink.requestStop) {
                #expect(try await eventually(desk.isDelivered))
                try desk.add(25..<30)
                #expect(try await eventually(desk.isDelivered))
            }
            #expect(sink.written == 30)
            #expect(sink.counts?.created == 30)
        }
        try desk.expectComplete()
        #expect(desk.server.state.withLock { $0.entriesMax } == 10)
    }

    @Test("corrections replace what the server has, and a second sink that begins anew adds nothing")
    func corrections() async throws {
        let desk = try FHIRDesk()
        try desk.add(0..<5)
        try await desk.server.run {
            try await desk.deliver()
            try desk.correct()
            let corrected = try await desk.deliver()
            #expect(corrected.updated == 5)
            #expect(desk.server.stored.values.allSatisfy { $0.map(\.versions) == [2] && $0[0].status == "corrected" })
            try desk.store.spool.removeSink("hospital")
            let again = try await desk.deliver()
            #expect((again.created, again.present, again.updated) == (0, 5, 5))
        }
        try desk.expectComplete()
    }

    @Test(
        "whatever breaks on the way, each Observation is there once at the end",
        arguments: [
            [.cutAfter], [.cutBefore], [.cutAfter, .cutBefore, .cutAfter],
            [.status(500), .status(503, retryAfter: "0"), .status(429), .status(502)],
            [.status(401), .status(404)], [.answer("{}"), .answer("no JSON")],
            [.answer(#"{"resourceType":"Bundle","type":"batch-response","entry":[]}"#), .cutAfter],
        ] as [[FHIRTestServer.Fault]]
    )
    func faults(_ faults: [FHIRTestServer.Fault]) async throws {
        let desk = try FHIRDesk()
        try desk.add(0..<12)
        desk.server.state.withLock { $0.faults = faults }
        try await desk.server.run {
            let counts = try await desk.deliver(", entries_max: 5")
            #expect(counts.failed == UInt64(faults.count))
            #expect(counts.created + counts.present == 12)
        }
        try desk.expectComplete()
        #expect(desk.server.stored.values.allSatisfy { $0[0].versions == 1 })
    }

    @Test("a server that is away is waited for, and the spool keeps what it lacks")
    func absent() async throws {
        let desk = try FHIRDesk()
        try desk.add(0..<3)
        let sink = try desk.sink()
        try await withThread(sink.run, stop: sink.requestStop) {
            #expect(await eventually { sink.failure != nil })
            #expect(try desk.store.spool.sinkPosition("hospital")?.sequence == 0)
            try await desk.server.run {
                let isDelivered = try await eventually(desk.isDelivered)
                #expect(isDelivered)
                // Its connection ends before the server does.
                sink.requestStop()
            }
        }
        try desk.expectComplete()
    }

    @Test("single Observations that the server cannot take now come again, without the others")
    func entryFaults() async throws {
        let desk = try FHIRDesk()
        try desk.add(0..<6)
        let ids = try desk.store.spool.allObservations().map(\.id)
        desk.server.state.withLock { $0.entryFaults = [ids[1]: [500, 409], ids[4]: [503]] }
        try await desk.server.run {
            let counts = try await desk.deliver()
            // After some failures in a row the sink connects anew and finds present what was created.
            #expect((counts.created, counts.again) == (6, 3))
        }
        try desk.expectComplete()
    }

    @Test(
        "what the server will never take stops the sink, or goes to a file and nothing else waits",
        arguments: ["batch", "transaction"]
    )
    func refused(mode: String) async throws {
        let desk = try FHIRDesk()
        try desk.add(0..<9)
        let ids = try desk.store.spool.allObservations().map(\.id)
        let always = [Int](repeating: 422, count: 1_000)
        desk.server.state.withLock { $0.entryFaults = [ids[2]: always] }
        try await desk.server.run {
            let sink = try desk.sink(", mode: \(mode)")
            try await withThread(sink.run, stop: sink.requestStop) {
                #expect(await eventually { sink.failure?.contains(ids[2]) ?? false })
            }
            #expect(try desk.store.spool.sinkPosition("hospital")?.sequence == 0)
            let path = "\(desk.site.folder)/refused.ndjson"
            let counts = try await desk.deliver(", mode: \(mode), refused_file: \(path)")
            #expect(counts.refused == 1)
            let kept = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            #expect(kept.count == 1 && kept[0].contains(ids[2]))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        #expect(Set(desk.server.stored.keys) == Set(ids).subtracting([ids[2]]))
    }

    @Test("an Observation that the server has twice counts as being there")
    func ambiguous() async throws {
        let desk = try FHIRDesk()
        try desk.add(0..<2)
        let ids = try desk.store.spool.allObservations().map(\.id)
        let twin = FHIRTestServer.Stored(status: "final")
        desk.server.state.withLock { $0.stored[ids[0]] = [twin, twin] }
        try await desk.server.run {
            let counts = try await desk.deliver()
            #expect((counts.created, counts.present) == (1, 1))
        }
    }

    @Test("a Bundle that is too large for the server is halved until it fits")
    func tooLarge() async throws {
        let desk = try FHIRDesk()
        try desk.add(0..<8)
        desk.server.state.withLock { $0.faults = [.status(413), .status(413)] }
        try await desk.server.run {
            let counts = try await desk.deliver()
            #expect(counts.created == 8)
        }
        try desk.expectComplete()
    }

    @Test("what is no FHIR R4 server gets no Observation")
    func otherServer() async throws {
        let desk = try FHIRDesk()
        try desk.add(0..<2)
        desk.server.state.withLock {
            $0.capabilities = #"{"resourceType":"CapabilityStatement","fhirVersion":"5.0.0"}"#
        }
        try await desk.server.run {
            let sink = try desk.sink()
            try await withThread(sink.run, stop: sink.requestStop) {
                #expect(await eventually { sink.failure?.contains("no CapabilityStatement of FHIR R4") ?? false })
            }
        }
        #expect(desk.server.state.withLock { $0.bundles } == 0)
    }

    @Test("the token is read for every request, and only from a file that nobody else reads")
    func token() async throws {
        let desk = try FHIRDesk()
        let path = "\(desk.site.folder)/token"
        func write(_ token: String) throws {
            _ = FileManager.default.createFile(
                atPath: path,
                contents: Data("\(token)\n".utf8),
                attributes: [.posixPermissions: 0o600]
            )
        }
        try write("first")
        try desk.add(0..<1)
        try await desk.server.run {
            let sink = try desk.sink(", token_file: \(path)")
            try await withThread(sink.run, stop: sink.requestStop) {
                #expect(try await eventually(desk.isDelivered))
                try write("second")
                try desk.add(1..<2)
                #expect(try await eventually(desk.isDelivered))
            }
        }
        #expect(desk.server.state.withLock { $0.authorizations } == ["Bearer first", "Bearer second"])
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let settings = try desk.settings(", token_file: \(path)")
        #expect(FHIRClient.problem(of: settings)?.contains("chmod 600") == true)
    }

    @Test(
        "without TLS a server of this machine is allowed, by each of its names",
        arguments: [
            "http://localhost:8080/fhir", "http://127.0.0.1", "http://[::1]:8080/fhir", "https://[2001:db8::1]/r4",
        ]
    )
    func addresses(url: String) throws {
        var document = AgentConfigurationTests.Document()
        document.rest = "sinks: [{type: fhir, name: h, url: \"\(url)\"}]"
        let sinks = try document.parsed().sinks
        guard case .fhir(let server)? = sinks.first?.destination else {
            Issue.record("no FHIR server")
            return
        }
        #expect(server.url == url)
        #expect((server.entriesMax, server.requestSeconds, server.isTransaction) == (100, 30, false))
    }

    @Test(
        "addresses and keys that cannot be meant are refused",
        arguments: [
            ("url: \"http://fhir.example/r4\"", "needs https"), ("url: \"fhir.example\"", "must be https"),
            ("url: \"https://u:p@fhir.example\"", "must be https"),
            ("url: \"https://fhir.example?x=1\"", "must be https"),
            ("url: \"http://localhost.example/r4\"", "needs https"),
            ("url: \"https://fhir.example\", tls: {key_file: /k}", "go together"),
            ("url: \"https://fhir.example\", path: /x", "path"),
            ("url: \"https://fhir.example\", mode: history", "mode"),
        ]
    )
    func configuration(sink: String, reason: String) {
        var document = AgentConfigurationTests.Document()
        document.rest = "sinks: [{type: fhir, name: h, \(sink)}]"
        let text = document
        #expect { try text.parsed() } throws: { "\($0)".contains(reason) }
    }
}
