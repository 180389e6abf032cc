package import CanonicalBytes
internal import P256Group
internal import Records

/// What a privacy center says its tree is, at a moment.
///
/// ```
/// "WLTH" || LP(cpc_id) || cpc_cert_digest(32) || u64 tree_size || root(32) || u64 time_ms
///        || Sign(d_cpc, "TREE-HEAD", all before)
/// ```
package struct SignedTreeHead: Sendable, Hashable {
    static let context = "TREE-HEAD"

    package let signer: CenterSignature
    package let tree: TreeClaim
    /// When the center read its tree, ms since 1970.
    package let timeMilliseconds: UInt64

    /// The canonical encoding.
    package var bytes: [UInt8] { self.signedBytes + self.signer.signature }

    /// Signs the head of a tree.
    ///
    /// - Throws: never for a key pair that works.
    package static func sign(
        _ tree: TreeClaim,
        timeMilliseconds: UInt64,
        by signer: CenterSigner
    ) throws(ProtocolFailure) -> SignedTreeHead {
        let message = self.signedBytes(tree, timeMilliseconds, signer.center, signer.certificateDigest)
        return SignedTreeHead(
            signer: try signer.sign(message, context: self.context),
            tree: tree,
            timeMilliseconds: timeMilliseconds
        )
    }

    init(signer: CenterSignature, tree: TreeClaim, timeMilliseconds: UInt64) {
        self.signer = signer
        self.tree = tree
        self.timeMilliseconds = timeMilliseconds
    }

    func verifySignature(by key: CenterKey) throws(ProtocolFailure) {
        try self.signer.verify(self.signedBytes, context: Self.context, by: key)
    }

    private var signedBytes: [UInt8] {
        Self.signedBytes(self.tree, self.timeMilliseconds, self.signer.center, self.signer.certificateDigest)
    }

    private static func signedBytes(
        _ tree: TreeClaim,
        _ timeMilliseconds: UInt64,
        _ center: String,
        _ certificate: Digest
    ) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 192)
        writer.magic("WLTH")
        writer.lengthPrefixed(center)
        writer.raw(certificate.bytes)
        writer.u64(tree.size)
        writer.raw(tree.root.bytes)
        writer.u64(timeMilliseconds)
        return writer.bytes
    }
}

/// A tree head as it was received: of the right form, nothing more.
package struct ParsedTreeHead: Sendable, Hashable {
    /// What it says; not to be believed before ``verified(by:)``.
    package let unverified: SignedTreeHead

    /// Parses a tree head.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLTH")
        let (center, certificate) = try reader.centerFields()
        let tree = TreeClaim(size: try reader.u64(), root: try reader.digest())
        let time = try reader.u64()
        let signature = try reader.take(Schnorr.signatureLength)
        try reader.finish()
        self.unverified = SignedTreeHead(
            signer: CenterSignature(center: center, certificateDigest: certificate, signature: signature),
            tree: tree,
            timeMilliseconds: time
        )
    }

    /// - Throws: `CONTEXT` for another center or certificate, `SCALAR` or `SIGNATURE`.
    package func verified(by key: CenterKey) throws(ProtocolFailure) -> SignedTreeHead {
        try self.unverified.verifySignature(by: key)
        return self.unverified
    }
}
