import CanonicalBytes
import Certificates
import ChainInterface
import Consensus
import Contracts
import Credentials
import Ledger
import Logging
import SecureHTTP
import ServiceLifecycle
import StateTree
import Synchronization
import Testing
import Uplink

import enum Ledger.Channel

@Suite("Validators that lie") struct LyingValidatorTests {
    @Test(
        "A client believes no wrong proof of a transaction, and finds a validator that has the right one",
        arguments: Lie.allCases
    )
    func transactions(_ lie: Lie) async throws {
        try await Self.withLiars(lie) { site, liars, client, deceived in
            let transaction = try site.proposal()
            let first = try #require(try await client.submit(transaction))
            #expect(first.transaction == transaction && first.receipt.code == 0)
            // Each time another two are asked first: once, the liars alone.
            for _ in 0..<3 {
                let proof = try #require(try await client.proof(of: transaction.id, on: .access))
                #expect(proof == first)
                try proof.verify(by: site.view())
            }
            #expect(liars.reduce(0) { $0 + $1.told } >= 2)
            let refused = await #expect(throws: UplinkFailure.self) {
                try await deceived.proof(of: transaction.id, on: .access)
            }
            guard case .malformed = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
        }
    }

    @Test("A client believes no wrong proof of a value either", arguments: ValueLie.allCases)
    func values(_ lie: ValueLie) async throws {
        try await Self.withLiars(value: lie) { site, liars, client, deceived in
            let transaction = try site.proposal()
            #expect(try await site.submit(transaction).status == 200)
            let key = GovernanceKey.proposal(transaction.id)
            for _ in 0..<3 {
                let proof = try await client.value(of: key, on: .access)
                #expect(proof.key == key && proof.value != nil)
                try proof.verify(by: site.view())
            }
            #expect(liars.reduce(0) { $0 + $1.told } >= 2)
            let refused = await #expect(throws: UplinkFailure.self) {
                try await deceived.value(of: key, on: .access)
            }
            guard case .malformed = refused else {
                Issue.record("\(String(describing: refused))")
                return
            }
        }
    }

    /// Two liars beside an honest validator, and clients of all of them and of the liars alone.
    private static func withLiars(
        _ lie: Lie = .anotherReceipt,
        value: ValueLie = .anotherValue,
        _ body: @Sendable (TestSite, [LyingBackend], ChainClient, ChainClient) async throws -> Void
    ) async throws {
        try await TestSite.with { site in
            // Something to confuse the answers with.
            #expect(try await site.submit(site.rejectedVote()).status == 200)
            let liars = (0..<2).map { _ in
                LyingBackend(site.backend, lie, value, signers: site.signers)
            }
            let http = SecureClient(identity: IdentityWatch(site.gateway), servers: [.validator])
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let servers = try liars.map { liar in
                try ChainAPI(liar, limits: ChainAPILimits()).server(
                    address: "127.0.0.1",
                    port: 0,
                    identity: site.validator,
                    revocations: nil,
                    logger: logger
                )
            }
            let group = ServiceGroup(services: servers, logger: logger)
            let running = Task { try await group.run() }
            let outcome: Result<Void, any Error>
            do {
                var urls: [ServiceURL] = []
                for server in servers {
                    let port = try await server.port()
                    urls.append(try #require(ServiceURL("https://localhost:\(port)")))
                }
                let honest = try #require(ServiceURL("https://localhost:\(site.port)"))
                func client(_ validators: [ServiceURL]) -> ChainClient {
                    ChainClient(
                        validators: validators,
                        genesis: site.genesis,
                        scheme: Ed25519Scheme(),
                        client: http
                    )
                }
                outcome = .success(try await body(site, liars, client(urls + [honest]), client(urls)))
            } catch { outcome = .failure(error) }
            await http.close()
            await group.triggerGracefulShutdown()
            try await running.value
            try outcome.get()
        }
    }
}

/// What is wrong with proofs of transactions.
enum Lie: CaseIterable {
    case anotherTransaction
    case anotherReceipt
    case anotherBlock
    case tooFewSigners
    case strangers
}

/// What is wrong with proofs of values.
enum ValueLie: CaseIterable {
    case anotherKey
    case anotherValue
    case absence
    case tooFewSigners
}

/// A validator that executes as the others do and gives wrong proofs.
private final class LyingBackend: ChainBackend {
    private let honest: TestBackend
    private let lie: Lie
    private let valueLie: ValueLie
    private let signers: [Ed25519Signer]
    private let count = Atomic<Int>(0)

    init(_ honest: TestBackend, _ lie: Lie, _ valueLie: ValueLie, signers: [Ed25519Signer]) {
        self.honest = honest
        self.lie = lie
        self.valueLie = valueLie
        self.signers = signers
    }

    /// How many wrong proofs it gave.
    var told: Int { self.count.load(ordering: .relaxed) }

    var genesis: Genesis { self.honest.genesis }

    func submit(_ bytes: [UInt8], waitMilliseconds: UInt64) async throws(ChainRefusal) -> TransactionProof? {
        let proof = try await self.honest.submit(bytes, waitMilliseconds: waitMilliseconds)
        return proof.flatMap { self.wrong($0.transaction.id, on: $0.header.channel) }
    }

    func proof(of id: [UInt8], on channel: Channel) async throws(ChainRefusal) -> TransactionProof? {
        self.wrong(id, on: channel)
    }

    private func wrong(_ id: [UInt8], on channel: Channel) -> TransactionProof? {
        let blocks = self.honest.ledger(channel)?.blocks ?? []
        let isSought = { (block: ServedBlock) in block.block.transactions.contains { $0.id == id } }
        guard let block = blocks.first(where: isSought), let other = blocks.first(where: { !isSought($0) }),
            let place = block.block.transactions.firstIndex(where: { $0.id == id })
        else { return nil }
        self.count.add(1, ordering: .relaxed)
        switch self.lie {
        case .anotherTransaction:
            return TransactionProof(0, of: other.block, receipts: other.receipts, certificate: other.certificate)
        case .anotherReceipt:
            let receipts = block.receipts.map {
                TransactionReceipt(transaction: $0.transaction, code: $0.code ^ 1, cost: $0.cost, events: $0.events)
            }
            return TransactionProof(place, of: block.block, receipts: receipts, certificate: block.certificate)
        case .anotherBlock:
            let mixed = LedgerBlock(
                header: other.block.header,
                transactions: block.block.transactions,
                nextCommittee: nil
            )
            return TransactionProof(place, of: mixed, receipts: block.receipts, certificate: other.certificate)
        case .tooFewSigners, .strangers:
            let certificate = self.certify(block.block.header)
            return TransactionProof(place, of: block.block, receipts: block.receipts, certificate: certificate)
        }
    }

    /// By two of four, or by three places with one stranger's signature among them.
    private func certify(_ header: BlockHeader) -> QuorumCertificate {
        let message = self.genesis.context(of: header.channel).commitMessage(
            epoch: header.epoch,
            view: 2,
            height: header.height,
            block: header.hash
        )
        let places = self.lie == .strangers ? [0, 1, 4] : [0, 1]
        return QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: header.epoch,
            view: 2,
            height: header.height,
            block: header.hash,
            signers: [UInt8(truncatingIfNeeded: (1 << places.count) - 1)],
            proof: places.flatMap { self.signers[$0].signShare(message) }
        )
    }

    func valueProof(of key: [UInt8], on channel: Channel) async throws(ChainRefusal) -> ValueProof {
        let sought = self.valueLie == .anotherKey ? GovernanceKey.governors : key
        let proof = try await self.honest.valueProof(of: sought, on: channel)
        self.count.add(1, ordering: .relaxed)
        let value: [UInt8]? =
            switch self.valueLie {
            case .anotherKey, .tooFewSigners: proof.value
            case .anotherValue: (proof.value ?? []) + [0]
            case .absence: nil
            }
        do throws(ProtocolFailure) {
            return ValueProof(
                header: proof.header,
                certificate: self.valueLie == .tooFewSigners ? self.certify(proof.header) : proof.certificate,
                key: proof.key,
                value: value,
                path: try Self.path(of: proof)
            )
        } catch { throw .damaged("\(error)") }
    }

    private static func path(of proof: ValueProof) throws(ProtocolFailure) -> StateProof {
        var reader = CanonicalReader(proof.bytes)
        try reader.magic("WLVP")
        for _ in 0..<3 { _ = try reader.lengthPrefixed() }
        _ = try reader.u8()
        _ = try reader.lengthPrefixed()
        return try StateProof(bytes: try reader.lengthPrefixed())
    }

    func offer(_ transactions: [[UInt8]]) async -> [ChainRefusal?] { await self.honest.offer(transactions) }

    func isWaiting(_ id: [UInt8], on channel: Channel) async -> Bool { await self.honest.isWaiting(id, on: channel) }

    func height(of channel: Channel) -> Height { self.honest.height(of: channel) }

    func block(at height: Height, on channel: Channel) async throws(ChainRefusal) -> ServedBlock? {
        try await self.honest.block(at: height, on: channel)
    }

    func events(
        of subject: [UInt8],
        after place: EventPlace?,
        limit: Int,
        on channel: Channel
    ) async throws(ChainRefusal) -> [SubjectEvent] {
        try await self.honest.events(of: subject, after: place, limit: limit, on: channel)
    }

    func waitForBlock(above height: Height, on channel: Channel) async {
        await self.honest.waitForBlock(above: height, on: channel)
    }

    func handovers(after epoch: CommitteeEpoch, on channel: Channel) async throws(ChainRefusal) -> [Handover] {
        try await self.honest.handovers(after: epoch, on: channel)
    }

    func status() async -> ChainStatus { await self.honest.status() }
}
