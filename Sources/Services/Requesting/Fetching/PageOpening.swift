internal import CanonicalBytes
internal import Certificates
internal import Contracts
internal import IndexPages
internal import Ledger
internal import Records
internal import Transcripts

/// An envelope that an anchor says exists.
struct AnchoredEnvelope: Sendable, Hashable {
    let h1: Digest
    /// Name of the gateway that anchored it.
    let sender: String
}

/// Opens pages of the index (specification of the cryptographic layer, section 7.6) with what opens one page only, so that
/// whoever checks a share does not get a sender's index key.
enum PageOpening {
    /// Key and nonce of one page; the caller keeps them with the page.
    static func key(_ indexKey: IndexPages.IndexKey, _ place: (scope: [UInt8], window: UInt64, sender: String))
        -> [UInt8]
    {
        var secret = indexKey.secretBytes()
        defer { secret.wipe() }
        return KeyDerivation.hkdf(
            "INDEX",
            secret: secret,
            info: self.context(place),
            length: AuthenticatedEncryption.keyAndNonceLength
        )
    }

    /// The envelopes that an anchor lists of a scope.
    ///
    /// - Parameters:
    ///   - proof: of the anchor's transaction, verified elsewhere.
    ///   - key: key and nonce of the page.
    ///   - scope: digest.
    /// - Returns: the page's envelopes, in its order.
    /// - Throws: `CONTEXT` for an anchor without a page of the scope, or of another gateway than its signer; `AEAD`;
    ///   `FORMAT`, `DUPLICATE`.
    static func envelopes(
        _ proof: TransactionProof,
        key: [UInt8],
        scope: [UInt8]
    ) throws(ProtocolFailure) -> [AnchoredEnvelope] {
        try require(proof.receipt.code == 0, .context, "the contract refused the anchor")
        let anchor = try proof.arguments(Anchor.self)
        guard let page = anchor.pages.first(where: { $0.scope == scope }) else {
            throw ProtocolFailure(.context, "the anchor has no page of the scope")
        }
        let sender = anchor.gateway.description
        let context = self.context((scope, anchor.window, sender))
        let plain = try AuthenticatedEncryption.open(key, associated: context, ciphertext: page.page)
        var envelopes: [AnchoredEnvelope] = []
        for entry in try IndexPage(bytes: plain).entries {
            guard let h1 = Digest(bytes: entry.h1) else { throw ProtocolFailure(.format, "an H1 has 32 bytes") }
            envelopes.append(AnchoredEnvelope(h1: h1, sender: sender))
        }
        return envelopes
    }

    private static func context(_ place: (scope: [UInt8], window: UInt64, sender: String)) -> [UInt8] {
        transcript(place.scope, place.window.bigEndianBytes, Array(place.sender.utf8))
    }
}
