import ArgumentParser
import CanonicalBytes
import Credentials
import EVMAdapter
import EVMProofs
import IBTP
import Records
import Relaying
import Secp256k1

/// What attesters say and a gateway brings.
struct EVMStatementOptions: ParsableArguments {
    @Option(help: "The file with the message, IBTP bytes.", completion: .file())
    var message: String

    @Option(help: "What the relay chain says of the exchange: begin, success…", transform: EVMText.status)
    var status: TransactionStatus

    @Option(help: "Hash of the exchange's request; a request's own without it.", transform: EVMText.digest)
    var requestHash: [UInt8]?

    func load() throws -> BrokerStatement {
        let bytes = try PrivateFile.read(self.message, upTo: IBTPLimits.messageBytesMax, isSecret: false)
        let message = try InterchainMessage(bytes: bytes, .tolerant)
        return try BrokerStatement(
            message: message,
            status: self.status,
            requestHash: self.requestHash ?? message.hash.bytes
        )
    }
}

struct EVMAttestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Sign what a relay chain says for one broker; nobody is asked.",
        discussion: """
            Prints the signature. An attester's key belongs in a verification node, which signs what it has seen \
            itself; this command signs whatever it is given.
            """
    )

    @OptionGroup var broker: EVMBrokerOption
    @OptionGroup var statement: EVMStatementOptions
    @OptionGroup var key: EVMKeyOption

    @Option(help: "The chain's number (EIP-155).")
    var chainID: UInt64

    @Option(help: "Epoch of the attesters that the broker believes.")
    var epoch: UInt64

    func run() async throws {
        try reportingFailure {
            let identity = BrokerIdentity(chainID: self.chainID, address: self.broker.broker)
            let digest = try self.statement.load().digest(for: identity, epoch: self.epoch)
            try StandardOutput.write(try self.key.load().sign(digest).bytes.hex + "\n")
        }
    }
}

struct EVMDeliverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliver",
        abstract: "Bring a message with its signatures to the broker.",
        discussion: """
            Prints what came of it: delivered and the transaction, already-there, gap and the index that is expected, \
            stale, or refused and why. Exit code 1 unless it is there now.
            """
    )

    @OptionGroup var node: EVMNodeOption
    @OptionGroup var broker: EVMBrokerOption
    @OptionGroup var statement: EVMStatementOptions
    @OptionGroup var key: EVMKeyOption

    @Option(help: "The chain's name, hub:chain.")
    var chain: String

    @Option(name: .customLong("signature"), help: "An attester's; repeated.", transform: EVMText.bytes)
    var signatures: [[UInt8]]

    @Flag(help: "Send it to the contract without looking first whether it can be taken; for tests of the contract.")
    var blindly = false

    func run() async throws {
        try await reportingFailure {
            let statement = try self.statement.load()
            try await self.node.with { node in
                let sender = try await self.key.sender(node)
                if self.blindly { return try await self.force(statement, sender) }
                let settings = EVMChainSettings(
                    chain: self.chain,
                    chainID: try await node.chainID(),
                    broker: self.broker.broker,
                    finality: .depth(0)
                )
                let chain = try EVMChain(settings: settings, node: node, sender: sender)
                try await chain.check()
                let delivery = InboundDelivery(
                    message: statement.message,
                    status: statement.status,
                    requestHash: statement.requestHash,
                    evidence: RelayAttestation(status: statement.status, signatures: self.signatures).bytes
                )
                try Self.report(try await chain.deliver(delivery))
            }
        }
    }

    private func force(_ statement: BrokerStatement, _ sender: TransactionSender) async throws {
        let mined = try await sender.send(
            to: self.broker.broker,
            statement.callData(signatures: self.signatures)
        )
        try Self.report(
            mined.isSuccess ? .delivered(transaction: mined.hash) : .refused("0x\(mined.hash.hex) has failed")
        )
    }

    private static func report(_ outcome: DeliveryOutcome) throws {
        switch outcome {
        case .delivered(let transaction): try StandardOutput.write("delivered\t0x\(transaction.hex)\n")
        case .alreadyThere: try StandardOutput.write("already-there\n")
        case .gap(let expected): try StandardOutput.write("gap\t\(expected)\n")
        case .stale: try StandardOutput.write("stale\n")
        case .refused(let reason): try StandardOutput.write("refused\t\(reason)\n")
        }
        switch outcome {
        case .delivered, .alreadyThere: return
        case .gap, .stale, .refused: throw ExitCode.failure
        }
    }
}

/// Signatures as the contract wants them.
enum AttestedOrder {
    /// Ascending by the signers' addresses.
    static func sorted(_ signatures: [[UInt8]], of digest: [UInt8]) throws -> [[UInt8]] {
        try signatures.map { bytes in
            let key = try Secp256k1Signature(bytes).signer(of: digest)
            return (try EVMAddress(publicKey: key.coordinates), bytes)
        }
        .sorted { $0.0.bytes.lexicographicallyPrecedes($1.0.bytes) }
        .map { $0.1 }
    }
}
