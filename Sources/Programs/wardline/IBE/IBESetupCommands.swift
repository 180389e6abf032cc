import ArgumentParser
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import IdentityEncryption
import KeyIssuing
import Ledger
import Uplink

struct IBESetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Have the parties make their joint key.",
        discussion: """
            Names, order, addresses and epoch must be those of every party's node.yaml. A party that committed to a set \
            for an epoch takes no other one for it. Given again, the command goes on where it ended.
            """
    )

    @OptionGroup var identity: IBEIdentity

    @Option(
        name: .customLong("party"),
        help: ArgumentHelp("The KGC first, then the privacy centers, in order.", valueName: "name=url")
    )
    var parties: [PartyArgument] = []

    @OptionGroup var genesis: GenesisOption

    @Option(help: "The data epoch from which on the parameters are used.")
    var epoch: UInt64

    @Option(help: "Write the parameters to this file; it is public.", completion: .file(extensions: ["wly"]))
    var output: String

    func validate() throws {
        guard self.parties.count >= 2 else {
            throw ValidationError("name the KGC and at least one privacy center with --party NAME=URL")
        }
    }

    func run() async throws {
        try await reportingFailure {
            let plan = try IssuingPlan(
                consortium: self.genesis.load().chain,
                epoch: self.epoch,
                parties: self.parties.map(\.party)
            )
            let file = try await self.identity.connected { identity, client in
                try await SetupDriver(PartyDirectory(plan, client: client), issuer: identity.issuer) {
                    StandardError.write("\($0)\n")
                }.run()
            }
            try ParametersFiles.write(file, to: self.output)
            try StandardOutput.write("\(file.parameters.digest.hex)\n")
        }
    }
}

struct IBERefreshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Give every party a new share under the same public key.",
        discussion: """
            Shares that were stolen before are worth nothing afterwards. Old and new shares are kept until every party \
            has stored the new ones; an interrupted refresh is finished first.
            """
    )

    @OptionGroup var identity: IBEIdentity

    @Option(help: "The parameters; they are replaced by those with the new shares' points.", completion: .file())
    var parameters: String

    @OptionGroup var moved: MovedParties

    @Flag(help: "Only finish what was interrupted.")
    var recover = false

    func run() async throws {
        try await reportingFailure {
            let before = try ParametersFiles.read(self.parameters)
            let file = try await self.identity.connected { identity, client in
                let parties = try PartyDirectory(self.moved.plan(of: before), client: client)
                let driver = RefreshDriver(parties, issuer: identity.issuer) { StandardError.write("\($0)\n") }
                return try await self.recover ? driver.recover() : driver.run()
            }
            guard file.parameters == before.parameters else {
                throw CommandFailure("the parties have another public key than \(self.parameters)")
            }
            try ParametersFiles.write(file, to: self.parameters)
            try StandardOutput.write("round \(file.round)\n")
        }
    }
}

struct IBEStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say where each party stands.",
        discussion:
            "Columns: place, party, stage, refreshes, public key. Exit code 1 if a party does not answer or differs."
    )

    @OptionGroup var identity: IBEIdentity

    @Option(help: "The parameters, which name the parties.", completion: .file())
    var parameters: String

    @OptionGroup var moved: MovedParties

    func run() async throws {
        try await reportingFailure {
            let file = try ParametersFiles.read(self.parameters)
            let all = try await self.identity.connected { _, client in
                try await PartyDirectory(self.moved.plan(of: file), client: client).status()
            }
            var isWell = true
            var rows: [[String]] = []
            for (place, result) in all.enumerated() {
                let name = "\(file.parties[place].name)"
                switch result {
                case .success(let status):
                    isWell = isWell && status.key == file.parameters.digest.hex && !status.refreshing
                    rows.append([
                        "\(place)", name, status.refreshing ? "refreshing" : status.stage,
                        status.round.map { "\($0)" } ?? "-", status.key ?? "-",
                    ])
                case .failure(let failure):
                    isWell = false
                    rows.append(["\(place)", name, "\(failure)"])
                }
            }
            try StandardOutput.write(Columns.text(rows))
            if !isWell { throw ExitCode.failure }
        }
    }
}

struct IBEParametersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parameters",
        abstract: "Look at a parameters file.",
        subcommands: [Verify.self]
    )

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify setup, signatures and refreshes offline.",
            discussion: "Prints consortium, epoch, parties and public key. Exit code 1 when something does not verify."
        )

        @Argument(help: "The parameters.", completion: .file(extensions: ["wly"]))
        var file: String

        @Option(help: "The parties' authority: `authority.json` of an identity.", completion: .file())
        var issuer: String?

        @OptionGroup var identity: IBEIdentity

        func run() throws {
            try reportingFailure {
                let file = try ParametersFiles.read(self.file)
                let issuer: CertificateIssuer
                if let path = self.issuer {
                    issuer = try IssuerFile.read(path, kind: .authority).issuer
                } else {
                    issuer = try self.identity.load().issuer
                }
                do throws(PartyFailure) { _ = try file.verify(issuer: issuer) } catch {
                    let name = error.party.map { " (\(file.parties[$0].name))" } ?? ""
                    throw CommandFailure("\(self.file): \(error)\(name)")
                }
                var rows = [
                    ["consortium", file.plan.consortium], ["epoch", "\(file.epoch)"], ["round", "\(file.round)"],
                    ["key", file.parameters.digest.hex],
                ]
                for (place, party) in file.parties.enumerated() {
                    rows.append(["party \(place)", "\(party.name) \(party.url)"])
                }
                try StandardOutput.write(Columns.text(rows))
            }
        }
    }
}
