internal import CanonicalBytes
internal import Consensus

/// The bytes of a validator's log file: one frame after the other, `u32 length || u32 checksum || u64 number || body`.
///
/// A frame that does not check with nothing readable behind it is the torn end of the last write, which no vote
/// left after: it is cut off. One with readable frames behind it is damage to something that was durable, perhaps
/// to a vote: then nobody can say what this validator has promised, and it must not start.
enum LogImage {
    /// What a start finds.
    enum Content: Sendable {
        case records([LogRecord], tornBytes: Int)
        /// The frame of this number, counted from 0, starting at this byte.
        case damaged(frame: Int, offset: Int)
    }

    private static let headerBytes = 16

    static func frame(_ record: LogRecord, number: Int) -> [UInt8] {
        let body = record.bytes
        var writer = CanonicalWriter(capacity: body.count + Self.headerBytes)
        writer.u32(UInt32(body.count))
        writer.u32(Self.checksum(body, UInt64(number)))
        writer.u64(UInt64(number))
        writer.raw(body)
        return writer.bytes
    }

    private static func checksum(_ body: [UInt8], _ number: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: fastHash(body, seed: mix(number)))
    }

    /// Reads a log from its start.
    static func read(_ bytes: [UInt8], blocks reader: any BlockReader) -> Content {
        var records: [LogRecord] = []
        var offset = 0
        while offset < bytes.count {
            guard let (body, end) = Self.body(at: offset, of: bytes, isNumber: { $0 == UInt64(records.count) }),
                let record = try? LogRecord(bytes: body, blocks: reader)
            else {
                let isDamaged = Self.hasFrame(after: offset, of: bytes, number: UInt64(records.count))
                return isDamaged
                    ? .damaged(frame: records.count, offset: offset)
                    : .records(records, tornBytes: bytes.count - offset)
            }
            records.append(record)
            offset = end
        }
        return .records(records, tornBytes: 0)
    }

    private static func body(
        at offset: Int,
        of bytes: [UInt8],
        isNumber: (UInt64) -> Bool
    ) -> (body: [UInt8], end: Int)? {
        guard bytes.count - offset >= Self.headerBytes else { return nil }
        func number(_ range: Range<Int>) -> UInt64 {
            bytes[offset + range.lowerBound..<offset + range.upperBound].reduce(0) { $0 << 8 | UInt64($1) }
        }
        let length = Int(number(0..<4))
        let start = offset + Self.headerBytes
        guard length <= bytes.count - start, isNumber(number(8..<16)) else { return nil }
        let body = Array(bytes[start..<start + length])
        guard Self.checksum(body, number(8..<16)) == UInt32(number(4..<8)) else { return nil }
        return (body, start + length)
    }

    /// Whether a later frame is readable; its place is not known, since a length may be what is damaged.
    private static func hasFrame(after offset: Int, of bytes: [UInt8], number: UInt64) -> Bool {
        (offset + 1..<max(offset + 1, bytes.count)).contains {
            Self.body(at: $0, of: bytes, isNumber: { $0 > number && $0 < number + 1_000_000 }) != nil
        }
    }
}
