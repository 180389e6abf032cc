internal import CanonicalBytes
internal import Certificates
package import Credentials
internal import Receipts
internal import Records
package import Spool

/// Verifies all receipts that the agent keeps, without asking anybody.
package struct ReceiptAudit: Sendable {
    /// What was found.
    package struct Outcome: Sendable, Codable, Equatable {
        package var receipts = 0
        package var failed = 0

        package init(receipts: Int = 0) { self.receipts = receipts }
    }

    private static let pageSize = 1_000

    private let spool: Spool
    private let issuer: CertificateIssuer

    /// - Parameters:
    ///   - spool: holds the receipts and the centers' certificates.
    ///   - identity: names the authority that certified the centers.
    package init(spool: Spool, identity: Identity) {
        self.spool = spool
        self.issuer = identity.issuer
    }

    /// Checks signature, audit path and envelope of every receipt.
    ///
    /// - Parameter report: called with each receipt that fails and the reason.
    /// - Returns: how many there are and how many fail.
    /// - Throws: a database error.
    package func run(report: (StoredReceipt, String) -> Void) throws -> Outcome {
        var outcome = Outcome()
        var keys: [Digest: CenterKey] = [:]
        var last: StoredReceipt?
        while true {
            let page = try self.spool.receipts(after: last, max: Self.pageSize)
            for receipt in page {
                outcome.receipts += 1
                do { _ = try self.verify(receipt, &keys) } catch {
                    outcome.failed += 1
                    report(receipt, "\(error)")
                }
            }
            guard page.count == Self.pageSize else { return outcome }
            last = page.last
        }
    }

    /// Verifies one receipt; keys of centers are computed once.
    func verify(_ stored: StoredReceipt, _ keys: inout [Digest: CenterKey]) throws -> Receipt {
        let receipt = try ParsedReceipt(bytes: stored.bytes)
        let digest = receipt.unverified.signer.certificateDigest
        let key = try keys[digest] ?? self.key(digest)
        keys[digest] = key
        guard let h1 = Digest(bytes: stored.h1), key.center.utf8.elementsEqual(stored.center.utf8) else {
            throw ProtocolFailure(.context, "the receipt is of another center")
        }
        return try receipt.verified(by: key, for: h1)
    }

    private func key(_ digest: Digest) throws -> CenterKey {
        guard let bytes = try self.spool.certificate(digest.bytes) else {
            throw ProtocolFailure(.context, "the center's certificate is not kept here")
        }
        let certificate = try ImplicitCertificate(bytes: bytes)
        try require(certificate.digest == digest.bytes, .context, "the kept certificate has another digest")
        return try CenterKey(certificate, from: self.issuer, at: nil)
    }
}
