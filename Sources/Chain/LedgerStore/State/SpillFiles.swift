@preconcurrency internal import Glibc

/// Buckets of bytes that need not fit into memory, in files that mean nothing after a crash.
///
/// Used from one thread.
package final class SpillFiles {
    /// How many buckets there are.
    package let count: Int
    private let folder: Folder
    private let bytesInMemory: Int
    private var waiting: [[UInt8]]
    private var sizes: [Int]
    private var bytesWaiting = 0

    /// Begins with empty buckets.
    ///
    /// - Parameters:
    ///   - directory: made when it does not exist, emptied when it does.
    ///   - count: buckets.
    ///   - bytesInMemory: beyond this, what waits is written.
    /// - Throws: the failures of the disk.
    package init(directory: String, count: Int, bytesInMemory: Int = 32 << 20) throws(LedgerStoreFailure) {
        self.folder = try Folder(directory)
        self.count = count
        self.bytesInMemory = bytesInMemory
        self.waiting = Array(repeating: [], count: count)
        self.sizes = Array(repeating: 0, count: count)
        for name in try self.folder.names() { try self.folder.remove(name) }
    }

    /// Adds bytes behind those of a bucket.
    package func append(_ bytes: [UInt8], to bucket: Int) throws(LedgerStoreFailure) {
        self.waiting[bucket].append(contentsOf: bytes)
        self.bytesWaiting += bytes.count
        guard self.bytesWaiting > self.bytesInMemory else { return }
        for bucket in 0..<self.count { try self.flush(bucket) }
        self.bytesWaiting = 0
    }

    /// All bytes of a bucket.
    package func read(_ bucket: Int) throws(LedgerStoreFailure) -> [UInt8] {
        guard self.sizes[bucket] > 0 else { return self.waiting[bucket] }
        let file = try DiskFile(self.path(of: bucket), .read)
        return try file.read(self.sizes[bucket], at: 0) + self.waiting[bucket]
    }

    /// Puts other bytes into a bucket.
    package func replace(_ bucket: Int, by bytes: [UInt8]) throws(LedgerStoreFailure) {
        self.bytesWaiting -= self.waiting[bucket].count
        self.waiting[bucket] = []
        self.sizes[bucket] = 0
        try self.append(bytes, to: bucket)
    }

    /// Deletes the files; the buckets are not used after that.
    package func remove() throws(LedgerStoreFailure) {
        for name in try self.folder.names() { try self.folder.remove(name) }
        guard rmdir(self.folder.path) == 0 else { throw DiskFile.failure("cannot delete", self.folder.path, errno) }
    }

    private func flush(_ bucket: Int) throws(LedgerStoreFailure) {
        guard !self.waiting[bucket].isEmpty else { return }
        let isNew = self.sizes[bucket] == 0
        let file = try DiskFile(self.path(of: bucket), isNew ? .create : .change)
        try file.write(self.waiting[bucket], at: self.sizes[bucket])
        self.sizes[bucket] += self.waiting[bucket].count
        self.waiting[bucket] = []
    }

    private func path(of bucket: Int) -> String { self.folder.path(of: UInt64(bucket).fileName) }
}
