internal import CanonicalBytes
package import Merkle
package import Records

/// A signed statement about a center's tree.
package enum TreeStatement: Sendable, Hashable {
    case receipt(Receipt)
    case head(SignedTreeHead)

    package var tree: TreeClaim {
        switch self {
        case .receipt(let receipt): receipt.tree
        case .head(let head): head.tree
        }
    }
}

/// Evidence that a privacy center broke a promise: signed statements of its own that cannot all be true.
///
/// Anyone who has the center's certificate can check it, without asking the center.
package enum PrivacyCenterFault: Sendable, Hashable {
    /// How long after an arrival, or after an earlier head, a later statement must agree with it, ms.
    ///
    /// A center stores what arrived, and signs the tree that it read, within this time.
    package static let settlingMillisecondsMax: UInt64 = 600_000

    /// Two trees of one size with different roots.
    case conflictingRoots(TreeStatement, TreeStatement)
    /// Two receipts that put different envelopes at one place.
    case conflictingLeaves(Receipt, Receipt)
    /// A tree that has another leaf where a receipt put its envelope; the path leads from that leaf to the root.
    case replacedLeaf(Receipt, by: Digest, path: [Digest], in: TreeStatement)
    /// A later head of a tree too small for the envelope of a receipt.
    case droppedLeaf(Receipt, SignedTreeHead)
    /// A head of a smaller tree than an earlier one.
    case shrunkTree(SignedTreeHead, SignedTreeHead)
    /// The center denies having an envelope that it gave a receipt for.
    case deniedEnvelope(Receipt, Denial)

    /// What is wrong, in one sentence and without secrets.
    package var explanation: String {
        switch self {
        case .conflictingRoots(let first, _): "the center signed two different trees of size \(first.tree.size)"
        case .conflictingLeaves(let first, _): "the center gave two envelopes the place \(first.claim.leafIndex)"
        case .replacedLeaf(let receipt, _, _, let statement):
            "the tree of size \(statement.tree.size) has another leaf at \(receipt.claim.leafIndex) than the receipt"
        case .droppedLeaf(let receipt, let head):
            "the tree of size \(head.tree.size) no longer reaches leaf \(receipt.claim.leafIndex) of the receipt"
        case .shrunkTree(let first, let second):
            "the tree shrank from \(first.tree.size) to \(second.tree.size) leaves"
        case .deniedEnvelope: "the center denies an envelope that it acknowledged"
        }
    }

    /// Whether the statements contradict each other; signatures are another matter.
    var isContradiction: Bool {
        switch self {
        case .conflictingRoots(let first, let second):
            first.tree.size == second.tree.size && first.tree.root != second.tree.root
        case .conflictingLeaves(let first, let second):
            first.claim.leafIndex == second.claim.leafIndex && first.claim.leafHash != second.claim.leafHash
        case .replacedLeaf(let receipt, let other, let path, let statement):
            other != receipt.claim.leafHash
                && InclusionProof(leafIndex: receipt.claim.leafIndex, treeSize: statement.tree.size, path: path)
                    .verifies(leafHash: other, root: statement.tree.root)
        case .droppedLeaf(let receipt, let head):
            head.tree.size <= receipt.claim.leafIndex
                && Self.isSettled(receipt.claim.receivedMilliseconds, by: head.timeMilliseconds)
        case .shrunkTree(let first, let second):
            second.tree.size < first.tree.size
                && Self.isSettled(first.timeMilliseconds, by: second.timeMilliseconds)
        case .deniedEnvelope(let receipt, let denial):
            receipt.h1 == denial.h1
                && Self.isSettled(receipt.claim.receivedMilliseconds, by: denial.timeMilliseconds)
        }
    }

    private static func isSettled(_ earlier: UInt64, by later: UInt64) -> Bool {
        later > earlier && later - earlier > self.settlingMillisecondsMax
    }
}

extension PrivacyCenterFault {
    /// Evidence in two statements about one center's tree; nil when they do not contradict each other by themselves.
    ///
    /// - Precondition: both were verified.
    package init?(_ first: TreeStatement, _ second: TreeStatement) {
        let candidates: [PrivacyCenterFault]
        switch (first, second) {
        case (.receipt(let a), .receipt(let b)):
            candidates = [.conflictingRoots(first, second), .conflictingLeaves(a, b)]
        case (.receipt(let receipt), .head(let head)), (.head(let head), .receipt(let receipt)):
            candidates = [.conflictingRoots(first, second), .droppedLeaf(receipt, head)]
        case (.head(let a), .head(let b)):
            candidates = [.conflictingRoots(first, second), .shrunkTree(a, b), .shrunkTree(b, a)]
        }
        guard first.signer.center.utf8.elementsEqual(second.signer.center.utf8),
            let fault = candidates.first(where: \.isContradiction)
        else { return nil }
        self = fault
    }

    /// Evidence in a receipt and what a later tree has at its place; nil when the tree has the receipt's leaf.
    ///
    /// - Parameters:
    ///   - receipt: verified.
    ///   - leafHash: the leaf that the center proves to be at the receipt's place.
    ///   - proof: for the tree of `statement`.
    ///   - statement: verified.
    package init?(_ receipt: Receipt, leafHash: Digest, proof: InclusionProof, in statement: TreeStatement) {
        let fault = PrivacyCenterFault.replacedLeaf(receipt, by: leafHash, path: proof.path, in: statement)
        guard receipt.signer.center.utf8.elementsEqual(statement.signer.center.utf8), fault.isContradiction else {
            return nil
        }
        self = fault
    }

    /// Evidence in a receipt and a denial of its envelope; nil when they may both be true.
    ///
    /// - Precondition: both were verified.
    package init?(_ receipt: Receipt, _ denial: Denial) {
        let fault = PrivacyCenterFault.deniedEnvelope(receipt, denial)
        guard receipt.signer.center.utf8.elementsEqual(denial.signer.center.utf8), fault.isContradiction else {
            return nil
        }
        self = fault
    }
}

/// What comparing two statements about one tree yields.
package enum TreeComparison: Sendable, Hashable {
    /// The larger tree continues the smaller one.
    case consistent
    /// The statements convict the center.
    case fault(PrivacyCenterFault)
    /// The proof is missing or wrong. That alone convicts nobody, because proofs are not signed: ask for the leaf of
    /// a receipt in the later tree.
    case unproven

    /// Compares two verified statements of one center.
    ///
    /// - Parameters:
    ///   - first: either statement.
    ///   - second: the other one.
    ///   - proof: of consistency between the two sizes, the smaller first; nil when the center gave none.
    package init(_ first: TreeStatement, _ second: TreeStatement, proof: ConsistencyProof?) {
        if let fault = PrivacyCenterFault(first, second) {
            self = .fault(fault)
            return
        }
        let (small, large) = first.tree.size <= second.tree.size ? (first.tree, second.tree) : (second.tree, first.tree)
        let path = small.size == large.size ? [] : proof?.path
        guard let path, proof.map({ $0.firstSize == small.size && $0.secondSize == large.size }) ?? true else {
            self = .unproven
            return
        }
        let judged = ConsistencyProof(firstSize: small.size, secondSize: large.size, path: path)
        self = judged.verifies(firstRoot: small.root, secondRoot: large.root) ? .consistent : .unproven
    }
}

extension TreeStatement {
    var signer: CenterSignature {
        switch self {
        case .receipt(let receipt): receipt.signer
        case .head(let head): head.signer
        }
    }
}
