import ArgumentParser
import CanonicalBytes
import Contracts
import Credentials
import Foundation
import IBTP
import Incentives
import Ledger
import Records
import Uplink

struct RelayServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Register a service of a chain on the relay chain, or change it, as the chain's operator.",
        discussion: """
            What a chain offers others: share for requests, delivery for the news of deliveries. Whether a pair of services \
            is ordered is fixed by its first exchange.
            """
    )

    @Option(help: "The chain's registered name.")
    var name: String

    @Option(help: "The service, for example share.")
    var service: String

    @Flag(help: "Requests of one pair of services are taken in their order only.")
    var ordered = false

    @Flag(help: "Take no new exchanges for now.")
    var frozen = false

    @Option(
        name: .customLong("allow"),
        help: "Who may ask, HUB:CHAIN or HUB:CHAIN:SERVICE (repeatable); everybody without one."
    )
    var allowed: [String] = []

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func run() async throws {
        try await reportingFailure {
            let register = RegisterService(
                chain: self.name,
                service: self.service,
                isOrdered: self.ordered,
                isFrozen: self.frozen,
                allowed: self.allowed.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            )
            try await ChainAccess.with(self.options, self.genesis) { access in
                try await ChainSubmission(access: access).submit(register)
            }
        }
    }
}

struct RelayFinishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "Let the asked chain say how a share request of another chain ended, by its own state.",
        discussion: """
            Custodians do so themselves. Anybody may: for a request that was decided, or whose time is over before anybody \
            filed or decided it.
            """
    )

    @Argument(help: "The exchange's identifier, FROM-TO-INDEX.")
    var exchange: String

    @Option(help: "The request that was filed, 64 hexadecimal digits; without it, none was.")
    var request: String?

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func run() async throws {
        try await reportingFailure {
            guard let id = try? MessageID(self.exchange) else { throw ValidationError("no identifier of an exchange") }
            let request = try self.request.map { text in
                guard let bytes = [UInt8](hex: text), bytes.count == 32 else {
                    throw ValidationError("--request takes 64 hexadecimal digits")
                }
                return bytes
            }
            let finish = FinishCall(id: id, request: request ?? [UInt8](repeating: 0, count: 32))
            try await ChainAccess.with(self.options, self.genesis) { access in
                try await ChainSubmission(access: access).submit(finish)
            }
        }
    }
}

struct RelayAppealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "appeal",
        abstract: "Speak against the freeze of a chain, once, as its operator.",
        discussion: "The relay chain records the statement's digest; governors read it elsewhere, and thaw or not."
    )

    @Option(help: "The chain's registered name.")
    var name: String

    @Argument(help: "The statement.", completion: .file())
    var statement: String

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    func run() async throws {
        try await reportingFailure {
            let text = try PrivateFile.read(self.statement, upTo: 1 << 20, isSecret: false)
            let digest = Digest.sha256(of: text).bytes
            try await ChainAccess.with(self.options, self.genesis) { access in
                try await ChainSubmission(access: access).submit(AppealFreeze(chain: self.name, statement: digest))
            }
        }
    }
}

struct RelayDepositCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deposit",
        abstract: "Put credits down as a gateway, give notice, take them back, or end an escrow.",
        discussion: "Governors issue credits, `wardline chain propose credits`; docs/incentives.md has the rules.",
        subcommands: [Put.self, Show.self, Unbond.self, Withdraw.self, Refund.self]
    )

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put credits down for slots.")
        @Argument(help: "Millionths of a credit.") var millionths: UInt64
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption

        func run() async throws {
            let deposit = DepositCredits(millionths: self.millionths)
            try await RelayDepositCommand.submit(deposit, self.options, self.genesis)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what an account has, in millionths of a credit.",
            discussion: "The account of a party, of a verification node or of a registered chain, by its name."
        )
        @Argument(help: "The account's name.") var account: String
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption

        func run() async throws {
            try await reportingFailure {
                let key = RelayKey.credit(IncentiveKey.account(try AccountID(Array(self.account.utf8))))
                try await ChainAccess.with(self.options, self.genesis) { access in
                    let value = try await access.client.value(of: key, on: .access).value
                    let account = try value.map { bytes in
                        var reader = CanonicalReader(bytes)
                        return try Account(from: &reader)
                    }
                    let found = account ?? .empty
                    try StandardOutput.write(
                        """
                        free\t\(found.free.millionths)
                        deposit\t\(found.deposit.millionths)
                        unbonding-at\t\(found.unbondingAt)

                        """
                    )
                }
            }
        }
    }

    struct Unbond: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give notice for the whole deposit.")
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption

        func run() async throws {
            try await RelayDepositCommand.submit(UnbondDeposit(), self.options, self.genesis)
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take the deposit back when its time is over.")
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption

        func run() async throws {
            try await RelayDepositCommand.submit(WithdrawDeposit(), self.options, self.genesis)
        }
    }

    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End the escrow of a message whose time is over; its payer gets back what is left."
        )
        @Argument(help: "The message's identifier, FROM-TO-INDEX.") var message: String
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption

        func run() async throws {
            guard let id = try? MessageID(self.message) else { throw ValidationError("no identifier of a message") }
            try await RelayDepositCommand.submit(RefundEscrow(id: id), self.options, self.genesis)
        }
    }

    private static func submit(
        _ arguments: some MethodArguments,
        _ options: ValidatorOptions,
        _ genesis: GenesisOption
    ) async throws {
        try await reportingFailure {
            try await ChainAccess.with(options, genesis) { access in
                try await ChainSubmission(access: access).submit(arguments)
            }
        }
    }
}
