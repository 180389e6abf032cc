import ArgumentParser
import BLSCertificates
import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import EVMAdapter
import EVMProofs
import Foundation
import IBTP
import Ledger
import Node
import Records
import Signcryption
import Uplink

/// Who the owner is, and whom it believes.
struct AccountOwnerOptions: ParsableArguments {
    @Option(help: "The file of the account on its chain.", completion: .file(extensions: ["yaml"]))
    var account: String

    @OptionGroup var validators: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    @Option(
        name: .customLong("issuer"),
        help: "Whose certificates of requesters are believed: authority.json; may be repeated.",
        completion: .file()
    )
    var issuers: [String] = []

    @Option(
        name: .customLong("pseudonym-issuer"),
        help: "The same of a pseudonym authority.",
        completion: .file()
    )
    var pseudonymIssuers: [String] = []

    func owner(_ identity: Identity, _ connection: EVMAccountConnection, _ client: ChainClient) throws -> AccountOwner {
        let issuers =
            try self.issuers.map { try IssuerFile.read($0, kind: .authority) }
            + self.pseudonymIssuers.map { try IssuerFile.read($0, kind: .pseudonymAuthority) }
        return AccountOwner(identity: identity, connection: connection, hub: client, issuers: issuers)
    }

    /// Lends the account and the relay chain; connections are closed afterwards.
    func with(_ use: (AccountOwner) async throws -> Void) async throws {
        guard let file = try EVMAccountConfiguration.read(self.account) else {
            throw CommandFailure("\(self.account) is not of an account of a chain with an EVM")
        }
        let identity = try self.validators.load()
        let genesis = try self.genesis.load()
        let connection = try EVMAccountConnection(file)
        let http = SecureClient(
            identity: IdentityWatch(identity),
            servers: [.validator],
            // What is final, validators tell everybody.
            presents: .nothing,
            of: .allies,
            requestSeconds: 30
        )
        let outcome: Result<Void, any Error>
        do {
            guard genesis.chain == file.hub else { throw CommandFailure("--genesis is not of \(file.hub)") }
            let client = ChainClient(
                validators: try self.validators.urls(),
                genesis: genesis,
                scheme: try ChainSignatures.required(of: genesis.committee),
                client: http
            )
            outcome = .success(try await use(try self.owner(identity, connection, client)))
        } catch { outcome = .failure(error) }
        await http.close()
        await connection.close()
        try outcome.get()
    }
}

/// The owner of data: what its account was asked, and by whom.
struct AccountOwner {
    let identity: Identity
    let connection: EVMAccountConnection
    /// The relay chain, whose blocks hold the messages.
    let hub: ChainClient
    let issuers: [TrustedIssuer]

    private var contract: BrokerContract {
        BrokerContract(node: self.connection.node, address: self.connection.chain.settings.broker)
    }

    /// Requests of a service that wait for an answer.
    func pending(from source: ServiceID) async throws -> [MessageID] {
        let pair = ServicePair(from: source, to: self.connection.service)
        let count = try await self.contract.counter(.inCounter, of: pair)
        var found: [MessageID] = []
        guard count > 0 else { return found }
        for index in 1...count {
            let id = try MessageID(pair, index: index)
            if try await self.contract.outcome(of: id, at: .destination) == .pending { found.append(id) }
        }
        return found
    }

    /// The message of a request that waits: the relay chain's blocks show it, and the broker's hash of it vouches for it.
    func message(_ id: MessageID) async throws -> InterchainMessage {
        guard try await self.contract.outcome(of: id, at: .destination) == .pending else {
            throw CommandFailure("\(id) does not wait for an answer")
        }
        let hash = try await self.contract.requestHash(of: id)
        for entry in try await self.hub.events(of: EventSubjects.exchange(id), after: nil, on: .access) {
            guard let proof = try await self.hub.proof(of: entry.transaction, on: .access),
                let call = try? RelayMessage(bytes: proof.transaction.body.arguments),
                call.message.hash.bytes == hash, (try? call.message.id) == id
            else { continue }
            return call.message
        }
        throw CommandFailure("the relay chain does not show the request of \(id)")
    }

    /// Opens a request and judges who asks.
    func request(_ id: MessageID) async throws -> AccountRequest {
        let message = try await self.message(id)
        let sealed = try SealedShareRequest(in: message)
        guard let generation = try self.identity.generation(certified: sealed.receiver) else {
            throw CommandFailure("\(id) is sealed to another certificate than any of \(self.identity.directory)")
        }
        return try AccountRequest(message, with: generation.key, issuers: self.issuers, at: Seconds.now * 1_000)
    }
}

struct AccountInboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox",
        abstract: "Show what the account is asked for, as its owner.",
        discussion: """
            Prints for each request the exchange, the data's digest, the purpose, who asks, and until when an answer is \
            worth something; or why it cannot be read.
            """
    )

    @OptionGroup var owner: AccountOwnerOptions

    @Option(help: "A service that asks, hub:chain:share; may be repeated.", transform: EVMText.service)
    var from: [ServiceID]

    func run() async throws {
        try await reportingFailure {
            try await self.owner.with { owner in
                for source in self.from {
                    for id in try await owner.pending(from: source) { try await Self.show(id, owner) }
                }
            }
        }
    }

    private static func show(_ id: MessageID, _ owner: AccountOwner) async throws {
        do {
            let request = try await owner.request(id)
            let who = request.certificate.fields.usage.contains(.pseudonym) ? "pseudonym" : "party"
            let columns = [
                "\(id)", request.access.scope.hex, request.access.purpose,
                "\(who) \(request.certificate.fields.subject)", ExplorerText.time(request.access.expires),
            ]
            try StandardOutput.write(columns.joined(separator: "\t") + "\n")
        } catch let error as ProtocolFailure { try StandardOutput.write("\(id)\tnot readable\t\(error)\n") }
    }
}

struct AccountAnswerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer",
        abstract: "Give data for a request to the account, or refuse it.",
        discussion: """
            Writes the data sealed to whoever signed the request, and has the account answer with their digests. Prints \
            the exchange and the block's height. Given again after it was interrupted it seals anew and answers once.
            """
    )

    @OptionGroup var owner: AccountOwnerOptions

    @Argument(help: "The exchange's identifier, FROM-TO-INDEX.")
    var exchange: String

    @Option(help: "The data; their digest must be the one that was asked for.", completion: .file())
    var data: String?

    @Flag(help: "Say that nothing is given.")
    var refuse = false

    @Option(help: "Where the sealed data are written.", completion: .file())
    var output: String?

    func validate() throws {
        guard self.refuse == (self.data == nil), (self.data == nil) == (self.output == nil) else {
            throw ValidationError("name --data and --output, or --refuse")
        }
    }

    func run() async throws {
        try await reportingFailure {
            guard let id = try? MessageID(self.exchange) else { throw ValidationError("no identifier of an exchange") }
            try await self.owner.with { owner in
                var results: [[UInt8]] = []
                if let data = self.data, let output = self.output {
                    results = try await self.seal(data, to: output, id, owner)
                }
                let height = try await owner.connection.chain.answer(id, isSuccess: !self.refuse, results)
                try StandardOutput.write("\(id)\t\(height)\n")
            }
        }
    }

    private func seal(
        _ path: String,
        to output: String,
        _ id: MessageID,
        _ owner: AccountOwner
    ) async throws -> [[UInt8]] {
        let request = try await owner.request(id)
        let data = try PrivateFile.read(path, upTo: AccountDelivery.bytesMax, isSecret: false)
        guard AccountAnswer.dataset(of: data) == request.access.scope else {
            throw CommandFailure("\(path) is not the data that \(id) asks for: \(request.access.scope.hex)")
        }
        let receiver = try CertifiedKey(request.certificate, from: request.issuer)
        let delivery = try AccountDelivery(data, to: receiver, in: id, share: request.share)
        // On the disk before the answer that commits to it.
        try Data(delivery.bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
        return AccountAnswer(data, as: delivery).results
    }
}
