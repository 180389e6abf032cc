import Credentials
import Foundation
import Signcryption

/// A grant file as an option names it.
enum GrantFiles {
    static func read(_ path: String) throws -> GrantFile {
        let bytes = try PrivateFile.read(path, upTo: GrantFile.bytesMax, isSecret: false)
        do { return try GrantFile(bytes: bytes) } catch { throw CommandFailure("\(path) holds no grant: \(error)") }
    }

    /// Public, so that others than the owner may read it.
    static func write(_ file: GrantFile, to path: String) throws {
        try Data(file.bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
