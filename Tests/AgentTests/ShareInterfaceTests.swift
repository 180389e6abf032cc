import Authority
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import FreePorts
import Ledger
import MQTTIngest
import SecureHTTP
import ServiceLifecycle
import Spool
import Testing

@testable import Agent
@testable import Uplink

@Suite("The interface for share requests", .timeLimit(.minutes(10)))
struct ShareInterfaceTests {
    /// What a program reads.
    struct Document: Decodable {
        let id: String
        let state: String
        let code: UInt16?
        let code_name: String?
        let height: UInt64?
        let channel: String?
        let source: String
    }

    private static func withInterface(
        _ sharing: ShareSite,
        _ body: (SecureClient, String) async throws -> Void
    ) async throws {
        let interface = ShareInterface(intake: sharing.intake(), spool: sharing.spool) {}
        let server = try SecureHTTPServer(
            name: "wardline",
            address: "127.0.0.1",
            port: 0,
            identity: sharing.server,
            clientCertificates: .optional,
            router: interface.router(),
            logger: TestSite.logger
        )
        // Its certificate says that it is a gateway; the name localhost is verified.
        let client = SecureClient(identity: IdentityWatch(sharing.researcher), servers: [.gateway])
        try await Running.services([server]) {
            try await body(client, "https://localhost:\(try await server.port())")
        }
        await client.close()
    }

    private static func document(_ bytes: [UInt8]) throws -> Document {
        try JSONDecoder().decode(Document.self, from: Data(bytes))
    }

    private static func code(_ request: () async throws -> [UInt8]) async -> String {
        do {
            _ = try await request()
            return "taken"
        } catch UplinkFailure.refused(let status, let code, _, let seconds) {
            return "\(status) \(code)\(seconds.map { " \($0)" } ?? "")"
        } catch { return "\(error)" }
    }

    @Test("a request is durable when it is answered, comes in once, and its state and proof can be asked for")
    func states() async throws {
        let sharing = try ShareSite()
        let transaction = try sharing.transaction(1)
        try await Self.withInterface(sharing) { client, base in
            let path = base + "/v1/share-requests"
            let first = try Self.document(try await client.send(.post, path, body: transaction.bytes))
            #expect(first.id == transaction.id.hex && first.state == "queued" && first.source == "http")
            // A second connection to the same files sees it: it is on the disk.
            let beside = try AgentStore(configuration: sharing.agent).spool
            #expect(try beside.shareRequest(transaction.id)?.state == .queued)
            _ = try await client.send(.post, path, body: transaction.bytes)
            #expect(try sharing.spool.shareRequests(max: 9).count == 1)
            let one = "\(path)/\(transaction.id.hex)"
            #expect(await Self.code { try await client.send(.get, one + "/proof") } == "404 no-proof")
            var desk = sharing.desk()
            try await sharing.round(&desk)
            let last = try Self.document(try await client.send(.get, one))
            #expect(last.state == "committed" && last.code == 0 && last.code_name == "ok" && last.channel == "access")
            let proof = try TransactionProof(bytes: try await client.send(.get, one + "/proof"))
            #expect(proof.transaction == transaction && proof.header.height == last.height)
            let list = try await client.send(.get, path + "?state=committed&limit=5&after=0")
            #expect(try JSONDecoder().decode([Document].self, from: Data(list)).map(\.id) == [transaction.id.hex])
            let none = try await client.send(.get, path + "?state=queued")
            #expect(none == Array("[]".utf8))
        }
    }

    @Test("what is refused is told with a code; a full outbox says when to come again")
    func refusals() async throws {
        let sharing = try ShareSite(requestsMax: 1)
        let bytes = try sharing.transaction(1).bytes
        let other = try sharing.transaction(2).bytes
        let permit = try sharing.sign(sharing.body(method: "permit")).bytes
        try await Self.withInterface(sharing) { client, base in
            let path = base + "/v1/share-requests"
            func post(_ bytes: [UInt8], type: String = "application/octet-stream") async -> String {
                await Self.code { try await client.send(.post, path, body: bytes, type: type) }
            }
            #expect(await post([1]) == "400 malformed")
            #expect(await post(permit) == "422 method-not-allowed")
            #expect(await post(bytes, type: "text/plain") == "415 unsupported-media-type")
            #expect(await post([UInt8](repeating: 0, count: 262_145)) == "413 content-too-large")
            #expect(await post(bytes) == "taken")
            #expect(await post(other) == "503 share-outbox-full 60")
            #expect(await post(bytes) == "taken", "it is there already")
            let unknown = path + "/" + String(repeating: "0", count: 64)
            #expect(await Self.code { try await client.send(.get, unknown) } == "404 unknown-share-request")
            #expect(await Self.code { try await client.send(.get, path + "/zz") } == "400 malformed-parameter")
            for query in ["state=lost", "limit=0", "limit=1001", "after=-1", "limit=x"] {
                #expect(
                    await Self.code { try await client.send(.get, "\(path)?\(query)") } == "400 malformed-parameter"
                )
            }
        }
        #expect(try sharing.spool.shareRequests(max: 9).count == 1)
    }

    @Test(
        "the agent's services take requests at their port and stop in order; without a loopback host they do not start"
    )
    func services() async throws {
        let sharing = try ShareSite(port: try FreePorts.one())
        let (share, chain) = (try #require(sharing.agent.share), try #require(sharing.agent.chain))
        let services = try ShareServices(share, chain: chain, spool: sharing.spool, logger: TestSite.logger)
        let client = SecureClient(identity: IdentityWatch(sharing.researcher), servers: [.gateway])
        let transaction = try sharing.transaction(1)
        try await Running.services(services.services) {
            let port = try #require(try await services.port())
            #expect(port == share.listen?.port)
            let url = "https://localhost:\(port)/v1/share-requests"
            _ = try await client.send(.post, url, body: transaction.bytes)
            // Nobody answers at the validator's address; the outbox says so.
            #expect(await eventuallyAnswers { services.state.problem != nil })
            #expect(try sharing.state(transaction.id) == .submitted)
        }
        await client.close()
        #expect(services.state.inFlight == 0)
        let bare = AgentConfiguration.Share(
            listen: AgentConfiguration.Listener(host: "127.0.0.1", port: 1),
            identityDirectory: sharing.site.gateway.directory,
            requestsMax: 1,
            bytesMax: 1,
            retentionSeconds: 1
        )
        #expect(throws: ProblemOfSharing.self) {
            try ShareServices(bare, chain: chain, spool: sharing.spool, logger: TestSite.logger)
        }
    }

    @Test(
        "a real broker's message is in the outbox, from a topic that no profile asks for",
        .enabled(if: TestBroker.isAvailable)
    )
    func broker() async throws {
        let broker = try TestBroker()
        let sharing = try ShareSite(brokerPort: broker.port)
        _ = try sharing.store.recover()
        let settings = try #require(sharing.agent.brokers.first)
        let connection = try BrokerConnection(
            settings: settings.settings(agentID: "test", profiles: sharing.site.site.library, takesShareRequests: true),
            broker: 0,
            store: IngestStore(
                inbox: sharing.store.inbox,
                receiveMaximum: 1_024,
                secret: try sharing.store.dedupSecret(),
                logger: TestSite.logger
            ),
            logger: TestSite.logger
        )
        let loop = NormalizerLoop(inbox: sharing.store.inbox, spool: sharing.spool, logger: TestSite.logger)
        let processor = try sharing.processor()
        let transactions = try (1...3).map { try sharing.transaction($0) }
        async let connected: Void = connection.run()
        try await withThread({ loop.run(processor) }, stop: loop.requestStop) {
            #expect(await eventually { connection.state.grantedSubscriptions.count == 2 })
            for transaction in transactions { try broker.publish(transaction.bytes, topic: ShareIntake.topic) }
            try broker.publish(Array("no transaction".utf8), topic: ShareIntake.topic)
            #expect(try await eventually { try sharing.store.statistics().messages.received == 4 })
        }
        connection.requestStop()
        await connected
        #expect(try sharing.spool.shareRequests(max: 9).map(\.id) == transactions.map(\.id))
        #expect(try sharing.spool.deadLetters().map(\.letter.reasonCode) == ["share-malformed"])
    }
}
