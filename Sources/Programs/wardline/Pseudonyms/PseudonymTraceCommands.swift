import ArgumentParser
import BLSCertificates
import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import Ledger
import Pseudonymity
import Transcripts
import Uplink

struct PseudonymTraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Find out who is behind a pseudonym, under an order that the chain records.",
        discussion: """
            `order` records the order in the name of a tracing authority. `open` asks both authorities, each of which \
            looks for the order on the chain and records its answer there, and writes a finding. `verify` checks a \
            finding with nothing but the genesis.
            """,
        subcommands: [Order.self, Open.self, Verify.self]
    )
}

/// The certificate of a pseudonym.
struct TracedCertificate: ParsableArguments {
    @Option(help: "The pseudonym's certificate.", completion: .file(extensions: ["wlc"]))
    var certificate: String

    func read() throws -> ImplicitCertificate {
        let bytes = try PrivateFile.read(self.certificate, upTo: 65_536, isSecret: false)
        do { return try ImplicitCertificate(bytes: bytes) } catch {
            throw CommandFailure("\(self.certificate) is no certificate: \(error)")
        }
    }
}

/// The text of an order.
struct TraceStatement: ParsableArguments {
    @Option(help: "The file with the order's text; the chain gets its digest.", completion: .file())
    var statementFile: String

    func read() throws -> [UInt8] { try PrivateFile.read(self.statementFile, upTo: 60_000, isSecret: false) }
}

extension TraceReason: ExpressibleByArgument {
    public init?(argument: String) {
        guard let reason = Self.allCases.first(where: { $0.word == argument }) else { return nil }
        self = reason
    }

    public static var allValueStrings: [String] { Self.allCases.map(\.word) }
    public var defaultValueDescription: String { self.word }

    var word: String {
        switch self {
        case .court: "court"
        case .misuse: "misuse"
        case .falseAttributes: "false-attributes"
        case .safety: "safety"
        case .other: "other"
        }
    }
}

extension PseudonymTraceCommand {
    struct Order: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "order",
            abstract: "Record an order to trace a pseudonym, as a tracing authority.",
            discussion: "Prints the order's identifier."
        )

        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption
        @OptionGroup var certificate: TracedCertificate
        @OptionGroup var statement: TraceStatement

        @Option(help: "Why: \(TraceReason.allValueStrings.joined(separator: ", ")).")
        var reason: TraceReason

        func run() async throws {
            try await reportingFailure {
                let certificate = try self.certificate.read()
                let text = try self.statement.read()
                try await ChainAccess.with(self.options, self.genesis) { access in
                    let order = SecureRandom.bytes(32)
                    let submitter = ChainSubmitter(access.client, key: RequesterKey(access.identity))
                    try await submitter.submit(
                        OrderTrace(
                            order: order,
                            certificate: certificate.digest,
                            reason: self.reason,
                            statement: PseudonymFinding.digest(ofStatement: text)
                        )
                    )
                    try StandardOutput.write("\(order.hex)\n")
                }
            }
        }
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "open",
            abstract: "Ask both authorities under an order, and write a finding.",
            discussion: "Can be repeated. The finding names a person: it is written with mode 0600."
        )

        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption
        @OptionGroup var certificate: TracedCertificate
        @OptionGroup var statement: TraceStatement

        @Option(help: "The order, 64 hexadecimal digits.")
        var order: String

        @Option(help: ArgumentHelp("The authority of pseudonyms, https://host:7412.", valueName: "url"))
        var pseudonymAuthority: String

        @Option(help: ArgumentHelp("The registration authority, https://host:7411.", valueName: "url"))
        var registrationAuthority: String

        @Option(help: "The file to write.", completion: .file(extensions: ["wltf"]))
        var output: String

        func run() async throws {
            try await reportingFailure {
                let order = try DigestArgument.read(self.order, "an order")
                let certificate = try self.certificate.read()
                let statement = try self.statement.read()
                try await ChainAccess.with(self.options, self.genesis) { access in
                    let finding = try await Self.connected(access.identity) { client in
                        try await TraceDriver(
                            chain: access.client,
                            issuers: access.genesis.issuers,
                            pseudonyms: PseudonymAuthorityClient(
                                base: Self.url(self.pseudonymAuthority),
                                client: client
                            ),
                            registration: RegistrationClient(base: Self.url(self.registrationAuthority), client: client)
                        ).open(
                            order: order,
                            certificate: certificate.bytes,
                            statement: statement,
                            progress: { StandardError.write("\($0)\n") }
                        )
                    }
                    try PrivateFile.write(finding.bytes, to: self.output)
                    let found = try finding.contents(issuers: access.genesis.issuers)
                    try StandardOutput.write(FindingText.text(found))
                }
            }
        }

        private static func url(_ text: String) throws -> ServiceURL {
            guard let url = ServiceURL(text) else { throw CommandFailure("'\(text)' is no address https://host:port") }
            return url
        }

        private static func connected<Value>(
            _ identity: Identity,
            _ body: (SecureClient) async throws -> Value
        ) async throws -> Value {
            let client = SecureClient(
                identity: IdentityWatch(identity),
                servers: [.registrationAuthority, .pseudonymAuthority],
                requestSeconds: 90
            )
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body(client)) } catch { outcome = .failure(error) }
            await client.close()
            return try outcome.get()
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Check a finding with nothing but the chain's genesis."
        )

        @Argument(help: "The finding.", completion: .file(extensions: ["wltf"]))
        var file: String

        @OptionGroup var genesis: GenesisOption

        @Option(
            help: "The changes of the committee up to it.",
            completion: .file()
        )
        var handovers: String?

        func run() throws {
            try reportingFailure {
                let genesis = try self.genesis.load()
                let bytes = try PrivateFile.read(self.file, upTo: 4 << 20, isSecret: false)
                let found = try PseudonymFinding(bytes: bytes).verify(
                    issuers: genesis.issuers,
                    view: self.view(genesis)
                )
                try StandardOutput.write(FindingText.text(found))
            }
        }

        private func view(_ genesis: Genesis) throws -> CommitteeView {
            let scheme = try ChainSignatures.required(of: genesis.committee)
            var view = CommitteeView(genesis: genesis, channel: .access, scheme: scheme)
            guard let path = self.handovers else { return view }
            var reader = CanonicalReader(try PrivateFile.read(path, upTo: 64 << 20, isSecret: false))
            while reader.remaining > 0 {
                let handover = try Handover(from: &reader)
                try view.follow(handover.header, handover.certificate, next: handover.next)
            }
            return view
        }
    }
}

/// How a finding is shown.
enum FindingText {
    static func text(_ found: PseudonymFinding.Verified) -> String {
        let order = found.order
        var rows = [
            ["user", found.user], ["certificate", found.certificate.digest.hex],
            ["issuer", found.certificate.fields.issuer], ["epoch", "\(found.epoch)"],
            ["order", order.arguments.order.hex], ["ordered by", "\(order.authority)"],
            ["ordered at", ExplorerText.time(order.time)], ["reason", order.arguments.reason.word],
        ]
        for answer in order.answers {
            rows.append(["answered by", "\(answer.party), \(ExplorerText.time(answer.time))"])
        }
        return Columns.text(rows)
    }
}
