internal import CanonicalBytes
internal import Certificates
internal import Consensus
internal import Contracts
internal import IndexPages
internal import Ledger
internal import Merkle
internal import Records
internal import Spool

/// Checks that an envelope stands in a window, and the window in a block that a quorum certified.
struct TracedAnchor {
    let window: StoredWindow
    let entries: [AnchorEntry]
    /// "WLTP".
    let proof: [UInt8]

    /// The steps from the envelope to the block.
    ///
    /// - Parameters:
    ///   - h1: of the envelope.
    ///   - spool: has the keys of index pages.
    ///   - view: gives the committees that follow from the genesis.
    /// - Returns: window, page, block.
    func steps(
        h1: [UInt8],
        spool: Spool,
        view: () throws(ProtocolFailure) -> CommitteeView
    ) -> [TraceReport.Step] {
        let proof: TransactionProof
        let anchor: Anchor
        do throws(ProtocolFailure) {
            proof = try TransactionProof(bytes: self.proof)
            anchor = try Self.anchor(in: proof)
        } catch { return [.init("window", .failed, "the kept proof is not of an anchor: \(error)")] }
        return [
            self.windowStep(h1, anchor), self.pageStep(h1, anchor, spool), Self.blockStep(proof, anchor, view),
        ]
    }

    private static func anchor(in proof: TransactionProof) throws(ProtocolFailure) -> Anchor {
        let body = proof.transaction.body
        let isAnchor =
            body.contract.utf8.elementsEqual(Anchor.contract.utf8)
            && body.method.utf8.elementsEqual(Anchor.method.utf8)
        try require(isAnchor, .context, "the transaction calls another method")
        return try Anchor(bytes: body.arguments)
    }

    private func windowStep(_ h1: [UInt8], _ anchor: Anchor) -> TraceReport.Step {
        let facts = [
            "window": "\(anchor.window)", "root": anchor.root.hex, "envelopes": "\(anchor.count)",
            "gateway": anchor.gateway.description,
        ]
        let leaves = self.entries.map(\.h1)
        guard let index = leaves.firstIndex(of: h1), anchor.window == self.window.number,
            leaves.count == Int(anchor.count)
        else { return .init("window", .failed, "the anchor is of another window", facts) }
        guard let root = Digest(bytes: anchor.root), let path = BlockTrees.prove(index, of: leaves),
            path.verifies(leafHash: MerkleHash.leaf(h1), root: root)
        else { return .init("window", .failed, "the path from H1 leads to another root than the anchor's", facts) }
        let text = "H1 is leaf \(index) of \(leaves.count) under the anchored root"
        return .init("window", .verified, text, facts.merging(["leaf": "\(index)"]) { $1 })
    }

    private func pageStep(_ h1: [UInt8], _ anchor: Anchor, _ spool: Spool) -> TraceReport.Step {
        let name = "index-page"
        guard let scope = self.entries.first(where: { $0.h1 == h1 })?.scope,
            let page = anchor.pages.first(where: { $0.scope == scope })
        else { return .init(name, .failed, "the anchor has no page of the envelope's scope") }
        let sender = anchor.gateway.description
        let facts = ["scope": scope.hex, "page_digest": page.digest.hex]
        guard let key = try? spool.indexKey(scope: scope, sender: sender) else {
            return .init(name, .noted, "its key has been forgotten here", facts)
        }
        do throws(ProtocolFailure) {
            let place = try IndexPlace(scope: scope, window: anchor.window, sender: Array(sender.utf8))
            let opened = try IndexKey(key.secret).open(page.page, at: place)
            try require(opened.entries.contains { $0.h1 == h1 }, .context, "it does not list the envelope")
            let text = "it opens under the scope's index key and lists the envelope"
            return .init(name, .verified, text, facts)
        } catch { return .init(name, .failed, "the page does not hold: \(error)", facts) }
    }

    private static func blockStep(
        _ proof: TransactionProof,
        _ anchor: Anchor,
        _ view: () throws(ProtocolFailure) -> CommitteeView
    ) -> TraceReport.Step {
        var facts = [
            "chain": String(decoding: proof.header.chain, as: UTF8.self), "height": "\(proof.header.height)",
            "block": proof.header.hash.bytes.hex, "epoch": "\(proof.header.epoch)",
            "time_ms": "\(proof.header.time)", "transaction": proof.transaction.id.hex,
            "view": "\(proof.certificate.view)",
        ]
        do throws(ProtocolFailure) {
            try proof.verify(by: view())
            try require(proof.receipt.code == 0, .context, "the contract refused the transaction")
            let isTheirs = proof.transaction.body.signer == anchor.certificate
            try require(isTheirs, .context, "the transaction is signed under another certificate")
        } catch { return .init("block", .failed, "the proof does not hold: \(error)", facts) }
        let signers = proof.certificate.signers.reduce(0) { $0 + $1.nonzeroBitCount }
        facts["signers"] = "\(signers)"
        if proof.isLateAnchor { facts["late"] = "true" }
        let text =
            "block \(proof.header.height), certified by \(signers) validators that follow from the genesis, holds the "
            + (proof.isLateAnchor ? "anchor, marked as late" : "anchor")
        return .init("block", .verified, text, facts)
    }
}
