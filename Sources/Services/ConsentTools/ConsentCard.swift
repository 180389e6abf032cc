package import CanonicalBytes
internal import Certificates
package import ChainReading
internal import Foundation
internal import P256Group
internal import Transcripts

/// A patient's key on paper: what signs her consents, small enough for a QR code.
///
/// Whoever has the card can consent and offer in her name until its certificate expires or is revoked, as whoever has a
/// house key can open the door. It opens no data.
///
/// `"WLCC" || LP(certificate) || LP(issuer's name) || issuer's key(33) || digest of the genesis(32) || secret key(32)`; as
/// text `WLCARD1:` and base64url of it without padding.
package struct ConsentCard: Sendable {
    private static let prefix = "WLCARD1:"
    /// Characters of a card's text at most.
    package static let textMax = 2_048

    package let key: RequesterKey
    /// Digest of the genesis of the chain that the card is for, 32 bytes.
    package let genesis: [UInt8]

    /// Makes a card of a patient's key.
    ///
    /// - Parameters:
    ///   - key: of a party of role patient.
    ///   - genesis: its digest, 32 bytes.
    /// - Throws: `CONTEXT` for another role.
    package init(_ key: RequesterKey, genesis: [UInt8]) throws(ProtocolFailure) {
        guard let party = PartyName(key.certificate.fields.subject), party.role == .patient else {
            throw ProtocolFailure(.context, "a card is for a patient; the certificate is of another role")
        }
        self.key = key
        self.genesis = genesis
    }

    /// What is printed; secret.
    package var text: String {
        var writer = CanonicalWriter(capacity: 512)
        writer.magic("WLCC")
        writer.lengthPrefixed(self.key.certificate.bytes)
        writer.lengthPrefixed(self.key.issuer.name)
        writer.raw(self.key.issuer.publicKey.encoded)
        writer.raw(self.genesis)
        var secret = self.key.key.secretBytes()
        defer { secret.wipe() }
        writer.raw(secret)
        let base64 = Data(writer.bytes).base64EncodedString()
        return Self.prefix + base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Reads what a scanner or a person read from the paper.
    ///
    /// - Throws: `FORMAT`; `KEY` for a key that is not the certificate's.
    package init(text: String) throws(ProtocolFailure) {
        let bare = text.filter { !$0.isWhitespace }
        guard bare.utf8.count <= Self.textMax, bare.hasPrefix(Self.prefix) else {
            throw ProtocolFailure(.format, "a card's text begins with \(Self.prefix)")
        }
        let digits = String(bare.dropFirst(Self.prefix.count)).replacing("-", with: "+").replacing("_", with: "/")
        let padded = digits + String(repeating: "=", count: (4 - digits.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded) else {
            throw ProtocolFailure(.format, "the card was not read whole")
        }
        var reader = CanonicalReader([UInt8](data))
        try reader.magic("WLCC")
        let certificate = try ImplicitCertificate(bytes: try reader.lengthPrefixed())
        let name = try reader.text()
        let issuer = CertificateIssuer(name: name, publicKey: try P256PublicKey(try reader.take(33)))
        self.genesis = try reader.take(32)
        var secret = try reader.take(32)
        defer { secret.wipe() }
        try reader.finish()
        let pair = try P256KeyPair(secret: try P256Scalar(secret))
        let expected = try issuer.publicKey(of: certificate, at: nil)
        try require(expected == pair.publicKey, .key, "the card's key is not its certificate's")
        self.key = RequesterKey(certificate: certificate, key: pair, issuer: issuer)
    }
}
