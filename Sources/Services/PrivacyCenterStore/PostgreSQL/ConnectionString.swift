internal import Foundation
@preconcurrency internal import Glibc

/// How to reach a PostgreSQL server; may hold a password, so that it is never shown.
package struct ConnectionString: Sendable, CustomStringConvertible {
    let text: String

    /// Never shows the text.
    package var description: String { "a PostgreSQL connection string" }

    /// Takes keywords and values, or a URI, as libpq reads them.
    package init(_ text: String) { self.text = text }

    /// Reads the text from a regular file that only its owner may read.
    ///
    /// - Throws: ``StoreError/unsuitable(_:)`` with a sentence that says what to run.
    package init(file path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw StoreError.unsuitable("cannot read the connection file \(path): \(String(cString: strerror(errno)))")
        }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError.unsuitable("the connection file \(path) is not a regular file")
        }
        guard status.st_mode & 0o177 == 0 else {
            throw StoreError.unsuitable("others may read the connection file \(path); run `chmod 600 \(path)`")
        }
        var buffer = [UInt8](repeating: 0, count: Self.bytesMax + 1)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard (1...Self.bytesMax).contains(count) else {
            throw StoreError.unsuitable("the connection file \(path) has 1 to \(Self.bytesMax) bytes")
        }
        let text = String(decoding: buffer.prefix(count), as: UTF8.self)
        self.text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let bytesMax = 4_096
}
