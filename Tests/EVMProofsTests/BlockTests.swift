import CanonicalBytes
import EVMProofs
import Testing

struct BlockTests {
    @Test func `a foreign header is read, and hashes to what its chain says`() throws {
        let bytes = try #require([UInt8](hex: ForeignValues.header.filter { $0 != "\n" }))
        let header = try EVMBlockHeader(rlp: bytes)
        #expect(header.hash.hex == ForeignValues.hash)
        #expect(header.number == 1)
        #expect(header.rlp == bytes)
    }

    @Test(arguments: [15, 16, 17, 18, 19, 20, 21])
    func `the number of fields must be a fork's`(count: Int) throws {
        let root = [UInt8](repeating: 5, count: 32)
        guard EVMBlockHeader.fieldCounts.contains(count) else {
            #expect(throws: ProtocolFailure.self) { try SampleBlock.header(receiptsRoot: root, count: count) }
            return
        }
        let header = try SampleBlock.header(receiptsRoot: root, count: count)
        #expect(try EVMBlockHeader(rlp: header.rlp) == header)
        #expect(header.receiptsRoot == root && header.number == 77)
        #expect(throws: ProtocolFailure.self) { try EVMBlockHeader(rlp: header.rlp + [0]) }
    }

    @Test(arguments: ForeignValues.roots.map(\.count))
    func `a block's receipts have the root that others compute`(count: Int) throws {
        let trie = try ReceiptTrie((0..<count).map { try SampleReceipts.receipt($0).encoded })
        #expect(trie.root.hex == ForeignValues.roots.first { $0.count == count }?.root)
    }

    @Test(arguments: 0..<70)
    func `receipts of every type are read again`(place: Int) throws {
        let receipt = try SampleReceipts.receipt(place)
        #expect(try EVMReceipt(encoded: receipt.encoded) == receipt)
        #expect(receipt.logs.allSatisfy { EVMBloom.mayContain(receipt.logsBloom, $0.address.bytes) })
    }

    @Test func `a receipt with a type, status or filter that there is not is refused`() throws {
        let receipt = try SampleReceipts.receipt(2)
        var other = receipt.encoded
        for type: UInt8 in [0, 5, 0x7F, 0xBF] {
            other[0] = type
            #expect(throws: ProtocolFailure.self) { try EVMReceipt(encoded: other) }
        }
        let root = RLPItem.bytes([UInt8](repeating: 1, count: 32))
        let bloom = RLPItem.bytes(receipt.logsBloom)
        for (status, filter) in [(root, bloom), (.number(2), bloom)] {
            let old = RLPItem.list([status, .number(1), filter, .list([])]).encoded
            #expect(throws: ProtocolFailure.self) { try EVMReceipt(encoded: old) }
        }
        let empty = RLPItem.list([.number(1), .number(1), bloom, .list([])]).encoded
        #expect(throws: ProtocolFailure.self) { try EVMReceipt(encoded: empty) }
        #expect(throws: ProtocolFailure.self) {
            try EVMReceipt(type: 5, isSuccess: true, cumulativeGasUsed: 1, logs: [])
        }
    }

    @Test func `every receipt of a block is proven, and no index twice`() throws {
        let receipts = try (0..<140).map { try SampleReceipts.receipt($0).encoded }
        let trie = try ReceiptTrie(receipts)
        for index in 0..<UInt32(140) {
            let proof = try trie.proof(of: index)
            #expect(try ReceiptProof.receipt(index, by: proof, under: trie.root) == receipts[Int(index)])
            for other in [UInt32(0), 1, 15, 16, 127, 128, 139, 140, 70_000] where other != index {
                #expect(throws: ProtocolFailure.self) {
                    try ReceiptProof.receipt(other, by: proof, under: trie.root)
                }
            }
        }
        #expect(throws: ProtocolFailure.self) { try trie.proof(of: 140) }
        #expect(throws: ProtocolFailure.self) { try ReceiptTrie([]) }
    }

    @Test func `addresses are read with and without their checksum`() throws {
        // The examples of EIP-55.
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let address = try EVMAddress(text: text)
            #expect(address.checksummed == text)
            #expect(try EVMAddress(text: text.lowercased()) == address)
            #expect(throws: ProtocolFailure.self) {
                try EVMAddress(text: text.replacingOccurrence(of: "B", with: "b"))
            }
        }
        #expect(throws: ProtocolFailure.self) { try EVMAddress(text: "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") }
        #expect(throws: ProtocolFailure.self) { try EVMAddress(text: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA") }
    }

    @Test func `a contract's address follows from its maker and the nonce`() throws {
        // The first contract of the key of EIP-155's example, as eth-utils and rlp compute it.
        let maker = try EVMAddress(text: "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F")
        #expect(EVMAddress(createdBy: maker, nonce: 0).checksummed == ForeignValues.created[0])
        #expect(EVMAddress(createdBy: maker, nonce: 300).checksummed == ForeignValues.created[1])
    }
}

extension String {
    /// With the first of such letters replaced.
    fileprivate func replacingOccurrence(of letter: Character, with other: Character) -> String {
        guard let place = self.firstIndex(of: letter) else { return self }
        return String(self[..<place]) + String(other) + String(self[self.index(after: place)...])
    }
}
