@preconcurrency internal import Glibc

/// What a segment file holds, after it was read from front to back.
struct SegmentScan {
    let header: SegmentHeader
    /// The whole file.
    let bytes: [UInt8]
    /// In order, without gaps.
    let records: [Record]
    /// Where the next record belongs.
    let end: Int
    /// Why the file does not go on behind ``end``.
    let rest: Rest

    /// What lies behind the last record.
    enum Rest: Equatable {
        /// Nothing, or the zeros of reserved room.
        case clean
        /// The remains of a batch whose synchronization a crash interrupted; nothing of it was promised.
        case torn
        /// Bytes that were on the disk once are not what was written.
        case damaged(reason: String)
    }

    /// Reads a segment.
    ///
    /// - Throws: ``LedgerStoreFailure/corrupt(file:offset:reason:remedy:)`` when not even the header holds, because a
    ///   segment gets its name after its header is on the disk.
    init(_ file: DiskFile, magic: StaticString, remedy: String) throws(LedgerStoreFailure) {
        let bytes = try file.read(try file.size(), at: 0)
        guard let header = SegmentHeader(bytes, magic: magic) else {
            throw .corrupt(
                file: file.path,
                offset: 0,
                reason: "this is no header of a \(magic) segment",
                remedy: remedy
            )
        }
        var records: [Record] = []
        var (offset, next) = (SegmentHeader.byteCount, header.first)
        while let record = Record(bytes, at: offset, identity: header.identity, sequences: next...next) {
            records.append(record)
            (offset, next) = (record.end, next + 1)
        }
        self.header = header
        self.bytes = bytes
        self.records = records
        self.end = offset
        self.rest = Self.rest(bytes, behind: offset, missing: next, header)
    }

    /// Requires that nothing is damaged.
    func check(_ path: String, remedy: String) throws(LedgerStoreFailure) {
        guard case .damaged(let reason) = self.rest else { return }
        throw .corrupt(file: path, offset: self.end, reason: reason, remedy: remedy)
    }

    /// The first record behind the end that proves that `sequence` had been on the disk, or is out of order.
    static func witness(_ bytes: [UInt8], behind end: Int, missing sequence: UInt64, identity: [UInt8]) -> Record? {
        // No more records fit into the rest, so that a higher number is never worth a checksum.
        let reach = UInt64((bytes.count - end) / Record.headerBytes + 1)
        let sequences = (sequence > reach ? sequence - reach : 0)...(sequence + reach)
        var offset = end
        while offset <= bytes.count - Record.headerBytes {
            guard let record = Record(bytes, at: offset, identity: identity, sequences: sequences) else {
                offset += 1
                continue
            }
            if record.batchStart > sequence || record.sequence < sequence { return record }
            offset = record.end
        }
        return nil
    }

    private static func rest(
        _ bytes: [UInt8],
        behind end: Int,
        missing sequence: UInt64,
        _ header: SegmentHeader
    ) -> Rest {
        guard sequence >= header.settled else {
            return .damaged(reason: "record \(sequence) is not what was written")
        }
        guard !Self.isZero(bytes, from: end) else { return .clean }
        guard let witness = Self.witness(bytes, behind: end, missing: sequence, identity: header.identity) else {
            return .torn
        }
        return .damaged(
            reason: "record \(sequence) is not what was written, and record \(witness.sequence) follows it"
        )
    }

    private static func isZero(_ bytes: [UInt8], from start: Int) -> Bool {
        bytes.withUnsafeBytes { buffer in
            guard start < buffer.count, let base = buffer.baseAddress else { return true }
            // Every byte equals its successor, and the first one is zero.
            return buffer[start] == 0 && memcmp(base + start, base + start + 1, buffer.count - start - 1) == 0
        }
    }
}
