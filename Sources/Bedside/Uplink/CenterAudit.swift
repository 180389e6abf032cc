package import Merkle
package import Receipts
internal import Records

/// What an audit of a privacy center found.
package enum AuditFinding: Sendable, Hashable {
    /// Everything fits; the head is the one to compare with next time.
    case consistent(SignedTreeHead)
    /// Signed statements that cannot all be true.
    case fault(PrivacyCenterFault)
    /// The center did not prove what an honest one can; nothing to hold against it but that.
    case unproven(String)
}

/// Judges whether a privacy center keeps its promises, from statements and proofs that were fetched.
package struct CenterAudit: Sendable {
    /// Signed and verified just now.
    package let head: SignedTreeHead
    /// Verified statements from before, oldest first.
    package let earlier: [TreeStatement]
    /// A receipt from any time.
    package let sample: Receipt?

    package init(head: SignedTreeHead, earlier: [TreeStatement], sample: Receipt?) {
        self.head = head
        self.earlier = earlier
        self.sample = sample
    }

    /// The sizes of trees for which a proof of consistency with the head is needed, in the order of ``earlier``.
    package var sizesToProve: [UInt64] {
        self.earlier.map(\.tree.size).filter { $0 > 0 && $0 < self.head.tree.size }
    }

    /// Judges the proofs that were given.
    ///
    /// - Parameters:
    ///   - consistency: by the first tree's size.
    ///   - inclusion: of the sample in the head's tree; nil when the center gave none.
    /// - Returns: what they show.
    package func judge(consistency: [UInt64: ConsistencyProof], inclusion: InclusionProof?) -> AuditFinding {
        for statement in self.earlier {
            let size = statement.tree.size
            // Nothing is to be proven of the tree without leaves.
            if size == 0, self.head.tree.size > 0 { continue }
            switch TreeComparison(statement, .head(self.head), proof: consistency[size]) {
            case .consistent: break
            case .fault(let fault): return .fault(fault)
            case .unproven:
                return .unproven("the tree of size \(self.head.tree.size) was not proven to continue \(size)")
            }
        }
        guard let sample else { return .consistent(self.head) }
        return self.judge(sample, inclusion)
    }

    private func judge(_ sample: Receipt, _ inclusion: InclusionProof?) -> AuditFinding {
        if let fault = PrivacyCenterFault(.receipt(sample), .head(self.head)) { return .fault(fault) }
        guard let inclusion, inclusion.leafIndex == sample.claim.leafIndex,
            inclusion.treeSize == self.head.tree.size,
            inclusion.verifies(leafHash: sample.claim.leafHash, root: self.head.tree.root)
        else { return .unproven("leaf \(sample.claim.leafIndex) of a receipt was not proven to be in the tree") }
        return .consistent(self.head)
    }
}
