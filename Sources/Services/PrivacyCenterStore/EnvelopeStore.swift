package import Merkle
package import Records

/// Where a cloud privacy center keeps envelopes: append-only, in the order of a Merkle tree (RFC 9162 §2.1).
///
/// Every write is on the disk when it returns. There is no way to take an envelope out again: its receipt would
/// convict the center. All calls throw ``StoreError``; none blocks the caller's thread.
package protocol EnvelopeStore: Sendable {
    /// Keeps a certificate under its digest.
    func putCertificate(_ bytes: [UInt8], digest: Digest) async throws -> PutOutcome

    /// The bytes of a certificate; nil when it was not put.
    func certificate(_ digest: Digest) async throws -> [UInt8]?

    /// What was put as certificates, in the order of their digests.
    ///
    /// - Parameters:
    ///   - digest: only those behind it; nil starts at the first.
    ///   - limit: at most so many, and at most 1,000.
    /// - Returns: those behind the digest; none when it is the last.
    /// - Throws: ``StoreError``.
    func certificates(after digest: Digest?, limit: Int) async throws -> [StoredCertificate]

    /// Stores envelopes in one durable transaction, in order.
    func append(_ batch: [NewEnvelope]) async throws -> AppendedBatch

    /// The envelope with an H1; nil when there is none.
    func envelope(_ h1: Digest) async throws -> StoredEnvelope?

    /// Those of some envelopes that are there, by H1.
    func envelopes(_ h1s: [Digest]) async throws -> [Digest: StoredEnvelope]

    /// Envelopes of a scope in the order of the tree.
    ///
    /// - Parameters:
    ///   - scope: the scope's digest.
    ///   - leafIndex: only those behind it; nil starts at the first.
    ///   - limit: at most so many, and at most 1,000.
    /// - Returns: those behind the leaf; none when it is the scope's last.
    /// - Throws: ``StoreError``.
    func envelopes(ofScope scope: Digest, after leafIndex: UInt64?, limit: Int) async throws -> [EnvelopeListing]

    /// Size and root of the tree.
    func treeHead() async throws -> TreeHead

    /// That an envelope is in the tree of a size, nil for the whole one; nil when it is not.
    func inclusion(of h1: Digest, treeSize: UInt64?) async throws -> Inclusion?

    /// That a leaf, counted from 0, is in the tree of a size, nil for the whole one; nil when it is not.
    func inclusion(ofLeaf leafIndex: UInt64, treeSize: UInt64?) async throws -> Inclusion?

    /// That the tree of the second size continues the one of the first; nil when there are no such trees.
    func consistency(from firstSize: UInt64, to secondSize: UInt64) async throws -> ConsistencyProof?

    /// Keeps a rekey under its grant's digest; a rekey that was revoked stays so.
    func putRekey(_ rekey: Rekey) async throws -> PutOutcome

    /// The rekey of a grant, revoked ones included.
    func rekey(_ grantDigest: Digest) async throws -> Rekey?

    /// Rekeys in the order of their grants' digests, revoked ones included.
    ///
    /// - Parameters:
    ///   - filter: which ones.
    ///   - grantDigest: only those behind it; nil starts at the first.
    ///   - limit: at most so many, and at most 1,000.
    /// - Returns: those behind the grant; none when it is the last.
    /// - Throws: ``StoreError``.
    func rekeys(_ filter: RekeyFilter, after grantDigest: Digest?, limit: Int) async throws -> [Rekey]

    /// Revokes a rekey for good; false when there is none.
    func revokeRekey(_ grantDigest: Digest) async throws -> Bool

    /// Notes the nonce of a re-encryption request.
    ///
    /// - Parameters:
    ///   - nonce: 1 to 64 bytes.
    ///   - grantDigest: the grant within which a nonce is used once.
    ///   - milliseconds: now, ms since 1970.
    /// - Returns: false when it was used before.
    /// - Throws: ``StoreError``.
    func useNonce(_ nonce: [UInt8], grant grantDigest: Digest, at milliseconds: UInt64) async throws -> Bool

    /// Forgets nonces that were used before a moment, ms since 1970.
    ///
    /// - Returns: how many.
    @discardableResult
    func pruneNonces(before milliseconds: UInt64) async throws -> Int

    /// Figures for metrics; cheap.
    func statistics() async throws -> StoreStatistics

    /// Verifies every row, hash and index while the store goes on working.
    ///
    /// - Parameters:
    ///   - digest: computes H1 from an envelope's bytes; nil when they are no envelope.
    ///   - report: gets progress and findings, from another thread.
    /// - Returns: what was looked at and found.
    /// - Throws: ``StoreError`` when the store cannot be reached; damage is a finding and does not throw.
    func scrub(
        digest: @escaping @Sendable ([UInt8]) -> Digest?,
        report: @escaping @Sendable (ScrubEvent) -> Void
    ) async throws -> ScrubReport

    /// Writes a consistent copy to a new SQLite file while the store goes on working, and gives the copy's tree.
    ///
    /// The file must not exist; `path` + `.sha256` gets its digest.
    func backUp(to path: String) async throws -> TreeHead

    /// Fills an empty store from a backup, and scrubs it.
    ///
    /// - Parameters:
    ///   - path: a file that ``backUp(to:)`` wrote, of either kind of store.
    ///   - digest: computes H1 from an envelope's bytes; nil when they are no envelope.
    /// - Returns: the scrub's report, without findings.
    /// - Throws: ``StoreError/notEmpty(_:)``, or ``StoreError/damaged(_:)`` when scrubbing found something.
    func restore(
        from path: String,
        digest: @escaping @Sendable ([UInt8]) -> Digest?
    ) async throws -> ScrubReport

    /// Finishes what was begun and closes all files and connections; nothing works afterwards.
    func close() async throws
}
