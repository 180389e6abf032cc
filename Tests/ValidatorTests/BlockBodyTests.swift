import CanonicalBytes
import Consensus
import Ledger
import Testing

@testable import Validator

/// The certificate goes over the header: what stands below it has to be what the header names.
@Suite("Blocks that came from others")
struct BlockBodyTests {
    private static let site = Result { try TestConsortium() }
    private static let chain = Array("test-chain".utf8)

    private static func block(_ numbers: [UInt8], changing next: Committee? = nil) throws -> LedgerBlock {
        let site = try Self.site.get()
        let client = try site.client()
        let transactions = try numbers.map { try client.transaction([$0]) }
        let base = site.genesis.header(of: .index, stateRoot: BlockHeader.noRoot)
        let header = BlockHeader(
            chain: base.chain,
            channel: base.channel,
            epoch: base.epoch,
            height: 1,
            parent: base.hash,
            transactionRoot: BlockTrees.root(transactions.map(\.id)),
            receiptRoot: base.receiptRoot,
            stateRoot: base.stateRoot,
            validatorsRoot: CommitteeDigest.of(try next ?? Self.site.get().genesis.committee),
            evidenceRoot: BlockHeader.noRoot,
            time: base.time
        )
        return LedgerBlock(header: header, transactions: transactions, nextCommittee: next)
    }

    private static func reader(_ parsed: ParsedBlocks, committee: Committee?) -> RememberingBlockReader {
        RememberingBlockReader(chain: Self.chain, channel: .index, parsed: parsed, known: nil) { committee }
    }

    @Test("Another body under the same header is refused, and changes nothing of what is remembered")
    func bodies() throws {
        let good = try Self.block([1, 2, 3])
        let parsed = ParsedBlocks()
        let reader = Self.reader(parsed, committee: try Self.site.get().genesis.committee)
        let bodies = [
            [], Array(good.transactions.dropLast()), Array(good.transactions.reversed()),
            good.transactions + [good.transactions[0]],
        ]
        for transactions in bodies {
            let lie = LedgerBlock(header: good.header, transactions: transactions, nextCommittee: nil)
            #expect(throws: ProtocolFailure.self) { try reader.block(of: lie.bytes) }
        }
        let block = try reader.block(of: good.bytes)
        #expect(try parsed.content(of: block).transactions == good.transactions)
        // Whoever skipped the reader gets what is in the payload, not what is remembered of the hash.
        let lie = LedgerBlock(header: good.header, transactions: [], nextCommittee: nil)
        #expect(try parsed.content(of: lie.description(payload: lie.bytes)).transactions.isEmpty)
    }

    @Test("A block that ends an epoch without its committee is refused by whoever knows the current one")
    func committees() throws {
        let site = try Self.site.get()
        let current = site.genesis.committee
        let next = try #require(Committee(epoch: current.epoch + 1, members: current.members))
        let good = try Self.block([4], changing: next)
        let lie = LedgerBlock(header: good.header, transactions: good.transactions, nextCommittee: nil)
        let knowing = Self.reader(ParsedBlocks(), committee: current)
        #expect(try knowing.block(of: good.bytes).nextCommittee == next)
        #expect(throws: ProtocolFailure.self) { try knowing.block(of: lie.bytes) }
        // Beside a committee of another epoch nothing can be told.
        let late = Self.reader(ParsedBlocks(), committee: next)
        #expect(try late.block(of: lie.bytes).nextCommittee == nil)
    }
}
