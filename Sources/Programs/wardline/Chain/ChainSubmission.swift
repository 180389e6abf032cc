import ArgumentParser
import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Uplink

/// Hands in a transaction in the identity's name, and tells what came of it.
struct ChainSubmission {
    /// How long it may take effect, ms.
    private static let lifetime: UInt64 = 600_000

    let access: ChainAccess

    /// Calls a method and prints the transaction's identifier.
    ///
    /// - Parameters:
    ///   - arguments: name the method.
    ///   - needless: rejections that say that another party came first.
    /// - Throws: for what was refused or rejected otherwise.
    func submit(_ arguments: some MethodArguments, needless: Set<RejectionCode> = []) async throws {
        let type = Swift.type(of: arguments)
        let proof = try await self.call(
            type.contract,
            type.method,
            arguments.bytes,
            on: type.channels[0],
            needless: Set(needless.map(\.number))
        )
        try StandardOutput.write("\(proof.transaction.id.hex)\n")
    }

    /// Calls a method.
    ///
    /// - Returns: the verified proof that it took effect, or was needless.
    func call(
        _ contract: String,
        _ method: String,
        _ arguments: [UInt8],
        on channel: Channel,
        needless: Set<UInt16> = []
    ) async throws -> TransactionProof {
        let transaction = try Self.sign(
            contract,
            method,
            arguments,
            on: channel,
            of: self.access.genesis,
            by: self.access.identity
        )
        guard let proof = try await self.access.client.submit(transaction, waitMilliseconds: 30_000) else {
            throw CommandFailure(
                "nobody knows yet what becomes of \(transaction.id.hex); ask with `wardline chain tx`"
            )
        }
        StandardError.write(try ProofText(genesis: self.access.genesis, isRaw: false).text(proof, json: false))
        guard proof.receipt.code == 0 || needless.contains(proof.receipt.code) else {
            throw CommandFailure("the contract rejected it: \(RejectionCode.text(proof.receipt.code))")
        }
        return proof
    }

    /// A signed transaction, which may take effect for ten minutes.
    static func sign(
        _ contract: String,
        _ method: String,
        _ arguments: [UInt8],
        on channel: Channel,
        of genesis: Genesis,
        by identity: Identity
    ) throws -> Transaction {
        let microseconds = UInt64(max(0, Date().timeIntervalSince1970 * 1_000_000))
        let body = TransactionBody(
            chain: Array(genesis.chain.utf8),
            channel: channel,
            signer: identity.certificate.digest,
            // Newer than any that this party used, whichever machine it did so on.
            nonce: microseconds,
            validUntil: microseconds / 1_000 + Self.lifetime,
            contract: contract,
            method: method,
            arguments: arguments
        )
        return try Transaction(signing: body, certificate: identity.certificate, key: identity.key)
    }
}

struct ChainSubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Call a contract's method in the name of the identity, and wait for the block.",
        discussion: """
            Prints the transaction's identifier. Exit code 1 when it was refused or the contract rejected it. With \
            --output-transaction nobody is asked: the signed transaction may take effect for ten minutes, and an agent's \
            share outbox or another machine hands it in.
            """
    )

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption
    @OptionGroup var channel: ChannelOption

    @Option(help: "The contract, for example registry.")
    var contract: String

    @Option(help: "The method, for example register.")
    var method: String

    @Option(help: "The file with the method's canonical bytes; none without.", completion: .file())
    var argumentsFile: String?

    @Option(help: "The method's canonical bytes in hexadecimal digits instead.")
    var argumentsHex: String?

    @Option(help: "Sign, and write the transaction to this new file instead of handing it in.", completion: .file())
    var outputTransaction: String?

    func validate() throws {
        guard self.argumentsFile == nil || self.argumentsHex == nil else {
            throw ValidationError("use either --arguments-file or --arguments-hex")
        }
    }

    func run() async throws {
        try await reportingFailure {
            let arguments = try self.arguments()
            if let path = self.outputTransaction { return try self.write(arguments, to: path) }
            try await ChainAccess.with(self.options, self.genesis) { access in
                let proof = try await ChainSubmission(access: access)
                    .call(self.contract, self.method, arguments, on: self.channel.channel)
                try StandardOutput.write("\(proof.transaction.id.hex)\n")
            }
        }
    }

    private func write(_ arguments: [UInt8], to path: String) throws {
        guard !PrivateFile.exists(path) else { throw CommandFailure("\(path) exists already") }
        let transaction = try ChainSubmission.sign(
            self.contract,
            self.method,
            arguments,
            on: self.channel.channel,
            of: try self.genesis.load(),
            by: try self.options.load()
        )
        try PrivateFile.write(transaction.bytes, to: path)
        try StandardOutput.write("\(transaction.id.hex)\n")
    }

    private func arguments() throws -> [UInt8] {
        if let path = self.argumentsFile {
            return try PrivateFile.read(path, upTo: TransactionBody.argumentBytesMax, isSecret: false)
        }
        guard let bytes = [UInt8](hex: self.argumentsHex ?? "") else {
            throw CommandFailure("--arguments-hex takes hexadecimal digits")
        }
        return bytes
    }
}
