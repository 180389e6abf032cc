internal import CanonicalBytes
internal import Ledger

/// Keys of the contract of zero-knowledge proofs.
package enum ZeroKnowledgeKey {
    /// ``RegisteredCircuit`` by its identifier.
    package static func circuit(_ id: [UInt8]) -> [UInt8] { StateKey.make("zk", "circuit", id) }

    /// A policy's canonical text by its digest.
    package static func policy(_ digest: [UInt8]) -> [UInt8] { StateKey.make("zk", "policy", digest) }

    /// ``PolicyBinding`` of an organization's scope, or of ``SetPolicy/everyScope``.
    package static func binding(of scope: [UInt8], _ organization: String) -> [UInt8] {
        StateKey.make("zk", "binding", organization.utf8, scope)
    }

    /// A node of the tree of credentials, 32 bytes, by its level (0 for leaves) and its place from the left; without a
    /// value it is the root of an empty subtree.
    package static func node(_ level: Int, _ index: UInt32) -> [UInt8] {
        StateKey.make("zk", "node", [UInt8(level)] + index.bigEndianBytes)
    }

    /// `u32`: leaves of the tree, the revoked ones too.
    package static let leafCount = StateKey.make("zk", "leaves")

    /// ``RecentRoots``.
    package static let roots = StateKey.make("zk", "roots")

    /// ``CertifiedLeaf`` by the leaf.
    package static func credential(_ leaf: [UInt8]) -> [UInt8] { StateKey.make("zk", "credential", leaf) }

    /// The request that used a nym, 32 bytes.
    package static func nym(_ nym: [UInt8]) -> [UInt8] { StateKey.make("zk", "nym", nym) }

    /// ``ProvenRequest`` by the request's identifier: the mark of a request with a proof.
    package static func proven(_ request: [UInt8]) -> [UInt8] { StateKey.make("zk", "proven", request) }
}
