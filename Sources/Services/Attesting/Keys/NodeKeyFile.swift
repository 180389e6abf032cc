internal import CanonicalBytes
package import Credentials
internal import Crypto
internal import SecretSharing
package import ThresholdSignatures
internal import Transcripts

/// A verification node's keys on the disk: `"WLNK" || LP(Ed25519 seed) || LP(BLS secret)`, mode 0600.
///
/// Who has them signs hops in the node's name. They are never overwritten.
package struct NodeKeyFile: Sendable {
    private static let bytesMax = 256

    /// Signs hops.
    package let signer: BLSKeyPair
    /// Ed25519 public key, 32 bytes.
    package let identity: [UInt8]
    /// Proof of possession of the signing key, 96 bytes.
    package let possession: [UInt8]

    private init(seed: [UInt8], secret: [UInt8], path: String) throws(CredentialsError) {
        do {
            self.signer = try BLSKeyPair(secret: try SecretFr(bytes: secret))
            self.possession = try self.signer.proofOfPossession().encoded
            let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            self.identity = Array(key.publicKey.rawRepresentation)
        } catch { throw .malformed("\(path) holds no keys of a verification node: \(error)") }
    }

    /// Reads the keys.
    ///
    /// - Throws: ``CredentialsError`` whose description says what to do.
    package init(path: String) throws(CredentialsError) {
        var bytes = try PrivateFile.read(path, upTo: Self.bytesMax)
        defer { bytes.wipe() }
        var (seed, secret) = try Self.parts(of: bytes, path)
        defer {
            seed.wipe()
            secret.wipe()
        }
        try self.init(seed: seed, secret: secret, path: path)
    }

    private static func parts(
        of bytes: [UInt8],
        _ path: String
    ) throws(CredentialsError) -> (seed: [UInt8], secret: [UInt8]) {
        var reader = CanonicalReader(bytes)
        do throws(ProtocolFailure) {
            try reader.magic("WLNK")
            let seed = try reader.lengthPrefixed()
            let secret = try reader.lengthPrefixed()
            try reader.finish()
            return (seed, secret)
        } catch { throw .malformed("\(path) holds no keys of a verification node: \(error)") }
    }

    /// Makes keys where there are none.
    ///
    /// - Parameter path: of a file that does not exist.
    /// - Returns: the new keys.
    /// - Throws: ``CredentialsError``, also for a file that exists.
    package static func generate(at path: String) throws(CredentialsError) -> NodeKeyFile {
        guard !PrivateFile.exists(path) else {
            throw .unwritable("\(path) exists: keys are never overwritten")
        }
        let seed = Array(Curve25519.Signing.PrivateKey().rawRepresentation)
        var secret = BLSKeyPair.generate().secretBytes()
        defer { secret.wipe() }
        var writer = CanonicalWriter(capacity: 128)
        writer.magic("WLNK")
        writer.lengthPrefixed(seed)
        writer.lengthPrefixed(secret)
        try PrivateFile.write(writer.bytes, to: path)
        return try NodeKeyFile(path: path)
    }
}
