import Certificates
import Credentials
import Hummingbird
import Testing

@testable import SecureHTTP
@testable import Uplink

/// How many requests of one client a server works on at the same time.
@Suite(.timeLimit(.minutes(10))) struct ConnectionTests {
    @Test func `as many requests are under way as the client may have connections`() async throws {
        let site = try TestSite()
        let gate = Gate(opensAt: 40)
        try await site.serve(routes: { router in
            router.get("/gate") { _, _ in
                await gate.pass()
                return "passed"
            }
        }) { port in
            let client = SecureClient(
                identity: IdentityWatch(try site.identity(.gateway)),
                servers: [.privacyCenter],
                connections: 40
            )
            let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<40 { group.addTask { try await client.send(.get, "https://localhost:\(port)/gate") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            await client.close()
            #expect(answers == Array(repeating: Array("passed".utf8), count: 40))
        }
    }
}

/// Lets nobody pass until so many wait.
private actor Gate {
    private let count: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(opensAt count: Int) { self.count = count }

    func pass() async {
        await withCheckedContinuation { continuation in
            self.waiting.append(continuation)
            guard self.waiting.count == self.count else { return }
            for each in self.waiting { each.resume() }
            self.waiting = []
        }
    }
}
