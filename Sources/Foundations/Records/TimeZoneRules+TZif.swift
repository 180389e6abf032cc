/// The contents of a TZif file: changes of the offset that are known, and the rule for later years (RFC 8536).
struct TimeZoneTable: Sendable {
    /// Instants of the changes in seconds since 1970, ascending.
    private let changes: [Int64]
    /// The offset in seconds from each change on.
    private let offsets: [Int32]
    /// The offset before the first change.
    private let firstOffset: Int32
    /// The rule after the last change; nil when the last offset stays.
    private let laterYears: PosixTimeZone?

    func offsetSeconds(atUTC seconds: Int) -> Int {
        guard let last = self.changes.last, let lastOffset = self.offsets.last else {
            return self.laterYears?.offsetSeconds(atUTC: seconds) ?? Int(self.firstOffset)
        }
        if seconds >= Int(last) { return self.laterYears?.offsetSeconds(atUTC: seconds) ?? Int(lastOffset) }
        var (low, high) = (0, self.changes.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(self.changes[middle]) <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? Int(self.firstOffset) : Int(self.offsets[low - 1])
    }

    /// Reads the 64-bit data block and the footer of a file of version 2 or later (RFC 8536 §3).
    init?(tzif bytes: [UInt8]) {
        var reader = TZifReader(bytes: bytes)
        guard let first = reader.header(), first.version >= UInt8(ascii: "2"), reader.skip(first.length(timeSize: 4)),
            let header = reader.header(), header.typeCount > 0,
            reader.remaining >= header.length(timeSize: 8)
        else { return nil }
        let changes = (0..<header.timeCount).compactMap { _ in reader.int64() }
        let indices = (0..<header.timeCount).compactMap { _ in reader.byte() }
        var typeOffsets: [Int32] = []
        for _ in 0..<header.typeCount {
            guard let offset = reader.int32(), reader.skip(2), -86_400...86_400 ~= offset else { return nil }
            typeOffsets.append(offset)
        }
        let rest =
            header.characterCount + header.leapCount * 12 + header.standardCount + header.universalCount
        guard reader.skip(rest), indices.allSatisfy({ Int($0) < typeOffsets.count }),
            zip(changes, changes.dropFirst()).allSatisfy(<), let footer = reader.footer()
        else { return nil }
        if !footer.isEmpty {
            guard let rule = PosixTimeZone(footer) else { return nil }
            self.laterYears = rule
        } else {
            self.laterYears = nil
        }
        self.changes = changes
        self.offsets = indices.map { typeOffsets[Int($0)] }
        self.firstOffset = typeOffsets[0]
    }
}

/// The counts at the head of a data block (RFC 8536 §3.1).
private struct TZifHeader {
    let version: UInt8
    let universalCount: Int
    let standardCount: Int
    let leapCount: Int
    let timeCount: Int
    let typeCount: Int
    let characterCount: Int

    /// Bytes of the data block that follows.
    func length(timeSize: Int) -> Int {
        self.timeCount * (timeSize + 1) + self.typeCount * 6 + self.characterCount + self.leapCount * (timeSize + 4)
            + self.standardCount + self.universalCount
    }
}

/// Reads big-endian numbers from the front of a file.
private struct TZifReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var remaining: Int { self.bytes.count - self.position }

    mutating func skip(_ count: Int) -> Bool {
        guard count <= self.remaining else { return false }
        self.position += count
        return true
    }

    mutating func byte() -> UInt8? {
        guard self.remaining > 0 else { return nil }
        defer { self.position += 1 }
        return self.bytes[self.position]
    }

    mutating func int32() -> Int32? {
        self.word(bytes: 4).map { Int32(truncatingIfNeeded: $0) }
    }

    mutating func int64() -> Int64? {
        self.word(bytes: 8).map { Int64(truncatingIfNeeded: $0) }
    }

    private mutating func word(bytes count: Int) -> UInt64? {
        guard self.remaining >= count else { return nil }
        defer { self.position += count }
        return self.bytes[self.position..<(self.position + count)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func header() -> TZifHeader? {
        guard self.remaining >= 44, self.bytes[self.position..<(self.position + 4)].elementsEqual("TZif".utf8),
            self.skip(4), let version = self.byte(), self.skip(15)
        else { return nil }
        // Each count is below 2^32, so no length computed from them can overflow 64 bits.
        let counts = (0..<6).compactMap { _ in self.word(bytes: 4).map(Int.init) }
        return TZifHeader(
            version: version,
            universalCount: counts[0],
            standardCount: counts[1],
            leapCount: counts[2],
            timeCount: counts[3],
            typeCount: counts[4],
            characterCount: counts[5]
        )
    }

    /// The text between the two line feeds at the end (RFC 8536 §3.3).
    mutating func footer() -> ArraySlice<UInt8>? {
        let lineFeed: UInt8 = 10
        guard self.byte() == lineFeed, let end = self.bytes[self.position...].firstIndex(of: lineFeed) else {
            return nil
        }
        return self.bytes[self.position..<end]
    }
}
