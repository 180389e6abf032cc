import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Ledger
import Logging
import SecureHTTP
import ServiceLifecycle
import Synchronization
import Testing
import Uplink

@testable import ChainInterface

@Suite struct SubjectRouteTests {
    private static let path = "/v1/channels/access/subjects"
    private static let zeros = String(repeating: "0", count: 64)

    /// Proposals, each its own subject, with rejections between them.
    private static func proposals(_ count: Int, _ site: TestSite) async throws -> [Transaction] {
        var transactions: [Transaction] = []
        for _ in 0..<count {
            transactions.append(try site.proposal())
            try #require(try await site.submit(transactions[transactions.count - 1]).status == 200)
            try #require(try await site.submit(site.rejectedVote()).status == 200)
        }
        return transactions
    }

    private static func chain(_ ports: [Int], _ site: TestSite, _ http: SecureClient) throws -> ChainClient {
        let urls = try ports.map { try #require(ServiceURL("https://localhost:\($0)")) }
        return ChainClient(validators: urls, genesis: site.genesis, scheme: Ed25519Scheme(), client: http)
    }

    /// Runs with further validators of the same committee, which answer from ledgers of their own.
    private static func with(
        _ others: [TestBackend],
        _ site: TestSite,
        _ body: (_ ports: [Int], _ http: SecureClient) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let servers = try others.map {
            try ChainAPI($0).server(
                address: "127.0.0.1",
                port: 0,
                identity: site.validator,
                revocations: nil,
                logger: logger
            )
        }
        let group = ServiceGroup(services: servers, logger: logger)
        let running = Task { try await group.run() }
        var ports: [Int] = []
        for server in servers { ports.append(try await server.port()) }
        let identity = IdentityWatch(site.gateway)
        let http = SecureClient(identity: identity, servers: [.validator], presents: .nothing)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(ports, http)) } catch { outcome = .failure(error) }
        await http.close()
        await group.triggerGracefulShutdown()
        try await running.value
        try outcome.get()
    }

    private static func submit(_ transaction: Transaction, to backends: [TestBackend]) async throws -> Int {
        var events = 0
        for backend in backends {
            let proof = try await backend.submit(transaction.bytes, waitMilliseconds: 1_000)
            events = try #require(proof).receipt.events.count
        }
        return events
    }

    @Test("A stranger reads what happened to a subject, at the places of the event stream")
    func route() async throws {
        try await TestSite.with { site in
            let transactions = try await Self.proposals(3, site)
            let stranger = try site.stranger()
            for (number, transaction) in transactions.enumerated() {
                let answer = try await stranger.get("\(Self.path)/\(transaction.id.hex)")
                #expect(answer.status == 200)
                var reader = CanonicalReader(answer.body)
                let entry = try SubjectEntry(from: &reader)
                try reader.finish()
                #expect(entry.place == SubjectPlace(height: UInt64(2 * number + 1), index: 1))
                #expect(entry.transaction == transaction.id && entry.topic == "governance.proposed")
                let behind = try await stranger.get("\(Self.path)/\(transaction.id.hex)?after=\(entry.place)")
                #expect(behind.status == 200 && behind.body.isEmpty)
            }
            let none = try await stranger.get("\(Self.path)/\(Self.zeros)")
            #expect(none.status == 200 && none.body.isEmpty)
        }
    }

    @Test(
        "What is misspelt is refused",
        arguments: [
            ("00", 400), (zeros + "00", 400), (zeros.dropLast() + "z", 400), (zeros + "?limit=0", 400),
            (zeros + "?limit=1001", 400), (zeros + "?after=1", 400), (zeros + "?since=1.1", 400),
            (zeros + "?limit=1000&after=0.0", 200),
        ]
    )
    func refusals(_ rest: String, _ status: Int) async throws {
        try await TestSite.with { site in
            let answer = try await site.stranger().get("\(Self.path)/\(rest)")
            #expect(answer.status == status && (status == 200 || answer.code == "malformed-parameter"))
        }
    }

    @Test("Blocks that are pruned behind the place are answered 410")
    func pruned() async throws {
        try await TestSite.with { site in
            let transactions = try await Self.proposals(2, site)
            site.backend.prune(below: 3)
            let path = "\(Self.path)/\(transactions[1].id.hex)"
            let stranger = try site.stranger()
            for query in ["", "?after=1.1"] {
                let answer = try await stranger.get(path + query)
                #expect(answer.status == 410 && answer.code == "pruned")
            }
            #expect(try await !stranger.get(path + "?after=3.0").body.isEmpty)
        }
    }

    @Test("What one of f + 1 validators leaves out the other one tells; each event comes once, in order")
    func union() async throws {
        try await TestSite.with { site in
            let liar = try TestBackend(site.genesis, signers: site.signers)
            try await Self.with([liar], site) { ports, http in
                let proposal = try site.proposal()
                var ids: [[UInt8]] = []
                for transaction in [proposal, try site.transaction(Approve(proposal: proposal.id))] {
                    let events = try await Self.submit(transaction, to: [site.backend, liar])
                    ids += [[UInt8]](repeating: transaction.id, count: events)
                }
                liar.conceal(proposal.id)
                let chain = try Self.chain([site.port] + ports, site, http)
                let found = try await chain.events(of: proposal.id, after: nil, on: .access)
                #expect(found.count >= 2 && found.map(\.transaction) == ids && found == found.sorted())
                #expect(try await chain.events(of: proposal.id, after: nil, limit: 1, on: .access) == [found[0]])
                let rest = try await chain.events(of: proposal.id, after: found[0].place, on: .access)
                #expect(rest == Array(found.dropFirst()))
                let only = try Self.chain(ports, site, http)
                #expect(try await only.events(of: proposal.id, after: nil, on: .access).count == found.count - 1)
            }
        }
    }

    @Test("A validator that does not answer gives way to another one; too few are a failure")
    func failing() async throws {
        try await TestSite.with { site in
            let other = try TestBackend(site.genesis, signers: site.signers)
            try await Self.with([other], site) { ports, http in
                let transaction = try site.proposal()
                _ = try await Self.submit(transaction, to: [site.backend, other])
                let chain = try Self.chain([1, site.port] + ports, site, http)
                for _ in 0..<3 {
                    #expect(try await chain.events(of: transaction.id, after: nil, on: .access).count == 1)
                }
                let few = try Self.chain([1, site.port], site, http)
                await #expect(throws: UplinkFailure.self) {
                    try await few.events(of: transaction.id, after: nil, on: .access)
                }
                other.prune(below: 2)
                let pruned = try Self.chain([site.port] + ports, site, http)
                await #expect {
                    try await pruned.events(of: transaction.id, after: nil, on: .access)
                } throws: { error in
                    guard case .refused(410, "pruned", _, _) = error as? UplinkFailure else { return false }
                    return true
                }
            }
        }
    }

    @Test("A follower hands on each event once, over both validators, and goes on where it was")
    func follower() async throws {
        try await TestSite.with { site in
            let other = try TestBackend(site.genesis, signers: site.signers)
            try await Self.with([other], site) { ports, http in
                let chain = try Self.chain([site.port] + ports, site, http)
                var ids: [[UInt8]] = []
                var place = SubjectPlace.start
                for wanted in [2, 1, 1] {
                    for _ in 0..<wanted {
                        let transaction = try site.proposal()
                        ids.append(transaction.id)
                        _ = try await Self.submit(transaction, to: [site.backend, other])
                    }
                    let follower = EventFollower(chain, on: .access, after: place, topics: ["governance.proposed"])
                    let end = SubjectPlace(height: UInt64(ids.count), index: 1)
                    let got = try await Self.hints(follower) { _ in follower.place >= end }
                    #expect(got.map(\.transaction) == Array(ids.suffix(wanted)))
                    place = follower.place
                    #expect(place == end)
                }
            }
        }
    }

    @Test("What a validator leaves out of its stream comes from the other one, and the place waits for it")
    func concealed() async throws {
        try await TestSite.with { site in
            let behind = try TestBackend(site.genesis, signers: site.signers)
            try await Self.with([behind], site) { ports, http in
                let transaction = try site.proposal()
                _ = try await Self.submit(transaction, to: [site.backend])
                let chain = try Self.chain([site.port] + ports, site, http)
                let follower = EventFollower(chain, on: .access, after: .start)
                let got = try await Self.hints(follower) { !$0.isEmpty }
                #expect(got.map(\.transaction) == [transaction.id])
                #expect(follower.place == .start)
            }
        }
    }

    @Test("A stream that ends is taken up again without a gap or a repetition")
    func reconnecting() async throws {
        try await TestSite.with(adjust: { $0.streamSeconds = 0.05 }) { site in
            try await Self.with([], site) { _, http in
                let backoff = RetryBackoff(first: 1_000_000, most: 2_000_000)
                let chain = try Self.chain([site.port], site, http)
                let follower = EventFollower(chain, on: .access, after: .start, backoff: backoff)
                let counted = AsyncStream.makeStream(of: Int.self)
                let hints = Mutex<[EventHint]>([])
                let following = Task {
                    try await follower.run { hint in
                        counted.continuation.yield(
                            hints.withLock {
                                $0.append(hint)
                                return $0.count
                            }
                        )
                    }
                }
                var counts = counted.stream.makeAsyncIterator()
                var ids: [[UInt8]] = []
                for round in 1...5 {
                    ids.append(try await Self.proposals(1, site)[0].id)
                    // The proposal, and the vote that is rejected.
                    while let count = await counts.next(), count < 2 * round {}
                }
                following.cancel()
                try? await following.value
                let told = hints.withLock { $0 }
                #expect(told.count == 10)
                #expect(told.filter { $0.topic == "governance.proposed" }.map(\.transaction) == ids)
            }
        }
    }

    @Test("What a handler throws ends the follower, and the event counts as not told")
    func handler() async throws {
        struct Refusal: Error {}
        try await TestSite.with { site in
            try await Self.with([], site) { _, http in
                _ = try await Self.proposals(1, site)
                let follower = EventFollower(try Self.chain([site.port], site, http), on: .access, after: .start)
                await #expect(throws: Refusal.self) { try await follower.run { _ in throw Refusal() } }
                #expect(follower.place == SubjectPlace(height: 1, index: 0))
                let got = try await Self.hints(follower) { $0.count == 2 }
                #expect(got.map(\.topic) == ["governance.proposed", "rejected"])
            }
        }
    }

    @Test("When no validator's blocks go back to the place, the follower says so")
    func lost() async throws {
        try await TestSite.with { site in
            try await Self.with([], site) { _, http in
                _ = try await Self.proposals(2, site)
                site.backend.prune(below: 3)
                let place = SubjectPlace(height: 1, index: 1)
                let follower = EventFollower(try Self.chain([site.port], site, http), on: .access, after: place)
                await #expect(throws: UplinkFailure.self) { try await follower.run { _ in } }
            }
        }
    }

    /// Follows until what was handed on, or the follower, is as wanted.
    private static func hints(
        _ follower: EventFollower,
        until isDone: ([EventHint]) -> Bool
    ) async throws -> [EventHint] {
        let hints = Mutex<[EventHint]>([])
        let following = Task { try await follower.run { hint in hints.withLock { $0.append(hint) } } }
        while !isDone(hints.withLock { $0 }), !Task.isCancelled { await Task.yield() }
        following.cancel()
        try? await following.value
        return hints.withLock { $0 }
    }
}
