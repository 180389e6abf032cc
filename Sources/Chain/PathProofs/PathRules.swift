internal import CanonicalBytes

/// The rules of a path that need nothing but the proof itself: order, links and digests.
///
/// Who demands certain hops holds them against a path that keeps these rules: else a hop that stands there twice would only
/// be one too many.
package enum PathRules {
    /// Checks them.
    ///
    /// - Parameters:
    ///   - proof: of any origin.
    ///   - chain: the one that the path must lead to.
    /// - Throws: ``PathRefusal``: ``PathRefusal/Reason/repeated`` to ``PathRefusal/Reason/wrongNextChain``.
    package static func check(_ proof: PathProof, to chain: String) throws(PathRefusal) {
        let links = proof.hops.map(\.record.link)
        try self.checkOrder(links)
        try self.checkChains(links, chain)
        try self.checkEnds(links, of: proof.message, chain)
        try self.checkDigests(proof)
        for (index, pair) in zip(links, links.dropFirst()).enumerated() {
            let fits = pair.0.nextChain.hasBytes(of: pair.1.chain)
            try requirePath(fits, .wrongNextChain, hop: index, .context, "the next hop is on another chain")
        }
    }

    private static func checkOrder(_ links: [HopRecord.Link]) throws(PathRefusal) {
        let places = links.map { Int($0.index) }
        for (index, place) in places.enumerated() {
            let isNew = !places[..<index].contains(place)
            try requirePath(isNew, .repeated, hop: index, .duplicate, "a hop occurs twice")
        }
        for (index, pair) in zip(places, places.dropFirst()).enumerated() {
            try requirePath(pair.0 < pair.1, .reordered, hop: index + 1, .context, "a hop before its predecessor")
        }
        for (index, place) in places.enumerated() {
            try requirePath(place == index, .dropped, hop: index, .context, "a hop is missing before this one")
        }
    }

    /// No chain is passed twice, and none after the path has come to its end.
    private static func checkChains(_ links: [HopRecord.Link], _ chain: String) throws(PathRefusal) {
        for (index, link) in links.enumerated() {
            let isNew = !links[..<index].contains { $0.chain.hasBytes(of: link.chain) }
            let isOther = !link.chain.hasBytes(of: chain)
            try requirePath(isNew && isOther, .repeated, hop: index, .duplicate, "a chain is passed twice")
        }
    }

    private static func checkEnds(
        _ links: [HopRecord.Link],
        of message: PathMessage,
        _ chain: String
    ) throws(PathRefusal) {
        guard let first = links.first, let last = links.last else { return }
        let begins = first.chain.hasBytes(of: message.sourceChain)
        try requirePath(begins, .wrongSource, hop: 0, .context, "the path begins on another chain")
        let arrives = last.nextChain.hasBytes(of: chain)
        try requirePath(arrives, .dropped, hop: links.count - 1, .context, "the path ends before this chain")
    }

    private static func checkDigests(_ proof: PathProof) throws(PathRefusal) {
        var digest = proof.message.digest
        for (index, hop) in proof.hops.enumerated() {
            let continues = hop.record.previous == digest
            try requirePath(continues, .spliced, hop: index, .context, "the hop continues something else")
            digest = hop.record.digest
        }
    }
}
