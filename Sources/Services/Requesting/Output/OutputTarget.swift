internal import Credentials
internal import Foundation

/// Where an export's files go.
protocol OutputTarget: AnyObject {
    /// Begins a file.
    func file(_ name: String) throws -> any OutputFile
}

/// A file of an export in the making.
protocol OutputFile: AnyObject {
    func write(_ bytes: [UInt8]) throws
    /// Nothing is written after this.
    func finish() throws
}

extension OutputFile {
    func write(_ text: String) throws { try self.write(Array(text.utf8)) }
}

/// What is known of a file without having it.
package struct FileDigest: Sendable, Hashable {
    /// SHA-256, hexadecimal digits.
    package let sha256: String
    package let bytes: UInt64

    package init(sha256: String, bytes: UInt64) {
        self.sha256 = sha256
        self.bytes = bytes
    }
}

/// Writes files of mode 0600 into a folder.
final class FolderTarget: OutputTarget {
    private let directory: String

    init(_ directory: String) { self.directory = directory }

    func file(_ name: String) throws -> any OutputFile { try BufferedFile("\(self.directory)/\(name)") }
}

/// Collects bytes and hands them on in large pieces.
private final class BufferedFile: OutputFile {
    private static let flushBytes = 1 << 20

    private let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []

    init(_ path: String) throws {
        try PrivateFile.write([], to: path)
        self.path = path
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw ShareTrouble(.data, isWaiting: false, "cannot write \(path)")
        }
        self.handle = handle
    }

    func write(_ bytes: [UInt8]) throws {
        self.buffer += bytes
        if self.buffer.count >= Self.flushBytes { try self.flush() }
    }

    func finish() throws {
        try self.flush()
        try self.handle.synchronize()
        try self.handle.close()
    }

    private func flush() throws {
        do { try self.handle.write(contentsOf: Data(self.buffer)) } catch {
            throw ShareTrouble(
                .data,
                isWaiting: false,
                "cannot write \(self.path): \((error as NSError).localizedDescription)"
            )
        }
        self.buffer.removeAll(keepingCapacity: true)
    }
}

/// Writes nothing and tells what would have been written.
final class DigestTarget: OutputTarget {
    private(set) var files: [String: FileDigest] = [:]

    func file(_ name: String) throws -> any OutputFile {
        DigestFile { self.files[name] = $0 }
    }

    private final class DigestFile: OutputFile {
        private var hash = FileHash()
        private let done: (FileDigest) -> Void

        init(_ done: @escaping (FileDigest) -> Void) { self.done = done }

        func write(_ bytes: [UInt8]) { self.hash.update(bytes) }

        func finish() { self.done(self.hash.finish()) }
    }
}
