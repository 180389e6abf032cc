@preconcurrency internal import Glibc

/// A directory of mode 0700 whose entries are made durable one by one.
struct Folder: Sendable {
    /// The ending of files that are still being written; a crash leaves them behind, and they mean nothing.
    static let partial = ".partial"
    let path: String

    /// Opens a directory, or makes it.
    init(_ path: String) throws(LedgerStoreFailure) {
        self.path = path
        if mkdir(path, 0o700) == 0 {
            try Self.synchronize(Self.parent(of: path))
            return
        }
        var status = stat()
        guard errno == EEXIST else { throw DiskFile.failure("cannot make", path, errno) }
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .ioError("\(path) is not a directory")
        }
    }

    /// The path of an entry.
    func path(of name: String) -> String { "\(self.path)/\(name)" }

    func contains(_ name: String) -> Bool { access(self.path(of: name), F_OK) == 0 }

    /// Names of the entries in the order of their bytes.
    func names() throws(LedgerStoreFailure) -> [String] {
        guard let stream = opendir(self.path) else { throw DiskFile.failure("cannot read", self.path, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw DiskFile.failure("cannot read", self.path, errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Deletes a file or an empty directory, if there is one of this name.
    func remove(_ name: String) throws(LedgerStoreFailure) {
        guard Glibc.remove(self.path(of: name)) == 0 || errno == ENOENT else {
            throw DiskFile.failure("cannot delete", self.path(of: name), errno)
        }
    }

    /// Deletes a directory with the files in it.
    func removeFolder(_ name: String) throws(LedgerStoreFailure) {
        let folder = try Folder(self.path(of: name))
        for file in try folder.names() { try folder.remove(file) }
        try self.remove(name)
    }

    /// Deletes what a crash left half written.
    func removePartialFiles() throws(LedgerStoreFailure) {
        for name in try self.names() where name.hasSuffix(Self.partial) { try self.remove(name) }
    }

    /// Gives an entry its final name, durably.
    func rename(_ old: String, to new: String) throws(LedgerStoreFailure) {
        guard Glibc.rename(self.path(of: old), self.path(of: new)) == 0 else {
            throw DiskFile.failure("cannot rename", self.path(of: old), errno)
        }
        try self.synchronize()
    }

    /// Writes a small file so that after a crash either the old or the new content is there.
    func replace(_ name: String, with bytes: [UInt8]) throws(LedgerStoreFailure) {
        let partial = name + Self.partial
        let file = try DiskFile(self.path(of: partial), .create)
        do {
            try file.write(bytes, at: 0)
            try file.synchronize()
        } catch {
            try? self.remove(partial)
            throw error
        }
        try self.rename(partial, to: name)
    }

    /// Forces the entries to the disk.
    func synchronize() throws(LedgerStoreFailure) { try Self.synchronize(self.path) }

    static func synchronize(_ path: String) throws(LedgerStoreFailure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskFile.failure("cannot open", path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .ioError("cannot synchronize \(path): \(String(cString: strerror(errno)))")
        }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension UInt64 {
    /// Sixteen hexadecimal digits, so that file names sort as their numbers do.
    var fileName: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Reads what ``fileName`` wrote.
    init?(fileName: some StringProtocol) {
        guard fileName.utf8.count == 16, let number = UInt64(fileName, radix: 16), number.fileName == fileName else {
            return nil
        }
        self = number
    }
}
