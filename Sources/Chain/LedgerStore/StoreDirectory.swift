@preconcurrency internal import Glibc

/// The directory of one validator's ledger, which one process uses at a time (scenario S20).
///
/// ```
/// lock  format  wal/  wal.marker
/// access/  index/        blocks/  transactions.sqlite  subjects.sqlite  state.sqlite  snapshots/
/// ```
package final class StoreDirectory: Sendable {
    private static let format = Array("wardline ledger store 1\n".utf8)
    /// Where it lies.
    package let path: String
    private let lock: Int32

    /// A channel's part of the directory.
    package struct Channel: Sendable {
        /// Where it lies.
        package let path: String

        /// - Parameter path: where it lies; nothing is made.
        package init(path: String) { self.path = path }

        package var blocks: String { "\(self.path)/blocks" }
        package var transactions: String { "\(self.path)/transactions.sqlite" }
        package var subjects: String { "\(self.path)/subjects.sqlite" }
        package var state: String { "\(self.path)/state.sqlite" }
        package var snapshots: String { "\(self.path)/snapshots" }
    }

    /// Opens a directory, or makes it, and keeps other processes out of it until the value goes away.
    ///
    /// - Throws: ``LedgerStoreFailure/locked(_:)`` with the id of the process that has it;
    ///   ``LedgerStoreFailure/foreign(_:)`` for another release's directory; the failures of the disk.
    package init(_ path: String) throws(LedgerStoreFailure) {
        let folder = try Folder(path)
        self.path = path
        self.lock = try Self.takeLock(folder)
        do {
            try Self.checkFormat(folder)
        } catch {
            close(self.lock)
            throw error
        }
    }

    deinit { close(self.lock) }

    /// The folder of the write-ahead log.
    package var log: String { "\(self.path)/wal" }

    /// The file that recognizes a lost log.
    package var logMarker: String { "\(self.path)/wal.marker" }

    /// A channel's folder, which is made when it does not exist.
    ///
    /// - Parameter name: for example `access`.
    /// - Returns: where its parts lie.
    /// - Throws: the failures of the disk.
    package func channel(_ name: String) throws(LedgerStoreFailure) -> Channel {
        Channel(path: try Folder("\(self.path)/\(name)").path)
    }

    /// Opens the log; it is lost when it is gone while any of the channels has blocks.
    ///
    /// - Parameters:
    ///   - channels: the names of all channels.
    ///   - calls: the operating system's.
    /// - Returns: the log and what it holds.
    /// - Throws: as ``WriteAheadLog/open(directory:marker:isStoreUsed:reserveBytes:calls:)``.
    package func openLog(
        channels: [String],
        calls: DiskCalls = .system
    ) throws(LedgerStoreFailure) -> OpenedLog {
        var isUsed = false
        for name in channels {
            let channel = try Folder(try self.channel(name).path)
            guard channel.contains("blocks") else { continue }
            let files = try Folder(channel.path(of: "blocks")).names()
            isUsed = isUsed || files.contains { $0.hasSuffix(".blocks") }
        }
        return try WriteAheadLog.open(
            directory: self.log,
            marker: self.logMarker,
            isStoreUsed: isUsed,
            calls: calls
        )
    }

    private static func takeLock(_ folder: Folder) throws(LedgerStoreFailure) -> Int32 {
        let path = folder.path(of: "lock")
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw DiskFile.failure("cannot open", path, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let owner = Self.owner(descriptor)
            close(descriptor)
            throw .locked(
                "process \(owner) uses \(folder.path); two validators of one key contradict each other: stop that one"
            )
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            let code = errno
            close(descriptor)
            throw DiskFile.failure("cannot write", path, code)
        }
        return descriptor
    }

    private static func owner(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let digits = buffer.prefix(max(0, count)).prefix { (48...57).contains($0) }
        return digits.isEmpty ? "unknown" : String(decoding: digits, as: UTF8.self)
    }

    private static func checkFormat(_ folder: Folder) throws(LedgerStoreFailure) {
        guard folder.contains("format") else {
            try folder.replace("format", with: self.format)
            return
        }
        guard try DiskFile(folder.path(of: "format"), .read).read(256, at: 0) == self.format else {
            throw .foreign("\(folder.path) is not a ledger store of this release; nothing was changed")
        }
    }
}
