import CanonicalBytes
import Certificates
import Contracts
import Credentials
import IBTP
import Ledger
import TestIslands
import Testing
import Uplink

@testable import Gateway

@Suite("The trace of an exchange", .serialized, .timeLimit(.minutes(15))) struct TraceTests {
    /// A finished exchange's evidence.
    private static func evidence(_ sea: Sea, others: [String] = ["alpha", "bravo"]) async throws -> TraceEvidence {
        let gateways = try ["alpha", "bravo"].map { try sea.start(sea.configuration(of: $0)) }
        let (id, request) = try await sea.ask()
        try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo")
        try await sea.answer(id, request)
        try await sea.wait { try await sea.ending(id) == .success }
        for gateway in gateways { await gateway.stop() }
        let client = SecureClient(identity: IdentityWatch(sea.carrier), servers: [.validator], of: .allies)
        let outcome: Result<TraceEvidence, any Error>
        do {
            let tracer = ExchangeTracer(
                hub: try sea.read("hub", client),
                others: try others.map { try sea.read($0, client) }
            )
            outcome = .success(try await tracer.collect(id.description))
        } catch { outcome = .failure(error) }
        await client.close()
        return try outcome.get()
    }

    @Test("every step holds, names its block and who signed, and its files alone say the same")
    func whole() async throws {
        try await Sea.with { sea in
            let evidence = try await Self.evidence(sea)
            let audit = try TraceAudit(evidence)
            #expect(audit.holds && audit.isClosed, "\(audit.faults) \(audit.steps.flatMap(\.faults))")
            let events = audit.steps.flatMap { step in step.events.map { "\(step.chain): \($0)" } }
            #expect(events.first == "alpha: asks" && events.last == "alpha: ends it: success")
            #expect(events.contains("bravo: is asked") && events.contains("hub: takes receiptSuccess: success"))
            let hops = audit.steps.flatMap(\.hops)
            #expect(hops.contains { $0.hasPrefix("hop 0 alpha -> hub") && $0.contains("alpha.v2") })
            #expect(hops.contains { $0.hasPrefix("hop 1 hub -> bravo") && $0.contains("hub.v2") })
            #expect(hops.contains { $0.hasPrefix("hop 1 hub -> alpha") })
            let files = Dictionary(uniqueKeysWithValues: try evidence.files().map { ($0.name, $0.bytes) })
            let again = try TraceAudit(try TraceEvidence { try #require(files[$0]) })
            #expect(again.holds && again.steps.map(\.events) == audit.steps.map(\.events))
            #expect(again.steps.map(\.hops) == audit.steps.map(\.hops))
            try Self.refusesDamage(files, evidence)
            try Self.refusesRepeats(files)
        }
    }

    /// Few bytes of contents could name one large file thousands of times.
    private static func refusesRepeats(_ files: [String: [UInt8]]) throws {
        var repeated = files
        let contents = String(decoding: try #require(files[TraceEvidence.contentsFile]), as: UTF8.self)
        repeated[TraceEvidence.contentsFile] = Array(contents.replacing("step-02.wltp", with: "step-01.wltp").utf8)
        let failure = #expect(throws: ProtocolFailure.self) { try TraceEvidence { try #require(repeated[$0]) } }
        #expect(failure?.detail == "step-01.wltp is named twice")
    }

    /// One changed byte in any file is noticed.
    private static func refusesDamage(_ files: [String: [UInt8]], _ evidence: TraceEvidence) throws {
        for name in files.keys.sorted() where name != TraceEvidence.contentsFile {
            var damaged = files
            let middle = try #require(files[name]).count / 2
            damaged[name]?[middle] ^= 1
            let audit = try? TraceAudit(try TraceEvidence { try #require(damaged[$0]) })
            #expect(audit?.holds != true, "\(name)")
        }
        // Another chain's genesis vouches for nothing here.
        let swapped = TraceEvidence(
            exchange: evidence.exchange,
            chains: evidence.chains.enumerated().map { place, chain in
                .init(
                    name: chain.name,
                    genesis: evidence.chains[(place + 1) % evidence.chains.count].genesis,
                    handovers: []
                )
            },
            steps: evidence.steps,
            lists: evidence.lists
        )
        #expect(try !TraceAudit(swapped).holds)
        let other = TraceEvidence(
            exchange: evidence.exchange.replacing("-1", with: "-2"),
            chains: evidence.chains,
            steps: evidence.steps,
            lists: evidence.lists
        )
        #expect(try !TraceAudit(other).holds)
    }

    @Test("of a chain that nobody names the others tell, and what cannot be judged is said")
    func partial() async throws {
        try await Sea.with { sea in
            let audit = try TraceAudit(try await Self.evidence(sea, others: ["bravo"]))
            #expect(audit.holds && !audit.isClosed)
            #expect(audit.steps.contains { $0.unknown == ["no genesis of alpha"] })
        }
    }

    @Test("names of files that lead out of the folder are refused")
    func names() throws {
        let contents = """
            {"version":1,"exchange":"a-b-1","chains":[{"name":"hub","genesis":"../0.wlg","handovers":[]}],
             "steps":[],"lists":[]}
            """
        #expect(throws: ProtocolFailure.self) { try TraceEvidence { _ in Array(contents.utf8) } }
    }
}

extension Sea {
    /// A chain as tools read it.
    func read(_ name: String, _ client: SecureClient) throws -> ReadChain {
        let island = try self.island(name)
        return try ReadChain(name: name, genesis: island.genesis, urls: island.urls, client: client)
    }
}
