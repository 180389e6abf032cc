package import CanonicalBytes
package import Certificates
package import P256Group
package import Pseudonyms
internal import Transcripts

/// A client's transaction as it travels and lies in blocks: parsed, not verified.
///
/// `LP(body) || u8 kind || …`: kind 1 `LP(certificate) || Schnorr signature` with context `TX` over the body; kind 2
/// `LP(pseudonym signature)` over the body; kind 3 nothing, for what proves itself.
package struct Transaction: Hashable, Sendable {
    /// What vouches for a transaction.
    package enum Authorization: Hashable, Sendable {
        /// A certified party signs in its own name.
        case identity(certificate: [UInt8], signature: [UInt8])
        /// Someone signs under a pseudonym certificate ("WLNS").
        case pseudonym([UInt8])
        /// The arguments are their own proof, as evidence is.
        case none
    }

    /// Bytes that a transaction may have at most.
    package static let bytesMax = TransactionBody.argumentBytesMax + 65_536

    /// One object, because transactions are handed from pool to block to store: copying a dozen references each time
    /// costs more than looking at them through one.
    private final class Content: Sendable {
        let body: TransactionBody
        let authorization: Authorization
        let bytes: [UInt8]
        let id: [UInt8]

        init(_ body: TransactionBody, _ authorization: Authorization, _ bytes: [UInt8], id: [UInt8]) {
            self.body = body
            self.authorization = authorization
            self.bytes = bytes
            self.id = id
        }
    }

    private let content: Content

    package var body: TransactionBody { self.content.body }

    // Single parts of the body, since a copy of it counts seven references up and down.

    package var channel: Channel { self.content.body.channel }
    package var signer: [UInt8] { self.content.body.signer }
    package var nonce: UInt64 { self.content.body.nonce }
    package var contract: String { self.content.body.contract }
    package var method: String { self.content.body.method }
    package var arguments: [UInt8] { self.content.body.arguments }

    package var authorization: Authorization { self.content.authorization }
    /// The canonical bytes.
    package var bytes: [UInt8] { self.content.bytes }
    /// `H("TX-ID", bytes)`, 32 bytes.
    package var id: [UInt8] { self.content.id }

    package init(_ body: TransactionBody, authorization: Authorization) {
        var writer = CanonicalWriter(capacity: 512 + body.arguments.count)
        writer.lengthPrefixed(body.bytes)
        switch authorization {
        case .identity(let certificate, let signature):
            writer.u8(1)
            writer.lengthPrefixed(certificate)
            writer.raw(signature)
        case .pseudonym(let signature):
            writer.u8(2)
            writer.lengthPrefixed(signature)
        case .none: writer.u8(3)
        }
        self.content = Content(body, authorization, writer.bytes, id: Self.id(of: writer.bytes))
    }

    /// Signs in the name of a certified party.
    ///
    /// - Parameters:
    ///   - body: names the certificate's digest as its signer.
    ///   - certificate: the signer's.
    ///   - key: the certificate's key.
    /// - Throws: `CONTEXT` when the body names another signer; `SCALAR` for randomness that does not occur.
    package init(
        signing body: TransactionBody,
        certificate: ImplicitCertificate,
        key: P256KeyPair
    ) throws(ProtocolFailure) {
        try require(body.signer == certificate.digest, .context, "the transaction names another signer")
        let signature = try Schnorr.sign(key, context: Self.signatureContext, message: body.bytes)
        self.init(body, authorization: .identity(certificate: certificate.bytes, signature: signature))
    }

    /// Signs under a pseudonym.
    ///
    /// - Throws: as ``init(signing:certificate:key:)``.
    package init(signing body: TransactionBody, pseudonym: Pseudonym) throws(ProtocolFailure) {
        try require(body.signer == pseudonym.certificate.digest, .context, "the transaction names another signer")
        self.init(body, authorization: .pseudonym(try pseudonym.sign(body.bytes)))
    }

    /// Reads a transaction strictly; the signature is checked by ``TransactionVerifier``.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) { try self.init(bytes: bytes, id: nil) }

    /// Reads a transaction whose ``id`` may be known.
    init(bytes: [UInt8], id: [UInt8]?) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "the transaction is too long")
        var reader = CanonicalReader(bytes)
        let body = try TransactionBody(bytes: try reader.lengthPrefixed())
        let authorization: Authorization
        switch try reader.u8() {
        case 1:
            let certificate = try reader.lengthPrefixed()
            authorization = .identity(
                certificate: certificate,
                signature: try reader.take(Schnorr.signatureLength)
            )
        case 2: authorization = .pseudonym(try reader.lengthPrefixed())
        case 3: authorization = .none
        case let kind: throw ProtocolFailure(.format, "unknown kind of transaction \(kind)")
        }
        try reader.finish()
        self.content = Content(body, authorization, bytes, id: id ?? Self.id(of: bytes))
    }

    /// The ``id`` of a transaction with these bytes.
    package static func id(of bytes: [UInt8]) -> [UInt8] { TaggedHash.digest("TX-ID", bytes) }

    /// Of Schnorr signatures over transaction bodies.
    package static let signatureContext = "TX"

    package static func == (left: Self, right: Self) -> Bool {
        left.content === right.content || left.bytes == right.bytes
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.id) }
}
