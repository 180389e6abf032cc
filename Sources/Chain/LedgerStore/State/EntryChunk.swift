package import CanonicalBytes

/// A part of a state as it travels: u32 count, then per entry `LP(key) || LP(value)`, keys ascending.
package enum EntryChunk {
    /// Length of a chunk in bytes, unless a single entry is longer.
    package static let bytesMax = 256 << 10

    /// The canonical bytes of entries whose keys ascend.
    package static func bytes(_ entries: [StateEntry]) -> [UInt8] {
        var writer = CanonicalWriter(capacity: entries.reduce(4) { $0 + Self.byteCount($1) })
        writer.u32(UInt32(clamping: entries.count))
        for entry in entries {
            writer.lengthPrefixed(entry.key)
            writer.lengthPrefixed(entry.value)
        }
        return writer.bytes
    }

    /// Reads a chunk strictly.
    ///
    /// - Parameters:
    ///   - bytes: of anybody.
    ///   - previous: the last key of the chunk before.
    /// - Returns: the entries in order.
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`, also for keys that do not ascend.
    package static func entries(
        _ bytes: [UInt8],
        after previous: [UInt8]? = nil
    ) throws(ProtocolFailure) -> [StateEntry] {
        var input = CanonicalReader(bytes)
        let count = Int(try input.u32())
        try require(count <= input.remaining / 8, .format, "\(count) entries do not fit into a chunk")
        var entries: [StateEntry] = []
        entries.reserveCapacity(count)
        var last = previous
        for _ in 0..<count {
            let entry = StateEntry(key: try input.lengthPrefixed(), value: try input.lengthPrefixed())
            try require(last.map { $0.isBelow(entry.key) } ?? true, .format, "the keys of a chunk do not ascend")
            last = entry.key
            entries.append(entry)
        }
        try input.finish()
        return entries
    }

    /// Bytes of one entry within a chunk.
    static func byteCount(_ entry: StateEntry) -> Int { 8 + entry.key.count + entry.value.count }
}
