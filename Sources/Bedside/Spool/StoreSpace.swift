@preconcurrency internal import Glibc

/// The names of the files in a state directory.
enum FileNames {
    static let inbox = "inbox.db"
    static let waves = "waves.db"
    static let spool = "spool.db"

    /// Makes a file's directory entry durable; a file system that cannot is no worse off than before.
    static func synchronizeDirectory(of path: String) {
        let directory = path.contains("/") ? path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex) : "."
        let descriptor = open(directory.isEmpty ? "/" : String(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

/// How much the inbox and the spool may occupy.
package struct SpoolLimits: Sendable, Equatable {
    /// Bytes of both files together, write-ahead logs included.
    package var bytesMax: Int64
    /// Bytes that must stay free on the file system.
    package var freeDiskReserve: Int64
    /// Open dead letters at most.
    package var deadLettersMax: Int64
    /// Bytes of open dead letters at most.
    package var deadLetterBytesMax: Int64
    /// How long one epoch key seals new rows, in seconds.
    package var keyRotationSeconds: Int64
    /// Open share requests at most.
    package var shareRequestsMax: Int64
    /// Bytes of open share requests at most.
    package var shareRequestBytesMax: Int64

    package init(
        bytesMax: Int64 = 4 << 30,
        freeDiskReserve: Int64 = 64 << 20,
        deadLettersMax: Int64 = 100_000,
        deadLetterBytesMax: Int64 = 256 << 20,
        keyRotationSeconds: Int64 = 86_400,
        shareRequestsMax: Int64 = 10_000,
        shareRequestBytesMax: Int64 = 64 << 20
    ) {
        self.bytesMax = bytesMax
        self.freeDiskReserve = freeDiskReserve
        self.deadLettersMax = deadLettersMax
        self.deadLetterBytesMax = deadLetterBytesMax
        self.keyRotationSeconds = max(1, keyRotationSeconds)
        self.shareRequestsMax = shareRequestsMax
        self.shareRequestBytesMax = shareRequestBytesMax
    }

    /// Where the inbox stops: an eighth below the limit, so that what it holds can still be normalized.
    package var inboxBytesMax: Int64 { self.bytesMax - self.bytesMax / 8 }

    /// Where a lane's inbox stops: waveforms leave the upper half to everything else.
    func inboxBytesMax(of lane: SpoolLane) -> Int64 { lane == .waves ? self.bytesMax / 2 : self.inboxBytesMax }

    /// Where a lane's results stop: waveforms leave an eighth to everything else.
    func spoolBytesMax(of lane: SpoolLane) -> Int64 { lane == .waves ? self.inboxBytesMax : self.bytesMax }
}

/// Measures what the two files occupy and what the file system has left.
package struct StoreSpace: Sendable {
    /// Sizes of the files of a state directory in bytes; the inboxes of both lanes are one.
    package struct Sizes: Sendable, Equatable {
        package var inbox: Int64
        package var inboxLog: Int64
        package var spool: Int64
        package var spoolLog: Int64
        package var total: Int64 { self.inbox + self.inboxLog + self.spool + self.spoolLog }
    }

    let directory: String

    /// The files' sizes now; a file that does not exist counts 0.
    package var sizes: Sizes {
        Sizes(
            inbox: self.size(FileNames.inbox) + self.size(FileNames.waves),
            inboxLog: self.size(FileNames.inbox + "-wal") + self.size(FileNames.waves + "-wal"),
            spool: self.size(FileNames.spool),
            spoolLog: self.size(FileNames.spool + "-wal")
        )
    }

    /// Bytes that an unprivileged process may still write to the file system.
    package var freeBytes: Int64 {
        var status = statvfs()
        guard statvfs(self.directory, &status) == 0 else { return 0 }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }

    /// Refuses a write of about `bytes` that would pass a limit.
    ///
    /// `reusable` is what free pages within the files hold: the write fills them first.
    func admit(bytes: Int, reusable: Int64, limit: Int64, reserve: Int64) throws(StoreRefusal) {
        let used = self.sizes.total - reusable
        guard used + Int64(bytes) <= limit else { throw .full(bytes: used, limit: limit) }
        guard self.freeBytes >= reserve + Int64(bytes) else { throw .diskFull }
    }

    private func size(_ name: String) -> Int64 {
        var status = stat()
        return stat("\(self.directory)/\(name)", &status) == 0 ? Int64(status.st_size) : 0
    }
}
