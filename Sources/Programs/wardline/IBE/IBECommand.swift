import ArgumentParser
import Certificates
import Credentials
import Foundation
import IdentityEncryption
import KeyIssuing
import Ledger
import Uplink

struct IBECommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ibe",
        abstract: "Set up, refresh and use the keys that a KGC and privacy centers issue jointly.",
        discussion: """
            Whoever drives a setup or a refresh needs an identity of role operator, and nobody's trust: every party \
            verifies everything for itself. Each command may be interrupted and given again.
            """,
        subcommands: [
            IBEKeygenCommand.self, IBESetupCommand.self, IBERefreshCommand.self, IBEStatusCommand.self,
            IBEParametersCommand.self, IBERequestCommand.self,
        ]
    )
}

/// `--identity`: as whom a command goes to the issuing parties.
struct IBEIdentity: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The identity directory to show certificates of; WARDLINE_IDENTITY otherwise.",
            valueName: "directory"
        ),
        completion: .directory
    )
    var identity: String?

    func load() throws -> Identity {
        guard let directory = self.identity ?? ProcessInfo.processInfo.environment["WARDLINE_IDENTITY"] else {
            throw ValidationError("name the identity directory with --identity DIRECTORY")
        }
        return try Identity.load(directory: directory)
    }

    /// Connects for the time of a command.
    func connected<Value>(_ body: (Identity, SecureClient) async throws -> Value) async throws -> Value {
        let identity = try self.load()
        let client = SecureClient(
            identity: IdentityWatch(identity),
            servers: [.kgc, .privacyCenter],
            requestSeconds: 60
        )
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(identity, client)) } catch { outcome = .failure(error) }
        await client.close()
        return try outcome.get()
    }
}

/// A parameters file as an option or argument names it.
enum ParametersFiles {
    static func read(_ path: String) throws -> ParametersFile {
        let bytes = try PrivateFile.read(path, upTo: ParametersFile.bytesMax, isSecret: false)
        do { return try ParametersFile(bytes: bytes) } catch {
            throw CommandFailure("\(path) holds no parameters: \(error)")
        }
    }

    /// Public, so that others than the owner may read it.
    static func write(_ file: ParametersFile, to path: String) throws {
        try Data(file.bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

/// `NAME=URL` of `--party`.
struct PartyArgument: ExpressibleByArgument {
    let party: IssuingPlan.Party

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), let name = PartyName(String(argument[..<sign])) else {
            return nil
        }
        let url = String(argument[argument.index(after: sign)...])
        guard ServiceURL(url) != nil else { return nil }
        self.party = IssuingPlan.Party(name: name, url: url)
    }
}

/// `--party`: where a party is now, if it moved after the setup.
struct MovedParties: ParsableArguments {
    @Option(
        name: .customLong("party"),
        help: ArgumentHelp("Where a party is now, if it moved since the setup; may be repeated.", valueName: "name=url")
    )
    var parties: [PartyArgument] = []

    func plan(of file: ParametersFile) throws -> IssuingPlan {
        for moved in self.parties where !file.parties.contains(where: { $0.name == moved.party.name }) {
            throw ValidationError("\(moved.party.name) is no party of these parameters")
        }
        return try IssuingPlan(
            consortium: file.plan.consortium,
            epoch: file.epoch,
            parties: file.parties.map { party in self.parties.first { $0.party.name == party.name }?.party ?? party }
        )
    }
}

struct IBEKeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key under which an issuing party seals its shares."
    )

    @Option(help: "A file that does not exist; it gets mode 0600.", completion: .file())
    var output: String

    func run() throws {
        try reportingFailure { try SealingKeyFile.make(self.output) }
    }
}
