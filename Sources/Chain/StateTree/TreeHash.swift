/// A SHA-256 digest as four words, so that comparing, ordering and picking bits allocate nothing.
struct TreeHash: Hashable, Sendable {
    static let byteCount = 32
    static let bitCount = 256
    /// Stands for the subtree without leaves; nobody knows an input with this digest.
    static let zero = TreeHash(first: 0, second: 0, third: 0, fourth: 0)

    // The first word holds the first eight bytes, most significant first: words then order as bytes do.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    private init(first: UInt64, second: UInt64, third: UInt64, fourth: UInt64) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    /// Reads 32 bytes.
    init(reading source: UnsafeRawPointer) {
        self.first = UInt64(bigEndian: source.loadUnaligned(as: UInt64.self))
        self.second = UInt64(bigEndian: source.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        self.third = UInt64(bigEndian: source.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        self.fourth = UInt64(bigEndian: source.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }

    /// Reads 32 bytes of an array that a bounds check has vouched for.
    init(_ bytes: [UInt8], at offset: Int) {
        precondition(offset >= 0 && offset + Self.byteCount <= bytes.count)
        self = bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { TreeHash(reading: $0 + offset) } ?? .zero
        }
    }

    /// Takes over 32 bytes; nil for any other count.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(bytes, at: 0)
    }

    /// Writes 32 bytes.
    func write(to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: self.first.bigEndian, as: UInt64.self)
        target.storeBytes(of: self.second.bigEndian, toByteOffset: 8, as: UInt64.self)
        target.storeBytes(of: self.third.bigEndian, toByteOffset: 16, as: UInt64.self)
        target.storeBytes(of: self.fourth.bigEndian, toByteOffset: 24, as: UInt64.self)
    }

    /// Appends 32 bytes.
    func append(to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: 8) { buffer in
            if let target = buffer.baseAddress { self.write(to: target) }
            output.append(contentsOf: buffer)
        }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        self.append(to: &bytes)
        return bytes
    }

    /// The four bits of a level of stored nodes, `0..<64` from the top.
    func nibble(_ index: Int) -> Int { Int(self.word(index >> 4) >> UInt64(60 - 4 * (index & 15)) & 15) }

    /// The bit of a level of the binary tree, `0..<256` from the top.
    func bit(_ index: Int) -> Bool { self.word(index >> 6) >> UInt64(63 - index & 63) & 1 == 1 }

    /// How many bits two hashes have in common before the first that differs, `0...256`.
    func commonBits(with other: TreeHash) -> Int {
        for index in 0..<4 {
            let difference = self.word(index) ^ other.word(index)
            if difference != 0 { return 64 * index + difference.leadingZeroBitCount }
        }
        return Self.bitCount
    }

    private func word(_ index: Int) -> UInt64 {
        switch index {
        case 0: self.first
        case 1: self.second
        case 2: self.third
        default: self.fourth
        }
    }
}

extension TreeHash: Comparable {
    static func < (left: Self, right: Self) -> Bool {
        if left.first != right.first { return left.first < right.first }
        if left.second != right.second { return left.second < right.second }
        if left.third != right.third { return left.third < right.third }
        return left.fourth < right.fourth
    }
}
