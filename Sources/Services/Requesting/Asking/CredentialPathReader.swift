internal import CanonicalBytes
internal import ChainReading
internal import Contracts
package import FiniteFields
internal import Ledger
internal import PolicyProofs
package import ProofFiles

/// Puts the path of a credential's leaf together from proven nodes of the chain.
package struct CredentialPathReader: Sendable {
    /// Blocks may come in between while nodes are read.
    private static let attempts = 8

    private let chain: any RequesterChain
    private let leaf: Fr
    private let index: UInt32

    package init(chain: any RequesterChain, leaf: Fr, index: UInt32) {
        self.chain = chain
        self.leaf = leaf
        self.index = index
    }

    /// The path to a root that the chain has now.
    ///
    /// - Throws: ``ShareTrouble`` when the leaf is not in the tree, was revoked, or the tree changes faster than it is
    ///   read.
    package func read() async throws -> CredentialPathFile {
        var found = self.index
        for _ in 0..<Self.attempts {
            let index = found
            async let standing = self.standing()
            async let nodes = self.siblings(index)
            let (siblings, place) = try await (nodes, standing)
            guard place == index else {
                found = place
                continue
            }
            let sides = (0..<CredentialTree.depth).map { index >> $0 & 1 == 1 }
            let root = CredentialPath(siblings: siblings, isRight: sides).root(above: self.leaf)
            guard try await self.newestRoot() == root.bytes else { continue }
            return try CredentialPathFile(
                JSONValue.object([
                    ("version", .integer(1)),
                    ("index", .integer(UInt64(index))),
                    ("leaf", .text(self.leaf.bytes.hex)),
                    ("siblings", .list(siblings.map { .text($0.bytes.hex) })),
                    ("root", .text(root.bytes.hex)),
                ]).bytes
            )
        }
        throw ShareTrouble(.request, isWaiting: true, "the tree of credentials changed each time while it was read")
    }

    /// The leaf's place in this chain's tree: one that another alliance issued has another there than its file says.
    private func standing() async throws -> UInt32 {
        guard let bytes = try await self.value(ZeroKnowledgeKey.credential(self.leaf.bytes)) else {
            throw ShareTrouble(.request, isWaiting: true, "the chain does not know this credential yet")
        }
        let entry = try CertifiedLeaf(bytes: bytes)
        guard entry.revoked == 0 else {
            let reason = entry.reason.map { " (\($0))" } ?? ""
            throw ShareTrouble(
                .request,
                isWaiting: false,
                code: "credential-revoked",
                "the credential was revoked\(reason); `wardline credential request` gets another one"
            )
        }
        return entry.index
    }

    /// All levels at once: each costs a question.
    private func siblings(_ index: UInt32) async throws -> [Fr] {
        let nodes = try await withThrowingTaskGroup(of: (Int, [UInt8]?).self) { group in
            for level in 0..<CredentialTree.depth {
                let key = ZeroKnowledgeKey.node(level, index >> UInt32(level) ^ 1)
                group.addTask { (level, try await self.value(key)) }
            }
            var nodes = [[UInt8]?](repeating: nil, count: CredentialTree.depth)
            for try await (level, node) in group { nodes[level] = node }
            return nodes
        }
        var siblings: [Fr] = []
        var empty = Fr.zero
        for node in nodes {
            siblings.append(try node.map { try Fr($0) } ?? empty)
            empty = CredentialPath(siblings: [empty], isRight: [false]).root(above: empty)
        }
        return siblings
    }

    private func newestRoot() async throws -> [UInt8]? {
        try await self.value(ZeroKnowledgeKey.roots).flatMap { try RecentRoots(bytes: $0).entries.last?.root }
    }

    private func value(_ key: [UInt8]) async throws -> [UInt8]? {
        try await self.chain.fact(of: key, on: .access).value
    }
}
