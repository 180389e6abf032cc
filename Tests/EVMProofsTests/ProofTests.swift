import CanonicalBytes
import EVMProofs
import IBTP
import Testing

struct ProofTests {
    @Test(arguments: [1, 2, 4, 40, 140])
    func `what the broker has said is proven against the block`(count: Int) throws {
        let block = try SampleBlock(receipts: count)
        for place in block.places.indices {
            let proof = try block.proof(place)
            let read = try EVMInclusionProof(bytes: proof.bytes)
            #expect(read == proof)
            let message = try read.verify(against: EVMAnchor(block.header), broker: block.broker)
            #expect(message.index == UInt64(place + 1))
            #expect(message.from == SampleBlock.source && message.to == SampleBlock.destination)
            #expect(message.timeoutHeight == 100 && message.extra == Array("extra".utf8))
            let payload = try InterchainPayload(bytes: message.payload)
            #expect(try InterchainContent(bytes: payload.content).function == "ask")
        }
    }

    @Test func `no single changed byte is a proof`() throws {
        let block = try SampleBlock(receipts: 4)
        let anchor = EVMAnchor(block.header)
        let good = try block.proof(1).bytes
        for place in good.indices {
            for change: UInt8 in [1, 0x80, 0xFF] {
                var bytes = good
                bytes[place] ^= change
                #expect(throws: ProtocolFailure.self, "byte \(place)") {
                    try EVMInclusionProof(bytes: bytes).verify(against: anchor, broker: block.broker)
                }
            }
        }
        for count in good.indices {
            let bytes = Array(good.prefix(count))
            #expect(throws: ProtocolFailure.self) { try EVMInclusionProof(bytes: bytes) }
        }
        #expect(throws: ProtocolFailure.self) { try EVMInclusionProof(bytes: good + [0]) }
    }

    @Test func `another block, another contract and another log are refused`() throws {
        let block = try SampleBlock(receipts: 4)
        let proof = try block.proof(0)
        let anchor = EVMAnchor(block.header)
        let zero = [UInt8](repeating: 0, count: 32)
        let others = [
            try EVMAnchor(height: 78, blockHash: anchor.blockHash, receiptsRoot: anchor.receiptsRoot),
            try EVMAnchor(height: 77, blockHash: zero, receiptsRoot: anchor.receiptsRoot),
            try EVMAnchor(height: 77, blockHash: anchor.blockHash, receiptsRoot: zero),
            EVMAnchor(try SampleBlock(receipts: 7).header),
        ]
        for other in others {
            let failure = #expect(throws: ProtocolFailure.self) {
                try proof.verify(against: other, broker: block.broker)
            }
            #expect(failure?.code == .context)
        }
        let stranger = try EVMAddress([UInt8](repeating: 1, count: 20))
        #expect(throws: ProtocolFailure.self) { try proof.verify(against: anchor, broker: stranger) }
        for log: UInt16 in [0, 2] {
            let other = try EVMInclusionProof(header: block.header, receiptIndex: 0, nodes: proof.nodes, logIndex: log)
            #expect(throws: ProtocolFailure.self) { try other.verify(against: anchor, broker: block.broker) }
        }
    }

    @Test func `nodes that are not needed or are missing are refused`() throws {
        let block = try SampleBlock(receipts: 40)
        let nodes = try block.proof(3).nodes
        let more = [nodes + [nodes[0]], [nodes[0]] + nodes, Array(nodes.dropFirst()), Array(nodes.dropLast())]
        for other in more {
            #expect(throws: ProtocolFailure.self) {
                try ReceiptProof.receipt(9, by: other, under: block.header.receiptsRoot)
            }
        }
        #expect(try ReceiptProof.receipt(9, by: nodes, under: block.header.receiptsRoot).isEmpty == false)
    }

    @Test(arguments: 0..<60)
    func `nothing random is taken in two encodings`(seed: Int) throws {
        var random = Sequence64(UInt64(seed))
        let block = try SampleBlock(receipts: 4)
        let log = try SampleBlock.request(5, by: block.broker)
        let topics = RLPItem.list(log.topics.map(RLPItem.bytes))
        let logItem = RLPItem.list([.bytes(log.address.bytes), topics, .bytes(log.data)])
        let proof = try block.proof(0)
        let receipt = try SampleReceipts.receipt(9).encoded
        let seeds = [proof.bytes, block.header.rlp, logItem.encoded, receipt] + proof.nodes
        for bytes in seeds {
            var bytes = bytes
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            for name in EVMDecoders.names { _ = try EVMDecoders.read(bytes, as: name) }
        }
        #expect(try EVMDecoders.read(proof.bytes, as: "proof"))
        #expect(try EVMDecoders.read(logItem.encoded, as: "event"))
        #expect(try EVMDecoders.read(proof.nodes[0], as: "trie-node"))
    }
}
