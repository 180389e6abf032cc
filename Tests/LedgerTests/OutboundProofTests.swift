import CanonicalBytes
import Consensus
import Ledger
import StateTree
import Testing

/// Says what it is asked to: the arguments are `u8 tree || data`, several with a length before each.
private struct SpeakingLogic: ContractLogic {
    func genesisState(of channel: Channel, _ genesis: Genesis) -> [StateChange] {
        CounterLogic().genesisState(of: channel, genesis)
    }

    func execute(_ call: ContractCall) throws(ContractFailure) {
        var reader = CanonicalReader(call.arguments)
        var words: [[UInt8]] = []
        do throws(ProtocolFailure) {
            while reader.remaining > 0 { words.append(try reader.lengthPrefixed()) }
        } catch { throw .damaged(error) }
        for word in words {
            let topic = OutboundTree(rawValue: word[0])?.topic ?? "counter.added"
            try call.emit(topic, Array(word.dropFirst()))
        }
        guard call.transaction.body.method != "refuse" else {
            throw .rejected(CounterLogic.refused, "as asked")
        }
    }
}

@Suite struct OutboundProofTests {
    private static func words(_ words: [(UInt8, String)]) -> [UInt8] {
        var writer = CanonicalWriter()
        for (tree, text) in words { writer.lengthPrefixed([tree] + Array(text.utf8)) }
        return writer.bytes
    }

    /// A block whose transactions say these words.
    private static func block(_ chain: TestChain, _ calls: [(String, [(UInt8, String)])]) throws -> ExecutedBlock {
        let gateway = try chain.party("clinic-1:gateway:g1")
        let executor = BlockExecutor(chain: Array("test-chain".utf8), channel: .index, logic: SpeakingLogic())
        let first = try executor.genesis(chain.genesis)
        var values = MemoryValues()
        var nodes = MemoryNodes()
        for change in first.changes { values.values[change.key] = change.value }
        nodes.apply(first.update)
        let parent = ParentState(
            header: first.block.header,
            hash: first.hash,
            values: values,
            nodes: nodes,
            committee: chain.genesis.committee
        )
        let verifier = chain.verifier()
        let transactions = try calls.enumerated().map { place, call in
            try verifier.verify(
                gateway.transaction(call.0, nonce: UInt64(place + 1), arguments: self.words(call.1))
            )
        }
        let built = try #require(try executor.build(transactions, on: parent, time: TestChain.start + 10).block)
        // Whoever judges a block computes both roots anew.
        let judged = try executor.validate(built.block, transactions: transactions, on: parent, latest: .max)
        #expect(judged.block.header == built.block.header)
        let lying = BlockHeader.of(built.block.header, out: [UInt8](repeating: 7, count: 32))
        let lie = LedgerBlock(header: lying, transactions: built.block.transactions, nextCommittee: nil)
        #expect(throws: ProtocolFailure.self) {
            try executor.validate(lie, transactions: transactions, on: parent, latest: .max)
        }
        return built
    }

    private func view(of chain: TestChain, scheme: (any SignatureScheme)? = nil) -> CommitteeView {
        CommitteeView(genesis: chain.genesis, channel: .index, scheme: scheme ?? chain.scheme)
    }

    @Test func `a header names what its block says to other chains, in the order of receipts and events`() throws {
        let chain = try TestChain()
        let built = try Self.block(
            chain,
            [
                ("add", [(1, "a"), (2, "x"), (1, "b")]), ("add", [(0, "nothing")]), ("refuse", [(1, "undone")]),
                ("add", [(1, "c"), (2, "y")]),
            ]
        )
        let header = built.block.header
        let out = ["a", "b", "c"].map { Array($0.utf8) }
        let timeout = ["x", "y"].map { Array($0.utf8) }
        #expect(OutboundTree.out.leaves(of: built.receipts) == out)
        #expect(header.crossChainOutRoot == BlockTrees.root(out))
        #expect(header.crossChainTimeoutRoot == BlockTrees.root(timeout))
        #expect(try BlockHeader(bytes: header.bytes) == header)
    }

    @Test func `a block that says nothing has the header that it always had`() throws {
        let chain = try TestChain()
        let built = try Self.block(chain, [("add", [(0, "nothing")]), ("refuse", [(1, "undone"), (2, "undone")])])
        let header = built.block.header
        #expect(header.crossChainOutRoot == BlockHeader.noRoot && header.crossChainTimeoutRoot == BlockHeader.noRoot)
        let plain = BlockHeader(
            chain: header.chain,
            channel: header.channel,
            epoch: header.epoch,
            height: header.height,
            parent: header.parent,
            transactionRoot: header.transactionRoot,
            receiptRoot: header.receiptRoot,
            stateRoot: header.stateRoot,
            validatorsRoot: header.validatorsRoot,
            evidenceRoot: header.evidenceRoot,
            time: header.time
        )
        #expect(plain.bytes == header.bytes)
    }

    @Test(arguments: 1..<10) func `every leaf of every tree can be proven, and no other`(_ size: Int) throws {
        let chain = try TestChain()
        let words = (0..<size).map { (UInt8(1), "word \($0)") }
        let built = try Self.block(chain, [("add", words), ("add", [(2, "late")])])
        let certificate = chain.certify(built.block.header)
        func proof(_ place: Int, _ tree: OutboundTree, _ receipts: [TransactionReceipt]? = nil) -> OutboundProof? {
            OutboundProof(
                place,
                of: tree,
                header: built.block.header,
                receipts: receipts ?? built.receipts,
                certificate: certificate
            )
        }
        for place in 0..<size {
            let made = try #require(proof(place, .out))
            let read = try OutboundProof(bytes: made.bytes)
            #expect(read == made && read.leaf == Array("word \(place)".utf8))
            try read.verify(by: self.view(of: chain))
        }
        try #require(proof(0, .timeout)).verify(by: self.view(of: chain))
        #expect(proof(size, .out) == nil && proof(1, .timeout) == nil && proof(-1, .out) == nil)
        #expect(proof(0, .out, []) == nil && proof(0, .out, Array(built.receipts.reversed())) != nil)
    }

    @Test(arguments: CertificateKind.allCases, 0..<6)
    func `no byte of a proof may have any other value`(_ kind: CertificateKind, _ part: Int) throws {
        let chain = try TestChain(certificates: kind)
        // A tree of three, whose first leaf is proven by the same hashes as that of a tree of four.
        let built = try Self.block(chain, [("add", [(1, "a"), (1, "b"), (1, "c")])])
        let proof = try #require(
            OutboundProof(
                0,
                of: .out,
                header: built.block.header,
                receipts: built.receipts,
                certificate: chain.certify(built.block.header)
            )
        )
        let bytes = proof.bytes
        let scheme = RememberingScheme(chain.scheme, proof.certificate, chain.genesis)
        let view = self.view(of: chain, scheme: scheme)
        try OutboundProof(bytes: bytes).verify(by: view)
        let signatures = try #require(bytes.firstRange(of: proof.certificate.proof))
        for place in stride(from: part, to: bytes.count, by: 6) {
            // A try at a signature costs its verification: every bit, and a few others, stand for all values there.
            let few: [UInt8] = (0..<8).map { 1 << $0 } + [0xff, 0x55, 0x0f]
            let flips = signatures.contains(place) ? few : Array(1...UInt8.max)
            var changed = bytes
            var valid: [UInt8] = []
            for flip in flips {
                changed[place] = bytes[place] ^ flip
                if (try? OutboundProof(bytes: changed).verify(by: view)) != nil { valid.append(changed[place]) }
            }
            #expect(valid.isEmpty, "byte \(place) of \(bytes.count) may be \(valid) in place of \(bytes[place])")
        }
    }

    @Test func `no shortened or lengthened proof is read, nor one that is too long`() throws {
        let chain = try TestChain()
        let built = try Self.block(chain, [("add", [(1, "a"), (1, "b"), (1, "c")])])
        let proof = try #require(
            OutboundProof(
                2,
                of: .out,
                header: built.block.header,
                receipts: built.receipts,
                certificate: chain.certify(built.block.header)
            )
        )
        let bytes = proof.bytes
        for length in bytes.indices {
            #expect(throws: ProtocolFailure.self) { try OutboundProof(bytes: Array(bytes[..<length])) }
        }
        #expect(throws: ProtocolFailure.self) { try OutboundProof(bytes: bytes + [0]) }
        #expect(throws: ProtocolFailure.self) {
            try OutboundProof(bytes: bytes + [UInt8](repeating: 0, count: OutboundProof.bytesMax))
        }
    }
}

extension BlockHeader {
    /// The header with another root of what the block says.
    fileprivate static func of(_ header: BlockHeader, out root: [UInt8]) -> BlockHeader {
        BlockHeader(
            chain: header.chain,
            channel: header.channel,
            epoch: header.epoch,
            height: header.height,
            parent: header.parent,
            transactionRoot: header.transactionRoot,
            receiptRoot: header.receiptRoot,
            stateRoot: header.stateRoot,
            validatorsRoot: header.validatorsRoot,
            crossChainOutRoot: root,
            crossChainTimeoutRoot: header.crossChainTimeoutRoot,
            evidenceRoot: header.evidenceRoot,
            time: header.time
        )
    }
}
