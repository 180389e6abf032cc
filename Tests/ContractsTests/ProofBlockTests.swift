import CanonicalBytes
import Consensus
import FiniteFields
import Ledger
import Testing

@testable import Contracts

/// The contracts without doing anything ahead.
private struct OneByOne: ContractLogic {
    let contracts: ConsortiumContracts

    func genesisState(of channel: Channel, _ genesis: Genesis) -> [StateChange] {
        self.contracts.genesisState(of: channel, genesis)
    }

    func execute(_ call: ContractCall) throws(ContractFailure) { try self.contracts.execute(call) }
}

@Suite("Blocks of proofs") struct ProofBlockTests {
    private static func transactions(_ scene: ProofScene, _ count: UInt8) throws -> [VerifiedTransaction] {
        let ada = try scene.consortium.pseudonym("ada")
        let verifier = TransactionVerifier(chain: Consortium.chain, issuers: scene.consortium.genesis.issuers)
        return try (1...count).map { byte in
            let draft = try scene.draft(byte, by: ada, nym: UInt64(byte))
            // Some are wrong, each in its own way.
            let changed = try draft.with {
                switch byte % 5 {
                case 1: $0.proof = try scene.draft(200, by: ada).proof
                case 3: $0.proof[1] ^= 0x10
                default: break
                }
            }
            return try verifier.verify(scene.consortium.transaction(changed.arguments, by: ada, on: scene.access))
        }
    }

    private static func scene(_ parameters: [(name: String, value: UInt64)] = []) throws -> ProofScene {
        let scene = try ProofScene(parameters: parameters)
        try scene.add([Fr(1).bytes])
        return scene
    }

    private func executor(_ logic: any ContractLogic) -> BlockExecutor {
        BlockExecutor(chain: Consortium.chain, channel: .access, logic: logic)
    }

    @Test("a block is the same with proofs verified together, one by one, and remembered")
    func sameBlock() throws {
        let scene = try Self.scene()
        let transactions = try Self.transactions(scene, 12)
        let contracts = ConsortiumContracts(scheme: Ed25519Scheme())
        let scant = ConsortiumContracts(scheme: Ed25519Scheme(), proofs: ProofCache(limit: 1, keyLimit: 1))
        let logics: [any ContractLogic] = [
            contracts, contracts, OneByOne(contracts: ConsortiumContracts(scheme: Ed25519Scheme())), scant,
        ]
        let blocks = try logics.map { logic in
            let built = try self.executor(logic).build(transactions, on: scene.access.parent, time: scene.access.now)
            #expect(built.refused.isEmpty)
            return try #require(built.block)
        }
        let codes = blocks[0].receipts.map(\.code)
        #expect(codes.count == 12 && codes.count { $0 == 0 } == 7)
        #expect(codes.indices.allSatisfy { (codes[$0] == 0) == ![1, 3].contains(($0 + 1) % 5) })
        for block in blocks {
            #expect(block.payload == blocks[0].payload && block.receipts == blocks[0].receipts)
            #expect(block.block.header.stateRoot == blocks[0].block.header.stateRoot)
            for logic in logics {
                let judged = try self.executor(logic).validate(
                    LedgerBlock(bytes: block.payload),
                    transactions: transactions,
                    on: scene.access.parent,
                    latest: .max
                )
                #expect(judged.receipts == block.receipts && judged.hash == block.hash)
            }
        }
    }

    @Test("the proofs of a block are all known before the first transaction is executed, unless there is but one")
    func verifiedTogether() throws {
        let scene = try Self.scene()
        let transactions = try Self.transactions(scene, 6)
        let context = BlockContext(
            chain: Consortium.chain,
            channel: .access,
            height: scene.access.header.height + 1,
            time: scene.access.now,
            committee: scene.access.committee
        )
        let cache = ProofCache()
        let contracts = ConsortiumContracts(scheme: Ed25519Scheme(), proofs: cache)
        let session = StateSession(over: scene.access.values)
        let proofs = try transactions.map { transaction in
            let call = ContractCall(block: context, verified: transaction, state: session, costMax: .max)
            return try RequestCheck(ProveAccess(bytes: call.arguments), call).proof
        }
        contracts.prepare([transactions[0]], for: context, scene.access.values)
        #expect(!proofs.contains(where: cache.knows))
        contracts.prepare(transactions, for: context, scene.access.values)
        #expect(proofs.allSatisfy(cache.knows))
        #expect(cache.verifyTogether(proofs) == 0)
        #expect(ProofCache().verifyTogether(proofs + proofs) == 6)
    }

    @Test("the work of a block limits its proofs, valid or not, and no more are verified ahead")
    func metering() throws {
        let scene = try Self.scene([("block.cost_max", 500_000)])
        let transactions = try Self.transactions(scene, 9)
        let (built, refused) = try self.executor(ConsortiumContracts(scheme: Ed25519Scheme()))
            .build(transactions, on: scene.access.parent, time: scene.access.now)
        let receipts = try #require(built).receipts
        #expect(receipts.count == 3 && refused.isEmpty)
        #expect(receipts.allSatisfy { (200_000..<201_000).contains($0.cost) })
        let cache = ProofCache()
        let contracts = ConsortiumContracts(scheme: Ed25519Scheme(), proofs: cache)
        _ = try self.executor(contracts).build(transactions, on: scene.access.parent, time: scene.access.now)
        let session = StateSession(over: scene.access.values)
        let known = try transactions.filter { transaction in
            let context = BlockContext(
                chain: Consortium.chain,
                channel: .access,
                height: scene.access.header.height + 1,
                time: scene.access.now,
                committee: scene.access.committee
            )
            let call = ContractCall(block: context, verified: transaction, state: session, costMax: .max)
            return cache.knows(try RequestCheck(ProveAccess(bytes: call.arguments), call).proof)
        }
        #expect(known.count == 3)
    }

    @Test("a proof that a transaction may not pay for is not looked at")
    func tooMuchWork() throws {
        let scene = try Self.scene([("transaction.cost_max", 100_000)])
        let ada = try scene.consortium.pseudonym("ada")
        let draft = try scene.draft(1, by: ada)
        #expect(try scene.send(draft, by: ada) == number(.tooMuchWork))
        #expect(try scene.consortium.decide(.parameter(name: "zk.proof_cost", value: 50_000)) == 0)
        #expect(try scene.send(draft, by: ada) == 0)
    }
}
