package import CanonicalBytes

/// What validators of a relay chain sign for a chain with an EVM.
package enum RelayDigest {
    /// Keccak-256 of `from || to || u64 index || u64 type || payload's hash || u64 status` (bitxhub v2.8,
    /// `EncodePackedAndHash`).
    ///
    /// Where one name ends and the next begins is not marked, so that two pairs of names can have one digest. It is
    /// good only for a broker that knows its own service's full name, which fixes the boundary. Everything else is
    /// signed over ``InterchainMessage/hash``.
    ///
    /// - Throws: `FORMAT` when a name, the index or the payload is malformed, or the payload's hash has not 32 bytes.
    package static func digest(
        of message: InterchainMessage,
        status: TransactionStatus
    ) throws(ProtocolFailure) -> [UInt8] {
        let id = try message.id
        let payload = try InterchainPayload(bytes: message.payload, .tolerant)
        try require(payload.hash.count == 32, .format, "a payload's hash has 32 bytes")
        var writer = CanonicalWriter(capacity: 2 * ServiceID.bytesMax + 56)
        writer.raw(Array(id.from.description.utf8))
        writer.raw(Array(id.to.description.utf8))
        writer.u64(message.index)
        writer.u64(UInt64(message.type.rawValue))
        writer.raw(payload.hash)
        writer.u64(UInt64(status.rawValue))
        return Keccak256.digest(writer.bytes)
    }
}

/// The hash of a payload that a broker contract computes anew (`broker_data.sol` of pier-client-ethereum).
package enum PayloadHash {
    /// Of a request: Keccak-256 of the function's name and the arguments, joined.
    package static func request(_ content: InterchainContent) -> [UInt8] {
        Keccak256.digest(content.arguments.reduce(into: Array(content.function.utf8)) { $0 += $1 })
    }

    /// Of an answer: Keccak-256 of all results, joined.
    package static func receipt(_ result: InterchainResult) -> [UInt8] {
        Keccak256.digest(result.data.reduce(into: []) { text, values in for value in values { text += value } })
    }
}

extension InterchainMessage {
    /// The payload, with its hash compared to what it should be of; an encrypted one can be compared by its receiver
    /// only.
    ///
    /// - Throws: `FORMAT`; `CONTEXT` when the hash is another.
    package func checkedPayload() throws(ProtocolFailure) -> InterchainPayload {
        let payload = try InterchainPayload(bytes: self.payload, .tolerant)
        guard !payload.isEncrypted else { return payload }
        let expected =
            switch self.type.category {
            case .request: PayloadHash.request(try InterchainContent(bytes: payload.content, .tolerant))
            case .response: PayloadHash.receipt(try InterchainResult(bytes: payload.content, .tolerant))
            }
        try require(payload.hash == expected, .context, "the payload's hash is of another content")
        return payload
    }
}
