@preconcurrency internal import Glibc

extension [UInt8] {
    /// Whether these bytes come before the others, as SQLite orders blobs.
    func isBelow(_ other: [UInt8]) -> Bool {
        self.withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                let common = Swift.min(left.count, right.count)
                guard common > 0, let leftStart = left.baseAddress, let rightStart = right.baseAddress else {
                    return left.count < right.count
                }
                let order = memcmp(leftStart, rightStart, common)
                return order < 0 || order == 0 && left.count < right.count
            }
        }
    }

    /// Whether these bytes are the others; at once, where arrays are compared byte by byte.
    func hasBytes(of other: [UInt8]) -> Bool {
        guard self.count == other.count else { return false }
        return self.withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return memcmp(left, right, other.count) == 0
            }
        }
    }
}
