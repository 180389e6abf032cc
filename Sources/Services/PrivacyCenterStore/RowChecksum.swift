internal import Records

/// The SHA-256 of a row's columns and its table's name: any flipped bit of the row shows.
struct RowChecksum {
    private var builder = Digest.Builder()

    init(_ table: String) { self.builder.append(table) }

    mutating func add(_ bytes: [UInt8]) { self.builder.append(bytes) }

    mutating func add(_ digest: Digest) { self.builder.append(digest) }

    mutating func add(_ number: UInt64) { self.builder.append(number) }

    var digest: Digest { self.builder.finish() }

    var bytes: [UInt8] { self.digest.bytes }
}

/// A digest of a set of rows that does not depend on their order: the sum of their checksums modulo 2^256.
///
/// It finds rows that vanished, which no checksum of a row can.
struct SetDigest: Equatable {
    private(set) var bytes: [UInt8]

    init() { self.bytes = Array(repeating: 0, count: Digest.byteCount) }

    init(_ digest: Digest) { self.bytes = digest.bytes }

    mutating func insert(_ row: Digest) {
        var carry = 0
        for (index, byte) in row.bytes.enumerated().reversed() {
            let sum = Int(self.bytes[index]) + Int(byte) + carry
            self.bytes[index] = UInt8(truncatingIfNeeded: sum)
            carry = sum >> 8
        }
    }

    mutating func remove(_ row: Digest) {
        var borrow = 0
        for (index, byte) in row.bytes.enumerated().reversed() {
            let difference = Int(self.bytes[index]) - Int(byte) - borrow
            self.bytes[index] = UInt8(truncatingIfNeeded: difference)
            borrow = difference < 0 ? 1 : 0
        }
    }

    var digest: Digest {
        guard let digest = Digest(bytes: self.bytes) else { preconditionFailure("a set digest has 32 bytes") }
        return digest
    }
}
