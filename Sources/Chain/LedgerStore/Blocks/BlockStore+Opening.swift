extension BlockStore {
    /// A store that was opened.
    package struct Opened {
        package let store: BlockStore
        /// A crash tore blocks whose synchronization had not been reported; what was cut off, for a log line.
        package let tornTail: String?
    }

    /// Opens the blocks of a folder, or makes it.
    ///
    /// Only the last segment is read; the others are checked block by block as they are read, or all at once by
    /// ``verify()``.
    ///
    /// - Parameters:
    ///   - directory: made when it does not exist.
    ///   - segmentBytes: when the next file is begun.
    ///   - reserveBytes: by how much a file grows at once.
    ///   - calls: the operating system's.
    /// - Returns: the store, and whether a crash tore its end.
    /// - Throws: ``LedgerStoreFailure/corrupt(file:offset:reason:remedy:)`` for damage that no crash explains; the
    ///   failures of the disk.
    package static func open(
        directory: String,
        segmentBytes: Int = 64 << 20,
        reserveBytes: Int = 8 << 20,
        calls: DiskCalls = .system
    ) throws(LedgerStoreFailure) -> Opened {
        let folder = try Folder(directory)
        try folder.removePartialFiles()
        var firsts = try self.segmentFirsts(folder)
        try self.removeOrphans(folder, firsts: firsts)
        try self.checkSealed(folder, firsts)
        var state = State(folder: folder, segmentBytes: segmentBytes, reserve: reserveBytes, calls: calls)
        var tornTail: String?
        while let first = firsts.last {
            state.firsts = firsts
            let scan = try self.resume(first, &state, tornTail: &tornTail)
            if !scan.isEmpty { break }
            // A crash came between the making of the file and its first block.
            state.active = nil
            try folder.remove(self.name(of: first))
            try folder.synchronize()
            firsts.removeLast()
        }
        state.firsts = firsts
        return Opened(store: BlockStore(folder: folder, state: state), tornTail: tornTail)
    }

    /// Reads every block.
    ///
    /// - Throws: ``LedgerStoreFailure/corrupt(file:offset:reason:remedy:)`` for the first one that is not what was
    ///   written.
    package func verify() throws(LedgerStoreFailure) {
        guard var height = self.earliest else { return }
        while true {
            do {
                guard try self.read(height) != nil else { return }
                height += 1
            } catch {
                guard case .pruned(let earliest) = error else { throw error }
                height = earliest
            }
        }
    }

    /// Opens the last segment for appending.
    private static func resume(
        _ first: UInt64,
        _ state: inout State,
        tornTail: inout String?
    ) throws(LedgerStoreFailure) -> [Range<Int>] {
        let path = state.folder.path(of: self.name(of: first))
        let file = try DiskFile(path, .change, calls: state.calls)
        let scan = try SegmentScan(file, magic: self.magic, remedy: self.remedy(state.folder))
        try scan.check(path, remedy: self.remedy(height: first + UInt64(scan.records.count)))
        guard scan.header.first == first else { throw .foreign("\(path) is a segment of another name") }
        if scan.rest == .torn { tornTail = "\(path) was torn at byte \(scan.end) by a crash; cut off there" }
        state.active = try Segment.resume(file, scan, reserve: state.reserve)
        state.ranges = scan.records.map { $0.offset..<$0.end }
        state.last = scan.records.last?.sequence
        state.durable = state.last
        return state.ranges
    }

    static func segmentFirsts(_ folder: Folder) throws(LedgerStoreFailure) -> [UInt64] {
        try folder.names().filter { $0.hasSuffix(".blocks") }.compactMap { UInt64(fileName: $0.dropLast(7)) }
    }

    /// Deletes indexes of segments that are gone.
    private static func removeOrphans(_ folder: Folder, firsts: [UInt64]) throws(LedgerStoreFailure) {
        for name in try folder.names() where name.hasSuffix(".index") {
            guard let first = UInt64(fileName: name.dropLast(6)) else { continue }
            let found = firsts.partitionIndex { $0 >= first }
            if found == firsts.count || firsts[found] != first { try folder.remove(name) }
        }
    }

    /// Requires that every sealed segment reaches up to the next one.
    private static func checkSealed(_ folder: Folder, _ firsts: [UInt64]) throws(LedgerStoreFailure) {
        for (first, next) in zip(firsts, firsts.dropFirst()) {
            _ = try SealedSegment(folder, first: first, count: Int(next - first))
        }
    }
}
