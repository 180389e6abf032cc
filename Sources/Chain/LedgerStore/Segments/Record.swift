/// One record of a segment: u32 length, u32 CRC-32C, u64 sequence number, u32 place, u8 kind, then `length` bytes.
///
/// The place says where in its batch of unsynchronized records the record stood when it was written, from 1. A crash
/// may tear such a batch anywhere, also so that a later record arrived and an earlier one did not; a record of a later
/// batch however proves that everything before its batch had reached the disk.
struct Record {
    static let headerBytes = 21
    /// Longest body in bytes.
    static let bodyBytesMax = 256 << 20

    /// Where the record starts in the file.
    let offset: Int
    let sequence: UInt64
    let kind: UInt8
    /// Sequence number of the first record of its batch.
    let batchStart: UInt64
    /// Where the body lies in the file.
    let body: Range<Int>

    /// The first byte behind the record.
    var end: Int { self.body.upperBound }

    /// Appends the bytes of a record whose body consists of these parts.
    ///
    /// The batch starts with the first sequence number that is not known to be on the disk.
    static func append(
        _ parts: [[UInt8]],
        kind: UInt8,
        sequence: UInt64,
        batchStart: UInt64,
        identity: [UInt8],
        to output: inout [UInt8]
    ) {
        let start = output.count
        let length = parts.reduce(0) { $0 + $1.count }
        output.append(bigEndian: UInt32(truncatingIfNeeded: length))
        output.append(bigEndian: UInt32(0))
        output.append(bigEndian: sequence)
        output.append(bigEndian: UInt32(clamping: sequence - batchStart + 1))
        output.append(kind)
        for part in parts { output.append(contentsOf: part) }
        let sum = output.withUnsafeBytes { buffer in
            self.checksum(UnsafeRawBufferPointer(rebasing: buffer[start...]), identity: identity)
        }
        withUnsafeBytes(of: sum.bigEndian) { bytes in
            for (index, byte) in bytes.enumerated() { output[start + 4 + index] = byte }
        }
    }

    /// Reads the record at an offset; nil when there is none of these sequence numbers whose checksum holds.
    init?(_ bytes: [UInt8], at offset: Int, identity: [UInt8], sequences: ClosedRange<UInt64>) {
        let found = bytes.withUnsafeBytes { buffer in
            Self.fields(buffer, at: offset, identity: identity, sequences: sequences)
        }
        guard let found else { return nil }
        self = found
    }

    private init(offset: Int, sequence: UInt64, kind: UInt8, batchStart: UInt64, body: Range<Int>) {
        self.offset = offset
        self.sequence = sequence
        self.kind = kind
        self.batchStart = batchStart
        self.body = body
    }

    private static func fields(
        _ buffer: UnsafeRawBufferPointer,
        at offset: Int,
        identity: [UInt8],
        sequences: ClosedRange<UInt64>
    ) -> Record? {
        guard offset >= 0, offset <= buffer.count - self.headerBytes else { return nil }
        let sequence = UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        guard sequences.contains(sequence) else { return nil }
        let length = Int(UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        guard length <= self.bodyBytesMax, length <= buffer.count - self.headerBytes - offset else { return nil }
        let place = UInt64(UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt32.self)))
        guard place >= 1, place - 1 <= sequence else { return nil }
        let sum = UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
        let end = offset + self.headerBytes + length
        guard self.checksum(UnsafeRawBufferPointer(rebasing: buffer[offset..<end]), identity: identity) == sum else {
            return nil
        }
        return Record(
            offset: offset,
            sequence: sequence,
            kind: buffer[offset + 20],
            batchStart: sequence - (place - 1),
            body: offset + self.headerBytes..<end
        )
    }

    /// The sum of identity and record without its own field.
    private static func checksum(_ record: UnsafeRawBufferPointer, identity: [UInt8]) -> UInt32 {
        var sum = Checksum()
        identity.withUnsafeBytes { sum.add($0) }
        sum.add(UnsafeRawBufferPointer(rebasing: record[..<4]))
        sum.add(UnsafeRawBufferPointer(rebasing: record[8...]))
        return sum.value
    }
}

extension [UInt8] {
    /// Appends a number, most significant byte first.
    mutating func append(bigEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { self.append(contentsOf: $0) }
    }
}
