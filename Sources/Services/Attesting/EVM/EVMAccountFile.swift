internal import CanonicalBytes
package import Credentials
package import Secp256k1
internal import Transcripts

/// Key files of accounts of chains with an EVM: 64 hexadecimal digits and a line's end, mode 0600.
package enum EVMAccountFile {
    private static let bytesMax = 128

    /// Reads a key.
    ///
    /// - Throws: ``CredentialsError`` whose description says what to do.
    package static func load(_ path: String) throws(CredentialsError) -> Secp256k1Key {
        var bytes = try PrivateFile.read(path, upTo: Self.bytesMax)
        defer { bytes.wipe() }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count == 1, var secret = [UInt8](hex: lines[0]) else {
            throw .malformed("\(path) does not hold 64 hexadecimal digits; `wardline relay evm key` makes such a file")
        }
        defer { secret.wipe() }
        do throws(ProtocolFailure) { return try Secp256k1Key(secret: secret) } catch {
            throw .malformed("\(path) holds no key of secp256k1: \(error)")
        }
    }
}
