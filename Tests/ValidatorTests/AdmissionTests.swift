import CanonicalBytes
import Consensus
import Ledger
import Testing

@testable import Validator

@Suite("What guards the pool")
struct AdmissionTests {
    /// The state of a new chain.
    private struct GenesisReader: StateReader {
        let values: [ByteKey: [UInt8]]

        init(_ site: TestConsortium) {
            var values: [ByteKey: [UInt8]] = [:]
            for change in site.logic.genesisState(of: .index, site.genesis) {
                values[ByteKey(change.key)] = change.value
            }
            self.values = values
        }

        func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? { self.values[ByteKey(key)] }
    }

    @Test("Each transaction is judged as if it were the first")
    func alone() throws {
        let site = try TestConsortium()
        let now = WallClock.milliseconds
        let admission = try AdmissionGuard(Self.block(site, now), on: .zero, GenesisReader(site))
        let client = try site.client()
        let verifier = TransactionVerifier(chain: Array("test-chain".utf8), issuers: site.genesis.issuers)
        let first = try verifier.verify(try client.transaction([1], nonce: 5))
        let second = try verifier.verify(try client.transaction([2], nonce: 5))
        let late = try verifier.verify(try client.transaction([3], nonce: 6, validFor: 10_000_000))
        let elsewhere = try verifier.verify(try client.transaction([4], channel: .access))
        for _ in 0..<2 {
            // The nonce that one of them would use is free for the next.
            #expect(admission.refusal(of: first) == nil)
            #expect(admission.refusal(of: second) == nil)
            #expect(admission.refusal(of: late) == "valid-until-too-far-ahead")
            #expect(admission.refusal(of: elsewhere) == "wrong-channel")
        }
    }

    @Test("It is good for a second, and on one block")
    func lifetime() throws {
        let site = try TestConsortium()
        let admission = try AdmissionGuard(Self.block(site, 5_000), on: .zero, GenesisReader(site))
        let other = try #require(BlockHash([UInt8](repeating: 1, count: 32)))
        #expect(admission.isGood(on: .zero, at: 5_000) && admission.isGood(on: .zero, at: 5_999))
        #expect(!admission.isGood(on: .zero, at: 6_000))
        #expect(!admission.isGood(on: other, at: 5_000))
    }

    private static func block(_ site: TestConsortium, _ time: UInt64) -> BlockContext {
        BlockContext(
            chain: Array("test-chain".utf8),
            channel: .index,
            height: 1,
            time: time,
            committee: site.genesis.committee
        )
    }
}
