internal import CZlib

/// Decompression by zlib, with a bound on what comes out.
enum Inflation {
    /// What stands around the DEFLATE stream; raw values are zlib's `windowBits` for the largest window.
    enum Framing: Int32 {
        case gzip = 31
        case zlib = 15
        case raw = -15
    }

    /// Inflates all of `bytes`; gzip members may follow each other (RFC 1952 §2.2), nothing else may.
    static func inflate(
        _ bytes: UnsafeRawBufferPointer,
        framing: Framing,
        into output: inout [UInt8],
        bytesMax: Int
    ) throws(DecodeFailure) {
        var stream = z_stream()
        guard inflateInit2_(&stream, framing.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw DecodeFailure(.unsupported, "zlib refuses to start")
        }
        defer { inflateEnd(&stream) }
        // zlib does not write to its input; its C declaration predates const.
        let input = UnsafeMutableRawBufferPointer(mutating: bytes)
        stream.next_in = input.bindMemory(to: Bytef.self).baseAddress
        stream.avail_in = uInt(bytes.count)

        while true {
            try self.member(&stream, bytesCount: bytes.count, into: &output, bytesMax: bytesMax)
            if stream.avail_in == 0 { return }
            let offset = bytes.count - Int(stream.avail_in)
            guard framing == .gzip, bytes[offset] == 0x1F, inflateReset(&stream) == Z_OK else {
                throw DecodeFailure(.trailingBytes, "something follows the compressed stream", offset: offset)
            }
        }
    }

    /// Inflates one stream to its end.
    private static func member(
        _ stream: inout z_stream,
        bytesCount: Int,
        into output: inout [UInt8],
        bytesMax: Int
    ) throws(DecodeFailure) {
        var status = Z_OK
        while status != Z_STREAM_END {
            // One byte of room beyond the bound tells a stream that just fits from one that does not.
            let room = min(max(4 * bytesCount, 4_096, output.count), bytesMax + 1 - output.count)
            guard room > 0 else { throw Wrapping.tooLarge(bytesMax) }
            status = self.step(&stream, room: room, into: &output)
            let offset = bytesCount - Int(stream.avail_in)
            switch status {
            case Z_OK where stream.avail_out == 0, Z_STREAM_END: continue
            case Z_OK, Z_BUF_ERROR:
                throw DecodeFailure(.truncated, "the compressed stream is cut off", offset: bytesCount)
            case Z_NEED_DICT:
                throw DecodeFailure(.unsupported, "the compressed stream needs a dictionary", offset: offset)
            case Z_MEM_ERROR: throw DecodeFailure(.tooLarge, "no memory to decompress")
            default: throw self.damage(stream, offset: offset)
            }
        }
        guard output.count <= bytesMax else { throw Wrapping.tooLarge(bytesMax) }
    }

    /// Lets zlib write up to `room` more bytes.
    private static func step(_ stream: inout z_stream, room: Int, into output: inout [UInt8]) -> Int32 {
        let filled = output.count
        output.append(contentsOf: repeatElement(0, count: room))
        let status = output.withUnsafeMutableBufferPointer { buffer in
            stream.next_out = buffer.baseAddress?.advanced(by: filled)
            stream.avail_out = uInt(room)
            return CZlib.inflate(&stream, Z_NO_FLUSH)
        }
        output.removeLast(Int(stream.avail_out))
        return status
    }

    /// Tells a wrong checksum or length, of which zlib only has a message, from other damage.
    private static func damage(_ stream: z_stream, offset: Int) -> DecodeFailure {
        let message = stream.msg.map { String(cString: $0) } ?? ""
        if message == "incorrect data check" || message == "incorrect length check" {
            return DecodeFailure(.badChecksum, "the checksum of the compressed stream is wrong", offset: offset)
        }
        return DecodeFailure(.malformed, "the compressed stream is damaged", offset: offset)
    }
}
