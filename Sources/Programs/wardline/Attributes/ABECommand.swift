import ArgumentParser
import AttributeEncryption
import AttributeIssuing
import CanonicalBytes
import Certificates
import ChainReading
import Consortium
import Credentials
import Foundation
import Uplink

struct ABECommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abe",
        abstract: "Get and look at keys of attributes, and keep an attribute authority.",
        subcommands: [
            ABEPublicKeyCommand.self, ABERequestCommand.self, ABEInspectCommand.self, ABEKeygenCommand.self,
            ABELinksCommand.self,
        ]
    )
}

/// `--consortium` and `--identity`: where the servers are, and who asks.
struct ABEOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The consortium's file; WARDLINE_CONSORTIUM otherwise.", valueName: "file"),
        completion: .file(extensions: ["yaml"])
    )
    var consortium: String?

    @Option(
        help: ArgumentHelp("Your identity directory; WARDLINE_IDENTITY otherwise.", valueName: "directory"),
        completion: .directory
    )
    var identity: String?

    /// Connects for the time of a command.
    func connected<Value>(_ body: (Identity, AttributeKeyClient) async throws -> Value) async throws -> Value {
        let environment = ProcessInfo.processInfo.environment
        guard let path = self.consortium ?? environment["WARDLINE_CONSORTIUM"] else {
            throw ValidationError("name the consortium's file with --consortium FILE")
        }
        guard let directory = self.identity ?? environment["WARDLINE_IDENTITY"] else {
            throw ValidationError("name the identity directory with --identity DIRECTORY")
        }
        let file = try ConsortiumFile(path: path)
        guard let authority = file.attributeAuthority else {
            throw CommandFailure("\(path) names no attribute_authority")
        }
        let identity = try Identity.load(directory: directory)
        let watch = IdentityWatch(identity)
        let client = SecureClient(identity: watch, servers: [.attributeAuthority], requestSeconds: 60)
        // What the chain is asked need not be tied to who asks.
        let reading = SecureClient(identity: watch, servers: [.validator], presents: .nothing, requestSeconds: 30)
        let outcome: Result<Value, any Error>
        do {
            let reader = try QuorumReader(
                validators: file.validators,
                genesis: file.genesis,
                client: reading,
                secondsMax: 0,
                clock: ChainSubmitter.systemClock
            )
            let keys = AttributeKeyClient(
                authority: authority.name,
                url: authority.url,
                client: client,
                chain: reader
            )
            outcome = .success(try await body(identity, keys))
        } catch { outcome = .failure(error) }
        await client.close()
        await reading.close()
        return try outcome.get()
    }
}

struct ABEPublicKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "public-key",
        abstract: "Get the attribute authority's public key, as the chain proves it.",
        discussion: "Prints the key's digest. Exit code 1 when the chain holds none."
    )

    @OptionGroup var options: ABEOptions

    @Option(help: "Write the key to this file; it is public.", completion: .file(extensions: ["wlm"]))
    var output: String?

    func run() async throws {
        try await reportingFailure {
            let key = try await self.options.connected { _, keys in try await keys.publicKey() }
            if let output = self.output {
                try Data(key.bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
            }
            try StandardOutput.write("\(key.digest.hex)\n")
        }
    }
}

struct ABEKeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key under which an attribute authority seals its master key."
    )

    @Option(help: "A file that does not exist; it gets mode 0600.", completion: .file())
    var output: String

    func run() throws {
        try reportingFailure { try SealingSecret.make(self.output) }
    }
}

struct ABELinksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "links",
        abstract: "Say who got a key under which permission: for the tracing authority, on a lawful order.",
        discussion: """
            Run it on the authority's machine, as its user. Columns: time, party, permission, certificate of the \
            permission, certificate of the party.
            """
    )

    @Option(help: "The authority's directory.", completion: .directory)
    var directory: String

    @Option(help: "Only this permission, 64 hexadecimal digits.")
    var permission: String?

    @Option(
        help: "Write the signed request of the newest line to this file, as evidence; mode 0600.",
        completion: .file()
    )
    var evidence: String?

    func run() async throws {
        try await reportingFailure {
            guard LinkLedger.exists(in: self.directory) else {
                throw CommandFailure("\(self.directory) holds no ledger of links")
            }
            let permission = try self.permission.map { try ABERequestCommand.digest($0, "--permission") }
            // Nothing is noted here, so that nothing is pruned either.
            let links = try await LinkLedger(directory: self.directory, retentionDays: 0).links(of: permission)
            let rows = links.map { link in
                [
                    Date(timeIntervalSince1970: Double(link.time)).ISO8601Format(), link.party, link.permission.hex,
                    link.certificate.hex, link.identity.hex,
                ]
            }
            try StandardOutput.write(Columns.text(rows))
            guard let evidence = self.evidence else { return }
            guard let last = links.last else { throw CommandFailure("there is no such line") }
            try PrivateFile.write(last.request, to: evidence)
        }
    }
}
