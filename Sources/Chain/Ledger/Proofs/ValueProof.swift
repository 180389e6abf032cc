package import CanonicalBytes
package import Consensus
package import StateTree

/// That a key has a value, or none, in the state after a certified block.
///
/// `"WLVP" || LP(header) || LP(certificate) || LP(key) || u8 present || LP(value) || LP(path)`.
package struct ValueProof: Hashable, Sendable {
    package let header: BlockHeader
    package let certificate: QuorumCertificate
    package let key: [UInt8]
    /// nil: the key has no value.
    package let value: [UInt8]?
    private let path: StateProof

    package init(header: BlockHeader, certificate: QuorumCertificate, key: [UInt8], value: [UInt8]?, path: StateProof) {
        self.header = header
        self.certificate = certificate
        self.key = key
        self.value = value
        self.path = path
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 2_048)
        writer.magic("WLVP")
        writer.lengthPrefixed(self.header.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        writer.lengthPrefixed(self.key)
        writer.u8(self.value == nil ? 0 : 1)
        writer.lengthPrefixed(self.value ?? [])
        writer.lengthPrefixed(self.path.bytes)
        return writer.bytes
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLVP")
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(bytes: try reader.lengthPrefixed())
        self.key = try reader.lengthPrefixed()
        let presence = try reader.u8()
        let value = try reader.lengthPrefixed()
        try require(presence == 1 || (presence == 0 && value.isEmpty), .format, "neither present nor absent")
        self.value = presence == 1 ? value : nil
        self.path = try StateProof(bytes: try reader.lengthPrefixed())
        try reader.finish()
    }

    /// Requires that the committee certified the block and that its state holds the value, or lacks the key.
    ///
    /// - Throws: as ``CommitteeView/check(_:_:)``; `PROOF`.
    package func verify(by view: CommitteeView) throws(ProtocolFailure) {
        try view.check(self.header, self.certificate)
        try self.verifyPath()
    }

    /// Requires that the state of the header's block holds the value, or lacks the key; whether the header is certified is
    /// another question.
    ///
    /// - Throws: `PROOF`.
    package func verifyPath() throws(ProtocolFailure) {
        try require(
            self.path.proves(self.value, of: self.key, under: self.header.stateRoot),
            .proof,
            "the state does not hold this"
        )
    }
}
