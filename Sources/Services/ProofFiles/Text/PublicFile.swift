internal import Foundation

/// Files that everybody may read.
package enum PublicFile {
    /// Writes a file so that either the old or the new content is there.
    ///
    /// - Throws: why it cannot be written.
    package static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
            // The atomic write leaves the mode of its temporary file.
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        } catch {
            throw FileFailure("cannot write \(path): \((error as NSError).localizedDescription)")
        }
    }
}

/// What is wrong with a file, in one sentence.
package struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }

    /// Puts the file's name before what is wrong with it.
    package static func naming<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw FileFailure("\(path): \(error)") }
    }
}
