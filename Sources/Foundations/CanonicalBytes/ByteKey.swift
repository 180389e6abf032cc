@preconcurrency internal import Glibc

/// Bytes as the key of a dictionary or a set: hashed, compared and ordered at once.
///
/// An array of bytes does the same byte by byte, which for an identifier takes ten times as long; ledger and pool look
/// keys up some fifty times a transaction.
package struct ByteKey: Hashable, Comparable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package static func == (left: Self, right: Self) -> Bool {
        left.bytes.count == right.bytes.count && left.order(before: right) == 0
    }

    /// The order of `lexicographicallyPrecedes`.
    package static func < (left: Self, right: Self) -> Bool {
        let order = left.order(before: right)
        return order < 0 || order == 0 && left.bytes.count < right.bytes.count
    }

    package func hash(into hasher: inout Hasher) {
        self.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// Whether these are the same bytes.
    func hasBytes(of other: UnsafeRawBufferPointer) -> Bool {
        guard self.bytes.count == other.count else { return false }
        return self.bytes.withUnsafeBytes { own in
            guard let first = own.baseAddress, let second = other.baseAddress else { return true }
            return memcmp(first, second, other.count) == 0
        }
    }

    /// How the bytes that both have compare, as `memcmp` says it.
    private func order(before other: Self) -> Int32 {
        self.bytes.withUnsafeBytes { left in
            other.bytes.withUnsafeBytes { right in
                guard let first = left.baseAddress, let second = right.baseAddress else { return 0 }
                return memcmp(first, second, min(left.count, right.count))
            }
        }
    }
}
