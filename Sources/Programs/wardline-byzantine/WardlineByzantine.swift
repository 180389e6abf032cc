import ArgumentParser
import BLSCertificates
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Logging
import Node
import PeerTransport
import ServiceLifecycle
import UnixSignals
import Validator

/// Parties that break the protocol on purpose, for `scripts/soak --chain` and `scripts/alliances`.
@main
struct WardlineByzantine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wardline-byzantine",
        abstract: "Misbehave, to see that the others stand it. Never on a real chain.",
        subcommands: [ValidatorCommand.self, GatewayCommand.self, NodesCommand.self],
        defaultSubcommand: ValidatorCommand.self
    )
}

/// A validator that breaks the protocol.
struct ValidatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validator",
        abstract: "Run a validator that misbehaves, to see that the others stand it. Never for a real chain.",
        discussion: """
            Takes the node.yaml of a validator, runs its replica over its own directory and keys, and bends what goes out \
            and what peers ask for. It serves no clients. This program is a tool of the test suite: no package contains \
            it, and whoever runs it on a real chain signs proof of their own misbehaviour.

            Behaviours: \(Behaviour.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: "; ")); \
            mixed changes between random sets of them every few seconds.

            Each second prints one line of JSON with how often it did what since the last one.
            """
    )

    @Option(name: .customLong("config"), help: "The validator's node.yaml.", completion: .file(extensions: ["yaml"]))
    var configurationFile: String

    @Option(help: "What it does; may be repeated. See above for the names.")
    var behaviour: [String] = ["mixed"]

    @Option(help: "Repeats its choices, as far as the others' messages come in the same order.")
    var seed: UInt64?

    func validate() throws { _ = try self.agenda() }

    func run() async throws {
        let seed = self.seed ?? UInt64.random(in: 0...UInt64.max)
        let logger = Self.logger()
        let settings = try self.settings()
        let network = try Self.network(settings, agenda: self.agenda(), seed: seed, logger: logger)
        let validator = try Validator(configuration: settings, parts: network.parts, logger: logger)
        logger.warning("this validator misbehaves on purpose", metadata: ["seed": "\(seed)"])
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: validator), .init(service: DeedReport(deeds: network.deeds))],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }

    private func agenda() throws -> Agenda {
        if self.behaviour.contains("mixed") { return .changing }
        return .fixed(
            try self.behaviour.map { name in
                guard let found = Behaviour(rawValue: name) else { throw ValidationError("no behaviour '\(name)'") }
                return found
            }
        )
    }

    private func settings() throws -> ValidatorConfiguration {
        guard let data = FileManager.default.contents(atPath: self.configurationFile),
            let text = String(validating: data, as: UTF8.self)
        else { throw ValidationError("cannot read \(self.configurationFile)") }
        guard let section = try NodeConfiguration(parsing: text, file: self.configurationFile).validator else {
            throw ValidationError("\(self.configurationFile) has no validator section")
        }
        return section.validator
    }

    private static func logger() -> Logger {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "wardline-byzantine")
        logger.logLevel = .warning
        return logger
    }

    private static func network(
        _ settings: ValidatorConfiguration,
        agenda: Agenda,
        seed: UInt64,
        logger: Logger
    ) throws -> (parts: ValidatorParts, deeds: Deeds) {
        let identity = try Identity.load(directory: settings.identityDirectory)
        let keys = try ValidatorKeys.load(settings.directory)
        let genesis = try Genesis(bytes: PrivateFile.read(settings.genesisFile, upTo: 64 << 20, isSecret: false))
        guard let number = genesis.validators.first(where: { $0.name == identity.name })?.id else {
            throw ValidationError("the genesis does not list \(identity.name)")
        }
        let transport = try PeerTransport(
            configuration: PeerTransportConfiguration(
                host: settings.peerHost,
                port: settings.peerPort,
                chain: Array(genesis.chain.utf8),
                genesis: genesis.digest,
                number: number.number
            ),
            identity: identity,
            logger: logger
        )
        let scheme = try ChainSignatures.required(of: genesis.committee)
        let deeds = Deeds()
        let conduct = Conduct(number: number, genesis: genesis, signer: keys.signer, agenda: agenda, seed: seed)
        let parts = ValidatorParts(
            number: number,
            genesis: genesis,
            signer: keys.signer,
            scheme: scheme,
            member: keys.member(number),
            logic: ConsortiumContracts(scheme: scheme),
            network: ByzantineNetwork(transport, conduct: conduct, deeds: deeds)
        )
        return (parts, deeds)
    }
}
