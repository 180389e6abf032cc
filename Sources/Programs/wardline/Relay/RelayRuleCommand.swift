import ArgumentParser
import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Foundation
import Gateway
import Ledger
import PathProofs
import Uplink

struct RelayRuleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule",
        abstract: "How a relay chain judges what a chain says.",
        subcommands: [Check.self]
    )

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try a chain's registration before governors vote.",
            discussion: """
                Makes the light client that the relay chain would have, from the registration alone, and shows it the \
                chain's newest header and leaf. The registration is an open proposal of the relay chain, or is made here \
                from the options of `wardline chain propose register-chain`. --other-genesis is the chain's genesis as \
                you believe it, whatever the proposal says. Exit code 1 when it would not work.
                """
        )

        @Option(help: "An open proposal on the relay chain, 64 hexadecimal digits.")
        var proposal: String?

        @Option(help: "Without a proposal: the chain's name, the middle part of its services' names.")
        var name: String?

        @Option(help: "Without a proposal: the chain's list of verification nodes.", completion: .file())
        var list: String?

        @Option(help: "Without a proposal: the first height of the chain that the list certifies.")
        var listHeight: UInt64 = 1

        @Option(help: "Without a proposal: who registers its services: organization:role:name.")
        var `operator`: String?

        @OptionGroup var other: OtherChainOptions
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption

        @Flag(help: "Print one JSON array.")
        var json = false

        func validate() throws {
            guard !self.other.validators.isEmpty else {
                throw ValidationError("name validators of the chain with --other-validator")
            }
            let isNew = self.name != nil && self.list != nil && self.operator != nil
            guard (self.proposal != nil) != isNew else {
                throw ValidationError("name an open --proposal, or --name, --list and --operator")
            }
        }

        func run() async throws {
            try await reportingFailure {
                let findings = try await ChainAccess.with(self.options, self.genesis) { access in
                    let registration = try await self.registration(access)
                    return try await self.examine(registration, access)
                }
                try FindingReport(findings, json: self.json).print()
            }
        }

        private func registration(_ access: ChainAccess) async throws -> RegisterChain {
            guard let text = self.proposal else {
                guard let name = self.name, let list = self.list, let operatorName = self.operator else {
                    throw ValidationError("name an open --proposal, or --name, --list and --operator")
                }
                return RegisterChain(
                    name: name,
                    basis: .wardline(try await self.other.anchor(access)),
                    operatorName: try Names.parties([operatorName])[0],
                    list: ListAnchor(list: try NodeListFiles.read(list).bytes, firstHeight: self.listHeight)
                )
            }
            guard let id = [UInt8](hex: text), id.count == 32 else {
                throw ValidationError("--proposal takes 64 hexadecimal digits")
            }
            let proof = try await access.client.value(of: GovernanceKey.proposal(id), on: .access)
            guard let value = proof.value else { throw CommandFailure("the relay chain has no such proposal") }
            let proposal = try Proposal(bytes: value)
            guard case .registerChain(let registration) = proposal.arguments.change else {
                throw CommandFailure("the proposal registers no chain")
            }
            if proposal.status != .open { StandardError.write("the proposal is \(proposal.status)\n") }
            return registration
        }

        private func examine(_ registration: RegisterChain, _ access: ChainAccess) async throws -> [Finding] {
            let urls = try self.other.validators.map { text in
                guard let url = ServiceURL(text) else {
                    throw ValidationError("'\(text)' is no address of a validator")
                }
                return url
            }
            let identity = try self.other.identity.map { try Identity.load(directory: $0) } ?? access.identity
            let http = SecureClient(
                identity: IdentityWatch(identity),
                servers: [.validator],
                presents: .nothing,
                of: .allies,
                requestSeconds: 30
            )
            let outcome: Result<[Finding], any Error>
            do {
                let genesis = try GenesisOption.read(self.other.genesis)
                let rehearsal = RegistrationRehearsal(
                    registration,
                    hub: try ReadChain(
                        name: access.genesis.chain,
                        genesis: access.genesis,
                        urls: access.urls,
                        client: access.http
                    ),
                    chain: try ReadChain(name: registration.name, genesis: genesis, urls: urls, client: http)
                )
                outcome = .success(await rehearsal.examine())
            } catch { outcome = .failure(error) }
            await http.close()
            return try outcome.get()
        }
    }
}
