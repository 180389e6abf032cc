extension BlockStore {
    /// Puts a block that was taken from another validator into the place of a damaged one.
    ///
    /// The store need not be open; an open one reads the new bytes at once. The caller has verified the block. Only
    /// the damaged bytes are written: the block must fill exactly the room between its neighbours, which another
    /// certificate of the same block does as long as it has the same length.
    ///
    /// - Parameters:
    ///   - directory: of the blocks.
    ///   - block: what belongs there.
    /// - Throws: ``LedgerStoreFailure/refused(_:)`` when there is no such damage or the block does not fit; then the
    ///   folder has to be deleted so that the blocks are taken again.
    package static func repair(directory: String, block: StoredBlock) throws(LedgerStoreFailure) {
        let folder = try Folder(directory)
        let firsts = try self.segmentFirsts(folder)
        let next = firsts.partitionIndex { $0 > block.height }
        guard next > 0 else { throw .refused("\(directory) has no segment for block \(block.height)") }
        let file = try DiskFile(folder.path(of: self.name(of: firsts[next - 1])), .change)
        let bytes = try file.read(try file.size(), at: 0)
        guard let header = SegmentHeader(bytes, magic: self.magic) else {
            throw .refused("the header of \(file.path) is damaged as well; \(self.remedy(folder))")
        }
        let room = try self.room(of: block.height, bytes, header, folder: folder, path: file.path)
        var record: [UInt8] = []
        Record.append(
            block.parts,
            kind: 0,
            sequence: block.height,
            batchStart: block.height,
            identity: header.identity,
            to: &record
        )
        guard record.count == room.count else {
            throw .refused(
                "block \(block.height) takes \(record.count) bytes and the damaged one took \(room.count); "
                    + self.remedy(folder)
            )
        }
        try file.write(record, at: room.lowerBound)
        try file.synchronize()
    }

    /// The bytes between the neighbours of a damaged block.
    private static func room(
        of height: UInt64,
        _ bytes: [UInt8],
        _ header: SegmentHeader,
        folder: Folder,
        path: String
    ) throws(LedgerStoreFailure) -> Range<Int> {
        var (offset, sequence) = (SegmentHeader.byteCount, header.first)
        while sequence < height {
            let record = Record(bytes, at: offset, identity: header.identity, sequences: sequence...sequence)
            guard let record else { throw .refused("\(path): block \(sequence) is damaged as well; repair it first") }
            (offset, sequence) = (record.end, sequence + 1)
        }
        if Record(bytes, at: offset, identity: header.identity, sequences: height...height) != nil {
            throw .refused("\(path): block \(height) is not damaged")
        }
        // The index tells more than the segment only for a last block; a wrong index is refused by the length.
        if let index = try BlockIndexFile(folder, first: header.first), height - header.first < UInt64(index.count),
            let range = try index.range(of: Int(height - header.first)), range.lowerBound == offset
        {
            return range
        }
        let next = self.follower(bytes, behind: offset, of: height, identity: header.identity)
        guard let next else { throw .refused("\(path): nothing whole follows block \(height)") }
        return offset..<next.offset
    }

    private static func follower(
        _ bytes: [UInt8],
        behind start: Int,
        of height: UInt64,
        identity: [UInt8]
    ) -> Record? {
        var offset = start
        while offset <= bytes.count - Record.headerBytes {
            let record = Record(bytes, at: offset, identity: identity, sequences: height + 1...height + 1)
            if let record { return record }
            offset += 1
        }
        return nil
    }
}
