package import CanonicalBytes
internal import ThresholdSignatures
internal import Transcripts

/// A message that nobody can have sent, with which verification nodes are tried: who certifies a hop of it does not look.
///
/// Its payload hash is `H("CANARY", secret)`, a digest of an input that no message encodes to. Whoever knows the secret
/// shows that without having said anything before, and nobody makes a true message of it to frame an honest node.
package enum Canary {
    package static let secretByteCount = 32

    /// 32 bytes.
    package static func payloadHash(_ secret: [UInt8]) -> [UInt8] { TaggedHash.digest("CANARY", secret) }

    /// The way of a message as one of a canary; certificates stay, and prove nothing any more.
    ///
    /// - Throws: `FORMAT` for a secret of another length than 32 bytes.
    package static func path(like path: PathProof, secret: [UInt8]) throws(ProtocolFailure) -> PathProof {
        try require(secret.count == Self.secretByteCount, .format, "a secret has \(Self.secretByteCount) bytes")
        let message = try PathMessage(
            identifier: path.message.identifier,
            payloadHash: Self.payloadHash(secret),
            sourceChain: path.message.sourceChain,
            destinationChain: path.message.destinationChain,
            nonce: path.message.nonce
        )
        var hops: [PathProof.Hop] = []
        for hop in path.hops {
            let record = try HopRecord(
                previous: hops.last?.record.digest ?? message.digest,
                link: hop.record.link,
                anchor: hop.record.anchor,
                certifier: hop.record.certifier,
                verdict: hop.record.verdict,
                expiry: hop.record.expiry
            )
            hops.append(PathProof.Hop(record: record, certificate: hop.certificate))
        }
        return try PathProof(message: message, hops: hops)
    }
}

/// That a verification node has signed a hop of a canary.
///
/// `secret(32) || LP(path) || LP(node) || signature(96)`; the node signed the path's last hop. Certificates do not count.
package struct CanaryEvidence: Sendable, Hashable {
    package let secret: [UInt8]
    package let path: PathProof
    /// As the list of the last hop names it.
    package let node: String
    /// Of the last record's signed bytes, 96 bytes.
    package let signature: [UInt8]

    /// - Throws: `FORMAT` for a secret, a name or a signature of another length.
    package init(secret: [UInt8], path: PathProof, node: String, signature: [UInt8]) throws(ProtocolFailure) {
        let isGood = secret.count == Canary.secretByteCount && signature.count == 96
        try require(isGood, .format, "a secret has \(Canary.secretByteCount) bytes and a signature 96")
        try NameBounds.check(node)
        self.secret = secret
        self.path = path
        self.node = node
        self.signature = signature
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.secret)
        writer.lengthPrefixed(self.path.bytes)
        writer.lengthPrefixed(self.node)
        writer.raw(self.signature)
    }

    /// - Throws: `FORMAT`.
    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        try self.init(
            secret: reader.take(Canary.secretByteCount),
            path: PathProof(bytes: reader.lengthPrefixed()),
            node: reader.name(),
            signature: reader.take(96)
        )
    }

    /// The hop that the node has signed; a path has one at least.
    package var record: HopRecord? { self.path.hops.last?.record }

    /// Requires the node of a list to have certified a canary.
    ///
    /// - Parameter list: of the last hop's chain and epoch.
    /// - Returns: the node.
    /// - Throws: `CONTEXT` for a message that may have been sent, hops that do not follow each other, another list, a
    ///   hop that says that the chain refuses, and a node without a seat; what a signature throws.
    package func verify(by list: VerificationNodeList) throws(ProtocolFailure) -> VerificationNode {
        let isCanary = self.path.message.payloadHash == Canary.payloadHash(self.secret)
        try require(isCanary, .context, "a message that somebody may have sent")
        var previous = self.path.message.digest
        for hop in self.path.hops {
            try require(hop.record.previous == previous, .context, "hops that do not follow each other")
            previous = hop.record.digest
        }
        guard let record = self.record else { throw ProtocolFailure(.context, "a path without hops") }
        let isOfList =
            record.link.chain.hasBytes(of: list.chain) && record.certifier.epoch == list.epoch
            && record.certifier.listRoot == list.root && record.certifier.committee == list.committee.digest
        try require(isOfList, .context, "a hop of another list")
        try require(record.verdict == .forwarded, .context, "who says that a canary is refused is right")
        guard let node = list.node(self.node), node.isSeated(in: list.epoch) else {
            throw ProtocolFailure(.context, "a node without a seat in the list")
        }
        try node.keys.signature.verify(self.signature, of: record.signedBytes(of: self.path.message))
        return node
    }
}
