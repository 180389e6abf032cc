import ArgumentParser
import CanonicalBytes
import Contracts
import FiniteFields
import Ledger
import PolicyProofs
import ProofFiles
import Uplink

struct CredentialPathCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Read the path from a credential's leaf to the newest root, proven by the chain.",
        discussion: """
            Every node comes with a proof of a block's certificate. The validators that are asked learn which leaf this \
            identity is interested in; a proof does not tell which leaf it is of.
            """
    )

    @Option(help: "The credential, complete.", completion: .file())
    var credential: String

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    @Option(help: "The path's file.", completion: .file(extensions: ["json"]))
    var output: String

    func run() async throws {
        try await reportingFailure {
            guard let issue = try CredentialStore.read(self.credential).issue else {
                throw CommandFailure("\(self.credential) waits for its issuer; `wardline credential request` gets it")
            }
            let path = try await ChainAccess.with(self.options, self.genesis) { access in
                try await ChainPath(client: access.client, leaf: issue.credential.leaf, index: issue.index).read()
            }
            try PublicFile.write(path.bytes, to: self.output)
            try StandardOutput.write(
                Columns.text([["leaf", path.leaf.bytes.hex], ["root", path.root.bytes.hex]])
            )
        }
    }
}

/// Puts a path together from proven nodes.
struct ChainPath {
    /// Blocks may come in between while nodes are read.
    private static let attempts = 8

    let client: ChainClient
    let leaf: Fr
    let index: UInt32

    /// The path to a root that the chain has now.
    ///
    /// - Throws: when the leaf is not in the tree, was revoked, or the tree changes faster than it is read.
    func read() async throws -> CredentialPathFile {
        for _ in 0..<Self.attempts {
            try await self.requireStanding()
            let siblings = try await self.siblings()
            let sides = (0..<CredentialTree.depth).map { self.index >> $0 & 1 == 1 }
            let root = CredentialPath(siblings: siblings, isRight: sides).root(above: self.leaf)
            guard try await self.newestRoot() == root.bytes else { continue }
            return try CredentialPathFile(
                Array(
                    JSONLine.text([
                        "version": 1, "index": Int(self.index), "leaf": self.leaf.bytes.hex,
                        "siblings": siblings.map(\.bytes.hex), "root": root.bytes.hex,
                    ]).utf8
                )
            )
        }
        throw CommandFailure("the tree changed each time while it was read; try again")
    }

    private func requireStanding() async throws {
        guard let bytes = try await self.value(ZeroKnowledgeKey.credential(self.leaf.bytes)) else {
            throw CommandFailure("the chain does not know this credential; the validator may lag behind, try again")
        }
        let entry = try CertifiedLeaf(bytes: bytes)
        guard entry.revoked == 0 else {
            let reason = entry.reason.map { " (\($0))" } ?? ""
            throw CommandFailure("the credential was revoked\(reason); `wardline credential request` gets another one")
        }
        guard entry.index == self.index else {
            throw CommandFailure("the chain has the leaf at \(entry.index), and the credential says \(self.index)")
        }
    }

    private func siblings() async throws -> [Fr] {
        var siblings: [Fr] = []
        var empty = Fr.zero
        for level in 0..<CredentialTree.depth {
            let node = try await self.value(ZeroKnowledgeKey.node(level, self.index >> UInt32(level) ^ 1))
            siblings.append(try node.map { try Fr($0) } ?? empty)
            empty = CredentialPath(siblings: [empty], isRight: [false]).root(above: empty)
        }
        return siblings
    }

    private func newestRoot() async throws -> [UInt8]? {
        try await self.value(ZeroKnowledgeKey.roots).flatMap { try RecentRoots(bytes: $0).entries.last?.root }
    }

    private func value(_ key: [UInt8]) async throws -> [UInt8]? {
        try await self.client.value(of: key, on: .access).value
    }
}
