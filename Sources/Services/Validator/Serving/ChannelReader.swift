internal import CanonicalBytes
package import Consensus
package import Ledger
internal import LedgerStore

/// A final block with everything that belongs to it.
package struct FinalBlock: Sendable {
    package let block: LedgerBlock
    /// The block's canonical bytes.
    package let bytes: [UInt8]
    package let certificate: QuorumCertificate
    package let receipts: [TransactionReceipt]

    package init(block: LedgerBlock, bytes: [UInt8], certificate: QuorumCertificate, receipts: [TransactionReceipt]) {
        self.block = block
        self.bytes = bytes
        self.certificate = certificate
        self.receipts = receipts
    }
}

/// Reads one channel's final blocks from any thread: only what is durable.
final class ChannelReader: Sendable {
    /// Blocks that one question may ask for.
    static let blocksMax = 256

    let channel: Channel
    let tip: TipBoard
    private let blocks: BlockStore
    private let transactions: TransactionIndex
    private let recent: RecentBlocks

    init(channel: Channel, tip: TipBoard, blocks: BlockStore, transactions: TransactionIndex) {
        self.channel = channel
        self.tip = tip
        self.blocks = blocks
        self.transactions = transactions
        self.recent = RecentBlocks()
    }

    /// Takes a block that has just become final, so that it need not be read back.
    func note(_ block: FinalBlock) { self.recent.insert(block) }

    /// The lowest height that can be read; 1 for a new chain.
    var earliest: Height { self.blocks.earliest ?? self.tip.height + 1 }

    /// - Returns: nil above the tip, and for block 0, which nobody certified.
    func block(at height: Height) throws(QueryFailure) -> FinalBlock? {
        guard height > 0, height <= self.tip.height else { return nil }
        if let known = self.recent[height] { return known }
        guard height >= self.earliest else { throw .pruned(earliest: self.earliest) }
        do throws(LedgerStoreFailure) {
            guard let stored = try self.blocks.read(height) else { return nil }
            do throws(ProtocolFailure) {
                return FinalBlock(
                    block: try LedgerBlock(bytes: stored.block),
                    bytes: stored.block,
                    certificate: try QuorumCertificate(bytes: stored.certificate),
                    receipts: try ReceiptList.read(stored.receipts)
                )
            } catch { throw LedgerStoreFailure.refused("block \(height) cannot be read: \(error)") }
        } catch {
            switch error {
            case .pruned(let earliest): throw .pruned(earliest: earliest)
            default: throw .damaged("\(error)")
            }
        }
    }

    /// Headers above a height, ascending, with their certificates.
    func headers(
        since height: Height,
        limit: Int
    ) throws(QueryFailure) -> [(header: BlockHeader, certificate: QuorumCertificate, next: Committee?)] {
        var found: [(header: BlockHeader, certificate: QuorumCertificate, next: Committee?)] = []
        var next = height
        while found.count < min(limit, Self.blocksMax), next < self.tip.height {
            next += 1
            guard let block = try self.block(at: next) else { break }
            found.append((block.block.header, block.certificate, block.block.nextCommittee))
        }
        return found
    }

    /// Where a final transaction stands; nil when there is none of this id.
    func place(of id: [UInt8]) throws(QueryFailure) -> TransactionPlace? {
        do throws(LedgerStoreFailure) {
            guard let place = try self.transactions.find(id), place.height <= self.tip.height else { return nil }
            return place
        } catch { throw .damaged("\(error)") }
    }

    /// Proves a final transaction; nil when there is none of this id.
    func proof(of id: [UInt8]) throws(QueryFailure) -> TransactionProof? {
        guard let place = try self.place(of: id) else { return nil }
        return try self.proof(at: place)
    }

    func proof(at place: TransactionPlace) throws(QueryFailure) -> TransactionProof? {
        guard let block = try self.block(at: place.height) else { return nil }
        return TransactionProof(
            Int(place.position),
            of: block.block,
            receipts: block.receipts,
            certificate: block.certificate
        )
    }
}
