internal import NIOCore

/// Turns a mailbox's frames into chunks: small frames share one, a long frame is spread over many.
///
/// A chunk is one write and, up to the record size, one TLS record; what waits beyond it stays in the bounded queue.
struct FrameWriter {
    private static let chunkBytes = 1 << 16

    private let mailbox: PeerMailbox
    private var unsent: ArraySlice<Frame> = []
    /// Content bytes of the first unsent frame that were written, after its header; nil before the header.
    private var written: Int?

    init(_ mailbox: PeerMailbox) { self.mailbox = mailbox }

    /// The next bytes for the connection; nil when nothing waits.
    mutating func chunk(_ allocator: ByteBufferAllocator) -> ByteBuffer? {
        if self.unsent.isEmpty { self.unsent = self.mailbox.take(upTo: Self.chunkBytes)[...] }
        guard !self.unsent.isEmpty else { return nil }
        var buffer = allocator.buffer(capacity: self.unsentBytes)
        while buffer.readableBytes < Self.chunkBytes, let frame = self.unsent.first {
            if self.written == nil {
                buffer.writeInteger(UInt32(frame.bytes.count))
                buffer.writeInteger(frame.kind)
            }
            let begin = self.written ?? 0
            let end = min(frame.bytes.count, begin + max(0, Self.chunkBytes - buffer.readableBytes))
            buffer.writeBytes(frame.bytes[begin..<end])
            self.written = end
            guard end == frame.bytes.count else { break }
            self.unsent.removeFirst()
            self.written = nil
        }
        return buffer
    }

    private var unsentBytes: Int {
        let all = self.unsent.reduce(0) { $0 + Frame.headerBytes + $1.bytes.count } - (self.written ?? 0)
        return min(all, Self.chunkBytes + Frame.headerBytes)
    }
}
