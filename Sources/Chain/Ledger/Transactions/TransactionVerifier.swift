package import CanonicalBytes
package import Certificates
internal import P256Group
internal import Pseudonyms

/// Who signed a transaction, as far as its certificate says.
package enum Caller: Hashable, Sendable {
    /// A certified party; the certificate's subject.
    case party(PartyName, certificate: ImplicitCertificate)
    /// The holder of a pseudonym certificate.
    case pseudonym(certificate: ImplicitCertificate)
    /// Nobody: the transaction proves itself.
    case nobody

    /// The certificate, unless nobody signed.
    package var certificate: ImplicitCertificate? {
        switch self {
        case .party(_, let certificate), .pseudonym(let certificate): certificate
        case .nobody: nil
        }
    }
}

/// A transaction whose signature holds.
///
/// What depends on the block it goes into (validity at the block's time, revocation, nonce, the issuer still being
/// accepted) is checked when the block is executed.
package struct VerifiedTransaction: Hashable, Sendable {
    // One object for the same reason as in ``Transaction``.
    private final class Content: Sendable {
        let caller: Caller
        let issuer: TrustedIssuer?

        init(_ caller: Caller, _ issuer: TrustedIssuer?) {
            self.caller = caller
            self.issuer = issuer
        }
    }

    package let transaction: Transaction
    private let content: Content

    package var caller: Caller { self.content.caller }
    /// Under whom the certificate was verified; nil for ``Caller/nobody``.
    package var issuer: TrustedIssuer? { self.content.issuer }

    fileprivate init(_ transaction: Transaction, caller: Caller, issuer: TrustedIssuer?) {
        self.transaction = transaction
        self.content = Content(caller, issuer)
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.transaction == right.transaction && left.caller == right.caller && left.issuer == right.issuer
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.transaction) }
}

/// An issuer of certificates that a chain accepts.
package struct TrustedIssuer: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
        /// Certifies parties.
        case authority = 1
        /// Certifies pseudonyms.
        case pseudonymAuthority = 2
    }

    package let kind: Kind
    package let issuer: CertificateIssuer

    package init(kind: Kind, issuer: CertificateIssuer) {
        self.kind = kind
        self.issuer = issuer
    }

    /// `u8 kind || LP(name) || public key (33)`.
    package func write(to writer: inout CanonicalWriter) {
        writer.u8(self.kind.rawValue)
        writer.lengthPrefixed(self.issuer.name)
        writer.raw(self.issuer.publicKey.encoded)
    }

    /// - Throws: `FORMAT`, `POINT`, `IDENTITY`.
    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard let kind = Kind(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such kind of issuer")
        }
        self.kind = kind
        let name = try reader.text()
        self.issuer = CertificateIssuer(name: name, publicKey: try P256PublicKey(try reader.take(33)))
    }
}

/// Checks the signatures of transactions: pure, costly (about one verification and one multiplication on P-256), to be
/// done before a block is made or voted for, on as many threads as there are.
package struct TransactionVerifier: Sendable {
    package let chain: [UInt8]
    package let issuers: [TrustedIssuer]
    private let cache: CertificateCache

    /// - Parameters:
    ///   - chain: the chain's identifier.
    ///   - issuers: those that the chain accepts now.
    ///   - cache: to be shared by the verifiers of one process.
    package init(chain: [UInt8], issuers: [TrustedIssuer], cache: CertificateCache = CertificateCache()) {
        self.chain = chain
        self.issuers = issuers
        self.cache = cache
    }

    /// Checks one transaction.
    ///
    /// - Throws: `CONTEXT` for another chain, an unknown issuer or a signer that is not the certificate's;
    ///   `FORMAT`, `SCALAR`, `SIGNATURE`.
    package func verify(_ transaction: Transaction) throws(ProtocolFailure) -> VerifiedTransaction {
        try require(transaction.body.chain == self.chain, .context, "a transaction of another chain")
        switch transaction.authorization {
        case .identity(let bytes, let signature):
            let (issuer, entry) = try self.party(bytes)
            let certificate = entry.certificate
            try require(certificate.fields.usage.contains(.sign), .context, "the certificate does not allow signing")
            guard let name = entry.party else {
                throw ProtocolFailure(.context, "the certificate's subject is no party")
            }
            try require(
                transaction.signer == certificate.digest,
                .context,
                "another certificate than the signer's"
            )
            try Schnorr.verify(
                entry.key,
                context: Transaction.signatureContext,
                message: transaction.body.bytes,
                signature: signature
            )
            return VerifiedTransaction(transaction, caller: .party(name, certificate: certificate), issuer: issuer)
        case .pseudonym(let bytes):
            let signature = try PseudonymSignature(bytes: bytes)
            let certificate = try ImplicitCertificate(bytes: signature.certificate)
            let issuer = try self.issuer(of: certificate, kind: .pseudonymAuthority)
            _ = try signature.verify(transaction.body.bytes, issuer: issuer.issuer, at: nil)
            try require(
                transaction.signer == certificate.digest,
                .context,
                "another certificate than the signer's"
            )
            return VerifiedTransaction(transaction, caller: .pseudonym(certificate: certificate), issuer: issuer)
        case .none:
            try require(
                transaction.body.signer.allSatisfy { $0 == 0 } && transaction.body.nonce == 0,
                .context,
                "an unsigned transaction names a signer"
            )
            return VerifiedTransaction(transaction, caller: .nobody, issuer: nil)
        }
    }

    /// A party's certificate with its issuer.
    private func party(_ bytes: [UInt8]) throws(ProtocolFailure) -> (TrustedIssuer, CertificateCache.Entry) {
        for issuer in self.issuers where issuer.kind == .authority {
            if let known = self.cache.known(bytes, of: issuer.issuer) { return (issuer, known) }
        }
        let issuer = try self.issuer(of: ImplicitCertificate(bytes: bytes), kind: .authority)
        return (issuer, try self.cache.entry(of: bytes, issuer: issuer.issuer))
    }

    private func issuer(
        of certificate: ImplicitCertificate,
        kind: TrustedIssuer.Kind
    ) throws(ProtocolFailure) -> TrustedIssuer {
        let name = certificate.fields.issuer.utf8
        guard let found = self.issuers.first(where: { $0.kind == kind && $0.issuer.name.utf8.elementsEqual(name) })
        else { throw ProtocolFailure(.context, "the chain does not know the certificate's issuer") }
        return found
    }
}
