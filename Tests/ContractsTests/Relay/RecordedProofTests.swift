import CanonicalBytes
import EVMProofs
import Foundation
import IBTP
import PathProofs
import Testing

@testable import Contracts

/// What nodes of another make have in their blocks; written by `scripts/evm/record.py`.
struct RecordedProof: Decodable, CustomStringConvertible {
    private struct File: Decodable { let entries: [RecordedProof] }

    let rules: String
    let chain_id: UInt64
    let broker: String
    let id: String
    let kind: String
    let height: UInt64
    let block_hash: String
    let receipts_root: String
    let request_hash: String
    let message: String
    let proof: String

    var description: String { "\(self.rules): \(self.kind) of \(self.id)" }

    static let all: [RecordedProof] = {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.deletingLastPathComponent().appending(path: "Fixtures/evm/broker-proofs.json")
        guard let data = try? Data(contentsOf: file) else { return [] }
        return (try? JSONDecoder().decode(File.self, from: data))?.entries ?? []
    }()

    func bytes(_ text: String) throws -> [UInt8] { try #require([UInt8](hex: text)) }

    func anchor() throws -> HopRecord.Anchor {
        HopRecord.Anchor(
            height: self.height,
            blockHash: try self.bytes(self.block_hash),
            inclusionRoot: try self.bytes(self.receipts_root)
        )
    }

    func parameters() throws -> [UInt8] {
        let broker = BrokerIdentity(chainID: self.chain_id, address: try EVMAddress(text: self.broker))
        return try EVMRegistration(broker: broker, finality: .depth(3)).bytes
    }
}

@Suite("Proofs of real nodes") struct RecordedProofTests {
    @Test("both forks, requests and answers are among them")
    func kinds() {
        let found = Set(RecordedProof.all.map { "\($0.rules) \($0.kind)" })
        for rules in ["London", "Prague"] {
            #expect(found.contains("\(rules) interchain") && found.contains("\(rules) receiptSuccess"))
        }
    }

    @Test("the contract reads from each what another reader has read", arguments: RecordedProof.all)
    func reading(_ recorded: RecordedProof) throws {
        let statement = try EVMSource().statement(
            of: recorded.bytes(recorded.proof),
            at: recorded.anchor(),
            recorded.parameters()
        )
        #expect(statement.message.bytes == (try recorded.bytes(recorded.message)))
        #expect(try statement.message.id.description == recorded.id)
        #expect(statement.requestHash?.hex ?? "" == recorded.request_hash)
    }

    @Test("with any other byte, and at any other block, each is refused", arguments: RecordedProof.all)
    func damage(_ recorded: RecordedProof) throws {
        let (proof, anchor) = (try recorded.bytes(recorded.proof), try recorded.anchor())
        let parameters = try recorded.parameters()
        for place in proof.indices {
            var changed = proof
            changed[place] ^= 1 << UInt8(place % 8)
            let damaged = changed
            #expect(throws: ProtocolFailure.self, "byte \(place)") {
                try EVMSource().statement(of: damaged, at: anchor, parameters)
            }
        }
        let others = [
            (anchor.height + 1, anchor.blockHash, anchor.inclusionRoot), (anchor.height, id32(1), anchor.inclusionRoot),
            (anchor.height, anchor.blockHash, id32(1)),
        ].map { HopRecord.Anchor(height: $0, blockHash: $1, inclusionRoot: $2) }
        for other in others {
            #expect(throws: ProtocolFailure.self) { try EVMSource().statement(of: proof, at: other, parameters) }
        }
    }
}
