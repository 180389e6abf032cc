internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Pseudonyms
internal import Transcripts

/// A request for pseudonyms with its secrets, from before it is sent until all of its certificates are in the wallet.
struct PendingPseudonyms: Sendable {
    /// The registration authority.
    let authority: String
    let request: PseudonymRequest
    private let caterpillar: P256KeyPair

    /// Names the request on the way: `H("PSEU-REQ-ID", request)`.
    var id: [UInt8] { SubmittedRequest.id(of: self.request) }

    /// Makes a request with fresh secrets.
    ///
    /// - Throws: nothing in practice; `SCALAR` for a hash that is zero.
    init(
        to authority: String,
        subject: String,
        identity: P256KeyPair,
        epoch: UInt64,
        count: UInt32
    ) throws(ProtocolFailure) {
        let caterpillar = P256KeyPair.generate()
        let holder = try PseudonymHolder(subject: subject, epoch: epoch, count: count, caterpillar: caterpillar)
        self.authority = authority
        self.caterpillar = caterpillar
        self.request = try holder.request(to: authority, identity: identity)
    }

    /// Opens the response of one index.
    ///
    /// - Parameters:
    ///   - response: box and signature.
    ///   - index: below the request's count.
    ///   - issuers: authorities of pseudonyms; the one that signed the box is taken.
    /// - Returns: the pseudonym.
    /// - Throws: as `Pseudonym`; `CONTEXT` for a certificate that names a subject.
    func receive(
        _ response: [UInt8],
        index: UInt32,
        issuers: [CertificateIssuer]
    ) throws(ProtocolFailure) -> PseudonymCredential {
        let holder = try PseudonymHolder(
            subject: self.request.subject,
            epoch: self.request.epoch,
            count: self.request.count,
            caterpillar: self.caterpillar,
            expansionKey: self.request.expansionKey
        )
        var failure = ProtocolFailure(.context, "no authority of pseudonyms is known")
        for issuer in issuers {
            do throws(ProtocolFailure) {
                let pseudonym = try holder.receive(response, index: index, issuer: issuer)
                let isNameless = pseudonym.certificate.fields.subject.isEmpty
                try require(isNameless, .context, "the pseudonym certificate names a subject")
                return PseudonymCredential(certificate: pseudonym.certificate, key: pseudonym.key, issuer: issuer)
            } catch { failure = error }
        }
        throw failure
    }

    /// `"WLPP" || LP(authority) || a(32) || LP(request)`: a file of mode 0600; the caller wipes it.
    func fileBytes() -> [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        writer.magic("WLPP")
        writer.lengthPrefixed(self.authority)
        var secret = self.caterpillar.secretBytes()
        defer { secret.wipe() }
        writer.raw(secret)
        writer.lengthPrefixed(self.request.bytes)
        return writer.bytes
    }

    /// - Throws: `FORMAT`, `SCALAR`; `KEY` when secret and request do not belong together.
    init(fileBytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(fileBytes)
        try reader.magic("WLPP")
        self.authority = try reader.text()
        var secret = try reader.take(32)
        defer { secret.wipe() }
        self.request = try PseudonymRequest(bytes: try reader.lengthPrefixed())
        try reader.finish()
        var scalar = try P256Scalar(secret)
        defer { scalar.wipe() }
        self.caterpillar = try P256KeyPair(secret: scalar)
        try require(
            self.caterpillar.publicKey.encoded == self.request.caterpillarKey,
            .key,
            "the secret is not of this request"
        )
    }
}
