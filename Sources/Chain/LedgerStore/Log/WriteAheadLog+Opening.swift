extension WriteAheadLog {
    private static let remedy = """
        this validator must not vote with a log that forgot votes: restore the file, or move the log's folder away and \
        start again; the validator then stays silent until its old votes can do no harm
        """

    /// Opens the log of a folder, or makes it.
    ///
    /// - Parameters:
    ///   - directory: of the segments; made when it does not exist.
    ///   - marker: path of the file that recognizes a lost log; it lies outside of `directory`.
    ///   - isStoreUsed: whether the rest of the store shows that a log has existed.
    ///   - reserveBytes: by how much the file grows at once.
    ///   - calls: the operating system's.
    /// - Returns: the log and what it holds.
    /// - Throws: ``LedgerStoreFailure/corrupt(file:offset:reason:remedy:)`` for damage that no crash explains;
    ///   ``LedgerStoreFailure/foreign(_:)`` for another store's log; the failures of the disk.
    package static func open(
        directory: String,
        marker: String,
        isStoreUsed: Bool = false,
        reserveBytes: Int = 4 << 20,
        calls: DiskCalls = .system
    ) throws(LedgerStoreFailure) -> OpenedLog {
        let folder = try Folder(directory)
        try folder.removePartialFiles()
        let place = try self.markerPlace(marker)
        let known = try LogMarker.read(marker, exists: place.folder.contains(place.name))
        let numbers = try self.segmentNumbers(folder)
        let opening = Opening(folder: folder, marker: place, known: known, reserve: reserveBytes, calls: calls)
        guard let newest = numbers.last else {
            return try opening.makeLog(isLost: known != nil || isStoreUsed)
        }
        // The newer segment got its name after everything in it was on the disk: the older ones are its past.
        for number in numbers.dropLast() { try folder.remove(self.name(of: number)) }
        return try opening.resumeLog(newest)
    }

    private static func segmentNumbers(_ folder: Folder) throws(LedgerStoreFailure) -> [UInt64] {
        try folder.names().filter { $0.hasSuffix(".wal") }.compactMap { UInt64(fileName: $0.dropLast(4)) }
    }

    private static func markerPlace(_ path: String) throws(LedgerStoreFailure) -> (folder: Folder, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (try Folder("."), path) }
        return (try Folder(String(path[..<slash])), String(path[path.index(after: slash)...]))
    }

    /// What opening needs to know.
    private struct Opening {
        let folder: Folder
        let marker: (folder: Folder, name: String)
        let known: LogMarker?
        let reserve: Int
        let calls: DiskCalls

        /// Starts a log without entries.
        ///
        /// The segment comes before the marker of a first log, so that a crash between them does not pass for a loss,
        /// and behind the marker of a lost one, so that a crash does not make the loss forgotten.
        func makeLog(isLost: Bool) throws(LedgerStoreFailure) -> OpenedLog {
            let number = (self.known?.number ?? 0) + 1
            let header = SegmentHeader(
                magic: WriteAheadLog.magic,
                identity: SegmentHeader.makeIdentity(),
                number: number,
                first: 1,
                settled: 1
            )
            if isLost { try self.write(LogMarker(identity: header.identity, number: number, isLost: true)) }
            let segment = try Segment.create(
                WriteAheadLog.name(of: number),
                in: self.folder,
                header: header,
                reserve: self.reserve,
                calls: self.calls
            )
            if !isLost { try self.write(LogMarker(identity: header.identity, number: number, isLost: false)) }
            return self.opened(segment, entries: [], batches: [], isLost: isLost, tornTail: nil)
        }

        func resumeLog(_ number: UInt64) throws(LedgerStoreFailure) -> OpenedLog {
            let path = self.folder.path(of: WriteAheadLog.name(of: number))
            let file = try DiskFile(path, .change, calls: self.calls)
            let scan = try SegmentScan(file, magic: WriteAheadLog.magic, remedy: WriteAheadLog.remedy)
            try scan.check(path, remedy: WriteAheadLog.remedy)
            try self.checkOwner(scan.header, path)
            guard scan.header.number == number else { throw .foreign("\(path) is a segment of another name") }
            let isStale = self.known.map { number < $0.number } ?? false
            let isLost = isStale || (self.known?.isLost ?? false)
            let segment = try Segment.resume(file, scan, reserve: self.reserve)
            if isLost != self.known?.isLost || number != self.known?.number {
                // The number stays the highest that was ever seen while an older copy is in use.
                let highest = max(number, self.known?.number ?? 0)
                try self.write(LogMarker(identity: scan.header.identity, number: highest, isLost: isLost))
            }
            let entries = scan.records.map {
                LogEntry(lsn: $0.sequence, kind: $0.kind, bytes: Array(scan.bytes[$0.body]))
            }
            let torn = scan.rest == .torn ? "\(path) was torn at byte \(scan.end) by a crash; cut off there" : nil
            return self.opened(
                segment,
                entries: entries,
                batches: Self.batches(scan.records),
                isLost: isLost,
                tornTail: torn
            )
        }

        private static func batches(_ records: [Record]) -> [Range<Int>] {
            var starts = records.indices.filter { $0 == 0 || records[$0].batchStart != records[$0 - 1].batchStart }
            starts.append(records.count)
            return zip(starts, starts.dropFirst()).map { $0..<$1 }
        }

        private func checkOwner(_ header: SegmentHeader, _ path: String) throws(LedgerStoreFailure) {
            guard let known = self.known, known.identity != header.identity else { return }
            throw .foreign(
                "\(path) is the log of another store than \(self.marker.folder.path); restore this store's own log, or "
                    + "move the log's folder away: the validator then stays silent until its old votes can do no harm"
            )
        }

        private func write(_ marker: LogMarker) throws(LedgerStoreFailure) {
            try self.marker.folder.replace(self.marker.name, with: marker.bytes)
        }

        private func opened(
            _ segment: Segment,
            entries: [LogEntry],
            batches: [Range<Int>],
            isLost: Bool,
            tornTail: String?
        ) -> OpenedLog {
            let log = WriteAheadLog(
                segment: segment,
                folder: self.folder,
                marker: self.marker,
                reserve: self.reserve,
                calls: self.calls,
                last: entries.last?.lsn ?? segment.header.first - 1,
                isLost: isLost
            )
            return OpenedLog(log: log, entries: entries, batches: batches, tornTail: tornTail)
        }
    }
}
