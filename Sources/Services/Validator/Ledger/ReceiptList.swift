package import CanonicalBytes
package import Ledger

/// A block's receipts as the block store keeps them: `u32 n || n × LP(receipt)`.
package enum ReceiptList {
    /// The list's encoding.
    package static func bytes(_ receipts: [TransactionReceipt]) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 64 * receipts.count + 4)
        writer.u32(UInt32(receipts.count))
        for receipt in receipts { writer.lengthPrefixed(receipt.bytes) }
        return writer.bytes
    }

    /// Reads a list strictly.
    ///
    /// - Throws: `FORMAT`.
    package static func read(_ bytes: [UInt8]) throws(ProtocolFailure) -> [TransactionReceipt] {
        var reader = CanonicalReader(bytes)
        let count = Int(try reader.u32())
        try require(count <= LedgerBlock.transactionsMax, .format, "\(count) receipts")
        var receipts: [TransactionReceipt] = []
        for _ in 0..<count { receipts.append(try TransactionReceipt(bytes: try reader.lengthPrefixed())) }
        try reader.finish()
        return receipts
    }
}
