import ArgumentParser
import CanonicalBytes
import Certificates
import ChainReading
import Consortium
import Contracts
import Credentials
import FiniteFields
import Ledger
import Uplink

struct CredentialAdmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admit",
        abstract: "As an attribute authority: take credentials of another alliance into this chain's tree.",
        discussion: """
            Their holders can then prove their attributes here. The other chain has to show each leaf, not revoked, and \
            that an authority of --organization certified it: what that authority certifies is believed. Prints each leaf \
            with its place. `wardline credential dismiss` ends those that the other chain revokes.
            """
    )

    @OptionGroup var alien: AlienLeaves
    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    @Option(help: "Whose authority must have certified them on the other chain.")
    var organization: String

    func run() async throws {
        try await reportingFailure {
            try await ChainAccess.with(self.options, self.genesis) { access in
                let leaves = try self.alien.leaves()
                let entries = try await self.alien.entries(leaves, as: access.identity)
                for (leaf, entry) in zip(leaves, entries) {
                    guard let entry, entry.revoked == 0 else {
                        throw CommandFailure("\(leaf.hex) is not in the other chain's tree, or revoked there")
                    }
                    guard entry.issuer.organization.utf8.elementsEqual(self.organization.utf8) else {
                        throw CommandFailure("\(leaf.hex) was certified by \(entry.issuer)")
                    }
                }
                let fresh = try await AlienLeaves.unknown(leaves, at: access)
                if !fresh.isEmpty { try await ChainSubmission(access: access).submit(AddCredentials(leaves: fresh)) }
                for leaf in leaves {
                    let value = try await access.client.value(of: ZeroKnowledgeKey.credential(leaf), on: .access).value
                    guard let value else { throw CommandFailure("a validator lags behind; give the command again") }
                    try StandardOutput.write("\(leaf.hex)\t\(try CertifiedLeaf(bytes: value).index)\n")
                }
            }
        }
    }
}

struct CredentialDismissCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dismiss",
        abstract: "As an attribute authority: end admitted credentials that the other chain has revoked.",
        discussion: "Leaves that are good there are left alone. Prints those that end, with the other chain's reason."
    )

    @OptionGroup var alien: AlienLeaves
    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func run() async throws {
        try await reportingFailure {
            try await ChainAccess.with(self.options, self.genesis) { access in
                let leaves = try self.alien.leaves()
                let entries = try await self.alien.entries(leaves, as: access.identity)
                for reason in CredentialRevocationReason.allCases {
                    var over: [[UInt8]] = []
                    for (leaf, entry) in zip(leaves, entries) where entry?.reason == reason {
                        let value = try await access.client.value(
                            of: ZeroKnowledgeKey.credential(leaf),
                            on: .access
                        ).value
                        guard let value, try CertifiedLeaf(bytes: value).revoked == 0 else { continue }
                        over.append(leaf)
                    }
                    guard !over.isEmpty else { continue }
                    try await ChainSubmission(access: access).submit(RevokeCredentials(reason: reason, leaves: over))
                    for leaf in over { try StandardOutput.write("\(leaf.hex)\t\(reason)\n") }
                }
            }
        }
    }
}

/// Leaves of another chain's tree of credentials, and where that chain is.
struct AlienLeaves: ParsableArguments {
    @Option(
        help: ArgumentHelp("The other alliance's consortium file.", valueName: "consortium.yaml"),
        completion: .file(extensions: ["yaml"])
    )
    var from: String

    @Option(name: .customLong("leaf"), help: "A leaf, 64 hexadecimal digits; may be repeated, up to 64 times.")
    var digits: [String]

    func leaves() throws -> [[UInt8]] {
        guard (1...AddCredentials.leavesMax).contains(self.digits.count) else {
            throw ValidationError("name 1 to \(AddCredentials.leavesMax) leaves")
        }
        return try self.digits.map { try Fr(nonzero: ProofInputs.digest($0, "--leaf")).bytes }
    }

    /// What a quorum of the other chain proves of each leaf now; nil where it has none.
    func entries(_ leaves: [[UInt8]], as identity: Identity) async throws -> [CertifiedLeaf?] {
        let file = try ConsortiumFile(path: self.from)
        let client = SecureClient(
            identity: IdentityWatch(identity),
            servers: [.validator],
            of: .allies,
            requestSeconds: 60
        )
        let outcome: Result<[CertifiedLeaf?], any Error>
        do {
            let reader = try QuorumReader(
                validators: file.validators,
                genesis: file.genesis,
                client: client,
                secondsMax: 0,
                clock: ChainSubmitter.systemClock
            )
            var entries: [CertifiedLeaf?] = []
            for leaf in leaves {
                let fact = try await reader.fact(of: ZeroKnowledgeKey.credential(leaf), on: .access)
                entries.append(try fact.value.map { try CertifiedLeaf(bytes: $0) })
            }
            outcome = .success(entries)
        } catch { outcome = .failure(error) }
        await client.close()
        return try outcome.get()
    }

    /// Those that this chain's tree never had.
    static func unknown(_ leaves: [[UInt8]], at access: ChainAccess) async throws -> [[UInt8]] {
        var fresh: [[UInt8]] = []
        for leaf in leaves {
            let known = try await access.client.value(of: ZeroKnowledgeKey.credential(leaf), on: .access).value
            if known == nil { fresh.append(leaf) }
        }
        return fresh
    }
}
