import ArgumentParser
import BLSCertificates
import Certificates
import Consensus
import Credentials
import Foundation
import Ledger
import Uplink

/// `--validator`: whom a command asks.
struct ValidatorAddresses: ParsableArguments {
    @Option(
        name: .customLong("validator"),
        help: ArgumentHelp(
            "A validator's interface, https://host:7401; may be repeated. WARDLINE_VALIDATORS, with commas, otherwise.",
            valueName: "url"
        )
    )
    var validators: [String] = []

    func urls() throws -> [ServiceURL] {
        let variable = ProcessInfo.processInfo.environment["WARDLINE_VALIDATORS"] ?? ""
        let texts = self.validators.isEmpty ? variable.split(separator: ",").map(String.init) : self.validators
        guard !texts.isEmpty else { throw ValidationError("name a validator with --validator https://host:7401") }
        return try texts.map { text in
            guard let url = ServiceURL(text.trimmingCharacters(in: .whitespaces)) else {
                throw ValidationError("'\(text)' is no address such as https://validator.example:7401")
            }
            return url
        }
    }
}

/// `--validator` and `--identity`: whom a command talks to, and as whom.
struct ValidatorOptions: ParsableArguments {
    @OptionGroup var addresses: ValidatorAddresses

    @Option(
        help: ArgumentHelp(
            "The identity directory to show certificates of; WARDLINE_IDENTITY otherwise.",
            valueName: "directory"
        )
    )
    var identity: String?

    func urls() throws -> [ServiceURL] { try self.addresses.urls() }

    func load() throws -> Identity {
        let variable = ProcessInfo.processInfo.environment["WARDLINE_IDENTITY"]
        guard let directory = self.identity ?? variable else {
            throw ValidationError("name the identity directory with --identity DIRECTORY")
        }
        return try Identity.load(directory: directory)
    }
}

/// `--genesis`: which chain a command believes.
struct GenesisOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("The chain's genesis, from a source that you trust; WARDLINE_GENESIS otherwise."),
        completion: .file(extensions: ["wlg"])
    )
    var genesis: String?

    var path: String? { self.genesis ?? ProcessInfo.processInfo.environment["WARDLINE_GENESIS"] }

    func load() throws -> Genesis {
        guard let path = self.path else { throw ValidationError("name the chain's genesis with --genesis FILE") }
        return try Self.read(path)
    }

    static func read(_ path: String) throws -> Genesis {
        let bytes = try PrivateFile.read(path, upTo: 64 << 20, isSecret: false)
        do { return try Genesis(bytes: bytes) } catch { throw CommandFailure("\(path) is no genesis: \(error)") }
    }
}

/// `--channel`.
struct ChannelOption: ParsableArguments {
    @Option(help: "access or index.")
    var channel: Channel
}

extension Channel: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }
    public static var allValueStrings: [String] { Self.allCases.map(\.name) }
    public var defaultValueDescription: String { self.name }
}

/// What a command tells when it fails.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A chain as a command reaches it: genesis, validators and identity.
struct ChainAccess: Sendable {
    let genesis: Genesis
    /// How the chain's certificates are made.
    let scheme: any SignatureScheme
    let identity: Identity
    let urls: [ServiceURL]
    let http: SecureClient
    let client: ChainClient

    /// Connects for the time of a command.
    static func with<Value>(
        _ options: ValidatorOptions,
        _ genesis: GenesisOption,
        _ body: (ChainAccess) async throws -> Value
    ) async throws -> Value {
        let identity = try options.load()
        let http = SecureClient(identity: IdentityWatch(identity), servers: [.validator], requestSeconds: 60)
        let outcome: Result<Value, any Error>
        do {
            let (urls, genesis) = (try options.urls(), try genesis.load())
            let scheme = try ChainSignatures.required(of: genesis.committee)
            let access = ChainAccess(
                genesis: genesis,
                scheme: scheme,
                identity: identity,
                urls: urls,
                http: http,
                client: ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: http)
            )
            outcome = .success(try await body(access))
        } catch { outcome = .failure(error) }
        await http.close()
        return try outcome.get()
    }

    /// Asks one validator after the other until one answers.
    func any<Value>(_ ask: (ServiceURL) async throws -> Value) async throws -> Value {
        var last: any Error = CommandFailure("no validator is named")
        for url in self.urls {
            do { return try await ask(url) } catch { last = CommandFailure("\(url): \(error)") }
        }
        throw last
    }

    /// The committees up to an epoch, each named by the one before; all that are known for none.
    func view(of channel: Channel, reaching epoch: CommitteeEpoch = .max) async throws -> CommitteeView {
        let start = CommitteeView(genesis: self.genesis, channel: channel, scheme: self.scheme)
        guard epoch > 0 else { return start }
        return try await self.any { url in
            var view = start
            let validator = ValidatorClient(base: url, client: self.http)
            for handover in try await validator.handovers(after: 0, on: channel) {
                try view.follow(handover.header, handover.certificate, next: handover.next)
            }
            return view
        }
    }
}
