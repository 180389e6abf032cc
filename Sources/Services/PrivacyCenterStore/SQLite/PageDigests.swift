internal import Records

/// A digest of every page of a database file, in a file beside it.
///
/// They find a flipped bit where no row is: in free pages, in the gaps of used ones, in the file's header. The database
/// file changes at checkpoints only, so that its digests need work then, and not at every commit.
struct PageDigests {
    private static let headerBytes = 32
    private static let digestBytes = 16
    /// Pages that are read at once.
    private static let chunk = 64
    let database: RawFile
    let file: RawFile
    let pageBytes: Int

    /// How many pages the database file has.
    var pageCount: Int { (self.database.size + self.pageBytes - 1) / self.pageBytes }

    /// Whether nothing has been written yet.
    var isMissing: Bool { self.file.size == 0 }

    /// Computes all digests anew.
    func rebuild() throws(StoreError) {
        try self.file.truncate(to: 0)
        try self.file.write(self.header, at: 0)
        for first in stride(from: 0, to: self.pageCount, by: Self.chunk) {
            let digests = try self.computed(first, min(Self.chunk, self.pageCount - first))
            try self.file.write(Array(digests.joined()), at: Self.offset(of: first))
        }
        try self.file.synchronize()
    }

    /// Computes the digests of some pages anew; page numbers start at 1.
    func update(_ pages: Set<UInt32>) throws(StoreError) {
        for page in pages.sorted() where page >= 1 && page <= self.pageCount {
            let digest = try self.computed(Int(page) - 1, 1)
            try self.file.write(Array(digest.joined()), at: Self.offset(of: Int(page) - 1))
        }
        try self.file.synchronize()
    }

    /// Page numbers of a part of the file, from 1, whose content does not have the digest.
    ///
    /// - Parameters:
    ///   - first: pages before the part.
    ///   - ignored: pages that wait for a new digest.
    /// - Returns: the wrong ones, and how many pages the part has; 0 behind the end.
    /// - Throws: ``StoreError`` when a file cannot be read.
    func mismatches(behind first: Int, except ignored: Set<UInt32>) throws(StoreError) -> (pages: [Int], count: Int) {
        let count = max(0, min(Self.chunk, self.pageCount - first))
        let stored = try self.file.read(count * Self.digestBytes, at: Self.offset(of: first))
        let computed = try self.computed(first, count)
        let wrong = (0..<count).filter { index in
            guard !ignored.contains(UInt32(first + index + 1)) else { return false }
            return !stored.dropFirst(index * Self.digestBytes).starts(with: computed[index])
        }
        return (wrong.map { first + $0 + 1 }, count)
    }

    /// What is wrong with the file of digests itself; nil when its frame is whole.
    func frameProblem() throws(StoreError) -> String? {
        if try self.file.read(Self.headerBytes, at: 0) != self.header { return "the header is not what was written" }
        if self.file.size != Self.offset(of: self.pageCount) {
            return "there are digests for another number of pages than \(self.pageCount)"
        }
        if self.database.size % self.pageBytes != 0 { return "the database does not end with a page" }
        return nil
    }

    private var header: [UInt8] {
        var header = Array("WLPS".utf8)
        header.append(bigEndian: UInt32(Schema.version))
        header.append(bigEndian: UInt32(self.pageBytes))
        header.append(bigEndian: 0)
        return header + Digest.sha256(of: header).bytes.prefix(Self.digestBytes)
    }

    private func computed(_ first: Int, _ count: Int) throws(StoreError) -> [[UInt8]] {
        let bytes = try self.database.read(count * self.pageBytes, at: first * self.pageBytes)
        return (0..<count).map { index in
            var input: [UInt8] = []
            input.reserveCapacity(4 + self.pageBytes)
            input.append(bigEndian: UInt32(first + index + 1))
            input.append(contentsOf: bytes.dropFirst(index * self.pageBytes).prefix(self.pageBytes))
            return Array(Digest.sha256(of: input).bytes.prefix(Self.digestBytes))
        }
    }

    private static func offset(of page: Int) -> Int { self.headerBytes + page * self.digestBytes }
}
