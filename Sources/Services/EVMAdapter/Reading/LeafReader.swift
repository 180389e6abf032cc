internal import CanonicalBytes
internal import EVMProofs
internal import IBTP
internal import Relaying

/// Reads what the broker has said in a stretch of final blocks, with proofs.
///
/// Nothing of a node's word is taken without a check that anybody could repeat: headers must have the hashes that the
/// node gives and follow each other, and receipts must be the block's (their tree has the header's root). A block whose
/// filter may have the broker's events is read whole, so that a log that the node forgets in `eth_getLogs` is found
/// nevertheless.
struct LeafReader: Sendable {
    let node: EVMNode
    let broker: EVMAddress

    /// The leaves of the blocks after a cursor up to a height.
    ///
    /// - Returns: them with the hash of the last block.
    /// - Throws: `finalityBroken` when the cursor's block is another one now.
    func leaves(
        after cursor: AdapterCursor,
        through last: UInt64
    ) async throws(EVMFailure) -> (leaves: [OutboundLeaf], lastHash: [UInt8]) {
        try await self.check(cursor)
        let heights = cursor.height + 1...last
        let hints = try await self.node.logs(of: self.broker, topics: BrokerEvent.topics, in: heights)
        var leaves: [OutboundLeaf] = []
        var parent = cursor.blockHash
        for height in heights {
            guard let block = try await self.node.block(.height(height)) else {
                throw .inconsistent("block \(height) is not there, but later ones are")
            }
            guard parent.isEmpty || block.header.parentHash == parent else {
                throw .inconsistent("block \(height) does not follow the one before it")
            }
            parent = block.header.hash
            let hinted = hints.filter { $0.height == height }
            guard hinted.allSatisfy({ $0.blockHash == block.header.hash }) else {
                throw .inconsistent("logs of another block \(height)")
            }
            if self.mayHaveEvents(block.header) {
                leaves += try await self.leaves(of: block.header, block.transactions)
            } else if !hinted.isEmpty {
                throw .inconsistent("logs in block \(height), whose filter has none")
            }
        }
        return (leaves, parent)
    }

    /// Requires that the last block that was read is still the chain's.
    private func check(_ cursor: AdapterCursor) async throws(EVMFailure) {
        guard !cursor.blockHash.isEmpty else { return }
        guard let header = try await self.node.header(.height(cursor.height)) else {
            throw .inconsistent("block \(cursor.height) is not there, but later ones are")
        }
        guard header.hash == cursor.blockHash else { throw .finalityBroken(height: cursor.height) }
    }

    private func mayHaveEvents(_ header: EVMBlockHeader) -> Bool {
        EVMBloom.mayContain(header.logsBloom, self.broker.bytes)
            && BrokerEvent.topics.contains { EVMBloom.mayContain(header.logsBloom, $0) }
    }

    private func leaves(
        of header: EVMBlockHeader,
        _ transactions: [[UInt8]]
    ) async throws(EVMFailure) -> [OutboundLeaf] {
        var receipts: [EVMReceipt] = []
        for (place, transaction) in transactions.enumerated() {
            guard let found = try await self.node.receipt(of: transaction), found.blockHash == header.hash,
                Int(found.transactionIndex) == place, found.transaction == transaction
            else { throw .inconsistent("block \(header.number) has changed, or a receipt of it is missing") }
            receipts.append(found.receipt)
        }
        do throws(ProtocolFailure) { return try self.leaves(of: header, receipts) } catch {
            throw .inconsistent("block \(header.number): \(error)")
        }
    }

    /// The leaves that all receipts of a block hold.
    private func leaves(
        of header: EVMBlockHeader,
        _ receipts: [EVMReceipt]
    ) throws(ProtocolFailure) -> [OutboundLeaf] {
        let trie = try ReceiptTrie(receipts.map(\.encoded))
        try require(trie.root == header.receiptsRoot, .context, "the receipts are not the block's")
        var leaves: [OutboundLeaf] = []
        for (index, receipt) in receipts.enumerated() {
            for (place, log) in receipt.logs.enumerated() where self.isEvent(log) {
                let proof = try EVMInclusionProof(
                    header: header,
                    receiptIndex: UInt32(index),
                    nodes: trie.proof(of: UInt32(index)),
                    logIndex: UInt16(clamping: place)
                )
                guard let event = self.event(proof) else { continue }
                leaves.append(Self.leaf(event, proof, UInt32(leaves.count)))
            }
        }
        return leaves
    }

    private func isEvent(_ log: EVMLog) -> Bool {
        log.address == self.broker && log.topics.first.map(BrokerEvent.topics.contains) ?? false
    }

    /// What a proof proves; nil for an event that nobody could use, which concerns its own pair alone and must not keep
    /// the others waiting.
    private func event(_ proof: EVMInclusionProof) -> BrokerEvent? {
        try? proof.event(at: EVMAnchor(proof.header), broker: self.broker)
    }

    private static func leaf(_ event: BrokerEvent, _ proof: EVMInclusionProof, _ place: UInt32) -> OutboundLeaf {
        let requestHash: [UInt8]? = if case .receipt(_, let hash) = event { hash } else { nil }
        return OutboundLeaf(
            message: event.message,
            requestHash: requestHash,
            height: proof.header.number,
            place: place,
            blockHash: proof.header.hash,
            inclusionRoot: proof.header.receiptsRoot,
            proof: proof.bytes
        )
    }
}
