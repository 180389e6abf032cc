package import CanonicalBytes
package import EVMProofs
package import PathProofs

/// What a gateway asks a verification node of a chain with an EVM to sign: `"WLHE" || LP(path) || LP(proof "WLEP")`.
package struct EVMHopQuestion: HopAsking, Hashable {
    /// No question has more bytes.
    package static let bytesMax = PathProof.bytesMax + EVMInclusionProof.bytesMax + 64

    package let path: PathProof
    package let record: HopRecord
    package let proof: EVMInclusionProof
    package let bytes: [UInt8]

    /// - Parameters:
    ///   - message: what the path is about.
    ///   - record: to be signed, the first of the path.
    ///   - proof: of the broker's log.
    /// - Throws: `FORMAT`.
    package init(message: PathMessage, record: HopRecord, proof: EVMInclusionProof) throws(ProtocolFailure) {
        let path = try PathProof(message: message, hops: [PathProof.Hop(record: record, certificate: [])])
        var writer = CanonicalWriter(capacity: 4_096)
        writer.magic("WLHE")
        writer.lengthPrefixed(path.bytes)
        writer.lengthPrefixed(proof.bytes)
        (self.path, self.record, self.proof, self.bytes) = (path, record, proof, writer.bytes)
    }

    package func about(_ path: PathProof) throws(ProtocolFailure) -> any HopAsking {
        guard let last = path.hops.last, path.hops.count == 1 else {
            throw ProtocolFailure(.format, "a path of one hop is asked about")
        }
        return try EVMHopQuestion(message: path.message, record: last.record, proof: self.proof)
    }

    /// Reads a question strictly; nothing is verified.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "the question is too long")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLHE")
        let path = try PathProof(bytes: try reader.lengthPrefixed())
        let proof = try EVMInclusionProof(bytes: try reader.lengthPrefixed())
        try reader.finish()
        guard let last = path.hops.last, last.certificate.isEmpty else {
            throw ProtocolFailure(.format, "the last hop has a certificate already")
        }
        (self.path, self.record, self.proof, self.bytes) = (path, last.record, proof, bytes)
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}
