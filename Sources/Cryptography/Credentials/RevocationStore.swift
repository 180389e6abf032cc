internal import CanonicalBytes
package import Certificates
internal import Synchronization

/// Says whether a certificate is revoked.
package protocol RevocationSource: Sendable {
    /// - Parameter digest: an ECQV certificate's digest, or the SHA-256 fingerprint of an X.509 certificate.
    /// - Returns: whether it is revoked.
    func contains(_ digest: [UInt8]) -> Bool
}

/// The newest signed revocation list of an identity directory, `revocations.wlrl`.
///
/// The number only rises: a list older than the one in use is refused, so that nobody undoes a revocation.
package final class RevocationStore: RevocationSource {
    static let fileName = "revocations.wlrl"
    private static let bytesMax = 33 << 20

    private let directory: String
    private let issuer: CertificateIssuer
    private let list: Mutex<RevocationList?>

    /// Opens the store and reads the list, if there is one.
    ///
    /// - Throws: ``CredentialsError`` when the file is no list of this issuer.
    package init(directory: String, issuer: CertificateIssuer) throws(CredentialsError) {
        self.directory = directory
        self.issuer = issuer
        self.list = Mutex(try Self.read(directory: directory, issuer: issuer))
    }

    /// Opens the store of an identity's directory.
    package convenience init(_ identity: Identity) throws(CredentialsError) {
        try self.init(directory: identity.directory, issuer: identity.issuer)
    }

    package func contains(_ digest: [UInt8]) -> Bool { self.current?.contains(digest) ?? false }

    /// The list in use.
    package var current: RevocationList? { self.list.withLock { $0 } }

    /// Whether there is no list, or a newer one should have arrived; `now` in seconds since 1970.
    package func isStale(at now: UInt64) -> Bool { self.current.map { $0.nextUpdate < now } ?? true }

    /// Reads the file again, after another process wrote it.
    ///
    /// - Returns: whether the list in use changed.
    /// - Throws: ``CredentialsError``; the list in use stays.
    @discardableResult
    package func reload() throws(CredentialsError) -> Bool {
        guard let read = try Self.read(directory: self.directory, issuer: self.issuer) else { return false }
        return self.adopt(read)
    }

    /// Takes a list that the authority sent, and writes it to the directory.
    ///
    /// Its window is not checked, see ``isStale(at:)``: clocks differ, and what a signed list names is revoked at any time.
    ///
    /// - Parameter bytes: the canonical encoding.
    /// - Returns: false for a list that is not newer.
    /// - Throws: ``CredentialsError/malformed(_:)`` for a list that the issuer did not sign.
    @discardableResult
    package func install(_ bytes: [UInt8]) throws(CredentialsError) -> Bool {
        let received: RevocationList
        do {
            received = try RevocationList(bytes: bytes)
            try received.verify(by: self.issuer, at: nil)
        } catch { throw .malformed("the revocation list: \(error.detail)") }
        guard self.current.map({ $0.number < received.number }) ?? true else { return false }
        try PrivateFile.write(bytes, to: "\(self.directory)/\(Self.fileName)")
        return self.adopt(received)
    }

    /// - Returns: nil when there is no file.
    static func read(directory: String, issuer: CertificateIssuer) throws(CredentialsError) -> RevocationList? {
        let path = "\(directory)/\(Self.fileName)"
        guard PrivateFile.exists(path) else { return nil }
        let bytes = try PrivateFile.read(path, upTo: Self.bytesMax, isSecret: false)
        do {
            let list = try RevocationList(bytes: bytes)
            try list.verify(by: issuer, at: nil)
            return list
        } catch { throw .malformed("\(path): \(error.detail)") }
    }

    private func adopt(_ newer: RevocationList) -> Bool {
        self.list.withLock { list in
            guard list.map({ $0.number < newer.number }) ?? true else { return false }
            list = newer
            return true
        }
    }
}
