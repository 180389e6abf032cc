package import CanonicalBytes
internal import Transcripts

/// What makes a message between chains the only one of its kind: the two services and its number between them.
package struct MessageIdentifier: Sendable, Hashable {
    /// Identifier of the sending service, 1 to 256 bytes.
    package let source: String
    /// Identifier of the receiving service, 1 to 256 bytes.
    package let destination: String
    package let sequence: UInt64

    /// - Throws: `FORMAT` for names out of bounds.
    package init(source: String, destination: String, sequence: UInt64) throws(ProtocolFailure) {
        try NameBounds.check(source, NameBounds.serviceBytesMax)
        try NameBounds.check(destination, NameBounds.serviceBytesMax)
        self.source = source
        self.destination = destination
        self.sequence = sequence
    }

    /// `T(source, destination, u64 sequence)`.
    package var bytes: [UInt8] {
        transcript(Array(self.source.utf8), Array(self.destination.utf8), self.sequence.bigEndianBytes)
    }

    package static func == (a: MessageIdentifier, b: MessageIdentifier) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

/// What a path begins with: which message goes from which chain to which.
package struct PathMessage: Sendable, Hashable {
    package let identifier: MessageIdentifier
    /// 32 bytes.
    package let payloadHash: [UInt8]
    package let sourceChain: String
    package let destinationChain: String
    /// 32 bytes of the source's choice.
    package let nonce: [UInt8]
    /// `d₋₁ = H("PATH0", identifier, payload hash, source chain, destination chain, nonce)`, what the first hop
    /// continues.
    package let digest: [UInt8]

    /// - Throws: `FORMAT` for a hash or nonce of another length than 32 bytes, names out of bounds and a message that
    ///   stays on its chain.
    package init(
        identifier: MessageIdentifier,
        payloadHash: [UInt8],
        sourceChain: String,
        destinationChain: String,
        nonce: [UInt8]
    ) throws(ProtocolFailure) {
        try require(payloadHash.count == 32 && nonce.count == 32, .format, "a hash and a nonce have 32 bytes")
        try NameBounds.check(sourceChain)
        try NameBounds.check(destinationChain)
        try require(!sourceChain.hasBytes(of: destinationChain), .format, "a message that stays on its chain")
        self.identifier = identifier
        self.payloadHash = payloadHash
        self.sourceChain = sourceChain
        self.destinationChain = destinationChain
        self.nonce = nonce
        self.digest = TaggedHash.digest(
            "PATH0",
            identifier.bytes,
            payloadHash,
            Array(sourceChain.utf8),
            Array(destinationChain.utf8),
            nonce
        )
    }

    /// `LP(source) || LP(destination) || u64 sequence || payload hash || LP(source chain) || LP(destination chain) ||
    /// nonce`.
    func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.identifier.source)
        writer.lengthPrefixed(self.identifier.destination)
        writer.u64(self.identifier.sequence)
        writer.raw(self.payloadHash)
        writer.lengthPrefixed(self.sourceChain)
        writer.lengthPrefixed(self.destinationChain)
        writer.raw(self.nonce)
    }

    /// - Throws: `FORMAT`.
    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        try self.init(
            identifier: MessageIdentifier(
                source: reader.text(),
                destination: reader.text(),
                sequence: reader.u64()
            ),
            payloadHash: reader.take(32),
            sourceChain: reader.text(),
            destinationChain: reader.text(),
            nonce: reader.take(32)
        )
    }

    package static func == (a: PathMessage, b: PathMessage) -> Bool { a.digest == b.digest }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.digest) }
}
