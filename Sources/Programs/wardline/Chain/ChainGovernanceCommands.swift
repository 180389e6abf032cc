import ArgumentParser
import CanonicalBytes
import Certificates
import ChainInterface
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Uplink
import Validator

struct ChainProposeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "propose",
        abstract: "Propose a change of the chain to its governors.",
        discussion: """
            Prints the proposal's identifier, which the others give to `wardline chain approve`. Proposing is no vote: \
            approve it too.
            """,
        subcommands: [
            Parameter.self, CommitteeChange.self, AddIssuer.self, RemoveIssuer.self, Activation.self,
            GovernorsChange.self, RegisterCircuit.self, RetireCircuit.self, Connect.self, RegisterChainCommand.self,
            RegisterHub.self, RegisterEVMChain.self, Standing.self, Vouch.self, SetIncentives.self, SetCredits.self,
            CondemnCode.self,
        ]
    )

    /// Shared by all kinds of proposals.
    struct Common: ParsableArguments {
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption

        @Option(help: "Days that governors have to vote.")
        var days: UInt64 = 14

        func propose(_ change: (ChainAccess) async throws -> ProposedChange) async throws {
            try await reportingFailure {
                try await ChainAccess.with(self.options, self.genesis) { access in
                    let now = UInt64(max(0, Date().timeIntervalSince1970 * 1_000))
                    let proposal = Propose(expires: now + self.days * 86_400_000, change: try await change(access))
                    try await ChainSubmission(access: access).submit(proposal)
                }
            }
        }
    }

    struct Parameter: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set a parameter.")
        @OptionGroup var common: Common
        @Argument(help: "The parameter, for example block.transactions_max.") var name: String
        @Argument(help: "Its value.") var value: UInt64

        func run() async throws {
            try await self.common.propose { _ in
                try ParameterCheck.require(self.name, self.value)
                return .parameter(name: self.name, value: self.value)
            }
        }
    }

    struct CommitteeChange: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "committee",
            abstract: "Let validators join and leave.",
            discussion: """
                At most f come and f go at once, and four stay. New ones get numbers that nobody had before, unless their \
                files name some. The validators tell the index channel.
                """
        )
        @OptionGroup var common: Common
        @Option(name: .customLong("add"), help: "A new validator's member.wlm; may be repeated.", completion: .file())
        var added: [String] = []
        @Option(name: .customLong("remove"), help: "The number of one that leaves; may be repeated.")
        var removed: [UInt16] = []

        func run() async throws {
            try await self.common.propose { access in
                let history = try await access.view(of: .access).committees
                let files = try self.added.map { try MemberFile($0, issuers: access.genesis.issuers).description }
                return try await CommitteeProposal(history: history, access: access).change(
                    add: files,
                    remove: self.removed
                )
            }
        }
    }

    struct AddIssuer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add-issuer",
            abstract: "Accept certificates of another authority.",
            discussion: """
                Validators do so from then on. Custodians, privacy centers, issuing parties and those who check a share believe \
                the issuers that the genesis names.
                """
        )
        @OptionGroup var common: Common
        @Argument(help: "Its authority.json.", completion: .file()) var file: String
        @Flag(help: "It certifies pseudonyms.") var pseudonyms = false

        func run() async throws {
            try await self.common.propose { _ in
                .addIssuer(try IssuerFile.read(self.file, kind: self.pseudonyms ? .pseudonymAuthority : .authority))
            }
        }
    }

    struct RemoveIssuer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove-issuer",
            abstract: "Accept an authority's certificates no more."
        )
        @OptionGroup var common: Common
        @Argument(help: "The authority's name.") var name: String
        @Flag(help: "It certifies pseudonyms.") var pseudonyms = false

        func run() async throws {
            try await self.common.propose { _ in
                .removeIssuer(self.pseudonyms ? .pseudonymAuthority : .authority, name: self.name)
            }
        }
    }

    struct Activation: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put off a contract or method to a height.")
        @OptionGroup var common: Common
        @Argument(help: "The contract.") var contract: String
        @Argument(help: "The first height at which it may be called.") var height: UInt64
        @Option(help: "A single method of it.") var method = ""

        func run() async throws {
            try await self.common.propose { _ in
                .activation(contract: self.contract, method: self.method, height: self.height)
            }
        }
    }

    struct GovernorsChange: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "governors", abstract: "Name other governors.")
        @OptionGroup var common: Common
        @Option(name: .customLong("governor"), help: "Who decides: organization:role:name (repeatable).")
        var governors: [String]
        @Option(help: "Governors that a decision needs.") var threshold: Int

        func run() async throws {
            try await self.common.propose { _ in
                .governors(Governors(threshold: self.threshold, parties: try Names.parties(self.governors)))
            }
        }
    }
}

/// Makes the next committee of the last one.
struct CommitteeProposal {
    let history: CommitteeHistory
    let access: ChainAccess

    func change(add: [MemberDescription], remove: [UInt16]) async throws -> ProposedChange {
        let current = self.history.current
        for number in remove where !current.contains(ReplicaID(number)) {
            throw CommandFailure("there is no validator \(number) in the committee")
        }
        var members = current.members.filter { !remove.contains($0.id.number) }
        var names: [ReplicaID: PartyName] = [:]
        for member in members { names[member.id] = try await self.name(of: member.id) }
        var highest = self.history.reigns.flatMap(\.committee.members).map(\.id.number).max() ?? 0
        for description in add {
            if description.number == 0 { highest += 1 }
            let id = ReplicaID(description.number == 0 ? highest : description.number)
            members.append(Member(id: id, votingKey: description.votingKey, shareKey: description.shareKey))
            names[id] = description.party
        }
        members.sort { $0.id < $1.id }
        let committee = Committee(
            epoch: current.epoch + 1,
            members: members,
            barredFromLeading: current.barredFromLeading.filter { !remove.contains($0.number) },
            blocksPerLeader: current.blocksPerLeader
        )
        guard let committee, committee.isLawfulSuccessor(of: current) else {
            throw CommandFailure("too many come or go at once, fewer than four stay, or a number is taken")
        }
        return .committee(committee, names: committee.members.compactMap { names[$0.id] })
    }

    /// As the chain's state says.
    private func name(of id: ReplicaID) async throws -> PartyName {
        let listed = self.access.genesis.validators.first { $0.id == id }?.name
        let value = try? await self.access.client.value(of: StateKey.validator(id), on: .access).value
        guard let name = value.flatMap({ PartyName(String(decoding: $0, as: UTF8.self)) }) ?? listed else {
            throw CommandFailure("the chain does not say who validator \(id.number) is")
        }
        return name
    }
}

/// A vote about a proposal.
struct ProposalVote: ParsableArguments {
    @Argument(help: "The proposal's identifier.") var proposal: String
    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func submit(_ vote: ([UInt8]) -> some MethodArguments) async throws {
        try await reportingFailure {
            guard let id = [UInt8](hex: self.proposal), id.count == 32 else {
                throw CommandFailure("an identifier has 64 hexadecimal digits")
            }
            try await ChainAccess.with(self.options, self.genesis) { access in
                try await ChainSubmission(access: access).submit(vote(id))
            }
        }
    }
}

struct ChainApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Vote for a proposal; the last vote that it needs carries it out."
    )
    @OptionGroup var vote: ProposalVote
    func run() async throws { try await self.vote.submit { Approve(proposal: $0) } }
}

struct ChainRejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "reject", abstract: "Vote against a proposal.")
    @OptionGroup var vote: ProposalVote
    func run() async throws { try await self.vote.submit { Reject(proposal: $0) } }
}

struct ChainWithdrawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "withdraw", abstract: "Take back one's own proposal.")
    @OptionGroup var vote: ProposalVote
    func run() async throws { try await self.vote.submit { Withdraw(proposal: $0) } }
}

struct ChainRevokeListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke-list",
        abstract: "Bring an authority's revocation list to the chain, both channels.",
        discussion: "The list is signed by its authority; any registered party may bring it."
    )

    @Argument(help: "The list, for example revocations.wlrl of an identity directory.", completion: .file())
    var file: String
    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func run() async throws {
        try await reportingFailure {
            let bytes = try PrivateFile.read(self.file, upTo: 1 << 20, isSecret: false)
            let list = try RevocationList(bytes: bytes)
            try await ChainAccess.with(self.options, self.genesis) { access in
                let submission = ChainSubmission(access: access)
                let call = Revoke(list: list)
                let proof = try await submission.call(Revoke.contract, Revoke.method, call.bytes, on: .access)
                // The validators do so themselves; this waits until it is done.
                try await submission.submit(BringRevocations(proof: proof), needless: [.nothingNew])
            }
        }
    }
}

struct ChainFollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Tell the index channel what the access channel decided: committees, issuers, parameters.",
        discussion: """
            The validators do so themselves within seconds; this is for when they cannot. The proofs speak: any party may \
            bring them, and repeating it does no harm. Revocations are brought by `wardline chain revoke-list`.
            """
    )

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func run() async throws {
        try await reportingFailure {
            try await ChainAccess.with(self.options, self.genesis) { access in
                let submission = ChainSubmission(access: access)
                let contracts = ConsortiumContracts(scheme: access.scheme)
                let source = RemoteFacts(access: access)
                for fact in try await source.sharedFacts(contracts).missing {
                    guard let call = try await source.call(telling: fact) else { continue }
                    try await submission.submit(call, needless: [.followedAlready, .citationOutdated, .nothingNew])
                }
            }
        }
    }
}

/// The facts of both channels as validators prove them.
private struct RemoteFacts: SharedFactSource {
    let access: ChainAccess

    var genesis: Genesis { self.access.genesis }

    func handovers(of channel: Channel) async throws -> [Handover] {
        try await self.access.any { url in
            try await ValidatorClient(base: url, client: self.access.http).handovers(after: 0, on: channel)
        }
    }

    func value(of key: [UInt8], on channel: Channel) async throws -> ValueProof? {
        do { return try await self.access.client.value(of: key, on: channel) } catch .refused(_, "no-block", _, _) {
            // Nobody certified the genesis: there is no block yet.
            return nil
        }
    }
}
