internal import Credentials
internal import Crypto
internal import SwiftASN1
internal import X509

/// A PKCS#10 request whose signature was verified.
struct SigningRequest {
    let publicKey: Certificate.PublicKey
    let hosts: [HostName]

    /// Reads a request; of what it asks for, its key and its hosts count.
    ///
    /// - Throws: ``AuthorityError/request(_:)``, ``AuthorityError/host(_:)``.
    init(der: [UInt8]) throws {
        guard let request = try? CertificateSigningRequest(derEncoded: der) else {
            throw AuthorityError.request("the csr is no PKCS#10 request")
        }
        guard P256.Signing.PublicKey(request.publicKey) != nil else {
            throw AuthorityError.request("the csr's key is not of P-256")
        }
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw AuthorityError.request("the csr is not signed by its own key")
        }
        self.publicKey = request.publicKey
        let extensions = try? request.attributes.extensionRequest?.extensions
        let names = try? extensions?.subjectAlternativeNames
        self.hosts = try (names.map(Array.init) ?? []).map { name in
            guard let host = HostName(general: name) else {
                throw AuthorityError.host("the csr names something else than DNS names and addresses")
            }
            return host
        }
        guard self.hosts.count <= 32 else { throw AuthorityError.host("the csr names more than 32 hosts") }
    }
}
