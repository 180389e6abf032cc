@preconcurrency internal import Glibc
internal import Synchronization
internal import Transcripts

/// Files that only their owner reads: mode 0600 in directories of mode 0700.
package enum PrivateFile {
    /// Two roles of one process may keep the same file fresh, and would take each other's half-written one away.
    private static let writing = Mutex(())

    /// Reads a regular file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - limit: bytes at most.
    ///   - isSecret: refuse a file that group or others may read or write.
    /// - Returns: the whole content.
    /// - Throws: ``CredentialsError/unreadable(_:)``, ``CredentialsError/exposed(_:)``,
    ///   ``CredentialsError/malformed(_:)`` when it is longer than `limit`.
    package static func read(
        _ path: String,
        upTo limit: Int = 1 << 20,
        isSecret: Bool = true
    ) throws(CredentialsError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable("cannot read \(path): \(self.reason)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable("\(path) is not a regular file")
        }
        guard !isSecret || status.st_mode & 0o077 == 0 else {
            throw .exposed("others than the owner may read \(path); run `chmod 600 \(path)`")
        }
        guard status.st_size <= limit else { throw .malformed("\(path) has more than \(limit) bytes") }
        return try self.content(of: descriptor, upTo: limit, path)
    }

    /// Writes a file of mode 0600 so that after a crash either the old or the new content is there.
    ///
    /// - Throws: ``CredentialsError/unwritable(_:)``.
    package static func write(_ bytes: [UInt8], to path: String) throws(CredentialsError) {
        try self.writing.withLock { _ throws(CredentialsError) in try self.replace(path, by: bytes) }
    }

    private static func replace(_ path: String, by bytes: [UInt8]) throws(CredentialsError) {
        let partial = path + ".partial"
        unlink(partial)
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unwritable("cannot write \(path): \(self.reason)") }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { break }
            written += max(0, count)
        }
        guard written == bytes.count, fsync(descriptor) == 0, rename(partial, path) == 0 else {
            let reason = self.reason
            unlink(partial)
            throw .unwritable("cannot write \(path): \(reason)")
        }
        self.synchronize(directory: self.parent(of: path))
    }

    /// Makes a directory of mode 0700, or checks that an existing one is closed to others.
    ///
    /// - Throws: ``CredentialsError/unwritable(_:)``, ``CredentialsError/exposed(_:)``.
    package static func makeDirectory(_ path: String) throws(CredentialsError) {
        if mkdir(path, 0o700) == 0 {
            self.synchronize(directory: self.parent(of: path))
            return
        }
        var status = stat()
        guard errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .unwritable("cannot make the directory \(path): \(self.reason)")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .exposed("others than the owner may enter \(path); run `chmod 700 \(path)`")
        }
    }

    /// Whether there is anything of this name.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Forces a directory's entries to the disk.
    package static func synchronize(directory path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// The last failed call's reason.
    static var reason: String { String(cString: strerror(errno)) }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func content(
        of descriptor: Int32,
        upTo limit: Int,
        _ path: String
    ) throws(CredentialsError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        defer { buffer.wipe() }
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable("cannot read \(path): \(self.reason)") }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw .malformed("\(path) has more than \(limit) bytes") }
        }
    }
}
