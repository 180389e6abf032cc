package import CanonicalBytes
package import Ledger

/// A block's receipts as the block store keeps them: `u32 n || n × LP(receipt)`.
package enum ReceiptList {
    /// The list's encoding.
    package static func bytes(_ receipts: [TransactionReceipt]) -> [UInt8] { self.bytes(of: receipts.map(\.bytes)) }

    /// The encoding of a list of encoded receipts.
    static func bytes(of payloads: [[UInt8]]) -> [UInt8] {
        var writer = CanonicalWriter(capacity: payloads.reduce(4) { $0 + 4 + $1.count })
        writer.u32(UInt32(payloads.count))
        for payload in payloads { writer.lengthPrefixed(payload) }
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
