internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Merkle
internal import Receipts
internal import Records
internal import Spool
internal import Uplink

/// Asks one privacy center, and believes only what is signed by it.
struct CenterDialogue: Sendable {
    let client: PrivacyCenterClient
    let keyring: CenterKeyring
    /// Keeps the certificates under which receipts were signed, so that they verify without the center.
    let spool: Spool
    let identity: IdentityWatch

    /// Delivers an envelope.
    ///
    /// - Returns: the receipt, verified: the center's signature, the audit path, and that it is this envelope's.
    func deliver(_ parcel: EnvelopeParcel) async throws(UplinkFailure) -> Receipt {
        let parsed = try Self.parse(try await self.client.put(parcel))
        let key = try await self.key(parsed.unverified.signer.certificateDigest)
        guard let h1 = Digest(bytes: parcel.h1) else { throw .malformed("an index pointer has 32 bytes") }
        do {
            return try parsed.verified(by: key, for: h1)
        } catch {
            throw .malformed("the receipt of \(self.client.name) does not verify: \(error)")
        }
    }

    /// Fetches and judges what shows whether the center keeps its promises.
    ///
    /// - Parameters:
    ///   - statements: the center's own, kept from before, oldest first.
    ///   - sample: a receipt kept from before.
    /// - Returns: what it shows.
    /// - Throws: ``UplinkFailure`` when the center does not answer, or not with what it signed.
    func audit(statements: [[UInt8]], sample: [UInt8]?) async throws(UplinkFailure) -> AuditFinding {
        var earlier: [TreeStatement] = []
        for bytes in statements { earlier.append(try await self.statement(bytes)) }
        var receipt: Receipt?
        if let sample, case .receipt(let verified) = try await self.statement(sample) { receipt = verified }
        // After the statements, or an honest center could look as if its tree had shrunk.
        let head: ParsedTreeHead
        do {
            head = try ParsedTreeHead(bytes: try await self.client.treeHead())
        } catch let failure as UplinkFailure {
            throw failure
        } catch { throw .malformed("the tree head of \(self.client.name) cannot be read: \(error)") }
        let key = try await self.key(head.unverified.signer.certificateDigest)
        let verified: SignedTreeHead
        do { verified = try head.verified(by: key) } catch {
            throw .malformed("the tree head of \(self.client.name) does not verify: \(error)")
        }
        return try await self.judge(CenterAudit(head: verified, earlier: earlier, sample: receipt))
    }

    private func judge(_ audit: CenterAudit) async throws(UplinkFailure) -> AuditFinding {
        let size = audit.head.tree.size
        var proofs: [UInt64: ConsistencyProof] = [:]
        for first in audit.sizesToProve {
            proofs[first] = try await self.proof { () async throws(UplinkFailure) in
                try await self.client.consistency(first: first, second: size)
            }
        }
        var inclusion: InclusionProof?
        if let sample = audit.sample, sample.claim.leafIndex < size {
            do {
                inclusion = try await self.proof { () async throws(UplinkFailure) in
                    try await self.client.inclusion(h1: sample.h1, treeSize: size)
                }
            } catch .denied(let bytes) {
                let denial = try await self.denial(bytes)
                if let fault = PrivacyCenterFault(sample, denial) { return .fault(fault) }
            }
        }
        return audit.judge(consistency: proofs, inclusion: inclusion)
    }

    /// A proof, or nil when the center says that there is none; that is judged, not taken for an outage.
    private func proof<Proof>(
        _ fetch: () async throws(UplinkFailure) -> Proof
    ) async throws(UplinkFailure) -> Proof? {
        do {
            return try await fetch()
        } catch .refused(let status, _, _, _) where status == 404 || status == 400 || status == 422 {
            return nil
        }
    }

    private func denial(_ bytes: [UInt8]) async throws(UplinkFailure) -> Denial {
        do {
            let parsed = try ParsedDenial(bytes: bytes)
            return try parsed.verified(by: try await self.key(parsed.unverified.signer.certificateDigest))
        } catch let failure as UplinkFailure {
            throw failure
        } catch { throw .malformed("the denial of \(self.client.name) does not verify: \(error)") }
    }

    private func statement(_ bytes: [UInt8]) async throws(UplinkFailure) -> TreeStatement {
        do {
            if bytes.starts(with: "WLTH".utf8) {
                let head = try ParsedTreeHead(bytes: bytes)
                return .head(try head.verified(by: try await self.key(head.unverified.signer.certificateDigest)))
            }
            let receipt = try ParsedReceipt(bytes: bytes)
            return .receipt(try receipt.verified(by: try await self.key(receipt.unverified.signer.certificateDigest)))
        } catch let failure as UplinkFailure {
            throw failure
        } catch { throw .malformed("a statement of \(self.client.name) that was kept does not verify: \(error)") }
    }

    private static func parse(_ bytes: [UInt8]) throws(UplinkFailure) -> ParsedReceipt {
        do { return try ParsedReceipt(bytes: bytes) } catch {
            throw .malformed("the center's answer is no receipt: \(error)")
        }
    }

    /// The key of a certificate that the center signs with.
    private func key(_ digest: Digest) async throws(UplinkFailure) -> CenterKey {
        let identity = self.identity.current
        guard identity.revocations?.contains(digest.bytes) != true else {
            throw .malformed("\(self.client.name) signs with a certificate that is revoked")
        }
        if let key = self.keyring.key(digest) {
            guard key.center.utf8.elementsEqual(self.client.name.utf8) else {
                throw .malformed("the answer of \(self.client.name) is signed by \(key.center)")
            }
            return key
        }
        let certificate = try await self.client.certificate(digest)
        do {
            let key = try self.keyring.learn(
                certificate,
                digest: digest,
                name: self.client.name,
                issuer: identity.issuer
            )
            try self.spool.storeCertificate(certificate, digest: digest.bytes)
            return key
        } catch { throw .malformed("the certificate of \(self.client.name) cannot be used: \(error)") }
    }
}
