internal import CanonicalBytes

/// One message on the wire: `u32 length || u8 kind || bytes`, the length counting the bytes alone.
package struct Frame: Sendable, Hashable {
    /// Bytes before the content.
    package static let headerBytes = 5

    package let kind: UInt8
    package let bytes: [UInt8]

    package init(kind: UInt8, bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }

    /// The header and the content.
    package var encoded: [UInt8] {
        var writer = CanonicalWriter(capacity: Self.headerBytes + self.bytes.count)
        writer.u32(UInt32(self.bytes.count))
        writer.u8(self.kind)
        writer.raw(self.bytes)
        return writer.bytes
    }
}

/// How long a frame of each kind may be.
package struct FrameLimits: Sendable, Hashable {
    /// Bytes of content, by kind.
    private let limits: [UInt32]

    /// - Parameters:
    ///   - bytesMax: for kinds without a limit of their own, at most 4 GiB - 1.
    ///   - kinds: limits of single kinds, in bytes.
    package init(bytesMax: Int = 32 << 20, kinds: [UInt8: Int] = [:]) {
        self.limits = (0...UInt8.max).map { UInt32(clamping: kinds[$0] ?? bytesMax) }
    }

    /// The limit of a kind in bytes.
    package subscript(kind: UInt8) -> Int { Int(self.limits[Int(kind)]) }
}

/// A frame longer than its kind allows.
package struct FrameTooLong: Error, Hashable, Sendable {
    package let kind: UInt8
    package let length: Int
    package let limit: Int
}

/// Cuts a stream of bytes into frames.
///
/// Memory grows with the bytes that have arrived, never with the length that a header announces.
package struct FrameDecoder: Sendable {
    /// More is reserved only when it has arrived.
    private static let reserveMax = 1 << 16

    /// Applies to frames whose header has not been read yet.
    package var limits: FrameLimits
    private var headerCount = 0
    private var length: UInt32 = 0
    private var kind: UInt8 = 0
    private var body: [UInt8] = []

    package init(limits: FrameLimits) { self.limits = limits }

    /// Content of an unfinished frame that is kept, in bytes.
    package var bufferedBytes: Int { self.body.count }

    /// Takes bytes until a frame is complete.
    ///
    /// - Parameters:
    ///   - input: bytes of the stream.
    ///   - offset: where to go on in the input; is moved behind what was taken.
    /// - Returns: nil when the input is used up.
    /// - Throws: ``FrameTooLong``; the stream cannot be read any further then.
    package mutating func next(from input: RawSpan, at offset: inout Int) throws(FrameTooLong) -> Frame? {
        while self.headerCount < Frame.headerBytes {
            guard offset < input.byteCount else { return nil }
            try self.takeHeader(input.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
            offset += 1
        }
        let count = min(Int(self.length) - self.body.count, input.byteCount - offset)
        input.extracting(offset..<offset + count).withUnsafeBytes { self.body.append(contentsOf: $0) }
        offset += count
        guard self.body.count == Int(self.length) else { return nil }
        defer {
            self.headerCount = 0
            self.length = 0
            self.body = []
        }
        return Frame(kind: self.kind, bytes: self.body)
    }

    private mutating func takeHeader(_ byte: UInt8) throws(FrameTooLong) {
        self.headerCount += 1
        guard self.headerCount == Frame.headerBytes else {
            self.length = self.length << 8 | UInt32(byte)
            return
        }
        self.kind = byte
        let limit = self.limits[byte]
        guard Int(self.length) <= limit else {
            // The stream has no meaning from here on; the next call must not take content for a header.
            self.headerCount = 0
            defer { self.length = 0 }
            throw FrameTooLong(kind: byte, length: Int(self.length), limit: limit)
        }
        self.body.reserveCapacity(min(Int(self.length), Self.reserveMax))
    }
}
