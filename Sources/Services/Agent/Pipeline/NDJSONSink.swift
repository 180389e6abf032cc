internal import CoreFoundation
internal import Glibc
internal import Logging
internal import Spool
internal import Synchronization

/// Copies Observations from the spool to a file or named pipe, one a line.
///
/// A regular file receives every Observation exactly once: its position is kept in the spool, and after a
/// crash the sink compares what the file holds behind that position with what it would have written. A pipe has no
/// memory, so after a crash its reader may see the last chunk again; the Observations' ids tell.
final class NDJSONSink: Sendable {
    private struct Shared {
        var stopping = false
        var heartbeat: UInt64 = 0
        var failure: String?
        var written: UInt64 = 0
    }

    let name: String
    private let path: String
    private let spool: Spool
    private let logger: Logger
    private let shared = Mutex(Shared())

    init(name: String, path: String, spool: Spool, logger: Logger) {
        self.name = name
        self.path = path
        self.spool = spool
        self.logger = logger
    }

    func requestStop() { self.shared.withLock { $0.stopping = true } }

    var heartbeat: UInt64 { self.shared.withLock { $0.heartbeat } }
    var failure: String? { self.shared.withLock { $0.failure } }
    /// Observations written since the start.
    var written: UInt64 { self.shared.withLock { $0.written } }

    /// Works until ``requestStop()``; blocks its thread.
    func run() {
        // A pipe whose reader goes away is an error of the write, not the end of the process.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        while self.beat() {
            do {
                try self.deliver()
            } catch {
                self.note(failure: "\(error)")
                self.pause(milliseconds: 1_000)
            }
        }
    }

    private func beat() -> Bool {
        self.shared.withLock { shared in
            shared.heartbeat = monotonicNanoseconds()
            return !shared.stopping
        }
    }

    private func note(failure: String?) {
        let isNew = self.shared.withLock { shared in
            defer { shared.failure = failure }
            return failure != nil && shared.failure != failure
        }
        if isNew { self.logger.warning("sink waits", metadata: ["sink": "\(self.name)", "why": "\(failure ?? "")"]) }
    }

    private func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

    /// Opens the destination and delivers until it fails or the sink stops.
    private func deliver() throws {
        let output = try SinkFile(path: self.path)
        defer { output.close() }
        let start = try self.spool.registerSink(self.name)
        var sequence = start.sequence
        // A file shorter than the recorded position was moved away: this is a new one.
        var offset = min(start.fileOffset, output.length)
        if offset < start.fileOffset {
            // Before the first byte, or a crash would find the new file's bytes behind the old file's position.
            try self.spool.advanceSink(self.name, to: sequence, fileOffset: offset)
        }
        var ahead = output.isRegular ? Int(output.length - offset) : 0
        self.note(failure: nil)
        while self.beat(), output.isStillAt(self.path) {
            guard let chunk = try self.spool.observations(after: sequence).first else {
                self.pause(milliseconds: 50)
                continue
            }
            // Bytes that a crash left behind the recorded position are this chunk's beginning already.
            let known = min(ahead, chunk.lines.count)
            guard output.matches(chunk.lines.prefix(known), at: offset) else {
                throw SinkFailure("the end of \(self.path) is not what this sink wrote; move the file away")
            }
            guard try output.write(chunk.lines.dropFirst(known), while: self.beat) else { return }
            ahead -= known
            offset += output.isRegular ? Int64(chunk.lines.count) : 0
            sequence = chunk.lastSequence
            try self.spool.advanceSink(self.name, to: sequence, fileOffset: offset)
            self.shared.withLock { $0.written += UInt64(chunk.count) }
        }
    }
}

/// Why a sink cannot write.
struct SinkFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The destination: a regular file, appended to, or a named pipe.
private struct SinkFile {
    let isRegular: Bool
    /// Of a regular file when it was opened; 0 for a pipe.
    let length: Int64
    private let descriptor: Int32
    private let identity: (device: UInt, file: UInt)

    init(path: String) throws {
        var status = stat()
        let isPipe = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
        // A pipe is opened for writing only, so that it has a reader whenever it is open.
        let flags = isPipe ? O_WRONLY : O_RDWR | O_CREAT | O_APPEND
        let descriptor = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o640)
        guard descriptor >= 0 else {
            let why = errno == ENXIO ? "nobody reads it" : String(cString: strerror(errno))
            throw SinkFailure("cannot open \(path): \(why)")
        }
        guard fstat(descriptor, &status) == 0, isPipe || status.st_mode & S_IFMT == S_IFREG else {
            Glibc.close(descriptor)
            throw SinkFailure("\(path) is neither a regular file nor a named pipe")
        }
        self.descriptor = descriptor
        self.isRegular = !isPipe
        self.length = isPipe ? 0 : Int64(status.st_size)
        self.identity = (status.st_dev, status.st_ino)
    }

    func close() { Glibc.close(self.descriptor) }

    /// False once the file was moved away (log rotation).
    func isStillAt(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && (status.st_dev, status.st_ino) == self.identity
    }

    func matches(_ bytes: ArraySlice<UInt8>, at offset: Int64) -> Bool {
        guard !bytes.isEmpty else { return true }
        var found = [UInt8](repeating: 0, count: bytes.count)
        let count = pread(self.descriptor, &found, found.count, off_t(offset))
        return count == bytes.count && found[...] == bytes
    }

    /// Writes everything, and waits until it is safe: synchronized, or read by the pipe's reader.
    ///
    /// - Returns: false when `goOn` said to stop before that.
    func write(_ bytes: ArraySlice<UInt8>, while goOn: () -> Bool) throws -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(self.descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, 200)
                guard goOn() else { return false }
            } else if errno != EINTR {
                throw SinkFailure("cannot write: \(String(cString: strerror(errno)))")
            }
        }
        return try self.isRegular ? self.synchronize() : self.drain(while: goOn)
    }

    private func synchronize() throws -> Bool {
        guard fdatasync(self.descriptor) == 0 else {
            throw SinkFailure("cannot synchronize: \(String(cString: strerror(errno)))")
        }
        return true
    }

    /// What lies in the pipe is lost with its reader, so it does not count until it is read.
    private func drain(while goOn: () -> Bool) throws -> Bool {
        while true {
            var unread: Int32 = 0
            guard ioctl(self.descriptor, UInt(FIONREAD), &unread) == 0 else {
                throw SinkFailure("cannot see what the reader has read")
            }
            if unread == 0 { return true }
            var waiting = pollfd(fd: self.descriptor, events: 0, revents: 0)
            _ = poll(&waiting, 1, 1)
            if Int32(waiting.revents) & POLLERR != 0 { throw SinkFailure("the reader has gone") }
            usleep(500)
            guard goOn() else { return false }
        }
    }
}
