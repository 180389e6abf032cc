internal import CanonicalBytes
internal import Ledger
internal import Synchronization

/// Transactions whose signatures were found right lately, so that none is checked twice.
///
/// A signature that holds goes on holding; whether the issuer is still trusted is asked when a block is executed. Those
/// that stand in final blocks are kept a little longer, since peers may still pass them on.
final class VerifiedTransactions: Sendable {
    private struct Contents {
        var known: BoundedHistory<ByteKey, VerifiedTransaction>
        /// Those of final blocks; what leaves here is forgotten.
        var final: BoundedHistory<ByteKey, Void>

        func byteCount(_ key: ByteKey) -> Int { self.known[key]?.transaction.bytes.count ?? 0 }
    }

    private let contents: Mutex<Contents>

    /// - Parameters:
    ///   - countMax: transactions at most.
    ///   - bytesMax: of them together, as they came; what is decoded takes as much again.
    ///   - finalMax: transactions of final blocks at most.
    ///   - finalBytesMax: of these together.
    init(countMax: Int = 65_536, bytesMax: Int = 128 << 20, finalMax: Int = 4_096, finalBytesMax: Int = 2 << 20) {
        self.contents = Mutex(
            Contents(
                known: BoundedHistory(countMax: countMax, bytesMax: bytesMax),
                final: BoundedHistory(countMax: finalMax, bytesMax: finalBytesMax)
            )
        )
    }

    var count: Int { self.contents.withLock { $0.known.count } }

    subscript(id: [UInt8]) -> VerifiedTransaction? { self.contents.withLock { $0.known[ByteKey(id)] } }

    /// Those of some ids that are known, in their places.
    func find(_ ids: [[UInt8]]) -> [VerifiedTransaction?] {
        self.contents.withLock { contents in ids.map { contents.known[ByteKey($0)] } }
    }

    func insert(_ transactions: [VerifiedTransaction]) {
        self.contents.withLock { contents in
            for verified in transactions {
                let transaction = verified.transaction
                contents.known.insert(verified, for: ByteKey(transaction.id), bytes: transaction.bytes.count)
            }
        }
    }

    /// A block with these transactions is final.
    func noteFinal(_ ids: [[UInt8]]) {
        self.contents.withLock { contents in
            for id in ids {
                let key = ByteKey(id)
                for gone in contents.final.insert((), for: key, bytes: contents.byteCount(key)) {
                    contents.known.remove(gone)
                }
            }
        }
    }
}
