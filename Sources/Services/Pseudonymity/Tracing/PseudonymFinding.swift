package import CanonicalBytes
package import Certificates
package import Contracts
package import Ledger
internal import Transcripts

/// Who is behind a pseudonym, with everything that shows it: anybody can check the file with the chain's genesis.
///
/// `"WLTF" || LP(proof of the order's state) || LP(certificate evidence) || LP(holder evidence) || LP(statement)`.
package struct PseudonymFinding: Sendable {
    private static let statementBytesMax = 60_000

    /// What a finding says once it is verified.
    package struct Verified: Sendable, Hashable {
        /// The person: `organization:role:name`.
        package let user: String
        /// Epoch of the request for the pseudonym.
        package let epoch: UInt64
        package let certificate: ImplicitCertificate
        /// The order with both answers, as the chain holds it.
        package let order: TraceOrder
        package let statement: String
    }

    private let order: ValueProof
    private let certificate: CertificateEvidence
    private let holder: HolderEvidence
    private let statement: [UInt8]
    package let bytes: [UInt8]

    /// Puts both halves together.
    ///
    /// - Parameters:
    ///   - order: that the chain holds the order with both answers.
    ///   - certificate: the half of the authority of pseudonyms.
    ///   - holder: the half of the registration authority.
    ///   - statement: the order's text.
    package init(
        order: ValueProof,
        certificate: CertificateEvidence,
        holder: HolderEvidence,
        statement: [UInt8]
    ) {
        var writer = CanonicalWriter(capacity: 4_096)
        writer.magic("WLTF")
        writer.lengthPrefixed(order.bytes)
        writer.lengthPrefixed(certificate.bytes)
        writer.lengthPrefixed(holder.bytes)
        writer.lengthPrefixed(statement)
        self.order = order
        self.certificate = certificate
        self.holder = holder
        self.statement = statement
        self.bytes = writer.bytes
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLTF")
        self.order = try ValueProof(bytes: try reader.lengthPrefixed())
        self.certificate = try CertificateEvidence(bytes: try reader.lengthPrefixed())
        self.holder = try HolderEvidence(bytes: try reader.lengthPrefixed())
        self.statement = try reader.lengthPrefixed()
        try reader.finish()
        self.bytes = bytes
    }

    /// Digest of an order's text, as the order names it.
    package static func digest(ofStatement text: [UInt8]) -> [UInt8] { TaggedHash.digest("TRACE-STATEMENT", text) }

    /// Requires that a tracing authority ordered this, that both authorities answered with just these halves, and that
    /// the halves show one user.
    ///
    /// - Parameters:
    ///   - issuers: of the chain.
    ///   - view: the access channel's committees.
    /// - Returns: what the finding says.
    /// - Throws: as `ValueProof.verify(by:)` and ``contents(issuers:)``.
    package func verify(issuers: [TrustedIssuer], view: CommitteeView) throws(ProtocolFailure) -> Verified {
        try self.order.verify(by: view)
        return try self.contents(issuers: issuers)
    }

    /// As ``verify(issuers:view:)`` where the proof about the chain has been verified.
    ///
    /// - Throws: as ``CertificateEvidence/verify()`` and ``HolderEvidence/verify(cocoonKey:authority:issuers:)``;
    ///   `CONTEXT` for parts that do not belong together.
    package func contents(issuers: [TrustedIssuer]) throws(ProtocolFailure) -> Verified {
        let isOrder = self.order.key == AccessKey.trace(self.certificate.order)
        try require(isOrder, .context, "the proof is of another part of the chain's state")
        guard let value = self.order.value else { throw ProtocolFailure(.context, "the chain holds no such order") }
        let order = try TraceOrder(bytes: value)
        let certificate = try self.certificate.verify()
        try require(
            order.arguments.certificate == certificate.digest,
            .context,
            "the order names another certificate"
        )
        try require(self.holder.order == self.certificate.order, .context, "halves of two orders")
        let statement = Self.digest(ofStatement: self.statement)
        try require(order.arguments.statement == statement, .context, "the order has another statement")
        let issuer = try Self.issuer(of: certificate, among: issuers)
        _ = try issuer.publicKey(of: certificate, at: nil, usage: .pseudonym)
        let isAnswered = order.answers.contains {
            $0.evidence == self.certificate.digest && $0.party.description.utf8.elementsEqual(issuer.name.utf8)
        }
        try require(isAnswered, .context, "the authority of the pseudonym did not answer with this on the chain")
        let registration = order.answers.first {
            $0.party.role == .registrationAuthority && $0.evidence == self.holder.digest
        }
        guard let registration else {
            throw ProtocolFailure(.context, "no registration authority answered with this on the chain")
        }
        let (user, epoch) = try self.holder.verify(
            cocoonKey: self.certificate.cocoonKey,
            authority: registration.party.description,
            issuers: issuers.filter { $0.kind == .authority }.map(\.issuer)
        )
        return Verified(
            user: user,
            epoch: epoch,
            certificate: certificate,
            order: order,
            statement: String(decoding: self.statement, as: UTF8.self)
        )
    }

    private static func issuer(
        of certificate: ImplicitCertificate,
        among issuers: [TrustedIssuer]
    ) throws(ProtocolFailure) -> CertificateIssuer {
        let name = certificate.fields.issuer.utf8
        let issuer = issuers.first { $0.kind == .pseudonymAuthority && $0.issuer.name.utf8.elementsEqual(name) }
        guard let issuer else { throw ProtocolFailure(.context, "the chain trusts no such authority of pseudonyms") }
        return issuer.issuer
    }
}
