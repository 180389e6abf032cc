import CanonicalBytes
import Testing

@testable import PeerTransport

@Suite struct FrameDecoderTests {
    /// Feeds the bytes in pieces that end at random places.
    private func decode(_ bytes: [UInt8], _ decoder: inout FrameDecoder, using seeded: inout SeededGenerator) throws
        -> [Frame]
    {
        var frames: [Frame] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(Int.random(in: 1...max(1, rest.count / 3), using: &seeded)))
            rest = rest.dropFirst(piece.count)
            var offset = 0
            while let frame = try decoder.next(from: piece.span.bytes, at: &offset) { frames.append(frame) }
            #expect(offset == piece.count)
        }
        return frames
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `frames come out as they went in, however the stream is cut`(seed: UInt64) throws {
        var seeded = SeededGenerator(seed: seed)
        let frames = (0..<20).map { _ in
            let count = Int.random(in: 0...(Bool.random(using: &seeded) ? 10 : 2_000), using: &seeded)
            return Frame(kind: UInt8.random(in: 0...255, using: &seeded), bytes: seeded.bytes(count))
        }
        var decoder = FrameDecoder(limits: FrameLimits(bytesMax: 2_000))
        #expect(try self.decode(frames.flatMap(\.encoded), &decoder, using: &seeded) == frames)
        #expect(decoder.bufferedBytes == 0)
    }

    @Test(arguments: 0..<500 as Range<UInt64>)
    func `garbage is cut into frames within the limits or refused`(seed: UInt64) throws {
        var seeded = SeededGenerator(seed: seed)
        let limits = FrameLimits(bytesMax: 300, kinds: [1: 0, 2: 70_000])
        var decoder = FrameDecoder(limits: limits)
        // Bytes near zero make short lengths, so that some frames get through.
        let bytes = (0..<2_000).map { _ in
            UInt8.random(in: 0...5, using: &seeded) == 0 ? UInt8.random(in: 0...255, using: &seeded) : 0
        }
        do {
            for frame in try self.decode(bytes, &decoder, using: &seeded) {
                #expect(frame.bytes.count <= limits[frame.kind])
            }
            #expect(decoder.bufferedBytes <= 70_000)
        } catch let error as FrameTooLong {
            #expect(error.length > error.limit)
            #expect(error.limit == limits[error.kind])
        }
    }

    @Test(arguments: [(9, 101), (5, 11), (9, Int(UInt32.max))] as [(UInt8, Int)])
    func `a frame above its limit is refused at its header`(kind: UInt8, length: Int) throws {
        var decoder = FrameDecoder(limits: FrameLimits(bytesMax: 100, kinds: [5: 10]))
        let header = UInt32(length).bigEndianBytes + [kind]
        #expect(throws: FrameTooLong(kind: kind, length: length, limit: kind == 5 ? 10 : 100)) {
            var offset = 0
            _ = try decoder.next(from: header.span.bytes, at: &offset)
        }
    }

    @Test(arguments: [(9, 100), (5, 10), (6, 0)] as [(UInt8, Int)])
    func `a frame at its limit is taken`(kind: UInt8, length: Int) throws {
        var decoder = FrameDecoder(limits: FrameLimits(bytesMax: 100, kinds: [5: 10, 6: 0]))
        let frame = Frame(kind: kind, bytes: [UInt8](repeating: 3, count: length))
        let bytes = frame.encoded
        var offset = 0
        #expect(try decoder.next(from: bytes.span.bytes, at: &offset) == frame)
    }

    @Test func `an announced length alone takes no memory`() throws {
        var decoder = FrameDecoder(limits: FrameLimits(bytesMax: 1 << 30))
        let header = UInt32(1 << 30).bigEndianBytes + [1, 2, 3]
        var offset = 0
        #expect(try decoder.next(from: header.span.bytes, at: &offset) == nil)
        #expect(decoder.bufferedBytes == 2)
    }

    @Test func `frames begin with a big-endian length that counts the content alone`() {
        #expect(Frame(kind: 0xAB, bytes: [1, 2, 3]).encoded == [0, 0, 0, 3, 0xAB, 1, 2, 3])
    }
}
