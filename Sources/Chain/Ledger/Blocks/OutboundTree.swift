/// What a block says to other chains: the two trees whose roots its header has a place for.
///
/// A leaf is the data of an event, so that what a header certifies can be had from the block's receipts alone.
package enum OutboundTree: UInt8, CaseIterable, Hashable, Sendable {
    /// What contracts send.
    case out = 1
    /// What is undone because its time was up.
    case timeout = 2

    /// Of the events whose data the leaves are.
    package var topic: String {
        switch self {
        case .out: "interchain.out"
        case .timeout: "interchain.timeout"
        }
    }

    /// The tree's leaves, in the order of the receipts and of their events.
    package func leaves(of receipts: [TransactionReceipt]) -> [[UInt8]] {
        let topic = self.topic
        // Text is compared as bytes: `String ==` equates different ones.
        var leaves: [[UInt8]] = []
        for receipt in receipts {
            for event in receipt.events
            where event.topic.utf8.count == topic.utf8.count && event.topic.utf8.elementsEqual(topic.utf8) {
                leaves.append(event.data)
            }
        }
        return leaves
    }

    /// RFC 9162 tree over the leaves; zero when there are none.
    package func root(of receipts: [TransactionReceipt]) -> [UInt8] {
        let leaves = self.leaves(of: receipts)
        return leaves.isEmpty ? BlockHeader.noRoot : BlockTrees.root(leaves)
    }
}

extension BlockHeader {
    /// The root of one of the trees; zero when the block says nothing of the kind.
    package func root(of tree: OutboundTree) -> [UInt8] {
        switch tree {
        case .out: self.crossChainOutRoot
        case .timeout: self.crossChainTimeoutRoot
        }
    }
}
