internal import Merkle
internal import PrivacyCenterStore
internal import Receipts
internal import Records

/// What the center says of its tree.
struct TreeDesk: Sendable {
    private let context: CenterContext

    init(_ context: CenterContext) { self.context = context }

    /// The signed head of the tree.
    func head() async throws -> SignedTreeHead {
        // Before the tree is read: a later head is then never smaller than an earlier one.
        let now = self.context.clock()
        let head = try await self.context.store.treeHead()
        let tree = TreeClaim(size: head.size, root: head.root)
        return try SignedTreeHead.sign(tree, timeMilliseconds: now, by: self.context.keys().signer)
    }

    /// A signed statement that an envelope is not there.
    func denial(of h1: Digest) throws -> Denial {
        try Denial.sign(h1, timeMilliseconds: self.context.clock(), by: self.context.keys().signer)
    }

    func inclusion(of h1: Digest, treeSize: UInt64?) async throws -> Inclusion? {
        try await self.context.store.inclusion(of: h1, treeSize: treeSize)
    }

    func inclusion(ofLeaf leafIndex: UInt64, treeSize: UInt64?) async throws -> Inclusion? {
        try await self.context.store.inclusion(ofLeaf: leafIndex, treeSize: treeSize)
    }

    func consistency(from first: UInt64, to second: UInt64) async throws -> ConsistencyProof {
        guard first <= second, let proof = try await self.context.store.consistency(from: first, to: second) else {
            throw CenterRefusal.refused(.notFound, "there are no two such trees")
        }
        return proof
    }
}
