/// Cuts a byte stream into MLLP frames: 0x0B message 0x1C 0x0D (HL7 v2 Implementation Guide, appendix C).
///
/// Pure and incremental: bytes come in whatever pieces the network makes of them. 0x0B and 0x1C are in no HL7 v2
/// message, so that 0x1C ends a frame also when its 0x0D has not come yet, and 0x0B in a frame begins the next one: the
/// half before it is given up, unanswered, and its sender sends it again.
package struct MLLPFramer: Sendable {
    package enum Event: Sendable, Equatable {
        /// One message without its frame.
        case frame([UInt8])
        /// A frame above the limit is over; `beginning` is what was kept of it.
        case oversized(beginning: [UInt8])
    }

    /// What is kept of a frame that is too large: enough to answer its header.
    package static let beginningBytes = 8_192
    /// Bytes outside of frames after which a peer speaks another protocol.
    package static let noiseBytesMax = 1_024

    private static let startBlock: UInt8 = 0x0B
    private static let endBlock: UInt8 = 0x1C

    private let frameBytesMax: Int
    private var frame: [UInt8] = []
    private var isInside = false
    private var isOversized = false
    private var noise = 0
    /// Frames that ended without their 0x1C, because another one began.
    package private(set) var tornFrames = 0

    /// Starts between frames.
    ///
    /// - Parameter frameBytesMax: bytes of a message; what is larger is skipped to its end.
    package init(frameBytesMax: Int) { self.frameBytesMax = frameBytesMax }

    /// Whether a frame has begun and not ended.
    package var isMidFrame: Bool { self.isInside }

    /// Takes the next bytes of the stream.
    ///
    /// - Parameters:
    ///   - bytes: any piece.
    ///   - events: receives what ended in it, in order.
    /// - Throws: `malformed` when too many bytes stand outside of frames: the connection is of no use.
    package mutating func take(
        _ bytes: UnsafeRawBufferPointer,
        into events: inout [Event]
    ) throws(DecodeFailure) {
        var position = 0
        while position < bytes.count {
            if self.isInside {
                position = self.takeContent(bytes, from: position, into: &events)
            } else {
                try self.takeOutside(bytes[position])
                position += 1
            }
        }
    }

    private mutating func takeOutside(_ byte: UInt8) throws(DecodeFailure) {
        if byte == Self.startBlock {
            self.isInside = true
            self.isOversized = false
            self.noise = 0
            self.frame = []
        } else if byte != 0x0D, byte != 0x0A {
            self.noise += 1
            guard self.noise <= Self.noiseBytesMax else {
                throw DecodeFailure(.malformed, "more than \(Self.noiseBytesMax) bytes outside of MLLP frames")
            }
        }
    }

    /// Takes bytes up to the next mark.
    ///
    /// - Returns: where to go on.
    private mutating func takeContent(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        into events: inout [Event]
    ) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != Self.endBlock, bytes[end] != Self.startBlock { end += 1 }
        self.keep(bytes[start..<end])
        guard end < bytes.count else { return end }
        if bytes[end] == Self.startBlock {
            self.tornFrames += 1
        } else {
            self.isInside = false
            events.append(self.isOversized ? .oversized(beginning: self.frame) : .frame(self.frame))
        }
        self.frame = []
        self.isOversized = false
        return end + 1
    }

    private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
        if !self.isOversized, self.frame.count + bytes.count <= self.frameBytesMax {
            self.frame.append(contentsOf: bytes)
            return
        }
        // The same beginning is kept, whatever the pieces.
        self.isOversized = true
        self.frame.append(contentsOf: bytes.prefix(max(0, Self.beginningBytes - self.frame.count)))
        self.frame.removeSubrange(min(self.frame.count, Self.beginningBytes)...)
    }
}
