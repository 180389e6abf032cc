package import Crypto
internal import Foundation
@preconcurrency internal import Glibc

/// The key that wraps every epoch key: 32 bytes that live in one file and never in a database or a log.
package struct MasterKey: Sendable, CustomStringConvertible {
    /// Size of the key in bytes.
    package static let byteCount = 32

    let secret: SymmetricKey

    /// The key itself, for other uses of a key file.
    package var symmetricKey: SymmetricKey { self.secret }

    /// Never shows the key.
    package var description: String { "master key" }

    /// Takes the key from memory, for example from a credential that is already read.
    ///
    /// - Parameter bytes: 32 raw bytes, or 64 hexadecimal digits with at most one line end.
    /// - Throws: ``SpoolError/keyFile(_:)`` when it is neither.
    package init(bytes: [UInt8]) throws {
        var bytes = bytes
        if bytes.count != Self.byteCount, bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.count == 2 * Self.byteCount, let decoded = Self.decodeHex(bytes) { bytes = decoded }
        guard bytes.count == Self.byteCount else {
            throw SpoolError.keyFile(
                "a master key is 32 bytes or 64 hexadecimal digits; make one with `wardline spool generate-key FILE`"
            )
        }
        self.secret = SymmetricKey(data: bytes)
    }

    /// Reads the key from a regular file that only its owner may read.
    ///
    /// - Throws: ``SpoolError/keyFile(_:)`` with a sentence that says what to run.
    package init(file path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw SpoolError.keyFile("cannot read the master key file \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SpoolError.keyFile("the master key file \(path) is not a regular file")
        }
        guard status.st_mode & 0o177 == 0 else {
            throw SpoolError.keyFile("others may read the master key file \(path); run `chmod 600 \(path)`")
        }
        var buffer = [UInt8](repeating: 0, count: 2 * Self.byteCount + 2)
        let count = read(descriptor, &buffer, buffer.count)
        try self.init(bytes: [UInt8](buffer.prefix(max(0, count))))
    }

    /// Makes a random key in a new file of mode 0600 and forces it to the disk.
    ///
    /// - Throws: ``SpoolError/keyFile(_:)`` when the file exists or cannot be written.
    package static func generate(at path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SpoolError.keyFile("cannot make the master key file \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let written = SymmetricKey(size: .bits256).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == Self.byteCount, fsync(descriptor) == 0 else {
            unlink(path)
            throw SpoolError.keyFile("cannot write the master key file \(path): \(String(cString: strerror(errno)))")
        }
        FileNames.synchronizeDirectory(of: path)
    }

    private static func decodeHex(_ digits: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.nibble(digits[index]), let low = Self.nibble(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
