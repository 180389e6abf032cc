package import CanonicalBytes

/// What our chains add to a message, in the field that the protocol leaves to its users (`extra`).
///
/// `"WLIX" || u8 version || u8 n × (u8 tag || LP(value))`, tags strictly ascending. The field is covered by
/// ``InterchainMessage/hash``, so only the source can set it, and any other implementation carries it unchanged. What
/// is added on the way, path records and certificates, travels in the proof.
package struct RelayExtension: Hashable, Sendable {
    package static let version: UInt8 = 1
    package static let certificateBytesMax = 2_048
    package static let pathNonceBytes = 32
    package static let carrierBytesMax = 255

    /// To whom the payload is encrypted.
    package struct Encryption: Hashable, Sendable {
        /// The suite of the encryption, as the layer that does it counts them.
        package let suite: UInt8
        /// Digest of the receiver's certificate, 32 bytes.
        package let receiver: [UInt8]

        package init(suite: UInt8, receiver: [UInt8]) {
            self.suite = suite
            self.receiver = receiver
        }
    }

    /// Makes the paths of this message different from those of every other; 32 bytes.
    package let pathNonce: [UInt8]
    /// When the message means nothing any more, seconds since 1970.
    package let expiry: UInt64
    /// The one-time pseudonym's certificate under which the source asks; nil when it does not ask under one.
    package let certificate: [UInt8]?
    /// The digest of the share request that the message belongs to, 32 bytes; nil when it belongs to none.
    package let shareRequest: [UInt8]?
    /// nil when relays may read the payload.
    package let encryption: Encryption?
    /// In an answer, the relay chain's account of whoever brought the request to its destination; nil when it named none.
    package let carrier: [UInt8]?

    /// - Throws: `FORMAT` for a part of a wrong length.
    package init(
        pathNonce: [UInt8],
        expiry: UInt64,
        certificate: [UInt8]? = nil,
        shareRequest: [UInt8]? = nil,
        encryption: Encryption? = nil,
        carrier: [UInt8]? = nil
    ) throws(ProtocolFailure) {
        try require(pathNonce.count == Self.pathNonceBytes, .format, "a path nonce of \(pathNonce.count) bytes")
        let lengths = 1...Self.certificateBytesMax
        try require(certificate.map { lengths.contains($0.count) } ?? true, .format, "no certificate")
        try require((shareRequest?.count ?? 32) == 32, .format, "a digest has 32 bytes")
        try require((encryption?.receiver.count ?? 32) == 32, .format, "a digest has 32 bytes")
        let carriers = 1...Self.carrierBytesMax
        try require(carrier.map { carriers.contains($0.count) } ?? true, .format, "no account")
        self.pathNonce = pathNonce
        self.expiry = expiry
        self.certificate = certificate
        self.shareRequest = shareRequest
        self.encryption = encryption
        self.carrier = carrier
    }

    private enum Tag: UInt8, CaseIterable {
        case pathNonce = 1
        case expiry = 2
        case certificate = 3
        case shareRequest = 4
        case encryption = 5
        case carrier = 6
    }

    /// The encoding.
    package var bytes: [UInt8] {
        let parts = Tag.allCases.compactMap { tag in self.value(of: tag).map { (tag, $0) } }
        var writer = CanonicalWriter(capacity: 128)
        writer.magic("WLIX")
        writer.u8(Self.version)
        writer.u8(UInt8(parts.count))
        for (tag, value) in parts {
            writer.u8(tag.rawValue)
            writer.lengthPrefixed(value)
        }
        return writer.bytes
    }

    private func value(of tag: Tag) -> [UInt8]? {
        switch tag {
        case .pathNonce: self.pathNonce
        case .expiry: self.expiry.bigEndianBytes
        case .certificate: self.certificate
        case .shareRequest: self.shareRequest
        case .encryption: self.encryption.map { [$0.suite] + $0.receiver }
        case .carrier: self.carrier
        }
    }

    /// Reads an extension that fills the bytes.
    ///
    /// - Throws: `FORMAT`, also for another version and for a tag that this version does not have.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= IBTPLimits.extraBytesMax, .format, "an extension of \(bytes.count) bytes")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLIX")
        let version = try reader.u8()
        try require(version == Self.version, .format, "version \(version) of the extension")
        var values = [[UInt8]?](repeating: nil, count: Tag.allCases.count + 1)
        var last: UInt8 = 0
        let count = try reader.u8()
        for _ in 0..<count {
            let tag = try reader.u8()
            try require(tag > last && Tag(rawValue: tag) != nil, .format, "a part of the extension out of place")
            values[Int(tag)] = try reader.lengthPrefixed()
            last = tag
        }
        try reader.finish()
        guard let nonce = values[1], let expiry = values[2] else {
            throw ProtocolFailure(.format, "an extension without path nonce or expiry")
        }
        try self.init(
            pathNonce: nonce,
            expiry: try Self.number(expiry),
            certificate: values[3],
            shareRequest: values[4],
            encryption: try values[5].map(Self.encryption),
            carrier: values[6]
        )
    }

    private static func number(_ value: [UInt8]) throws(ProtocolFailure) -> UInt64 {
        var reader = CanonicalReader(value)
        let number = try reader.u64()
        try reader.finish()
        return number
    }

    private static func encryption(_ value: [UInt8]) throws(ProtocolFailure) -> Encryption {
        var reader = CanonicalReader(value)
        let encryption = Encryption(suite: try reader.u8(), receiver: try reader.take(32))
        try reader.finish()
        return encryption
    }
}

extension InterchainMessage {
    /// Our extension of the message; nil when the field is empty or another's.
    ///
    /// - Throws: `FORMAT` when it claims to be ours and is not; `CONTEXT` when it says of the encryption what the
    ///   payload does not.
    package var relayExtension: RelayExtension? {
        get throws(ProtocolFailure) {
            guard self.extra.starts(with: "WLIX".utf8) else { return nil }
            let found = try RelayExtension(bytes: self.extra)
            let payload = try InterchainPayload(bytes: self.payload, .tolerant)
            let isEncrypted = found.encryption != nil
            try require(payload.isEncrypted == isEncrypted, .context, "extension and payload differ on encryption")
            return found
        }
    }

    /// The message with our extension, which its source sets once.
    ///
    /// - Throws: `DUPLICATE` when the field is in use.
    package func extended(by relayExtension: RelayExtension) throws(ProtocolFailure) -> InterchainMessage {
        try require(self.extra.isEmpty, .duplicate, "the field for extensions is in use")
        var message = self
        message.extra = relayExtension.bytes
        return message
    }
}
