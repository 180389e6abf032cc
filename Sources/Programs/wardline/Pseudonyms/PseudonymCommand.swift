import ArgumentParser
import CanonicalBytes
import Certificates
import Consortium
import Credentials
import Foundation
import Ledger
import Pseudonymity
import Uplink

struct PseudonymCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pseudonym",
        abstract: "Get and keep pseudonyms, run their authorities' keys, and trace a holder under an order.",
        discussion: """
            A pseudonym is a certificate without a name. The registration authority knows who asks and none of the \
            certificates; the authority of pseudonyms makes certificates and knows nobody. Together, on an order that the \
            chain records, they can tell who is behind one.
            """,
        subcommands: [
            PseudonymRequestCommand.self, PseudonymFetchCommand.self, PseudonymListCommand.self,
            PseudonymShowCommand.self, PseudonymPruneCommand.self, PseudonymRevokeCommand.self,
            PseudonymKeygenCommand.self, PseudonymAuthorityCommand.self, PseudonymTraceCommand.self,
        ]
    )
}

/// `--identity`.
struct PseudonymIdentity: ParsableArguments {
    @Option(
        help: ArgumentHelp("The identity directory; WARDLINE_IDENTITY otherwise.", valueName: "directory"),
        completion: .directory
    )
    var identity: String?

    func load() throws -> Identity {
        guard let directory = self.identity ?? ProcessInfo.processInfo.environment["WARDLINE_IDENTITY"] else {
            throw ValidationError("name the identity directory with --identity DIRECTORY")
        }
        return try Identity.load(directory: directory)
    }

    /// Connects to authorities of pseudonyms for the time of a command.
    func connected<Value>(_ body: (Identity, SecureClient) async throws -> Value) async throws -> Value {
        let identity = try self.load()
        let client = SecureClient(
            identity: IdentityWatch(identity),
            servers: [.registrationAuthority, .pseudonymAuthority],
            requestSeconds: 60
        )
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(identity, client)) } catch { outcome = .failure(error) }
        await client.close()
        return try outcome.get()
    }
}

/// Which registration authority is asked, and which authorities of pseudonyms are trusted.
struct RegistrationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The consortium's file, which names authority and genesis; WARDLINE_CONSORTIUM otherwise.",
            valueName: "consortium.yaml"
        ),
        completion: .file(extensions: ["yaml"])
    )
    var consortium: String?

    @Option(help: ArgumentHelp("The registration authority, https://host:7411.", valueName: "url"))
    var registrationAuthority: String?

    @Option(
        help: ArgumentHelp("The chain's genesis, which lists authorities of pseudonyms; WARDLINE_GENESIS otherwise."),
        completion: .file(extensions: ["wlg"])
    )
    var genesis: String?

    @Option(
        help: ArgumentHelp("The public side of an authority of pseudonyms, issuer.json, besides those of the genesis."),
        completion: .file(extensions: ["json"])
    )
    var issuer: [String] = []

    private var consortiumPath: String? {
        self.consortium ?? ProcessInfo.processInfo.environment["WARDLINE_CONSORTIUM"]
    }

    /// Address and, when it is known, name of the registration authority.
    func authority() throws -> (url: ServiceURL, name: PartyName?) {
        if let text = self.registrationAuthority {
            guard let url = ServiceURL(text) else {
                throw ValidationError("'\(text)' is no address such as https://registration.example:7411")
            }
            return (url, nil)
        }
        guard let path = self.consortiumPath else {
            throw ValidationError("name the registration authority with --registration-authority or --consortium")
        }
        guard let service = try ConsortiumFile(path: path).registrationAuthority else {
            throw CommandFailure("\(path) names no registration_authority")
        }
        return (service.url, service.name)
    }

    func issuers() throws -> [CertificateIssuer] {
        var issuers = try self.issuer.map { try IssuerFile.read($0, kind: .pseudonymAuthority).issuer }
        if let path = self.genesis ?? ProcessInfo.processInfo.environment["WARDLINE_GENESIS"] {
            issuers += Self.issuers(of: try GenesisOption.read(path))
        } else if let path = self.consortiumPath {
            issuers += Self.issuers(of: try ConsortiumFile(path: path).genesis)
        }
        guard !issuers.isEmpty else {
            throw CommandFailure(
                "no authority of pseudonyms is known: name a genesis that lists one with --genesis or --consortium, or its "
                    + "file with --issuer"
            )
        }
        return issuers
    }

    private static func issuers(of genesis: Genesis) -> [CertificateIssuer] {
        genesis.issuers.filter { $0.kind == .pseudonymAuthority }.map(\.issuer)
    }
}

/// Digests on the command line.
enum DigestArgument {
    static func read(_ text: String, _ what: String) throws -> [UInt8] {
        guard let bytes = [UInt8](hex: text), bytes.count == 32 else {
            throw CommandFailure("\(what) has 64 hexadecimal digits")
        }
        return bytes
    }
}
