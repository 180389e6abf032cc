import Foundation
import Glibc
import Synchronization

@testable import LedgerStore

/// System calls that fail on request.
final class DiskSwitches: Sendable {
    private struct State {
        var failsSync = false
        var isFull = false
        var failsWriteWith: Int32?
    }

    private let state = Mutex(State())

    /// `fdatasync` answers EIO.
    var failsSync: Bool {
        get { self.state.withLock { $0.failsSync } }
        set { self.state.withLock { $0.failsSync = newValue } }
    }

    /// Reserving room answers ENOSPC.
    var isFull: Bool {
        get { self.state.withLock { $0.isFull } }
        set { self.state.withLock { $0.isFull = newValue } }
    }

    /// `pwrite` writes half of the bytes, then answers this.
    var failsWriteWith: Int32? {
        get { self.state.withLock { $0.failsWriteWith } }
        set { self.state.withLock { $0.failsWriteWith = newValue } }
    }

    var calls: DiskCalls {
        DiskCalls(
            write: { descriptor, bytes, offset in
                guard let code = self.failsWriteWith else {
                    return DiskCalls.system.write(descriptor, bytes, offset)
                }
                let half = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
                if !half.isEmpty { return DiskCalls.system.write(descriptor, half, offset) }
                errno = code
                return -1
            },
            synchronize: { descriptor in
                guard self.failsSync else { return DiskCalls.system.synchronize(descriptor) }
                errno = EIO
                return -1
            },
            reserve: { self.isFull ? ENOSPC : DiskCalls.system.reserve($0, $1, $2) }
        )
    }
}

/// A mounted file system of a few bytes.
final class SmallDisk {
    private let directory: String

    /// Whether this process may mount, which containers forbid even to root.
    static var canMount: Bool { (try? SmallDisk(bytes: 1 << 16)) != nil }

    init(bytes: Int) throws {
        self.directory = NSTemporaryDirectory() + "small-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        guard mount("tmpfs", self.directory, "tmpfs", 0, "size=\(bytes)") == 0 else {
            rmdir(self.directory)
            throw POSIXError(.EPERM)
        }
    }

    deinit {
        umount2(self.directory, Int32(MNT_DETACH))
        rmdir(self.directory)
    }

    func path(_ name: String) -> String { "\(self.directory)/\(name)" }

    func writeBallast(_ count: Int) throws {
        try Data(repeating: 1, count: count).write(to: URL(fileURLWithPath: self.path("ballast")))
    }

    func removeBallast() { unlink(self.path("ballast")) }
}
