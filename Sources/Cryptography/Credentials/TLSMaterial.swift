internal import Crypto
internal import NIOSSL
internal import SwiftASN1
internal import Transcripts
internal import X509

/// The X.509 side of an identity.
struct TLSMaterial: Sendable {
    let chain: [NIOSSLCertificate]
    let roots: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// Reads `tls.crt`, `tls.key` and `roots.pem`.
    ///
    /// - Throws: ``CredentialsError/malformed(_:)`` when key and certificate do not fit, or the root did not sign.
    init(folder: String) throws(CredentialsError) {
        let crt = "\(folder)/\(IdentityFiles.tlsCertificate)"
        let pem = "\(folder)/\(IdentityFiles.roots)"
        self.chain = try Self.certificates(crt)
        self.roots = try Self.certificates(pem)
        var secret = try KeyFile.read(name: IdentityFiles.tlsKey, in: folder)
        defer { secret.wipe() }
        guard let key = try? NIOSSLPrivateKey(bytes: secret, format: .pem),
            let publicKey = try? P256.Signing.PrivateKey(pemRepresentation: String(decoding: secret, as: UTF8.self))
                .publicKey
        else { throw .malformed("\(folder)/\(IdentityFiles.tlsKey) is no P-256 key in PEM") }
        self.key = key
        let own = try Self.parsed(self.chain, crt)
        let root = try Self.parsed(self.roots, pem)
        guard own.publicKey == Certificate.PublicKey(publicKey) else {
            throw .malformed("\(folder)/\(IdentityFiles.tlsKey) does not fit \(IdentityFiles.tlsCertificate)")
        }
        guard root.publicKey.isValidSignature(own.signature, for: own) else {
            throw .malformed("\(crt) was not signed by the root in \(IdentityFiles.roots)")
        }
    }

    var peer: PeerIdentity {
        get throws(CredentialsError) {
            guard let first = self.chain.first else { throw .malformed("no certificate") }
            return try PeerIdentity(first)
        }
    }

    private static func certificates(_ path: String) throws(CredentialsError) -> [NIOSSLCertificate] {
        let bytes = try PrivateFile.read(path, isSecret: false)
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw .malformed("\(path) holds no certificate in PEM")
        }
        return certificates
    }

    private static func parsed(_ certificates: [NIOSSLCertificate], _ path: String) throws(CredentialsError)
        -> Certificate
    {
        guard let der = try? certificates.first?.toDERBytes(), let certificate = try? Certificate(derEncoded: der)
        else {
            throw .malformed("\(path) holds no X.509 certificate")
        }
        return certificate
    }
}
