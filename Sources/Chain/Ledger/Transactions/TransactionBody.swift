package import CanonicalBytes

/// What a client asks of one contract: the part of a transaction that is signed.
///
/// `"WLTX" || LP(chain) || u8 channel || signer(32) || u64 nonce || u64 valid_until || LP(contract) || LP(method)
/// || LP(arguments)`.
package struct TransactionBody: Hashable, Sendable {
    /// Bytes that the arguments may have at most.
    package static let argumentBytesMax = 1 << 20

    /// The chain's identifier.
    package let chain: [UInt8]
    package let channel: Channel
    /// The digest of the signer's certificate; 32 zero bytes for transactions that prove themselves.
    package let signer: [UInt8]
    /// Of this signer on this channel no two transactions have the same one; recent ones may come out of order.
    package let nonce: UInt64
    /// The last block time, in milliseconds since 1970, at which the transaction may take effect.
    package let validUntil: UInt64
    /// The contract's name, 1 to 64 bytes.
    package let contract: String
    /// The method's name, 1 to 64 bytes.
    package let method: String
    /// The method's own canonical bytes.
    package let arguments: [UInt8]

    package init(
        chain: [UInt8],
        channel: Channel,
        signer: [UInt8],
        nonce: UInt64,
        validUntil: UInt64,
        contract: String,
        method: String,
        arguments: [UInt8]
    ) {
        self.chain = chain
        self.channel = channel
        self.signer = signer
        self.nonce = nonce
        self.validUntil = validUntil
        self.contract = contract
        self.method = method
        self.arguments = arguments
    }

    /// The canonical bytes, which are what is signed.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: self.chain.count + self.arguments.count + 160)
        writer.magic("WLTX")
        writer.lengthPrefixed(self.chain)
        writer.u8(self.channel.rawValue)
        writer.raw(self.signer)
        writer.u64(self.nonce)
        writer.u64(self.validUntil)
        writer.lengthPrefixed(self.contract)
        writer.lengthPrefixed(self.method)
        writer.lengthPrefixed(self.arguments)
        return writer.bytes
    }

    /// Reads a body strictly.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLTX")
        self.chain = try reader.lengthPrefixed()
        guard let channel = Channel(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such channel")
        }
        self.channel = channel
        self.signer = try reader.take(32)
        self.nonce = try reader.u64()
        self.validUntil = try reader.u64()
        self.contract = try reader.text()
        self.method = try reader.text()
        self.arguments = try reader.lengthPrefixed()
        try reader.finish()
        let names = 1...64
        try require(
            names.contains(self.contract.utf8.count) && names.contains(self.method.utf8.count),
            .format,
            "names of contracts and methods have 1 to 64 bytes"
        )
        try require(self.arguments.count <= Self.argumentBytesMax, .format, "the arguments are too long")
    }

    // Text is compared as bytes: `String ==` equates different ones.
    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}
