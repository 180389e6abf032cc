import Consensus
import Ledger

extension Conduct {
    private static let forgedMax = 128

    /// Two valid blocks for two halves, or one that nobody may accept.
    mutating func bend(_ proposal: PrePrepare, _ channel: Channel, _ honest: Outgoing) -> [Outgoing] {
        guard let block = try? LedgerBlock(bytes: proposal.block.payload) else { return [honest] }
        if self.does(.invalidBlocks, 300) {
            let isParent = self.random.chance(300)
            let header = block.header.changed(
                parent: isParent ? .zero : nil,
                stateRoot: isParent ? nil : BlockHeader.noRoot
            )
            return [self.propose(block.under(header), proposal.slot, channel, to: honest.peers)].compactMap(\.self)
        }
        guard honest.peers.count > 1, self.does(.equivocate, 600) else { return [honest] }
        // Another time makes another block with the same effects: both would be accepted alone.
        let header = block.header.changed(time: block.header.time + UInt64.random(in: 1...5, using: &self.random))
        let shuffled = honest.peers.shuffled(using: &self.random)
        let half = shuffled.count / 2
        // Somebody hears both at times: that is where evidence comes from.
        let overlap = self.random.chance(300) ? 1 : 0
        let other = self.propose(block.under(header), proposal.slot, channel, to: Array(shuffled.dropFirst(half)))
        return [
            Outgoing(.prePrepare(proposal), in: channel, to: Array(shuffled.prefix(half + overlap))), other,
        ].compactMap(\.self)
    }

    private mutating func propose(_ block: LedgerBlock, _ like: Slot, _ channel: Channel, to peers: [UInt16])
        -> Outgoing?
    {
        guard let context = self.contexts[channel] else { return nil }
        let described = block.description(payload: block.bytes)
        self.keep(described, channel)
        let slot = Slot(
            epoch: like.epoch,
            view: like.view,
            height: like.height,
            block: described.hash,
            parent: described.parent
        )
        let vote = Prepare(signing: slot, as: self.number, in: context, with: self.signer)
        return Outgoing(.prePrepare(PrePrepare(vote: vote, block: described)), in: channel, to: peers)
    }

    private mutating func keep(_ block: Block, _ channel: Channel) {
        guard self.forged.updateValue((channel, block), forKey: block.hash) == nil else { return }
        self.forgedOrder.append(block.hash)
        if self.forgedOrder.count > Self.forgedMax { self.forged[self.forgedOrder.removeFirst()] = nil }
    }
}

extension LedgerBlock {
    fileprivate func under(_ header: BlockHeader) -> LedgerBlock {
        LedgerBlock(header: header, transactions: self.transactions, nextCommittee: self.nextCommittee)
    }
}

extension BlockHeader {
    /// The same header but for what is given.
    func changed(parent: BlockHash? = nil, stateRoot: [UInt8]? = nil, time: UInt64? = nil) -> BlockHeader {
        BlockHeader(
            chain: self.chain,
            channel: self.channel,
            epoch: self.epoch,
            height: self.height,
            parent: parent ?? self.parent,
            transactionRoot: self.transactionRoot,
            receiptRoot: self.receiptRoot,
            stateRoot: stateRoot ?? self.stateRoot,
            validatorsRoot: self.validatorsRoot,
            evidenceRoot: self.evidenceRoot,
            time: time ?? self.time
        )
    }
}
