internal import CanonicalBytes

/// Snapshots of a channel's state for others to fetch, each a folder of chunks (scenario S18).
///
/// A snapshot gets its name after everything in it is on the disk; what a crash left half written is deleted when the
/// folder is opened next. Any thread may use it, one snapshot being written at a time.
package struct Snapshots: Sendable {
    private static let magic: StaticString = "WLS1"
    private let folder: Folder

    /// What is known of a snapshot without reading its chunks.
    package struct Summary: Hashable, Sendable {
        package let height: UInt64
        /// The caller's description, for example the certified header.
        package let manifest: [UInt8]
        package let chunkCount: Int
        /// Bytes of all chunks.
        package let byteCount: Int
    }

    /// Opens a folder of snapshots, or makes it.
    package init(directory: String) throws(LedgerStoreFailure) {
        self.folder = try Folder(directory)
        for name in try self.folder.names() where name.hasSuffix(Folder.partial) {
            try self.folder.removeFolder(name)
        }
    }

    /// The heights of which there are snapshots, ascending.
    package func list() throws(LedgerStoreFailure) -> [UInt64] {
        try self.folder.names().compactMap { UInt64(fileName: $0) }
    }

    /// Writes a snapshot; one of the same height is replaced.
    ///
    /// - Parameters:
    ///   - height: of the state.
    ///   - manifest: kept with it.
    ///   - nextChunk: the chunks in order, nil at the end.
    /// - Throws: what `nextChunk` throws, and the failures of the disk; then nothing stays.
    package func write(
        height: UInt64,
        manifest: [UInt8],
        nextChunk: () throws(LedgerStoreFailure) -> [UInt8]?
    ) throws(LedgerStoreFailure) {
        let name = height.fileName + Folder.partial
        let partial = try Folder(self.folder.path(of: name))
        do {
            try self.fill(partial, height: height, manifest: manifest, nextChunk)
        } catch {
            try? self.folder.removeFolder(name)
            throw error
        }
        if self.folder.contains(height.fileName) { try self.delete(height) }
        try self.folder.rename(name, to: height.fileName)
    }

    /// Describes a snapshot; nil when there is none of this height.
    ///
    /// - Throws: ``LedgerStoreFailure/corrupt(file:offset:reason:remedy:)``.
    package func summary(_ height: UInt64) throws(LedgerStoreFailure) -> Summary? {
        try self.table(height)?.summary
    }

    /// Reads a chunk; nil when there is no such snapshot or chunk.
    ///
    /// - Throws: ``LedgerStoreFailure/corrupt(file:offset:reason:remedy:)``.
    package func readChunk(_ height: UInt64, index: Int) throws(LedgerStoreFailure) -> [UInt8]? {
        guard let table = try self.table(height), table.chunks.indices.contains(index) else { return nil }
        let file = try DiskFile(self.folder.path(of: "\(height.fileName)/\(Self.name(ofChunk: index))"), .read)
        let (count, sum) = table.chunks[index]
        let bytes = try file.read(count, at: 0)
        guard bytes.count == count, Checksum.of(bytes) == sum else { throw self.damage(file.path) }
        return bytes
    }

    /// Deletes a snapshot, if there is one.
    package func delete(_ height: UInt64) throws(LedgerStoreFailure) {
        guard self.folder.contains(height.fileName) else { return }
        // Under its partial name a crash does not leave a snapshot without some of its chunks.
        let partial = height.fileName + ".deleted" + Folder.partial
        try self.folder.rename(height.fileName, to: partial)
        try self.folder.removeFolder(partial)
    }

    private func fill(
        _ partial: Folder,
        height: UInt64,
        manifest: [UInt8],
        _ nextChunk: () throws(LedgerStoreFailure) -> [UInt8]?
    ) throws(LedgerStoreFailure) {
        for name in try partial.names() { try partial.remove(name) }
        var chunks: [(count: Int, sum: UInt32)] = []
        while let chunk = try nextChunk() {
            let file = try DiskFile(partial.path(of: Self.name(ofChunk: chunks.count)), .create)
            try file.write(chunk, at: 0)
            try file.synchronize()
            chunks.append((chunk.count, Checksum.of(chunk)))
        }
        let table = Table(height: height, manifest: manifest, chunks: chunks)
        let file = try DiskFile(partial.path(of: "table"), .create)
        try file.write(table.bytes(Self.magic), at: 0)
        try file.synchronize()
        try partial.synchronize()
    }

    private func table(_ height: UInt64) throws(LedgerStoreFailure) -> Table? {
        guard self.folder.contains(height.fileName) else { return nil }
        let file = try DiskFile(self.folder.path(of: "\(height.fileName)/table"), .read)
        let bytes = try file.read(try file.size(), at: 0)
        guard let table = Table(bytes, magic: Self.magic), table.height == height else { throw self.damage(file.path) }
        return table
    }

    private func damage(_ path: String) -> LedgerStoreFailure {
        .corrupt(
            file: path,
            offset: 0,
            reason: "it is not what was written",
            remedy: "delete the snapshot's folder; the next one is whole"
        )
    }

    private static func name(ofChunk index: Int) -> String { UInt64(index).fileName + ".chunk" }
}

extension Snapshots {
    /// What a snapshot consists of, with the checksum of every chunk.
    private struct Table {
        let height: UInt64
        let manifest: [UInt8]
        let chunks: [(count: Int, sum: UInt32)]

        init(height: UInt64, manifest: [UInt8], chunks: [(count: Int, sum: UInt32)]) {
            self.height = height
            self.manifest = manifest
            self.chunks = chunks
        }

        var summary: Summary {
            Summary(
                height: self.height,
                manifest: self.manifest,
                chunkCount: self.chunks.count,
                byteCount: self.chunks.reduce(0) { $0 + $1.count }
            )
        }

        func bytes(_ magic: StaticString) -> [UInt8] {
            var writer = CanonicalWriter(capacity: 32 + self.manifest.count + self.chunks.count * 8)
            writer.magic(magic)
            writer.u64(self.height)
            writer.lengthPrefixed(self.manifest)
            writer.u32(UInt32(clamping: self.chunks.count))
            for (count, sum) in self.chunks {
                writer.u32(UInt32(clamping: count))
                writer.u32(sum)
            }
            writer.u32(Checksum.of(writer.bytes))
            return writer.bytes
        }

        init?(_ bytes: [UInt8], magic: StaticString) {
            var input = CanonicalReader(bytes)
            do throws(ProtocolFailure) {
                try input.magic(magic)
                self.height = try input.u64()
                self.manifest = try input.lengthPrefixed()
                let count = Int(try input.u32())
                try require(count <= input.remaining / 8, .format, "too many chunks")
                var chunks: [(count: Int, sum: UInt32)] = []
                for _ in 0..<count { chunks.append((Int(try input.u32()), try input.u32())) }
                self.chunks = chunks
                let sum = Checksum.of(input.consumed)
                guard try input.u32() == sum else { return nil }
                try input.finish()
            } catch { return nil }
        }
    }
}
