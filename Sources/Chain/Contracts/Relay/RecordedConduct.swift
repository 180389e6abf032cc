package import CanonicalBytes
package import PathProofs

extension ConductBook {
    /// The record of a list's epoch as the relay chain keeps it: what everybody makes the next list of.
    ///
    /// - Parameters:
    ///   - list: whose epoch it is.
    ///   - conducts: of its nodes in the list's order; nil where nothing is recorded.
    /// - Throws: `CONTEXT` for another number of records than nodes.
    package init(of list: VerificationNodeList, recorded conducts: [NodeConduct?]) throws(ProtocolFailure) {
        try require(conducts.count == list.nodes.count, .context, "a record of another list")
        self.init(of: list)
        for (node, conduct) in zip(list.nodes, conducts) {
            guard let conduct else { continue }
            try self.record(conduct.judged, of: node.name)
        }
    }
}
