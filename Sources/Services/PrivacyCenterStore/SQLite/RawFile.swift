@preconcurrency internal import Glibc

/// A file that is read and written at offsets, beside SQLite.
///
/// POSIX takes a process's locks from a file as soon as the process closes *any* descriptor of it. A raw file of a
/// database must therefore be opened before SQLite opens it and closed after.
final class RawFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Opens a file, and makes it with mode 0600 unless it is opened for reading only.
    init(path: String, readOnly: Bool = false) throws(StoreError) {
        self.path = path
        self.descriptor = open(path, (readOnly ? O_RDONLY : O_RDWR | O_CREAT) | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else { throw Self.failure("cannot open \(path)") }
    }

    deinit { Glibc.close(self.descriptor) }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes a directory with mode 0700 unless it exists.
    static func makeDirectory(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw self.failure("cannot make \(path)") }
    }

    /// Forces the entries of a directory to the disk.
    static func synchronizeDirectory(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw self.failure("cannot open \(path)") }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw self.failure("cannot synchronize \(path)") }
    }

    var size: Int {
        var status = stat()
        return fstat(self.descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Takes an exclusive lock that ends with the process; false when another process has it.
    func lock() -> Bool { flock(self.descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Reads bytes at an offset; fewer where the file ends.
    func read(_ count: Int, at offset: Int) throws(StoreError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let step = pread(
                    self.descriptor,
                    buffer.baseAddress.map { $0 + filled },
                    count - filled,
                    offset + filled
                )
                if step < 0, errno == EINTR { continue }
                failed = step < 0
                guard step > 0 else { return }
                filled += step
            }
        }
        if failed { throw Self.failure("cannot read \(self.path)") }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
        var written = 0
        while written < bytes.count {
            let step = bytes.withUnsafeBytes { buffer in
                pwrite(
                    self.descriptor,
                    buffer.baseAddress.map { $0 + written },
                    buffer.count - written,
                    offset + written
                )
            }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else {
                throw errno == ENOSPC ? StoreError.diskFull : Self.failure("cannot write \(self.path)")
            }
            written += step
        }
    }

    func truncate(to size: Int) throws(StoreError) {
        guard ftruncate(self.descriptor, size) == 0 else { throw Self.failure("cannot shorten \(self.path)") }
    }

    /// Forces content and size to the disk.
    func synchronize() throws(StoreError) {
        guard fsync(self.descriptor) == 0 else { throw Self.failure("cannot synchronize \(self.path)") }
    }

    private static func failure(_ text: String) -> StoreError {
        .unavailable("\(text): \(String(cString: strerror(errno)))")
    }
}

extension [UInt8] {
    /// The number in four bytes, most significant first; the caller has checked that they are there.
    func bigEndian32(at offset: Int) -> UInt32 {
        self[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Adds a number in four bytes, most significant first.
    mutating func append(bigEndian number: UInt32) {
        Swift.withUnsafeBytes(of: number.bigEndian) { self.append(contentsOf: $0) }
    }
}
