package import Consensus
package import Ledger

/// Where a subscriber stands in a channel: behind which event it goes on.
package struct EventCursor: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let height: Height
    /// 0 is the block itself, then its transactions' events in order.
    package let index: UInt32

    /// Before everything.
    package static let start = EventCursor(height: 0, index: 0)

    package init(height: Height, index: UInt32) {
        self.height = height
        self.index = index
    }

    /// Reads `<height>-<index>`.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let height = UInt64(parts[0]), let index = UInt32(parts[1]) else { return nil }
        self.init(height: height, index: index)
    }

    package var description: String { "\(self.height)-\(self.index)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.height, left.index) < (right.height, right.index)
    }
}

/// Something that happened on a channel and is final.
package struct ChainEvent: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        /// A block, before the events in it.
        case block(hash: BlockHash, time: UInt64, transactions: Int)
        /// What a contract tells about a transaction.
        case contract(transaction: [UInt8], event: ContractEvent)
        /// A transaction without effect.
        case rejected(transaction: [UInt8], code: UInt16)
    }

    package let cursor: EventCursor
    package let content: Content

    /// Everything that a block tells, in order.
    static func all(of block: FinalBlock) -> [ChainEvent] {
        let header = block.block.header
        var contents: [Content] = [
            .block(hash: header.hash, time: header.time, transactions: block.block.transactions.count)
        ]
        for receipt in block.receipts {
            if receipt.code != 0 {
                contents.append(.rejected(transaction: receipt.transaction, code: receipt.code))
            }
            for event in receipt.events { contents.append(.contract(transaction: receipt.transaction, event: event)) }
        }
        return contents.enumerated().map { index, content in
            ChainEvent(cursor: EventCursor(height: header.height, index: UInt32(index)), content: content)
        }
    }
}

/// Events of a channel from a cursor on, without a gap, as fast as the subscriber takes them.
///
/// Nothing is kept for a slow subscriber: it reads from the block store. The sequence ends when the validator stops,
/// and throws ``QueryFailure`` when the blocks that it needs are pruned.
package struct ChainEvents: AsyncSequence, Sendable {
    package typealias Element = ChainEvent
    package typealias Failure = any Error

    let reader: ChannelReader
    let cursor: EventCursor

    package func makeAsyncIterator() -> Iterator { Iterator(reader: self.reader, cursor: self.cursor) }

    package struct Iterator: AsyncIteratorProtocol {
        private let reader: ChannelReader
        private var cursor: EventCursor
        private var buffer: [ChainEvent] = []
        private var next = 0
        /// The block whose events are in the buffer, or were skipped.
        private var loaded: Height

        init(reader: ChannelReader, cursor: EventCursor) {
            self.reader = reader
            self.cursor = cursor
            self.loaded = cursor.height == 0 ? 0 : cursor.height - 1
        }

        package mutating func next() async throws -> ChainEvent? {
            while true {
                while self.next < self.buffer.count {
                    let event = self.buffer[self.next]
                    self.next += 1
                    guard event.cursor > self.cursor else { continue }
                    self.cursor = event.cursor
                    return event
                }
                if Task.isCancelled || self.reader.tip.isClosed { return nil }
                if let block = try self.reader.block(at: self.loaded + 1) {
                    self.buffer = ChainEvent.all(of: block)
                    self.next = 0
                    self.loaded += 1
                } else {
                    await self.reader.tip.wait(above: self.loaded)
                }
            }
        }
    }
}
