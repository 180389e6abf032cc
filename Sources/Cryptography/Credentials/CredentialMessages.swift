package import CanonicalBytes
package import Certificates
internal import P256Group
internal import Transcripts

/// A party's request for a credential with its certified attributes.
///
/// The signature is of the party's ECQV key under the context `CREDENTIAL-REQUEST` over
/// `T(authority, digest of the certificate, hc, u64 time)`: whoever has its TLS key alone gets no credential.
package struct CredentialRequest: Codable, Sendable, Hashable {
    /// Seconds by which the clocks of party and authority may differ.
    package static let clockSecondsMax: UInt64 = 300
    private static let context = "CREDENTIAL-REQUEST"

    /// `hc`, 64 hexadecimal digits.
    package let holder: String
    /// Seconds since 1970.
    package let time: UInt64
    /// 128 hexadecimal digits.
    package let signature: String

    /// Signs a request.
    ///
    /// - Parameters:
    ///   - holder: commitment to the holder's secret, 32 bytes.
    ///   - identity: of the party, issued by the authority that is asked.
    ///   - now: seconds since 1970.
    /// - Throws: `CredentialsError` for randomness that does not occur.
    package init(holder: [UInt8], identity: Identity, at now: UInt64) throws(CredentialsError) {
        let message = Self.message(identity.issuer, identity.certificate, holder, now)
        self.holder = holder.hex
        self.time = now
        do throws(ProtocolFailure) {
            self.signature = try Schnorr.sign(identity.key, context: Self.context, message: message).hex
        } catch { throw .malformed("cannot sign the request: \(error)") }
    }

    /// Verifies the request against the certificate that its sender has shown.
    ///
    /// - Parameters:
    ///   - certificate: ECQV, of the sender.
    ///   - issuer: of the certificate; it is the one that is asked.
    ///   - now: seconds since 1970.
    /// - Returns: `hc`, 32 bytes.
    /// - Throws: `FORMAT`, `TIME` for a request or certificate of another time, `SIGNATURE`, `CONTEXT`.
    package func verify(
        by certificate: ImplicitCertificate,
        of issuer: CertificateIssuer,
        at now: UInt64
    ) throws(ProtocolFailure) -> [UInt8] {
        guard let holder = [UInt8](hex: self.holder), holder.count == 32, let signature = [UInt8](hex: self.signature)
        else { throw ProtocolFailure(.format, "a commitment has 64 and a signature 128 hexadecimal digits") }
        let difference = now > self.time ? now - self.time : self.time - now
        try require(difference <= Self.clockSecondsMax, .time, "the request was signed at another time; set the clock")
        let key = try issuer.publicKey(of: certificate, at: now, usage: .sign)
        let message = Self.message(issuer, certificate, holder, self.time)
        try Schnorr.verify(key, context: Self.context, message: message, signature: signature)
        return holder
    }

    private static func message(
        _ issuer: CertificateIssuer,
        _ certificate: ImplicitCertificate,
        _ holder: [UInt8],
        _ time: UInt64
    ) -> [UInt8] {
        transcript(Array(issuer.name.utf8), certificate.digest, holder, time.bigEndianBytes)
    }
}

/// What the authority inserted into the tree of credentials for a holder, and with which salt.
///
/// Whoever reads it can tell which leaf is whose.
package struct CredentialAnswer: Codable, Sendable, Hashable {
    package let version: Int
    /// `hc`, 64 hexadecimal digits.
    package let holder: String
    /// 64 hexadecimal digits.
    package let salt: String
    /// As the credential commits to them, ascending by bytes.
    package let attributes: [String]
    /// The leaf's place in the tree.
    package let index: UInt32
    /// 64 hexadecimal digits.
    package let leaf: String

    package init(holder: [UInt8], salt: [UInt8], attributes: [String], index: UInt32, leaf: [UInt8]) {
        self.version = 1
        self.holder = holder.hex
        self.salt = salt.hex
        self.attributes = attributes
        self.index = index
        self.leaf = leaf.hex
    }
}
