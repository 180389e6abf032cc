import CZlib
import Payloads
import Testing

func unwrapped(
    _ payload: [UInt8],
    _ wrapping: Wrapping,
    outputBytesMax: Int = PayloadBounds.unwrappedBytesMax
) throws(DecodeFailure) -> [UInt8] {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: payload.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: payload)
    return try wrapping.unwrap(UnsafeRawBufferPointer(memory), outputBytesMax: outputBytesMax)
}

/// Wraps as a device would.
func wrap(_ content: [UInt8], in wrapping: Wrapping) throws -> [UInt8] {
    switch wrapping {
    case .hex: Array(hexText(content).utf8)
    case .base64: Array(base64Text(content).utf8)
    case .gzip: try deflated(content, windowBits: 31)
    case .zlib: try deflated(content, windowBits: 15)
    case .deflate: try deflated(content, windowBits: -15)
    }
}

private func base64Text(_ content: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: content.count, by: 3) {
        let group = content[start..<min(start + 3, content.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for index in 0..<4 { text.append(index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : "=") }
    }
    return text
}

private func deflated(_ content: [UInt8], windowBits: Int32) throws -> [UInt8] {
    var stream = z_stream()
    let started = deflateInit2_(
        &stream,
        9,
        Z_DEFLATED,
        windowBits,
        8,
        Z_DEFAULT_STRATEGY,
        ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)
    )
    try #require(started == Z_OK)
    defer { deflateEnd(&stream) }
    var input = content
    var output = [UInt8](repeating: 0, count: content.count + 1_024)
    let status = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = uInt(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = uInt(target.count)
            return deflate(&stream, Z_FINISH)
        }
    }
    try #require(status == Z_STREAM_END)
    return Array(output.dropLast(Int(stream.avail_out)))
}

@Suite("Wrappings")
struct WrappingTests {
    private func text(_ text: String, _ wrapping: Wrapping) throws(DecodeFailure) -> String {
        hexText(try unwrapped(Array(text.utf8), wrapping))
    }

    private func reason(_ payload: [UInt8], _ wrapping: Wrapping, max: Int = 1_000) -> DecodeFailure.Reason? {
        do throws(DecodeFailure) {
            _ = try unwrapped(payload, wrapping, outputBytesMax: max)
            return nil
        } catch { return error.reason }
    }

    @Test(
        "hexadecimal digits are read with the decorations that gateways add",
        arguments: [
            ("0648", "0648"), ("0X06fF", "06ff"), ("0x0648", "0648"), (" 06 48\r\n", "0648"), ("06:48:aB", "0648ab"),
            ("06-48", "0648"), ("00", "00"), ("0x", ""),
        ]
    )
    func hex(_ input: String, _ expected: String) throws {
        #expect(try self.text(input, .hex) == expected)
    }

    @Test(
        "what is not hexadecimal is refused",
        arguments: [
            ("064", DecodeFailure.Reason.truncated), ("0g", .malformed), ("g0", .malformed), ("0 6", .malformed),
            ("06,48", .malformed), ("060x48", .malformed), ("", .truncated),
        ]
    )
    func badHex(_ input: String, _ expected: DecodeFailure.Reason) {
        #expect(self.reason(Array(input.utf8), .hex) == expected)
    }

    @Test(
        "base64 is read in both alphabets, padded or not (RFC 4648 §10)",
        arguments: [
            ("Zg==", "66"), ("Zg", "66"), ("Zm8=", "666f"), ("Zm8", "666f"), ("Zm9v", "666f6f"),
            ("Zm9vYmFy", "666f6f626172"), ("+/+/", "fbffbf"), ("-_-_", "fbffbf"), ("Zm9v\r\n YmFy\n", "666f6f626172"),
            ("Z g = =", "66"),
        ]
    )
    func base64(_ input: String, _ expected: String) throws {
        #expect(try self.text(input, .base64) == expected)
    }

    @Test(
        "what is not base64 is refused",
        arguments: [
            ("Z", DecodeFailure.Reason.truncated), ("Zm9vY", .truncated), ("Zm9v!", .malformed), ("Zg=", .malformed),
            ("Zm9v=", .malformed), ("Zm8==", .malformed), ("Zg==Zg==", .trailingBytes), ("Zh==", .malformed),
            ("Zm9=", .malformed), ("====", .malformed), ("", .truncated),
        ]
    )
    func badBase64(_ input: String, _ expected: DecodeFailure.Reason) {
        #expect(self.reason(Array(input.utf8), .base64) == expected)
    }

    @Test("every wrapping gives back what was wrapped, up to exactly its bound", arguments: Wrapping.allCases)
    func roundTrip(_ wrapping: Wrapping) throws {
        var generator = PayloadGenerator(seed: 7)
        for count in [1, 2, 3, 4, 100, 4_095, 4_096, 4_097, 100_000] {
            let content = (0..<count).map { _ in UInt8(generator.below(256)) }
            let payload = try wrap(content, in: wrapping)
            #expect(try unwrapped(payload, wrapping, outputBytesMax: count) == content)
            #expect(self.reason(payload, wrapping, max: count - 1) == .tooLarge)
        }
    }

    @Test("a decompression bomb is refused", arguments: [Wrapping.gzip, .zlib, .deflate])
    func bomb(_ wrapping: Wrapping) throws {
        let payload = try wrap([UInt8](repeating: 0, count: PayloadBounds.unwrappedBytesMax + 1), in: wrapping)
        #expect(payload.count < 20_000)
        #expect(self.reason(payload, wrapping, max: PayloadBounds.unwrappedBytesMax) == .tooLarge)
    }

    @Test("gzip members may follow each other, other streams may not")
    func members() throws {
        let first = try wrap([1, 2], in: .gzip)
        let second = try wrap([3], in: .gzip)
        #expect(try unwrapped(first + second, .gzip) == [1, 2, 3])
        #expect(self.reason(first + [0], .gzip) == .trailingBytes)
        #expect(self.reason(first + [0x1F], .gzip) == .truncated)
        let stream = try wrap([1], in: .zlib)
        #expect(self.reason(stream + stream, .zlib) == .trailingBytes)
    }

    @Test("every cut of a compressed stream is truncated", arguments: [Wrapping.gzip, .zlib, .deflate])
    func cuts(_ wrapping: Wrapping) throws {
        let payload = try wrap(Array("72 beats per minute, 72 beats per minute".utf8), in: wrapping)
        for count in 1..<payload.count {
            #expect(self.reason(Array(payload.prefix(count)), wrapping) == .truncated)
        }
    }

    @Test("a wrong checksum is told from other damage")
    func checksum() throws {
        var gzip = try wrap(Array("spo2 98".utf8), in: .gzip)
        gzip[gzip.count - 6] ^= 1
        #expect(self.reason(gzip, .gzip) == .badChecksum)
        gzip[0] = 0
        #expect(self.reason(gzip, .gzip) == .malformed)
        #expect(self.reason([0x78, 0xBB, 1, 2, 3, 4], .zlib) == .unsupported)
    }
}
