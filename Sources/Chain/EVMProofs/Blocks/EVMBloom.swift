internal import IBTP

/// The filter of 2,048 bits over a block's or a receipt's logs (yellow paper, section 4.3.1).
package enum EVMBloom {
    package static let byteCount = 256

    /// The filter of some logs.
    package static func filter(_ logs: [EVMLog]) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: Self.byteCount)
        for log in logs {
            for entry in [log.address.bytes] + log.topics {
                for bit in Self.places(of: entry) { bits[Self.byteCount - 1 - bit / 8] |= 1 << UInt8(bit % 8) }
            }
        }
        return bits
    }

    /// Whether a filter of 256 bytes may be of logs with this address or topic; false is certain.
    package static func mayContain(_ filter: [UInt8], _ entry: [UInt8]) -> Bool {
        filter.count == Self.byteCount
            && Self.places(of: entry).allSatisfy { filter[Self.byteCount - 1 - $0 / 8] & 1 << UInt8($0 % 8) != 0 }
    }

    private static func places(of entry: [UInt8]) -> [Int] {
        let digest = Keccak256.digest(entry)
        return [0, 2, 4].map { (Int(digest[$0]) << 8 | Int(digest[$0 + 1])) & 2_047 }
    }
}
