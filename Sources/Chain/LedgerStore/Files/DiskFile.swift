@preconcurrency internal import Glibc

/// A regular file that is read and written at offsets.
final class DiskFile: Sendable {
    let path: String
    private let descriptor: Int32
    private let calls: DiskCalls

    /// How a file is opened.
    enum Access {
        case read
        case change
        /// Made anew with mode 0600; what there was is gone.
        case create
    }

    init(_ path: String, _ access: Access, calls: DiskCalls = .system) throws(LedgerStoreFailure) {
        let flags =
            switch access {
            case .read: O_RDONLY
            case .change: O_RDWR
            case .create: O_RDWR | O_CREAT | O_TRUNC
            }
        self.path = path
        self.calls = calls
        self.descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard self.descriptor >= 0 else { throw Self.failure("cannot open", path, errno) }
    }

    deinit { close(self.descriptor) }

    /// The file's length in bytes.
    func size() throws(LedgerStoreFailure) -> Int {
        var status = stat()
        guard fstat(self.descriptor, &status) == 0 else { throw Self.failure("cannot examine", self.path, errno) }
        return Int(status.st_size)
    }

    /// Reads bytes at an offset; fewer where the file ends.
    func read(_ count: Int, at offset: Int) throws(LedgerStoreFailure) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let start = buffer.baseAddress.map { $0 + filled }
                let step = pread(self.descriptor, start, count - filled, offset + filled)
                if step < 0, errno == EINTR { continue }
                if step < 0 { code = errno }
                guard step > 0 else { return }
                filled += step
            }
        }
        guard code == 0 else { throw Self.failure("cannot read", self.path, code) }
        return bytes
    }

    /// Writes bytes at an offset.
    ///
    /// - Throws: ``LedgerStoreFailure/diskFull(_:)`` when a part may have been written; writing the same bytes again
    ///   at the same place mends that. ``LedgerStoreFailure/ioError(_:)`` otherwise.
    func write(_ bytes: [UInt8], at offset: Int) throws(LedgerStoreFailure) {
        var written = 0
        while written < bytes.count {
            let step = bytes.withUnsafeBytes { buffer in
                self.calls.write(
                    self.descriptor,
                    UnsafeRawBufferPointer(rebasing: buffer[written...]),
                    offset + written
                )
            }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else { throw Self.failure("cannot write", self.path, step < 0 ? errno : ENOSPC) }
            written += step
        }
    }

    /// Gives the file room up to this length, so that writes there need no more; new bytes are zero.
    func reserve(from offset: Int, to end: Int) throws(LedgerStoreFailure) {
        var code = EINTR
        while code == EINTR { code = self.calls.reserve(self.descriptor, offset, end - offset) }
        guard code == 0 else { throw Self.failure("cannot enlarge", self.path, code) }
    }

    func truncate(to size: Int) throws(LedgerStoreFailure) {
        guard ftruncate(self.descriptor, size) == 0 else { throw Self.failure("cannot shorten", self.path, errno) }
    }

    /// Forces content and size to the disk.
    ///
    /// - Throws: ``LedgerStoreFailure/ioError(_:)`` for every reason, also for lack of room: what was written before
    ///   may be gone from the page cache by now.
    func synchronize() throws(LedgerStoreFailure) {
        guard self.calls.synchronize(self.descriptor) == 0 else {
            throw .ioError("cannot synchronize \(self.path): \(String(cString: strerror(errno)))")
        }
    }

    static func failure(_ text: String, _ path: String, _ code: Int32) -> LedgerStoreFailure {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: .diskFull(path)
        default: .ioError("\(text) \(path): \(String(cString: strerror(code)))")
        }
    }
}
