internal import CZlib
internal import CanonicalBytes

/// Expands one raw deflate stream (RFC 1951) within a bound.
enum Inflation {
    /// - Throws: `FORMAT` when the stream is damaged, ends early or before its last byte, or grows beyond the bound.
    static func inflate(_ input: [UInt8], bytesMax: Int) throws(ProtocolFailure) -> [UInt8] {
        var stream = z_stream()
        let ready = inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        try require(ready == Z_OK, .format, "zlib cannot start")
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var status = Z_OK
        // Growth is bounded by what was read, not by what the sender claims.
        var room = min(bytesMax, max(4_096, 8 * input.count))
        var source = input
        source.withUnsafeMutableBytes { bytes in
            stream.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_in = UInt32(bytes.count)
            while status == Z_OK, room > 0 {
                let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(room)
                    status = CZlib.inflate(&stream, Z_NO_FLUSH)
                    filled = room - Int(stream.avail_out)
                }
                output.append(contentsOf: piece)
                room = min(bytesMax - output.count, max(4_096, output.count))
                // No progress without an end: the stream wants bytes that are not there.
                if piece.isEmpty, status == Z_OK { break }
            }
        }
        try require(status == Z_STREAM_END, .format, "a deflate stream that is damaged, cut or too large")
        try require(stream.avail_in == 0, .format, "bytes behind the end of the deflate stream")
        return output
    }
}
