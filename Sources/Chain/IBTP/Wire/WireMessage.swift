package import CanonicalBytes

/// How strictly bytes of a message are read.
package enum WireReading: Sendable, CaseIterable {
    /// Only the one encoding that ``WireMessage/bytes`` gives: for what is stored, hashed or put on a chain.
    case canonical
    /// What every reader of proto3 takes: for messages of other implementations.
    ///
    /// Fields may stand in any order, the last of several values counts, defaults may be written out, and numbers of
    /// fields that the published list does not have are left out. What is left out is in no hash: the hash of a message
    /// covers seven named fields, which are encoded anew (bitxhub-model v2, `IBTP.Hash`).
    case tolerant
}

/// A protobuf message with its one encoding.
package protocol WireMessage: Hashable, Sendable {
    /// Bytes that the message may have.
    static var wireBytesMax: Int { get }

    /// The encoding: fields ascending, defaults left out.
    var bytes: [UInt8] { get }

    /// Reads a message that fills the bytes, tolerantly.
    ///
    /// - Throws: `FORMAT`.
    init(reading bytes: ArraySlice<UInt8>) throws(ProtocolFailure)
}

extension WireMessage {
    package static var wireBytesMax: Int { IBTPLimits.messageBytesMax }

    /// Reads a message that fills the bytes.
    ///
    /// - Throws: `FORMAT`, also for another encoding than the one of these values when reading is canonical.
    package init(bytes: [UInt8], _ reading: WireReading = .canonical) throws(ProtocolFailure) {
        try require(bytes.count <= Self.wireBytesMax, .format, "a message of \(bytes.count) bytes")
        try self.init(reading: bytes[...])
        guard reading == .canonical else { return }
        try require(self.bytes == bytes, .format, "not the one encoding of the message")
    }
}
