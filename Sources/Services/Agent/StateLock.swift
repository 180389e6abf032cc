internal import Glibc

/// One agent a state directory: two would each acknowledge and number messages on their own.
///
/// An advisory lock, freed by the kernel however the process ends. Command-line tools do not take it: they may work
/// beside a running agent.
final class StateLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Throws: ``StateLockFailure`` when another agent holds it, or the directory cannot be written.
    init(directory: String) throws {
        let path = "\(directory)/agent.lock"
        self.descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else {
            throw StateLockFailure("cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(self.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(self.descriptor)
            throw StateLockFailure("another agent is running on \(directory)")
        }
    }

    deinit { close(self.descriptor) }
}

/// Why the agent cannot have its state directory for itself.
struct StateLockFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
