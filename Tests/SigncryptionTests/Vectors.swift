internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Transcripts
internal import VectorFiles

// What the vectors of this layer hold beyond bytes, texts and numbers.
extension VectorInput {
    func number(_ name: String) throws -> UInt64 {
        guard let number = try self.optionalNumber(name) else { throw VectorError(description: "no number \(name)") }
        return number
    }

    /// The digest of a certificate that the operation does not read.
    func certificateDigest(_ name: String) throws -> [UInt8] {
        TaggedHash.digest("ECQV-CERT-ID", try self.bytes(name))
    }

    func scalar(_ name: String) throws -> P256Scalar { try P256Scalar(self.bytes(name)) }
    func key(_ name: String) throws -> P256KeyPair { try P256KeyPair(secret: self.scalar(name)) }

    func issuer(name: String = "issuer", key: String = "Q_ca") throws -> CertificateIssuer {
        CertificateIssuer(name: try self.text(name), publicKey: try P256PublicKey(self.bytes(key)))
    }
}
