package import BLS12381
package import CanonicalBytes
internal import Transcripts

/// The public key of an attribute authority, "WLM1" (specification section 7.4).
///
/// By itself it proves nothing: it is authenticated by a certificate or the chain. One value serves all encryptions and
/// decryptions, since it holds a table of powers.
package struct AttributePublicKey: Sendable, Hashable {
    /// Name of the authority.
    package let authority: String
    /// `h = β·P2`.
    package let h: G2Point
    /// `f = β^-1·P1`.
    package let f: G1Point
    /// `A = e(P1, P2)^α`.
    package let a: GT
    /// The canonical encoding.
    package let bytes: [UInt8]
    /// `pk_digest`, 32 bytes.
    package let digest: [UInt8]
    /// Powers of `A`.
    let powers: GTPowers

    /// Parses a public key.
    ///
    /// - Throws: `FORMAT`; `POINT`, `IDENTITY` or `SUBGROUP` for `h` or `f`, `PROOF` when they do not belong together,
    ///   `POINT` or `SUBGROUP` for `A`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLM1")
        let authority = try reader.text()
        let h = try G2Point(reader.take(G2Point.byteCount))
        let f = try G1Point(reader.take(G1Point.byteCount))
        let a = try reader.take(GT.byteCount)
        try reader.finish()
        let fits = Pairing.productIsOne([(f, h), (-G1Point.generator, G2Point.generator)])
        try require(fits, .proof, "h and f do not belong together")
        self.init(authority: authority, h: h, f: f, a: try GT(a), bytes: bytes)
    }

    init(authority: String, h: G2Point, f: G1Point, a: GT) throws(ProtocolFailure) {
        var writer = CanonicalWriter()
        writer.magic("WLM1")
        writer.lengthPrefixed(authority)
        writer.raw(try h.encoded())
        writer.raw(try f.encoded())
        writer.raw(a.bytes)
        self.init(authority: authority, h: h, f: f, a: a, bytes: writer.bytes)
    }

    private init(authority: String, h: G2Point, f: G1Point, a: GT, bytes: [UInt8]) {
        self.authority = authority
        self.h = h
        self.f = f
        self.a = a
        self.bytes = bytes
        self.digest = TaggedHash.digest("ABE-PK", bytes)
        self.powers = GTPowers(a)
    }

    func isOf(_ authority: String) -> Bool { self.authority.utf8.elementsEqual(authority.utf8) }

    package static func == (a: AttributePublicKey, b: AttributePublicKey) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.digest) }
}
