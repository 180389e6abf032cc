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
    init(directory: String, name: String = StateLock.agent) throws {
        let path = "\(directory)/\(name)"
        self.descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else {
            throw StateLockFailure("cannot open \(path): \(String(cString: strerror(errno)))")
        }
        // Whoever asks whether an agent runs holds the lock for a moment.
        var attempts = 0
        while flock(self.descriptor, LOCK_EX | LOCK_NB) != 0, attempts < 5 {
            attempts += 1
            usleep(20_000)
        }
        guard flock(self.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(self.descriptor)
            let holder = name == Self.agent ? "agent" : "replay"
            throw StateLockFailure("another \(holder) is running on \(directory)")
        }
    }

    /// Names of the files that are locked.
    static let agent = "agent.lock"
    static let replay = "replay.lock"

    /// Whether an agent runs on a state directory now.
    static func isAgentRunning(on directory: String) -> Bool {
        let descriptor = open("\(directory)/\(Self.agent)", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Shared, so that two that ask do not see each other.
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return true }
        flock(descriptor, LOCK_UN)
        return false
    }

    deinit { close(self.descriptor) }
}

/// Why the agent cannot have its state directory for itself.
struct StateLockFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
