package import CanonicalBytes
package import Certificates
internal import Ledger
internal import P256Group
internal import Pseudonyms
internal import Transcripts

/// What a tracing authority asks the authority of pseudonyms: `"WLQ1" || order(32) || LP(certificate)`.
package struct CertificateQuestion: Sendable {
    package let order: [UInt8]
    /// The raw pseudonym certificate.
    package let certificate: [UInt8]

    package init(order: [UInt8], certificate: [UInt8]) {
        self.order = order
        self.certificate = certificate
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLQ1")
        self.order = try reader.take(32)
        self.certificate = try reader.lengthPrefixed()
        try reader.finish()
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        writer.magic("WLQ1")
        writer.raw(self.order)
        writer.lengthPrefixed(self.certificate)
        return writer.bytes
    }
}

/// The half of the authority of pseudonyms: for which cocoon key it made a certificate, with the proof.
///
/// `"WLE1" || order(32) || LP(certificate) || E(B_i) || LP(handle) || proof(64)`.
package struct CertificateEvidence: Sendable, Hashable {
    package let order: [UInt8]
    package let certificate: [UInt8]
    package let cocoonKey: [UInt8]
    package let handle: [UInt8]
    private let proof: [UInt8]
    package let bytes: [UInt8]

    init(order: [UInt8], certificate: [UInt8], finding: TraceFinding) {
        var writer = CanonicalWriter(capacity: 768)
        writer.magic("WLE1")
        writer.raw(order)
        writer.lengthPrefixed(certificate)
        writer.raw(finding.cocoonKey)
        writer.lengthPrefixed(finding.handle)
        writer.raw(finding.proof)
        self.order = order
        self.certificate = certificate
        self.cocoonKey = finding.cocoonKey
        self.handle = finding.handle
        self.proof = finding.proof
        self.bytes = writer.bytes
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLE1")
        self.order = try reader.take(32)
        self.certificate = try reader.lengthPrefixed()
        self.cocoonKey = try reader.take(33)
        self.handle = try reader.lengthPrefixed()
        self.proof = try reader.take(Schnorr.signatureLength)
        try reader.finish()
        self.bytes = bytes
    }

    /// Requires that the certificate was made for the cocoon key.
    ///
    /// - Returns: the certificate.
    /// - Throws: as `TraceFinding.verify(proof:certificate:cocoonKey:)`.
    package func verify() throws(ProtocolFailure) -> ImplicitCertificate {
        try TraceFinding.verify(proof: self.proof, certificate: self.certificate, cocoonKey: self.cocoonKey)
        return try ImplicitCertificate(bytes: self.certificate)
    }

    /// `H("TRACE-EVIDENCE", bytes)`: what the chain records.
    package var digest: [UInt8] { TaggedHash.digest("TRACE-EVIDENCE", self.bytes) }
}

/// What a tracing authority asks the registration authority: `"WLQ2" || order(32) || LP(certificate evidence)`.
package struct HolderQuestion: Sendable {
    package let order: [UInt8]
    package let evidence: CertificateEvidence

    package init(order: [UInt8], evidence: CertificateEvidence) {
        self.order = order
        self.evidence = evidence
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLQ2")
        self.order = try reader.take(32)
        self.evidence = try CertificateEvidence(bytes: try reader.lengthPrefixed())
        try reader.finish()
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 1_024)
        writer.magic("WLQ2")
        writer.raw(self.order)
        writer.lengthPrefixed(self.evidence.bytes)
        return writer.bytes
    }
}

/// The half of the registration authority: whose request the cocoon key comes from, with the user's signature on it.
///
/// `"WLE2" || order(32) || u32 index || LP(request) || LP(identity certificate)`. With it all cocoon keys of the request
/// can be told, so it goes to the tracing authority alone.
package struct HolderEvidence: Sendable, Hashable {
    package let order: [UInt8]
    package let index: UInt32
    /// As the user signed it.
    package let request: [UInt8]
    /// Of the user, when the request was made.
    package let certificate: [UInt8]
    package let bytes: [UInt8]

    init(order: [UInt8], index: UInt32, request: [UInt8], certificate: [UInt8]) {
        var writer = CanonicalWriter(capacity: 1_024)
        writer.magic("WLE2")
        writer.raw(order)
        writer.u32(index)
        writer.lengthPrefixed(request)
        writer.lengthPrefixed(certificate)
        self.order = order
        self.index = index
        self.request = request
        self.certificate = certificate
        self.bytes = writer.bytes
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLE2")
        self.order = try reader.take(32)
        self.index = try reader.u32()
        self.request = try reader.lengthPrefixed()
        self.certificate = try reader.lengthPrefixed()
        try reader.finish()
        self.bytes = bytes
    }

    /// Requires that the named user signed a request to this registration authority from which the cocoon key comes.
    ///
    /// - Parameters:
    ///   - cocoonKey: that verified evidence about the certificate ties to it.
    ///   - authority: the registration authority's name.
    ///   - issuers: of identity certificates.
    /// - Returns: the user and the epoch of the request.
    /// - Throws: `FORMAT`; `CONTEXT` for another issuer, authority or user, or an index outside the request; `SIGNATURE`
    ///   or `SCALAR`; `PROOF` when the key does not come from the request.
    package func verify(
        cocoonKey: [UInt8],
        authority: String,
        issuers: [CertificateIssuer]
    ) throws(ProtocolFailure) -> (user: String, epoch: UInt64) {
        let request = try PseudonymRequest(bytes: self.request)
        let certificate = try ImplicitCertificate(bytes: self.certificate)
        let issuer = issuers.first { $0.name.utf8.elementsEqual(certificate.fields.issuer.utf8) }
        guard let issuer else { throw ProtocolFailure(.context, "the user's certificate is of no known authority") }
        let identity = try issuer.publicKey(of: certificate, at: nil, usage: .sign)
        let verified = try request.verified(by: identity, for: authority)
        let isSubject = request.subject.utf8.elementsEqual(certificate.fields.subject.utf8)
        try require(isSubject, .context, "the request names another user than the certificate")
        let expanded = try verified.cocoonKey(self.index).encoded
        try require(expanded == cocoonKey, .proof, "the cocoon key does not come from this request")
        return (request.subject, request.epoch)
    }

    /// `H("TRACE-EVIDENCE", bytes)`: what the chain records.
    package var digest: [UInt8] { TaggedHash.digest("TRACE-EVIDENCE", self.bytes) }
}
