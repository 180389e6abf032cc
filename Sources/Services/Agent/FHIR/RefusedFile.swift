internal import Glibc

/// Observations that a FHIR server will never take, one a line, in a file that only the agent's account reads.
enum RefusedFile {
    /// Appends lines and waits until they are on the disk.
    ///
    /// After a crash the last ones may stand there twice; their identifiers tell.
    ///
    /// - Throws: ``SinkFailure``.
    static func append(_ resources: [[UInt8]], to path: String) throws(SinkFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SinkFailure("cannot open \(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var rest = resources.flatMap { $0 + [UInt8(ascii: "\n")] }[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw SinkFailure("cannot write \(path): \(String(cString: strerror(errno)))")
            }
        }
        guard fdatasync(descriptor) == 0 else {
            throw SinkFailure("cannot synchronize \(path): \(String(cString: strerror(errno)))")
        }
    }
}
