internal import CanonicalBytes
internal import Transcripts

/// Whose cocoon key it is; sealed, it travels with the key and tells the pseudonym authority nothing
/// (specification section 10, step 3).
package struct CocoonHandle: Sendable {
    /// Bytes of a subject's name.
    package static let subjectBytesMax = 63
    /// Epoch, index, the subject's length and the subject, padded so that lengths tell nothing.
    private static let plaintextLength = 8 + 4 + 1 + subjectBytesMax
    private static let sealedLength = SealingKey.nonceLength + plaintextLength + AuthenticatedEncryption.tagLength

    /// The user.
    package let subject: String
    /// The epoch of the request.
    package let epoch: UInt64
    /// Below the count of the request.
    package let index: UInt32

    /// A handle to seal with ``RegistrationAuthority/seal(_:nonce:)``, which refuses subjects above 63 bytes.
    package init(subject: String, epoch: UInt64, index: UInt32) {
        self.subject = subject
        self.epoch = epoch
        self.index = index
    }

    /// Opens a handle.
    ///
    /// - Throws: `FORMAT` for another length or a subject out of form, `AEAD`.
    init(sealed: [UInt8], key: SealingKey) throws(ProtocolFailure) {
        try require(sealed.count == Self.sealedLength, .format, "a handle has \(Self.sealedLength) bytes")
        var reader = CanonicalReader(try key.open(sealed, associated: Self.associated))
        self.epoch = try reader.u64()
        self.index = try reader.u32()
        let length = Int(try reader.u8())
        try require(length <= Self.subjectBytesMax, .format, "the subject is longer than 63 bytes")
        let bytes = try reader.take(length)
        guard let subject = String(validating: bytes, as: UTF8.self) else {
            throw ProtocolFailure(.format, "the subject is not UTF-8")
        }
        self.subject = subject
    }

    /// Seals the handle.
    ///
    /// - Throws: `FORMAT` for a subject longer than 63 bytes or a nonce of another length than 12.
    func sealed(with key: SealingKey, nonce: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        let length = self.subject.utf8.count
        try require(length <= Self.subjectBytesMax, .format, "the subject is longer than 63 bytes")
        var writer = CanonicalWriter(capacity: Self.plaintextLength)
        writer.u64(self.epoch)
        writer.u32(self.index)
        writer.u8(UInt8(length))
        writer.raw(Array(self.subject.utf8))
        writer.raw([UInt8](repeating: 0, count: Self.subjectBytesMax - length))
        return try key.seal(writer.bytes, associated: Self.associated, nonce: nonce)
    }

    private static var associated: [UInt8] { domainSeparationTag("PSEU-RA") }
}
