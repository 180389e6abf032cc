package import CanonicalBytes
internal import Consensus
package import IBTP
package import Ledger
package import PathProofs
internal import Records

/// Which way a message must have come, and where it stands on the chains that the verifier knows besides.
struct PathDemand {
    let message: InterchainMessage
    let id: MessageID
    /// The verifying chain, by its registered name; the hub's for a relay chain.
    let here: String
    /// The chains whose hops the path must have, in order; the first is the one that the message comes from.
    let hops: [String]
    /// Where the message stands on the last of them.
    let anchor: HopRecord.Anchor

    /// Whether the message answers, so that it travels from the asked service's chain to the asking one's.
    private var isAnswer: Bool { self.message.type.category == .response }
    private var source: String { self.isAnswer ? self.id.to.chain : self.id.from.chain }
    private var destination: String { self.isAnswer ? self.id.from.chain : self.id.to.chain }

    /// Requires a path that meets this.
    ///
    /// - Throws: the contract's codes of paths; that it is missing, or that the last hop speaks of another block.
    func check(
        _ path: PathProof?,
        against chains: ForeignChains,
        _ call: ContractCall
    ) throws(ContractFailure) -> VerifiedPath {
        let codes = chains.codes
        guard let path else { throw .rejected(codes.pathMissing, "a path of \(self.hops.count) hops is needed") }
        do throws(PathRefusal) { try PathRules.check(path, to: self.here) } catch {
            throw .rejected(codes.code(of: error), error.description)
        }
        let isMeant =
            path.hops.count == self.hops.count
            && zip(path.hops, self.hops).allSatisfy { $0.record.link.chain.isSame(as: $1) }
        try ensure(isMeant, codes.pathMissing, "the path leads over other chains")
        let expected: PathMessage
        do throws(ProtocolFailure) { expected = try self.pathMessage() } catch {
            throw .rejected(codes.code(of: InterchainRefusal.malformed(error)), error.description)
        }
        try ensure(
            path.message == expected,
            .path(.wrongPayload, in: codes.base),
            "the path is of another message, or of another way"
        )
        try ensure(
            path.hops.last.map { $0.record.anchor.isSame(as: self.anchor) } ?? false,
            codes.anotherAnchor,
            "the last hop is not about the proven block"
        )
        var reigns: [ListReign] = []
        for hop in path.hops {
            let (chain, epoch) = (hop.record.link.chain, hop.record.certifier.epoch)
            if let reign = try chains.reign(of: chain, epoch, call) { reigns.append(reign) }
        }
        try call.charge(signatureCost * 4 * UInt64(path.hops.count + 1))
        let known = reigns
        let verifier = PathVerifier(
            chain: self.here,
            place: self.here.isSame(as: self.destination) ? .destination : .transit,
            now: call.block.time / 1_000,
            lists: { chain, epoch in known.first { $0.list.chain.isSame(as: chain) && $0.list.epoch == epoch } },
            // The book of exchanges knows what was there before.
            isKnown: { _ in false }
        )
        do throws(PathRefusal) { return try verifier.verify(path, payloadHash: self.message.hash.bytes) } catch {
            throw .rejected(codes.code(of: error), error.description)
        }
    }

    /// What the path must begin with.
    private func pathMessage() throws(ProtocolFailure) -> PathMessage {
        try PathMessage(
            of: self.message,
            self.id,
            from: self.source,
            to: self.destination
        )
    }
}

extension PathMessage {
    /// What the path of a message begins with; gateways and verification nodes begin with the same.
    ///
    /// The nonce is that of our extension, and the message's hash where there is none.
    ///
    /// - Throws: `FORMAT`, or what the extension throws.
    package init(
        of message: InterchainMessage,
        _ id: MessageID,
        from source: String,
        to destination: String
    ) throws(ProtocolFailure) {
        let hash = message.hash.bytes
        try self.init(
            identifier: try MessageIdentifier(
                source: id.from.description,
                destination: id.to.description,
                sequence: id.index
            ),
            payloadHash: hash,
            sourceChain: source,
            destinationChain: destination,
            nonce: try message.relayExtension?.pathNonce ?? hash
        )
    }
}

extension HopRecord.Anchor {
    /// Where a proven leaf stands.
    package init(_ proof: OutboundProof) {
        self.init(
            height: proof.header.height,
            blockHash: proof.header.hash.bytes,
            inclusionRoot: proof.header.root(of: proof.tree)
        )
    }

    func isSame(as other: HopRecord.Anchor) -> Bool {
        self.height == other.height && self.blockHash == other.blockHash && self.inclusionRoot == other.inclusionRoot
    }
}
