package import CanonicalBytes
package import Consensus
internal import Merkle
internal import Records

/// That a transaction stands in a certified block, and what became of it: checkable with nothing but the committee.
///
/// `"WLTP" || LP(header) || LP(certificate) || LP(transaction) || inclusion || LP(receipt) || inclusion`.
package struct TransactionProof: Hashable, Sendable {
    package let header: BlockHeader
    package let certificate: QuorumCertificate
    package let transaction: Transaction
    package let receipt: TransactionReceipt
    private let place: InclusionProof
    private let receiptPlace: InclusionProof

    /// Proves the transaction at a place of a block.
    ///
    /// - Returns: nil when the block has no such place.
    package init?(_ index: Int, of block: LedgerBlock, receipts: [TransactionReceipt], certificate: QuorumCertificate) {
        guard block.transactions.indices.contains(index), receipts.count == block.transactions.count,
            let place = BlockTrees.prove(index, of: block.transactions.map(\.id)),
            let receiptPlace = BlockTrees.prove(index, of: receipts.map(\.bytes))
        else { return nil }
        self.header = block.header
        self.certificate = certificate
        self.transaction = block.transactions[index]
        self.receipt = receipts[index]
        self.place = place
        self.receiptPlace = receiptPlace
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 2_048)
        writer.magic("WLTP")
        writer.lengthPrefixed(self.header.bytes)
        var inner = CanonicalWriter(capacity: 512)
        self.certificate.write(to: &inner)
        writer.lengthPrefixed(inner.bytes)
        writer.lengthPrefixed(self.transaction.bytes)
        self.place.write(to: &writer)
        writer.lengthPrefixed(self.receipt.bytes)
        self.receiptPlace.write(to: &writer)
        return writer.bytes
    }

    /// Reads a proof strictly; ``verify(by:)`` judges it.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLTP")
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(bytes: try reader.lengthPrefixed())
        self.transaction = try Transaction(bytes: try reader.lengthPrefixed())
        self.place = try InclusionProof(from: &reader)
        self.receipt = try TransactionReceipt(bytes: try reader.lengthPrefixed())
        self.receiptPlace = try InclusionProof(from: &reader)
        try reader.finish()
    }

    /// Requires that the committee certified the block, and that transaction and receipt stand at one place in it.
    ///
    /// - Throws: as ``CommitteeView/check(_:_:)``; `PROOF` for a path that leads to another root.
    package func verify(by view: CommitteeView) throws(ProtocolFailure) {
        try view.check(self.header, self.certificate)
        let isSamePlace =
            self.place.leafIndex == self.receiptPlace.leafIndex
            && self.place.treeSize == self.receiptPlace.treeSize
            && self.receipt.transaction == self.transaction.id
        try require(isSamePlace, .proof, "transaction and receipt stand at different places")
        try require(self.transaction.body.channel == self.header.channel, .proof, "a transaction of another channel")
        try Self.follow(self.place, from: self.transaction.id, to: self.header.transactionRoot)
        try Self.follow(self.receiptPlace, from: self.receipt.bytes, to: self.header.receiptRoot)
    }

    private static func follow(
        _ place: InclusionProof,
        from leaf: [UInt8],
        to root: [UInt8]
    ) throws(ProtocolFailure) {
        guard let root = Digest(bytes: root), place.verifies(leafHash: MerkleHash.leaf(leaf), root: root) else {
            throw ProtocolFailure(.proof, "the path leads to another root")
        }
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.transaction.id) }
}

extension QuorumCertificate {
    /// The canonical bytes.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        self.write(to: &writer)
        return writer.bytes
    }

    /// Reads a certificate strictly.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try self.init(from: &reader)
        try reader.finish()
    }
}
