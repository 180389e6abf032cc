internal import CanonicalBytes

/// The first bytes of a segment file: magic, identity, number, first sequence number, settled, CRC-32C.
struct SegmentHeader: Equatable {
    /// Length in bytes.
    static let byteCount = 48
    /// What kind of segment it is, with the version of its encoding.
    let magic: [UInt8]
    /// Sixteen random bytes that every record's checksum covers.
    ///
    /// A peer can choose what a block says, but not make it look like a record of this file.
    let identity: [UInt8]
    /// Which of a store's segments it is.
    let number: UInt64
    /// Sequence number of the first record.
    let first: UInt64
    /// Records below this sequence number were on the disk before the file got its name.
    let settled: UInt64

    init(magic: StaticString, identity: [UInt8], number: UInt64, first: UInt64, settled: UInt64) {
        self.magic = magic.withUTF8Buffer { Array($0) }
        self.identity = identity
        self.number = number
        self.first = first
        self.settled = settled
    }

    /// Reads a header; nil for anything else than what ``bytes`` gave.
    init?(_ bytes: [UInt8], magic: StaticString) {
        var input = CanonicalReader(Array(bytes.prefix(Self.byteCount)))
        do throws(ProtocolFailure) {
            try input.magic(magic)
            self.magic = magic.withUTF8Buffer { Array($0) }
            self.identity = try input.take(16)
            self.number = try input.u64()
            self.first = try input.u64()
            self.settled = try input.u64()
            let sum = Checksum.of(input.consumed)
            guard try input.u32() == sum else { return nil }
        } catch { return nil }
    }

    var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: Self.byteCount)
        writer.raw(self.magic)
        writer.raw(self.identity)
        writer.u64(self.number)
        writer.u64(self.first)
        writer.u64(self.settled)
        writer.u32(Checksum.of(writer.bytes))
        return writer.bytes
    }

    /// Sixteen bytes of the system's random source.
    static func makeIdentity() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
