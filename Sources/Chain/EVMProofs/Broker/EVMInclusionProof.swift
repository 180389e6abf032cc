package import CanonicalBytes
package import IBTP

/// A block of a chain with an EVM, as those whom a verifier believes have named it.
package struct EVMAnchor: Hashable, Sendable {
    package let height: UInt64
    /// 32 bytes.
    package let blockHash: [UInt8]
    /// 32 bytes.
    package let receiptsRoot: [UInt8]

    /// - Throws: `FORMAT` for hashes of another length.
    package init(height: UInt64, blockHash: [UInt8], receiptsRoot: [UInt8]) throws(ProtocolFailure) {
        let isGood = blockHash.count == 32 && receiptsRoot.count == 32
        try require(isGood, .format, "a hash has 32 bytes")
        self.height = height
        self.blockHash = blockHash
        self.receiptsRoot = receiptsRoot
    }

    package init(_ header: EVMBlockHeader) {
        self.height = header.number
        self.blockHash = header.hash
        self.receiptsRoot = header.receiptsRoot
    }
}

/// That the broker has said something in a block, "WLEP": the block's header, and the way in its tree of receipts to
/// the one with the log.
///
/// The proof says nothing of whether the block is final, nor whether it is of the chain at all: that is the anchor's.
package struct EVMInclusionProof: Hashable, Sendable {
    package static let version: UInt8 = 1
    /// Bytes of the longest proof.
    package static let bytesMax = 1 << 19

    package let header: EVMBlockHeader
    /// Place of the transaction in its block.
    package let receiptIndex: UInt32
    /// From the root of receipts on.
    package let nodes: [[UInt8]]
    /// Place of the log among those of its receipt.
    package let logIndex: UInt16

    /// - Throws: `FORMAT` for more nodes than a way has, and for more than ``bytesMax``.
    package init(
        header: EVMBlockHeader,
        receiptIndex: UInt32,
        nodes: [[UInt8]],
        logIndex: UInt16
    ) throws(ProtocolFailure) {
        try require((1...ReceiptProof.nodesMax).contains(nodes.count), .format, "a proof of \(nodes.count) nodes")
        self.header = header
        self.receiptIndex = receiptIndex
        self.nodes = nodes
        self.logIndex = logIndex
        try require(self.bytes.count <= Self.bytesMax, .format, "a proof of more than \(Self.bytesMax) bytes")
    }

    /// `"WLEP" || u8 version || LP(header) || u32 receipt || u8 n || n × LP(node) || u16 log`.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 4_096)
        writer.magic("WLEP")
        writer.u8(Self.version)
        writer.lengthPrefixed(self.header.rlp)
        writer.u32(self.receiptIndex)
        writer.u8(UInt8(self.nodes.count))
        for node in self.nodes { writer.lengthPrefixed(node) }
        writer.u16(self.logIndex)
        return writer.bytes
    }

    /// Reads a proof that fills the bytes; nothing is verified.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "a proof of \(bytes.count) bytes")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLEP")
        let version = try reader.u8()
        try require(version == Self.version, .format, "version \(version) of the proof")
        let header = try EVMBlockHeader(rlp: reader.lengthPrefixed())
        let receiptIndex = try reader.u32()
        let count = Int(try reader.u8())
        try require(count <= ReceiptProof.nodesMax, .format, "a proof of \(count) nodes")
        var nodes: [[UInt8]] = []
        for _ in 0..<count { nodes.append(try reader.lengthPrefixed()) }
        try self.init(header: header, receiptIndex: receiptIndex, nodes: nodes, logIndex: reader.u16())
        try reader.finish()
    }

    /// What the broker has said.
    ///
    /// - Parameters:
    ///   - anchor: a block that is final as far as the caller knows.
    ///   - broker: the contract's address, on the chain that the anchor is of.
    /// - Returns: the event, read.
    /// - Throws: `CONTEXT` for another block, a log of another contract, or none at the place; `PROOF` for nodes that
    ///   do not lead to the receipt; `FORMAT` for what is no receipt and no event of the broker.
    package func event(at anchor: EVMAnchor, broker: EVMAddress) throws(ProtocolFailure) -> BrokerEvent {
        try require(EVMAnchor(self.header) == anchor, .context, "the proof is of another block")
        let encoded = try ReceiptProof.receipt(self.receiptIndex, by: self.nodes, under: anchor.receiptsRoot)
        let receipt = try EVMReceipt(encoded: encoded)
        try require(receipt.isSuccess, .context, "the transaction has failed")
        try require(Int(self.logIndex) < receipt.logs.count, .context, "the receipt has no log \(self.logIndex)")
        let log = receipt.logs[Int(self.logIndex)]
        try require(log.address == broker, .context, "another contract has said it")
        return try BrokerEvent(log: log)
    }

    /// The message that the broker has sent, its proof field empty.
    ///
    /// - Throws: as ``event(at:broker:)``.
    package func verify(
        against anchor: EVMAnchor,
        broker: EVMAddress
    ) throws(ProtocolFailure) -> InterchainMessage {
        try self.event(at: anchor, broker: broker).message
    }
}
