@preconcurrency internal import Glibc

/// One process at a time changes a directory; the kernel frees the lock however the process ends.
package final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``CredentialsError/unwritable(_:)`` when another process has it.
    package init(_ directory: String) throws(CredentialsError) {
        let path = "\(directory)/lock"
        self.descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard self.descriptor >= 0 else { throw .unwritable("cannot open \(path): \(PrivateFile.reason)") }
        guard flock(self.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(self.descriptor)
            throw .unwritable("another wardline is changing \(directory); try again when it has ended")
        }
    }

    /// Lets others in before the last user of this object has gone; can be repeated.
    package func release() { flock(self.descriptor, LOCK_UN) }

    deinit { close(self.descriptor) }
}
