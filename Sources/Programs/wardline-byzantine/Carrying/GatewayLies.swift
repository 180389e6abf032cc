import CanonicalBytes
import Contracts
import IBTP
import Ledger
import PathProofs

/// What a gateway can make of an honest message, and what the relay chain has to say to it.
struct GatewayLies {
    struct Lie {
        let what: String
        let call: RelayMessage
        let codes: Set<UInt16>

        init(_ what: String, _ call: RelayMessage, _ codes: RejectionCode...) {
            (self.what, self.call, self.codes) = (what, call, Set(codes.map(\.number)))
        }
    }

    let fresh: FreshMessage
    /// A relay chain's own block said this of an exchange that is over; nil when there is none.
    let earlier: RelayMessage?
    let hub: Side

    /// While nobody has brought the message.
    func before() throws -> [Lie] {
        let fresh = self.fresh
        let hop = PathProof.Hop(record: fresh.record, certificate: try fresh.certificate(of: fresh.signatures))
        let path = try fresh.path([hop])
        var lies = try self.ofProofs(path) + self.ofHops(hop)
        var payload = fresh.message
        let content = InterchainContent(function: "share.request", arguments: [[6, 6, 6]])
        payload.payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
        lies.append(Lie("another payload", RelayMessage(payload, by: try fresh.bundle(path)), .anotherLeaf))
        var limit = fresh.message
        limit.timeoutHeight = 1
        lies.append(Lie("another limit", RelayMessage(limit, by: try fresh.bundle(path)), .anotherLeaf))
        var receipt = fresh.message
        receipt.type = .receiptSuccess
        let result = InterchainResult(data: [[[1], [2]]], statuses: [true])
        receipt.payload = InterchainPayload(content: result.bytes, hash: PayloadHash.receipt(result)).bytes
        lies.append(
            Lie(
                "an answer to what nobody has brought",
                RelayMessage(receipt, by: try fresh.bundle(path)),
                .book(.unknownRequest, in: RejectionCode.relayBase)
            )
        )
        return lies
    }

    private func ofProofs(_ path: PathProof) throws -> [Lie] {
        let fresh = self.fresh
        var lies: [Lie] = []
        let proof = fresh.proof.bytes
        // A place in the header, one in the certificate, and the last of the way to the root.
        for (place, what) in [(40, "a header"), (proof.count / 2, "a certificate or leaf"), (proof.count - 1, "a way")]
        {
            var forged = proof
            forged[place] ^= 1
            let call = RelayMessage(fresh.message, by: try fresh.bundle(path, source: forged))
            lies.append(Lie("\(what) with another byte", call, .badSourceProof, .anotherLeaf, .sourceCommitteeUnknown))
        }
        let bundle = try fresh.bundle(path)
        var other = fresh.message
        other.proof = [UInt8](repeating: 9, count: 32)
        lies.append(
            Lie("another hash of the proof", RelayMessage(message: other, bundle: bundle.bytes), .wrongBundleHash)
        )
        let foreign = ProofBundle(kind: .ethereum, source: proof, path: path)
        lies.append(Lie("a proof of another kind", RelayMessage(fresh.message, by: foreign), .badSourceProof))
        return lies
    }

    private func ofHops(_ hop: PathProof.Hop) throws -> [Lie] {
        let fresh = self.fresh
        func lie(_ what: String, _ hops: [PathProof.Hop]?, _ codes: RejectionCode...) throws -> Lie {
            let path = try hops.map { try fresh.path($0) }
            let call = RelayMessage(fresh.message, by: try fresh.bundle(path))
            var lie = Lie(what, call)
            lie = Lie(copying: lie, codes: codes)
            return lie
        }
        var lies = [try lie("no hop", nil, .sourcePathMissing)]
        lies.append(try lie("a hop twice", [hop, hop], .onPath(.repeated)))
        for group in fresh.list.policy.subgroups {
            let certificate = try fresh.certificate(of: fresh.signatures, without: [group.name])
            let alone = PathProof.Hop(record: fresh.record, certificate: certificate)
            lies.append(
                try lie("no signature of \(group.name)", [alone], .onPath(.missingSubgroup), .onPath(.belowThreshold))
            )
        }
        var damaged = hop.certificate
        damaged[damaged.count - 2] ^= 1
        lies.append(
            try lie(
                "a signature with another byte",
                [PathProof.Hop(record: hop.record, certificate: damaged)],
                .onPath(.signature),
                .onPath(.malformedCertificate)
            )
        )
        let stale = try FreshMessage.hop(
            fresh.start,
            fresh.record.anchor,
            fresh.list,
            to: fresh.record.link.nextChain,
            by: self.hub,
            until: fresh.record.expiry,
            epoch: fresh.list.epoch + 7
        )
        lies.append(
            try lie(
                "a set of nodes of another epoch",
                [PathProof.Hop(record: stale, certificate: hop.certificate)],
                .onPath(.unknownList)
            )
        )
        let late = try FreshMessage.hop(
            fresh.start,
            fresh.record.anchor,
            fresh.list,
            to: fresh.record.link.nextChain,
            by: self.hub,
            until: fresh.record.expiry + 1
        )
        lies.append(
            try lie(
                "a hop that is good for longer than was signed",
                [PathProof.Hop(record: late, certificate: hop.certificate)],
                .onPath(.signature)
            )
        )
        if let old = try self.earlier.map({ try ProofBundle(bytes: $0.bundle) })?.path {
            let call = RelayMessage(fresh.message, by: try fresh.bundle(old))
            lies.append(
                Lie("the path of another message", call, .anotherSourceBlock, .onPath(.spliced), .onPath(.wrongPayload))
            )
        }
        return lies
    }

    /// When it was brought.
    func after() throws -> [Lie] {
        let known = RejectionCode.book(.indexExists, in: RejectionCode.relayBase)
        var lies = [Lie("the same request again", try self.fresh.honest(), known)]
        if let earlier = self.earlier { lies.append(Lie("a request of an exchange that is over", earlier, known)) }
        return lies
    }
}

extension GatewayLies.Lie {
    init(copying lie: Self, codes: [RejectionCode]) {
        (self.what, self.call, self.codes) = (lie.what, lie.call, Set(codes.map(\.number)))
    }
}

extension RejectionCode {
    /// What the relay chain says to a path.
    fileprivate static func onPath(_ reason: PathRefusal.Reason) -> RejectionCode {
        .path(reason, in: RejectionCode.relayBase)
    }
}
