internal import CanonicalBytes
internal import Ledger
internal import Synchronization

/// Transactions whose signatures were found right lately, so that none is checked twice.
///
/// A signature that holds goes on holding; whether the issuer is still trusted is asked when a block is executed. Those
/// that stand in final blocks are kept a little longer, since peers may still pass them on.
final class VerifiedTransactions: Sendable {
    private struct Contents {
        var known: [ByteKey: VerifiedTransaction] = [:]
        /// In the order of their arrival.
        var order = Queue<[UInt8]>()
        /// Of final blocks, in their order.
        var final = Queue<[UInt8]>()
        var bytes = 0

        mutating func remove(_ id: [UInt8]) {
            self.bytes -= self.known.removeValue(forKey: ByteKey(id))?.transaction.bytes.count ?? 0
        }
    }

    /// Transactions of final blocks that are kept.
    private static let finalMax = 4_096

    private let countMax: Int
    private let bytesMax: Int
    private let contents = Mutex(Contents())

    init(countMax: Int = 65_536, bytesMax: Int = 128 << 20) {
        self.countMax = countMax
        self.bytesMax = bytesMax
    }

    subscript(id: [UInt8]) -> VerifiedTransaction? { self.contents.withLock { $0.known[ByteKey(id)] } }

    /// Those of some ids that are known, in their places.
    func find(_ ids: [[UInt8]]) -> [VerifiedTransaction?] {
        self.contents.withLock { contents in ids.map { contents.known[ByteKey($0)] } }
    }

    func insert(_ transactions: [VerifiedTransaction]) {
        self.contents.withLock { contents in
            for verified in transactions {
                let id = verified.transaction.id
                guard contents.known.updateValue(verified, forKey: ByteKey(id)) == nil else { continue }
                contents.order.append(id)
                contents.bytes += verified.transaction.bytes.count
            }
            while contents.order.count > self.countMax || contents.bytes > self.bytesMax {
                guard let oldest = contents.order.removeFirst() else { return }
                contents.remove(oldest)
            }
        }
    }

    /// A block with these transactions is final.
    func noteFinal(_ ids: [[UInt8]]) {
        self.contents.withLock { contents in
            for id in ids { contents.final.append(id) }
            while contents.final.count > Self.finalMax, let oldest = contents.final.removeFirst() {
                contents.remove(oldest)
            }
        }
    }
}
