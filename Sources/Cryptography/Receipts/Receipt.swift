package import CanonicalBytes
internal import Merkle
internal import P256Group
package import Records

/// What a privacy center acknowledges: this envelope is on its disk, at this place of its tree.
///
/// ```
/// "WLRC" || LP(cpc_id) || cpc_cert_digest(32) || H1(32) || u64 received_ms || u64 leaf_index || u64 tree_size
///        || root(32) || Sign(d_cpc, "RECEIPT", all before) || u16 k || k × 32
/// ```
///
/// The audit path is that of RFC 9162 §2.1.3; it needs no signature, since it leads to the signed root.
package struct Receipt: Sendable, Hashable {
    static let context = "RECEIPT"
    /// A tree of 2^64 leaves is 64 levels high.
    static let pathCountMax = 64

    package let signer: CenterSignature
    package let claim: EnvelopeClaim
    package let auditPath: [Digest]

    /// The canonical encoding.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.raw(self.signedBytes)
        writer.raw(self.signer.signature)
        writer.u16(UInt16(self.auditPath.count))
        for hash in self.auditPath { writer.raw(hash.bytes) }
        return writer.bytes
    }

    package var h1: Digest { self.claim.h1 }
    /// Size and root of the tree that the path leads to.
    package var tree: TreeClaim { self.claim.tree }

    /// Signs a receipt.
    ///
    /// - Throws: `PROOF` when the path does not lead to the root, so that no center convicts itself by mistake.
    package static func sign(
        _ claim: EnvelopeClaim,
        auditPath: [Digest],
        by signer: CenterSigner
    ) throws(ProtocolFailure) -> Receipt {
        try self.requireInclusion(claim, auditPath)
        let message = self.signedBytes(claim, center: signer.center, certificate: signer.certificateDigest)
        return Receipt(
            signer: try signer.sign(message, context: self.context),
            claim: claim,
            auditPath: auditPath
        )
    }

    init(signer: CenterSignature, claim: EnvelopeClaim, auditPath: [Digest]) {
        self.signer = signer
        self.claim = claim
        self.auditPath = auditPath
    }

    var signedBytes: [UInt8] {
        Self.signedBytes(self.claim, center: self.signer.center, certificate: self.signer.certificateDigest)
    }

    /// Checks what is signed; the path is left out, because evidence stands without it.
    func verifySignature(by key: CenterKey) throws(ProtocolFailure) {
        try self.signer.verify(self.signedBytes, context: Self.context, by: key)
    }

    static func requireInclusion(_ claim: EnvelopeClaim, _ path: [Digest]) throws(ProtocolFailure) {
        let proof = InclusionProof(leafIndex: claim.leafIndex, treeSize: claim.tree.size, path: path)
        let leads = proof.verifies(leafHash: claim.leafHash, root: claim.tree.root)
        try require(leads, .proof, "the audit path does not lead to the root")
    }

    private static func signedBytes(_ claim: EnvelopeClaim, center: String, certificate: Digest) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 256)
        writer.magic("WLRC")
        writer.lengthPrefixed(center)
        writer.raw(certificate.bytes)
        writer.raw(claim.h1.bytes)
        writer.u64(claim.receivedMilliseconds)
        writer.u64(claim.leafIndex)
        writer.u64(claim.tree.size)
        writer.raw(claim.tree.root.bytes)
        return writer.bytes
    }
}

/// A receipt as it was received: of the right form, nothing more.
package struct ParsedReceipt: Sendable, Hashable {
    /// What it says; not to be believed before ``verified(by:)``.
    package let unverified: Receipt

    /// Parses a receipt.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLRC")
        let (center, certificate) = try reader.centerFields()
        let claim = EnvelopeClaim(
            h1: try reader.digest(),
            receivedMilliseconds: try reader.u64(),
            leafIndex: try reader.u64(),
            tree: TreeClaim(size: try reader.u64(), root: try reader.digest())
        )
        let signature = try reader.take(Schnorr.signatureLength)
        let path = try reader.digests(countMax: Receipt.pathCountMax)
        try reader.finish()
        self.unverified = Receipt(
            signer: CenterSignature(center: center, certificateDigest: certificate, signature: signature),
            claim: claim,
            auditPath: path
        )
    }

    /// - Throws: `CONTEXT` for another center or certificate, `SCALAR` or `SIGNATURE`, `PROOF` when the path does
    ///   not lead to the root.
    package func verified(by key: CenterKey) throws(ProtocolFailure) -> Receipt {
        try self.unverified.verifySignature(by: key)
        try Receipt.requireInclusion(self.unverified.claim, self.unverified.auditPath)
        return self.unverified
    }

    /// As ``verified(by:)``, for this envelope.
    ///
    /// - Throws: `CONTEXT` as well when the receipt is another envelope's.
    package func verified(by key: CenterKey, for h1: Digest) throws(ProtocolFailure) -> Receipt {
        try require(self.unverified.h1 == h1, .context, "the receipt is another envelope's")
        return try self.verified(by: key)
    }
}
