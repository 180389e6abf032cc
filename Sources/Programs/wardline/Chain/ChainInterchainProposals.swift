import ArgumentParser
import BLSCertificates
import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Foundation
import Incentives
import Ledger
import PathProofs
import Uplink

/// Another chain, as governors vouch for it.
struct OtherChainOptions: ParsableArguments {
    @Option(
        name: .customLong("other-genesis"),
        help: "The other chain's genesis, from a source that you trust.",
        completion: .file(extensions: ["wlg"])
    )
    var genesis: String

    @Option(
        name: .customLong("other-validator"),
        help: """
            A validator of the other chain, for its newest committee; without one, the genesis's committee, from which \
            gateways show the later ones. May be repeated.
            """
    )
    var validators: [String] = []

    @Option(
        name: .customLong("other-identity"),
        help: "The identity directory for the other chain; that of --identity otherwise.",
        completion: .directory
    )
    var identity: String?

    @Option(help: "Days for which a header vouches for its committee, 1 to 365.")
    var trustDays: UInt64 = 14

    func validate() throws {
        guard (1...365).contains(self.trustDays) else { throw ValidationError("--trust-days is 1 to 365") }
    }

    func anchor(_ own: ChainAccess) async throws -> ClientAnchor {
        let genesis = try GenesisOption.read(self.genesis)
        var (committee, height) = (genesis.committee, Height(1))
        if !self.validators.isEmpty {
            let identity = try self.identity.map { try Identity.load(directory: $0) } ?? own.identity
            let reign = try await self.newest(genesis, as: identity)
            (committee, height) = (reign.committee, reign.firstHeight)
        }
        return ClientAnchor(
            chain: Array(genesis.chain.utf8),
            committee: committee,
            firstHeight: height,
            trustSeconds: self.trustDays * 86_400
        )
    }

    private func newest(_ genesis: Genesis, as identity: Identity) async throws -> CommitteeHistory.Reign {
        let urls = try self.validators.map { text in
            guard let url = ServiceURL(text) else { throw ValidationError("'\(text)' is no address of a validator") }
            return url
        }
        let watch = IdentityWatch(identity)
        let http = SecureClient(identity: watch, servers: [.validator], of: .allies, requestSeconds: 60)
        let outcome: Result<CommitteeHistory.Reign, any Error>
        do {
            let scheme = try ChainSignatures.required(of: genesis.committee)
            let access = ChainAccess(
                genesis: genesis,
                scheme: scheme,
                identity: identity,
                urls: urls,
                http: http,
                client: ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: http)
            )
            let reigns = try await access.view(of: .access).committees.reigns
            outcome = .success(reigns[reigns.count - 1])
        } catch { outcome = .failure(error) }
        await http.close()
        return try outcome.get()
    }
}

/// A list of verification nodes, as governors vouch for it.
struct NodeListOption: ParsableArguments {
    @Option(help: "The chain's list of verification nodes, of `wardline relay list make`.", completion: .file())
    var list: String

    @Option(help: "The first height of the chain that the list certifies.")
    var listHeight: UInt64 = 1

    func anchor() throws -> ListAnchor {
        guard self.listHeight > 0 else { throw ValidationError("--list-height begins at 1") }
        return ListAnchor(list: try NodeListFiles.read(self.list).bytes, firstHeight: self.listHeight)
    }
}

extension ChainProposeCommand {
    struct Connect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "connect",
            abstract: "Connect this chain to a relay chain, or vouch for the relay chain anew.",
            discussion: """
                The relay chain is believed by light client from the committee that is given here. Its own list of \
                verification nodes is needed; those of other chains can also be brought by gateways later.
                """
        )
        @OptionGroup var common: Common
        @Option(help: "This chain's name on the relay chain.") var name: String
        @OptionGroup var other: OtherChainOptions
        @Option(
            name: .customLong("list"),
            help: "A list of verification nodes; the relay chain's at least (repeatable, all from height 1).",
            completion: .file()
        )
        var lists: [String]

        func run() async throws {
            try await self.common.propose { access in
                .connect(
                    ConnectRelay(
                        name: self.name,
                        anchor: try await self.other.anchor(access),
                        lists: try self.lists.map {
                            ListAnchor(list: try NodeListFiles.read($0).bytes, firstHeight: 1)
                        }
                    )
                )
            }
        }
    }

    struct RegisterChainCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "register-chain",
            abstract: "Let a chain take part, on a relay chain.",
            discussion: "Try it first: `wardline relay rule check`. The operator registers the chain's services."
        )
        @OptionGroup var common: Common
        @Option(help: "The chain's name, the middle part of its services' names.") var name: String
        @Option(help: "Who registers its services and appeals for it: organization:role:name.") var `operator`: String
        @OptionGroup var other: OtherChainOptions
        @OptionGroup var list: NodeListOption

        func run() async throws {
            try await self.common.propose { access in
                .registerChain(
                    RegisterChain(
                        name: self.name,
                        basis: .wardline(try await self.other.anchor(access)),
                        operatorName: try Names.parties([self.operator])[0],
                        list: try self.list.anchor()
                    )
                )
            }
        }
    }

    struct RegisterHub: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "register-hub",
            abstract: "Register the relay chain's own list of verification nodes, on it."
        )
        @OptionGroup var common: Common
        @Option(help: "Who appeals for it: organization:role:name.") var `operator`: String
        @OptionGroup var list: NodeListOption

        func run() async throws {
            try await self.common.propose { access in
                .registerChain(
                    RegisterChain(
                        name: access.genesis.chain,
                        basis: .hub,
                        operatorName: try Names.parties([self.operator])[0],
                        list: try self.list.anchor()
                    )
                )
            }
        }
    }

    struct Standing: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Freeze or thaw a chain or service on a relay chain, or retire a chain for ever."
        )
        enum Action: String, ExpressibleByArgument, CaseIterable { case freeze, thaw, retire }

        @OptionGroup var common: Common
        @Argument(help: "freeze, thaw or retire.") var action: Action
        @Argument(help: "The chain's name.") var chain: String
        @Option(help: "Only this service of it.") var service = ""

        func validate() throws {
            guard self.service.isEmpty || self.action != .retire else {
                throw ValidationError("a service is frozen, not retired")
            }
        }

        func run() async throws {
            let action: ChangeStanding.Action =
                switch self.action {
                case .freeze: .freeze
                case .thaw: .thaw
                case .retire: .retire
                }
            try await self.common.propose { _ in
                .standing(ChangeStanding(chain: self.chain, service: self.service, action: action))
            }
        }
    }

    struct Vouch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Vouch anew for a registered chain whose trust period is over.",
            discussion: "On the chain's own side, `wardline chain propose connect` with the same names does so."
        )
        @OptionGroup var common: Common
        @Option(help: "The chain's name.") var name: String
        @OptionGroup var other: OtherChainOptions
        @Option(help: "A list of verification nodes to begin anew with.", completion: .file()) var list: String?
        @Option(help: "The first height that the list certifies.") var listHeight: UInt64 = 1

        func run() async throws {
            try await self.common.propose { access in
                .reanchor(
                    ReanchorChain(
                        chain: self.name,
                        anchor: try await self.other.anchor(access),
                        list: try self.list.map {
                            ListAnchor(list: try NodeListFiles.read($0).bytes, firstHeight: self.listHeight)
                        }
                    )
                )
            }
        }
    }

    struct SetIncentives: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "incentives",
            abstract: "Set what relaying pays and costs, on a relay chain.",
            discussion: """
                The contract takes only parameters under which honest relay is the best response; `wardline-sim incentives` \
                shows what others would do. Everything else is as docs/incentives.md has it.
                """
        )
        @OptionGroup var common: Common
        @Option(help: "Whole credits for a hop.") var reward: UInt32?
        @Option(help: "Whole credits that a relay puts down for slots.") var deposit: UInt32?

        func run() async throws {
            try await self.common.propose { _ in
                var parameters = IncentiveParameters.standard
                if let reward = self.reward { parameters.game.reward = Credits(reward) }
                if let deposit = self.deposit { parameters.game.deposit = Credits(deposit) }
                return .incentives(parameters)
            }
        }
    }

    struct SetCredits: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "credits",
            abstract: "Give an account the credits of a period, or take them, on a relay chain."
        )
        enum Action: String, ExpressibleByArgument, CaseIterable { case issue, retire }

        @OptionGroup var common: Common
        @Argument(help: "issue or retire.") var action: Action
        @Argument(help: "A party, organization:role:name, or a registered chain's name.") var account: String
        @Argument(help: "Millionths of a credit.") var millionths: UInt64

        func run() async throws {
            try await self.common.propose { _ in
                .credits(
                    ChangeCredits(
                        action: self.action == .issue ? .issue : .retire,
                        account: Array(self.account.utf8),
                        millionths: self.millionths
                    )
                )
            }
        }
    }

    struct CondemnCode: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "condemn-code",
            abstract: "End a contract's code, on a relay chain; what is held for it goes to the pool."
        )
        @OptionGroup var common: Common
        @Argument(help: "The contract's name.") var name: String

        func run() async throws {
            try await self.common.propose { _ in
                guard let name = try? CodeName(self.name) else { throw ValidationError("not the name of a contract") }
                return .condemnCode(name)
            }
        }
    }
}
