package import CanonicalBytes
package import IBTP
package import P256Group
package import Signcryption
internal import Transcripts

/// Data that an account's owner hands over: `"WLSD" || u8 1 || receiver(32) || ECIES(data)`, bound to the exchange.
///
/// It travels on any way. That it is what was asked for, whole and unchanged, follows from the answer on the account's
/// chain, ``AccountAnswer``.
package struct AccountDelivery: Sendable, Hashable {
    package static let version: UInt8 = 1
    /// Bytes of an encoded one at most.
    package static let bytesMax = 256 << 20

    private static let headBytes = 37

    /// Digest of the certificate whose key opens it, 32 bytes.
    package let receiver: [UInt8]
    private let sealed: [UInt8]

    /// Encrypts data to whoever signed a request.
    ///
    /// - Parameters:
    ///   - data: at most ``bytesMax``.
    ///   - receiver: the requester's certified key.
    ///   - exchange: that asked for it.
    ///   - share: digest of the share request.
    /// - Throws: `FORMAT` for more bytes; `IDENTITY`.
    package init(
        _ data: [UInt8],
        to receiver: CertifiedKey,
        in exchange: MessageID,
        share: [UInt8]
    ) throws(ProtocolFailure) {
        try require(data.count <= Self.bytesMax - 1_024, .format, "\(data.count) bytes are too many")
        self.receiver = receiver.digest
        self.sealed = try ECIES.seal(
            to: receiver.publicKey,
            associated: Self.associated(receiver.digest, exchange, share),
            plaintext: data
        )
    }

    /// Reads one; whether it opens is another matter.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "a delivery of \(bytes.count) bytes")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLSD")
        try require(try reader.u8() == Self.version, .format, "a delivery of another version")
        self.receiver = try reader.take(32)
        self.sealed = try reader.take(reader.remaining)
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: Self.headBytes + self.sealed.count)
        writer.magic("WLSD")
        writer.u8(Self.version)
        writer.raw(self.receiver)
        writer.raw(self.sealed)
        return writer.bytes
    }

    /// Decrypts the data.
    ///
    /// - Parameters:
    ///   - key: of the certificate that ``receiver`` names.
    ///   - exchange: that asked for it.
    ///   - share: digest of the share request.
    /// - Returns: the data.
    /// - Throws: `AEAD` for another key, exchange or digest, or for changed bytes; `FORMAT`, `POINT` or `IDENTITY`.
    package func open(
        with key: P256KeyPair,
        in exchange: MessageID,
        share: [UInt8]
    ) throws(ProtocolFailure) -> [UInt8] {
        try ECIES.open(key, associated: Self.associated(self.receiver, exchange, share), ciphertext: self.sealed)
    }

    private static func associated(_ receiver: [UInt8], _ exchange: MessageID, _ share: [UInt8]) -> [UInt8] {
        transcript(Array("SHARE-DATA".utf8), receiver, Array(exchange.description.utf8), share)
    }
}

/// What an account answers who gives data: three results, `data set(32)`, `delivery(32)` and `u64 bytes`.
///
/// The account's chain logs them, so that the log's proof shows which data were given, and what is handed over cannot be
/// exchanged afterwards.
package struct AccountAnswer: Sendable, Hashable {
    /// ``dataset(of:)`` of the data.
    package let dataset: [UInt8]
    /// `H("SHARE-DELIVERY", bytes)` of what is handed over.
    package let delivery: [UInt8]
    /// Bytes of the data.
    package let count: UInt64

    package init(_ data: [UInt8], as delivery: AccountDelivery) {
        self.dataset = Self.dataset(of: data)
        self.delivery = Self.digest(of: delivery.bytes)
        self.count = UInt64(data.count)
    }

    /// Reads what was answered.
    ///
    /// - Parameter payload: of the answer, ``InterchainPayload``.
    /// - Throws: `FORMAT` for another answer.
    package init(payload: [UInt8]) throws(ProtocolFailure) {
        let content = try InterchainPayload(bytes: payload, .tolerant).content
        let result = try InterchainResult(bytes: content, .tolerant)
        guard result.data.count == 1, result.statuses == [true], result.data[0].map(\.count) == [32, 32, 8] else {
            throw ProtocolFailure(.format, "not the answer of an account that gives data")
        }
        let values = result.data[0]
        (self.dataset, self.delivery) = (values[0], values[1])
        self.count = values[2].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The results of the account's answer.
    package var results: [[UInt8]] { [self.dataset, self.delivery, self.count.bigEndianBytes] }

    /// `H("SHARE-DATASET", data)`: what a request names as its scope.
    package static func dataset(of data: [UInt8]) -> [UInt8] { TaggedHash.digest("SHARE-DATASET", data) }

    private static func digest(of delivery: [UInt8]) -> [UInt8] { TaggedHash.digest("SHARE-DELIVERY", delivery) }

    /// Requires that what was handed over is what the answer says, opened and whole.
    ///
    /// - Parameters:
    ///   - delivery: as it was handed over.
    ///   - data: that it holds.
    /// - Throws: `CONTEXT`.
    package func require(_ delivery: [UInt8], holding data: [UInt8]) throws(ProtocolFailure) {
        try CanonicalBytes.require(Self.digest(of: delivery) == self.delivery, .context, "another delivery")
        let isIt = Self.dataset(of: data) == self.dataset && UInt64(data.count) == self.count
        try CanonicalBytes.require(isIt, .context, "other data than the answer names")
    }
}
