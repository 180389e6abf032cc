package import CanonicalBytes
package import Ledger
package import PathProofs

/// A question for the signature of a hop, whatever proves the leaf that it is about.
package protocol HopAsking: Sendable {
    /// It ends with the hop that is to be signed, whose certificate is still empty.
    var path: PathProof { get }
    /// The one to be signed.
    var record: HopRecord { get }
    /// The canonical bytes.
    var bytes: [UInt8] { get }

    /// The same question, with the same proof, about another path: its last hop is the one to be signed.
    ///
    /// - Throws: `FORMAT` for a path of more hops than such a question has.
    func about(_ path: PathProof) throws(ProtocolFailure) -> any HopAsking
}

extension HopAsking {
    /// The hops before the one that is to be signed.
    package var previous: [PathProof.Hop] { Array(self.path.hops.dropLast()) }
}

/// What a gateway asks a verification node to sign: `"WLHQ" || LP(path) || LP(proof)`.
///
/// The path ends with the hop that is to be signed, whose certificate is still empty. The proof ("WLXP") shows the leaf
/// that the hop is about.
package struct HopQuestion: HopAsking, Hashable {
    /// No question has more bytes.
    package static let bytesMax = PathProof.bytesMax + OutboundProof.bytesMax + 64

    package let path: PathProof
    /// The one to be signed.
    package let record: HopRecord
    package let proof: OutboundProof
    /// The canonical bytes.
    package let bytes: [UInt8]

    /// - Parameters:
    ///   - message: what the path is about.
    ///   - previous: hops with their certificates, none for the first.
    ///   - record: to be signed.
    ///   - proof: of the leaf.
    /// - Throws: `FORMAT` for too many hops.
    package init(
        message: PathMessage,
        previous: [PathProof.Hop],
        record: HopRecord,
        proof: OutboundProof
    ) throws(ProtocolFailure) {
        let path = try PathProof(message: message, hops: previous + [PathProof.Hop(record: record, certificate: [])])
        var writer = CanonicalWriter(capacity: 4_096)
        writer.magic("WLHQ")
        writer.lengthPrefixed(path.bytes)
        writer.lengthPrefixed(proof.bytes)
        (self.path, self.record, self.proof, self.bytes) = (path, record, proof, writer.bytes)
    }

    package func about(_ path: PathProof) throws(ProtocolFailure) -> any HopAsking {
        guard let last = path.hops.last else { throw ProtocolFailure(.format, "a path without hops") }
        return try HopQuestion(
            message: path.message,
            previous: Array(path.hops.dropLast()),
            record: last.record,
            proof: self.proof
        )
    }

    /// Reads a question strictly; ``HopRules`` judges it.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "the question is too long")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLHQ")
        let path = try PathProof(bytes: try reader.lengthPrefixed())
        let proof = try OutboundProof(bytes: try reader.lengthPrefixed())
        try reader.finish()
        guard let last = path.hops.last, last.certificate.isEmpty else {
            throw ProtocolFailure(.format, "the last hop has a certificate already")
        }
        (self.path, self.record, self.proof, self.bytes) = (path, last.record, proof, bytes)
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

/// Who a verification node is: `"WLND" || LP(chain) || LP(node) || key(48)`.
package struct NodeCard: Sendable, Hashable {
    /// Whose hops it signs, by its registered name.
    package let chain: String
    /// As the chain's list names it.
    package let node: String
    /// BLS public key, 48 bytes.
    package let key: [UInt8]

    package init(chain: String, node: String, key: [UInt8]) {
        (self.chain, self.node, self.key) = (chain, node, key)
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 256)
        writer.magic("WLND")
        writer.lengthPrefixed(self.chain)
        writer.lengthPrefixed(self.node)
        writer.raw(self.key)
        return writer.bytes
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLND")
        self.chain = try reader.text()
        self.node = try reader.text()
        self.key = try reader.take(48)
        try reader.finish()
        let names = 1...64
        try require(
            names.contains(self.chain.utf8.count) && names.contains(self.node.utf8.count),
            .format,
            "names have 1 to 64 bytes"
        )
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}
