package import CanonicalBytes
package import Contracts
package import IBTP
package import Ledger
package import P256Group
package import Signcryption
internal import Transcripts

/// A signed request for data that only one custodian of another chain can read: `"WLSQ" || u8 1 || receiver(32) ||
/// ECIES(content)`; docs/spec/share-across-chains.md.
///
/// `receiver` is the digest of the custodian's certificate, so that a desk knows which of its keys opens it and others
/// need not try. The content is `LP(transaction)` and zeros up to the next multiple of ``step`` bytes: what its length
/// tells is little. It is bound to the destination's service and to the share digest that stands beside it in the open,
/// so it cannot be taken out of one exchange and put into another.
package struct SealedShareRequest: Sendable, Hashable {
    package static let version: UInt8 = 1
    /// The content's length is a multiple of this, bytes.
    package static let step = 1_024
    /// Bytes of the content at most.
    package static let contentBytesMax = 16 * Self.step
    /// Bytes of an encoded one at most.
    package static let bytesMax = Self.headBytes + Self.sealingBytes + Self.contentBytesMax

    private static let headBytes = 37
    /// What encryption adds.
    private static let sealingBytes = 49
    private static let domain = Array("SHARE-SEAL".utf8)

    /// Digest of the certificate whose key opens it, 32 bytes.
    package let receiver: [UInt8]
    private let sealed: [UInt8]

    /// Encrypts a transaction.
    ///
    /// - Parameters:
    ///   - transaction: signed for the chain of `service`.
    ///   - receiver: the custodian's certified key; its time and use are the caller's to check.
    ///   - service: the asked service, of the chain where the transaction is to be filed.
    ///   - share: ``ShareRequest/digest(_:by:asker:)``, 32 bytes.
    /// - Throws: `FORMAT` for a transaction above ``contentBytesMax``, or a digest of another length; `IDENTITY`.
    package init(
        _ transaction: Transaction,
        to receiver: CertifiedKey,
        for service: ServiceID,
        share: [UInt8]
    ) throws(ProtocolFailure) {
        try require(share.count == 32, .format, "a digest has 32 bytes")
        var writer = CanonicalWriter(capacity: Self.step)
        writer.lengthPrefixed(transaction.bytes)
        let used = writer.bytes.count
        writer.raw([UInt8](repeating: 0, count: (Self.step - used % Self.step) % Self.step))
        try require(writer.bytes.count <= Self.contentBytesMax, .format, "a transaction of \(used - 4) bytes")
        self.receiver = receiver.digest
        self.sealed = try ECIES.seal(
            to: receiver.publicKey,
            associated: Self.associated(receiver.digest, service, share),
            plaintext: writer.bytes
        )
    }

    /// Reads one; whether it opens is another matter.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "a sealed request of \(bytes.count) bytes")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLSQ")
        try require(try reader.u8() == Self.version, .format, "a sealed request of another version")
        self.receiver = try reader.take(32)
        self.sealed = try reader.take(reader.remaining)
        let length = self.sealed.count - Self.sealingBytes
        try require(length > 0 && length % Self.step == 0, .format, "a sealed request of a length that none has")
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: Self.headBytes + self.sealed.count)
        writer.magic("WLSQ")
        writer.u8(Self.version)
        writer.raw(self.receiver)
        writer.raw(self.sealed)
        return writer.bytes
    }

    /// Decrypts the transaction; its signature is the chain's to check.
    ///
    /// - Parameters:
    ///   - key: of the certificate that ``receiver`` names.
    ///   - service: that was asked.
    ///   - share: the digest that came with it.
    /// - Returns: the transaction as the requester signed it.
    /// - Throws: `AEAD` for another key, service or digest, or for changed bytes; `POINT` or `IDENTITY`; `FORMAT` for a
    ///   content that is not exactly one transaction and its padding.
    package func open(
        with key: P256KeyPair,
        for service: ServiceID,
        share: [UInt8]
    ) throws(ProtocolFailure) -> Transaction {
        let content = try ECIES.open(
            key,
            associated: Self.associated(self.receiver, service, share),
            ciphertext: self.sealed
        )
        var reader = CanonicalReader(content)
        let transaction = try Transaction(bytes: try reader.lengthPrefixed())
        let padding = try reader.take(reader.remaining)
        try require(padding.count < Self.step && padding.allSatisfy { $0 == 0 }, .format, "another padding")
        return transaction
    }

    private static func associated(_ receiver: [UInt8], _ service: ServiceID, _ share: [UInt8]) -> [UInt8] {
        transcript(Self.domain, receiver, Array(service.description.utf8), share)
    }
}

extension SealedShareRequest {
    /// What a call of service `share` names.
    private static let function = "share.request"

    /// As the payload of a message: a call with this as its one argument.
    package var payload: InterchainPayload {
        let content = InterchainContent(function: Self.function, arguments: [self.bytes])
        return InterchainPayload(content: content.bytes, hash: PayloadHash.request(content))
    }

    /// Takes it out of a message.
    ///
    /// - Throws: `FORMAT`; `CONTEXT` for a payload that is encrypted as a whole, or of another call.
    package init(in message: InterchainMessage) throws(ProtocolFailure) {
        let payload = try InterchainPayload(bytes: message.payload, .tolerant)
        try require(!payload.isEncrypted, .context, "a payload that is encrypted as a whole")
        let content = try InterchainContent(bytes: payload.content, .tolerant)
        let isRequest = content.function.utf8.elementsEqual(Self.function.utf8) && content.arguments.count == 1
        guard isRequest, let argument = content.arguments.first else {
            throw ProtocolFailure(.context, "not a share request with one argument")
        }
        try self.init(bytes: argument)
    }
}

extension Transaction {
    /// What a transaction asks for, with or without a proof; nil when it calls another method.
    package var requestedAccess: RequestAccess? {
        guard self.body.channel == .access else { return nil }
        return switch (self.body.contract, self.body.method) {
        case (RequestAccess.contract, RequestAccess.method): try? RequestAccess(bytes: self.body.arguments)
        case (ProveAccess.contract, ProveAccess.method): try? ProveAccess(bytes: self.body.arguments).access
        default: nil
        }
    }
}
