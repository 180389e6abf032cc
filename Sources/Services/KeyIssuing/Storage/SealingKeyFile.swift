package import Credentials
internal import Transcripts

/// The file with the key under which shares are sealed.
package enum SealingKeyFile {
    /// Makes one of 32 random bytes, mode 0600.
    ///
    /// - Throws: ``CredentialsError/unwritable(_:)``, also for a file that exists: without its key no share opens.
    package static func make(_ path: String) throws(CredentialsError) {
        guard !PrivateFile.exists(path) else { throw .unwritable("\(path) exists; it is not overwritten") }
        var random = SecureRandom.bytes(32)
        defer { random.wipe() }
        try PrivateFile.write(random, to: path)
    }
}
