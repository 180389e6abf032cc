import CanonicalBytes
import ChainInterface
import Consensus
import Contracts
import Foundation
import Ledger
import Synchronization
import Testing

@testable import Dashboard
@testable import Node

/// Blocks of one transaction each under a pseudonym; counts how often they are read.
private final class TestShelf: BlockShelf {
    struct Content {
        var blocks: [Channel: [ServedBlock]] = [.access: [], .index: []]
        var earliest: UInt64 = 1
        var reads = 0
    }

    static let pseudonym = [UInt8](repeating: 9, count: 32)

    let content = Mutex(Content())
    let chainName = "test"

    func height(of channel: Channel) -> UInt64 { self.content.withLock { UInt64($0.blocks[channel]?.count ?? 0) } }

    func block(at height: UInt64, on channel: Channel) async throws(ChainRefusal) -> ServedBlock? {
        let found: Result<ServedBlock?, ChainRefusal> = self.content.withLock { content in
            content.reads += 1
            guard height >= content.earliest else { return .failure(.pruned(earliest: content.earliest)) }
            let blocks = content.blocks[channel] ?? []
            return .success(height <= UInt64(blocks.count) ? blocks[Int(height) - 1] : nil)
        }
        return try found.get()
    }

    func add(_ arguments: some MethodArguments, code: UInt16 = 0) {
        let channel = type(of: arguments).channels[0]
        let height = self.height(of: channel) + 1
        let body = arguments.body(
            chain: Array("test".utf8),
            channel: channel,
            signer: Self.pseudonym,
            nonce: height,
            validUntil: .max
        )
        let transaction = Transaction(body, authorization: .pseudonym([1]))
        let root = [UInt8](repeating: 0, count: 32)
        let header = BlockHeader(
            chain: Array("test".utf8),
            channel: channel,
            epoch: 0,
            height: height,
            parent: .zero,
            transactionRoot: root,
            receiptRoot: root,
            stateRoot: root,
            validatorsRoot: root,
            evidenceRoot: root,
            time: 1_000 * height
        )
        let certificate = QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: 0,
            view: 0,
            height: height,
            block: .zero,
            signers: [0],
            proof: []
        )
        let served = ServedBlock(
            block: LedgerBlock(header: header, transactions: [transaction], nextCommittee: nil),
            payload: [],
            certificate: certificate,
            receipts: [TransactionReceipt(transaction: transaction.id, code: code, cost: 1, events: [])]
        )
        self.content.withLock { $0.blocks[channel, default: []].append(served) }
    }

    func ask(_ number: UInt8, of organization: String, code: UInt16 = 0) {
        self.add(
            RequestAccess(
                request: [UInt8](repeating: number, count: 32),
                scope: Self.scope(number),
                policy: [UInt8](repeating: 0, count: 32),
                organization: organization,
                purpose: "study",
                nonce: [UInt8](repeating: number, count: 32),
                expires: .max
            ),
            code: code
        )
    }

    static func scope(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }
}

@Suite("What a validator tells of sharing out of its own blocks")
struct SharingRecordTests {
    private static func filter(_ form: String) throws -> ChainFilter {
        try ChainFilter(try #require(FormFields(Array(form.utf8))))
    }

    @Test("pages are of fifty rows, the newest first; a page behind the last one is the last one")
    func pages() async throws {
        let shelf = TestShelf()
        for number in UInt8(1)...120 { shelf.ask(number, of: "north") }
        let record = SharingRecord(shelf, lookMilliseconds: 600_000)
        let first = try await record.audit(ChainFilter())
        #expect(first.total == 120 && first.pages == 3 && first.page == 0 && first.entries.count == 50)
        #expect(first.entries.first?.height == 120 && first.entries.last?.height == 71)
        let last = try await record.audit(Self.filter("page=77"))
        #expect(last.page == 2 && last.entries.count == 20 && last.entries.last?.height == 1)
        #expect(last.entries.last?.by == "pseudonym 0909090909090909…")
        #expect(first.reading.channels.map(\.read) == [120, 0] && first.chain == "test")
    }

    @Test("each block is read once, and what comes later is added")
    func once() async throws {
        let shelf = TestShelf()
        shelf.ask(1, of: "north")
        let record = SharingRecord(shelf, lookMilliseconds: 600_000)
        for _ in 0..<3 { _ = try await record.audit(ChainFilter()) }
        _ = try await record.consents(ChainFilter())
        #expect(shelf.content.withLock { $0.reads } == 1)
        shelf.ask(2, of: "north", code: 820)
        let view = try await record.audit(ChainFilter())
        #expect(view.total == 2 && shelf.content.withLock { $0.reads } == 2)
        #expect(view.entries.first?.isSuccess == false && view.entries.first?.what.hasPrefix("denied (") == true)
    }

    @Test("entries are found by scope, institution and day, and deliveries by themselves")
    func selections() async throws {
        let shelf = TestShelf()
        shelf.ask(1, of: "north")
        shelf.ask(2, of: "south")
        let record = SharingRecord(shelf, lookMilliseconds: 600_000)
        for (form, heights) in [
            ("scope=01010101", [UInt64(1)]), ("scope=03030303", []), ("institution=south", [2]),
            ("from=1970-01-01&to=1970-01-01", [2, 1]), ("from=1970-01-02", []), ("narrow=yes", []),
        ] {
            let view = try await record.audit(Self.filter(form))
            #expect(view.entries.map(\.height) == heights, "\(form)")
        }
        let lines = try await record.auditEvents(Self.filter("institution=south")).split(separator: 10)
        let line = try #require(lines.first)
        let event = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
        #expect(lines.count == 1 && event?["resourceType"] as? String == "AuditEvent")
    }

    @Test("a consent is told for each of its scopes, and is gone from what stands when it is withdrawn")
    func consents() async throws {
        let shelf = TestShelf()
        let consent = SetConsent(
            consent: TestShelf.scope(7),
            mode: .allow,
            subject: .scopes([TestShelf.scope(1), TestShelf.scope(2)]),
            purpose: "study",
            validUntil: .max
        )
        shelf.add(consent)
        let record = SharingRecord(shelf, lookMilliseconds: 600_000)
        let view = try await record.consents(ChainFilter())
        #expect(view.statements.map(\.scope) == [TestShelf.scope(1).hex, TestShelf.scope(2).hex])
        #expect(view.standing == 2 && view.statements.allSatisfy { $0.kind == .granted && $0.purpose == "study" })
        let one = try await record.consents(Self.filter("scope=02020202"))
        #expect(one.statements.map(\.scope) == [TestShelf.scope(2).hex] && one.total == 1)
        shelf.add(WithdrawConsent(consent: TestShelf.scope(7)))
        let after = try await record.consents(ChainFilter())
        #expect(after.standing == 0 && after.statements.allSatisfy { $0.state == .revoked(2_000) })
        let standing = try await record.consents(Self.filter("narrow=yes"))
        #expect(standing.statements.isEmpty && standing.pages == 1)
    }

    @Test("two channels are read in the order of their blocks' times, as one look after the other allows")
    func looks() async throws {
        let shelf = TestShelf()
        for number in UInt8(1)...3 {
            shelf.ask(number, of: "north")
            shelf.add(RevokeGrant(grant: TestShelf.scope(number)))
        }
        // No look has any time: none reads a block.
        let record = SharingRecord(shelf, lookMilliseconds: 0)
        let none = try await record.audit(ChainFilter())
        #expect(none.total == 0 && none.reading.channels.map(\.read) == [0, 0])
        #expect(none.reading.channels.map(\.height) == [3, 3])
        let all = try await SharingRecord(shelf, lookMilliseconds: 600_000).audit(ChainFilter())
        #expect(all.entries.map(\.channel) == ["index", "access", "index", "access", "index", "access"])
        #expect(all.entries.map(\.height) == [3, 3, 2, 2, 1, 1])
    }

    @Test("blocks that are gone are passed over, and the page can say so")
    func pruned() async throws {
        let shelf = TestShelf()
        for number in UInt8(1)...5 { shelf.ask(number, of: "north") }
        shelf.content.withLock { $0.earliest = 4 }
        let view = try await SharingRecord(shelf, lookMilliseconds: 600_000).audit(ChainFilter())
        #expect(view.entries.map(\.height) == [5, 4])
        #expect(view.reading.channels.map(\.earliest) == [4, 1] && view.reading.channels.map(\.read) == [5, 0])
    }

    @Test("many who look at one time read the same blocks once")
    func together() async throws {
        let shelf = TestShelf()
        for number in UInt8(1)...100 { shelf.ask(number, of: "north") }
        let record = SharingRecord(shelf, lookMilliseconds: 600_000)
        let totals = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try await record.audit(ChainFilter()).total } }
            var totals: [Int] = []
            for try await total in group { totals.append(total) }
            return totals
        }
        #expect(totals == [Int](repeating: 100, count: 8))
        #expect(shelf.content.withLock { $0.reads } == 100)
    }
}
