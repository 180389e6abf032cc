package import CanonicalBytes
package import Certificates
package import P256Group
internal import Transcripts

/// What a party says in a setup or a refresh, under its own signature, so that whoever carries it can neither change it
/// nor lay it to another's charge.
///
/// `"WLJ1" || u8 kind || context(32) || u8 place || LP(payload) || LP(certificate) || Sign(d, "IBE-PARTY", all before)`.
package struct PartyStatement: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable {
        /// `H("IBE-COMMIT", …)`, 32 bytes.
        case commitment = 1
        /// `E(P_i) || E(Y_i) || proof || H("IBE-COMMITMENTS", payload of each commitment)`, 288 bytes.
        case step = 2
        /// ``JointSetup/digest``, 32 bytes: verified and stored.
        case endorsement = 3
        /// `u64 round || u8 taker || E(R) || E(P') || proof`.
        case give = 4
        /// `u64 round || u8 giver || E(P') || proof`.
        case take = 5
        /// `u64 round || digest of the refresh(32)`: verified and stored, with the new share if it is one's own.
        case ready = 6
    }

    package let kind: Kind
    /// ``IssuingPlan/context``.
    package let context: [UInt8]
    package let place: UInt8
    package let payload: [UInt8]
    /// The party's implicit certificate.
    package let certificate: ImplicitCertificate
    /// The canonical encoding.
    package let bytes: [UInt8]

    private static let signatureContext = "IBE-PARTY"

    /// Signs a statement.
    ///
    /// - Throws: `FORMAT` when the aux has another length than 32.
    package init(
        _ kind: Kind,
        of place: UInt8,
        _ payload: [UInt8],
        context: [UInt8],
        certificate: ImplicitCertificate,
        key: P256KeyPair,
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) {
        var writer = CanonicalWriter(capacity: payload.count + certificate.bytes.count + 128)
        writer.magic("WLJ1")
        writer.u8(kind.rawValue)
        writer.raw(context)
        writer.u8(place)
        writer.lengthPrefixed(payload)
        writer.lengthPrefixed(certificate.bytes)
        let signature = try Schnorr.sign(key, context: Self.signatureContext, message: writer.bytes, aux: aux)
        writer.raw(signature)
        self.kind = kind
        self.context = context
        self.place = place
        self.payload = payload
        self.certificate = certificate
        self.bytes = writer.bytes
    }

    /// Parses a statement; nothing is believed before ``verify(_:of:in:issuer:at:)``.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLJ1")
        guard let kind = Kind(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such kind of statement")
        }
        self.kind = kind
        self.context = try reader.take(32)
        self.place = try reader.u8()
        self.payload = try reader.lengthPrefixed()
        self.certificate = try ImplicitCertificate(bytes: try reader.lengthPrefixed())
        _ = try reader.take(Schnorr.signatureLength)
        try reader.finish()
        self.bytes = bytes
    }

    /// Requires that a party of a plan said this.
    ///
    /// Whether its certificate is revoked, the caller checks besides where that matters.
    ///
    /// - Parameters:
    ///   - kind: that is expected.
    ///   - place: of the party.
    ///   - plan: names the parties.
    ///   - issuer: of its certificate.
    ///   - now: seconds since 1970; nil leaves the certificate's time unchecked, for what was said long ago.
    /// - Throws: `CONTEXT` for another kind, plan, place or party; as ``CertificateIssuer/publicKey(of:at:usage:)``;
    ///   `SCALAR`, `SIGNATURE`.
    package func verify(
        _ kind: Kind,
        of place: Int,
        in plan: IssuingPlan,
        issuer: CertificateIssuer,
        at now: UInt64?
    ) throws(ProtocolFailure) {
        let isExpected = self.kind == kind && Int(self.place) == place && self.context == plan.context
        try require(isExpected && place < plan.parties.count, .context, "a statement of another kind, party or plan")
        let name = plan.parties[place].name
        let isTheirs =
            self.certificate.fields.subject.utf8.elementsEqual(name.description.utf8)
            && self.certificate.has(attribute: "role:\(name.role.rawValue)")
        try require(isTheirs, .context, "a statement of another party than \(name)")
        let key = try issuer.publicKey(of: self.certificate, at: now, usage: .sign)
        let body = Array(self.bytes.dropLast(Schnorr.signatureLength))
        let signature = Array(self.bytes.suffix(Schnorr.signatureLength))
        try Schnorr.verify(key, context: Self.signatureContext, message: body, signature: signature)
    }
}

extension [PartyStatement] {
    /// Requires one statement of a kind from each party of the plan, in order.
    ///
    /// - Throws: `CONTEXT` for another number; naming the party, as ``PartyStatement/verify(_:of:in:issuer:at:)``.
    ///   Nobody is charged with a statement that was not signed by who it is of.
    package func verify(
        _ kind: PartyStatement.Kind,
        in plan: IssuingPlan,
        issuer: CertificateIssuer,
        at now: UInt64?
    ) throws(PartyFailure) {
        guard self.count == plan.parties.count else {
            throw PartyFailure(party: nil, ProtocolFailure(.context, "another number of statements than parties"))
        }
        for (place, statement) in self.enumerated() {
            try charging(nil) { () throws(ProtocolFailure) in
                try statement.verify(kind, of: place, in: plan, issuer: issuer, at: now)
            }
        }
    }
}
