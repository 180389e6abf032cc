/// Bounds of a privacy center.
package struct CenterLimits: Sendable, Hashable {
    /// Bytes of one envelope.
    package var envelopeBytesMax = 4 << 20
    /// Bytes of one certificate.
    package var certificateBytesMax = 4 << 10
    /// Bytes of one capsule: an identity of five short names, and 168 bytes.
    package var capsuleBytesMax = 4 << 10
    /// Bytes of one sealed index key.
    package var wrapBytesMax = 64 << 10
    /// Bytes of a body in JSON: a grant, a package, a descriptor and a certificate.
    package var documentBytesMax = 256 << 10
    /// How far ahead of this clock a sender's may be, s.
    package var createdAheadSecondsMax: UInt64 = 300
    /// Envelopes of one re-encryption request.
    package var reencryptionsMax = 256
    /// Envelopes of one request for envelopes.
    package var batchMax = 128
    /// Bytes of the envelopes that one answer carries.
    package var answerBytesMax = 16 << 20
    /// Entries of one listing.
    package var listingMax = 1_000
    /// Threads that verify.
    package var verificationThreads = 2
    /// Verifications that may wait for a thread.
    package var verificationsWaitingMax = 1_024
    /// Certificates and descriptors that are kept in memory.
    package var cacheEntriesMax = 4_096

    package init() {}
}
