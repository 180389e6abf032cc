import ArgumentParser
import CanonicalBytes
import Consensus
import Credentials
import Foundation
import Ledger
import Uplink

struct ChainBlocksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blocks",
        abstract: "List the last blocks: height, time, hash and view."
    )

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption
    @OptionGroup var channel: ChannelOption

    @Option(help: "How many, at most 4096.")
    var last = 20

    func validate() throws {
        guard (1...4_096).contains(self.last) else { throw ValidationError("--last is 1 to 4096") }
    }

    func run() async throws {
        try await reportingFailure {
            try await ChainAccess.with(self.options, self.genesis) { access in
                let tip = try await ProvenBlock.fetch(nil, on: self.channel.channel, from: access).block.header.height
                let since = tip - min(tip, UInt64(self.last))
                let view = try await access.view(of: self.channel.channel)
                let headers = try await access.any { url in
                    let explorer = ExplorerClient(base: url, client: access.http)
                    return try await explorer.headers(since: since, limit: self.last, on: self.channel.channel)
                }
                var rows: [[String]] = []
                for (header, certificate) in headers {
                    try view.check(header, certificate)
                    rows.append([
                        "\(header.height)", ExplorerText.time(header.time), header.hash.bytes.hex,
                        "view \(certificate.view)",
                    ])
                }
                try StandardOutput.write(Columns.text(rows))
            }
        }
    }
}

struct ChainBlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block",
        abstract: "Show a block: header, who certified it, its transactions and what came of them."
    )

    @Argument(help: "A height, or latest.")
    var height: String

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption
    @OptionGroup var channel: ChannelOption

    @Flag(help: "Show arguments and data of events too, hexadecimal.")
    var raw = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard self.height == "latest" || UInt64(self.height) != nil else {
            throw ValidationError("a height is a number, or latest")
        }
    }

    func run() async throws {
        try await reportingFailure {
            try await ChainAccess.with(self.options, self.genesis) { access in
                let block = try await ProvenBlock.fetch(UInt64(self.height), on: self.channel.channel, from: access)
                let text = ExplorerText(genesis: access.genesis, isRaw: self.raw)
                try StandardOutput.write(self.json ? JSONLine.text(text.object(block)) : text.text(block))
            }
        }
    }
}

struct ChainTransactionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tx",
        abstract: "Show what became of a transaction, proven by its block's certificate.",
        discussion: "Exit code 1 when no validator that answered has it in a block."
    )

    @Argument(help: "The transaction's identifier, 64 hexadecimal digits.")
    var id: String

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption

    @Option(help: "access or index; both by default.")
    var channel: Channel?

    @Option(help: "Write the proof to this file, for `wardline chain verify --proof`.", completion: .file())
    var proof: String?

    @Option(help: "Write the changes of the committee to this file, for --handovers there.", completion: .file())
    var handovers: String?

    @Flag(help: "Show arguments and data of events too, hexadecimal.")
    var raw = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await reportingFailure {
            guard let id = [UInt8](hex: self.id), id.count == 32 else {
                throw CommandFailure("an identifier has 64 hexadecimal digits")
            }
            try await ChainAccess.with(self.options, self.genesis) { access in
                for channel in self.channel.map({ [$0] }) ?? Channel.allCases {
                    guard let proof = try await access.client.proof(of: id, on: channel) else { continue }
                    return try await self.show(proof, on: channel, access)
                }
                throw CommandFailure("no validator has it in a block: it waits, was refused, or never was")
            }
        }
    }

    private func show(_ proof: TransactionProof, on channel: Channel, _ access: ChainAccess) async throws {
        if let path = self.proof { try PrivateFile.write(proof.bytes, to: path) }
        if let path = self.handovers {
            let list = try await access.any { url in
                try await ValidatorClient(base: url, client: access.http).handovers(after: 0, on: channel)
            }
            try PrivateFile.write(list.flatMap(\.bytes), to: path)
        }
        try StandardOutput.write(try ProofText(genesis: access.genesis, isRaw: self.raw).text(proof, json: self.json))
    }
}

/// A verified proof of a transaction in words.
struct ProofText {
    let genesis: Genesis
    let isRaw: Bool

    func text(_ proof: TransactionProof, json: Bool) throws -> String {
        let explorer = ExplorerText(genesis: self.genesis, isRaw: self.isRaw)
        if json {
            var object = explorer.object(proof.transaction, proof.receipt)
            object["channel"] = proof.header.channel.name
            object["height"] = proof.header.height
            object["block"] = proof.header.hash.bytes.hex
            object["time_ms"] = proof.header.time
            return try JSONLine.text(object)
        }
        return explorer.text(proof.transaction, proof.receipt)
            + "   block \(proof.header.height) of \(proof.header.channel.name), \(proof.header.hash.bytes.hex), "
            + "\(ExplorerText.time(proof.header.time)), certified by \(proof.certificate.signers.bitCount) validators\n"
    }
}

extension [UInt8] {
    /// Bits that are set.
    fileprivate var bitCount: Int { self.reduce(0) { $0 + $1.nonzeroBitCount } }
}

struct ChainStateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Show the value of a key after the last block, or that there is none, proven.",
        discussion: "Keys are specified with the contracts; this prints the value in hexadecimal digits."
    )

    @Argument(help: "The key, in hexadecimal digits.")
    var key: String

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption
    @OptionGroup var channel: ChannelOption

    @Option(help: "Write the proof to this file, for `wardline chain verify --proof`.", completion: .file())
    var proof: String?

    func run() async throws {
        try await reportingFailure {
            guard let key = [UInt8](hex: self.key), !key.isEmpty else {
                throw CommandFailure("a key is given in hexadecimal digits")
            }
            try await ChainAccess.with(self.options, self.genesis) { access in
                let proof = try await access.client.value(of: key, on: self.channel.channel)
                if let path = self.proof { try PrivateFile.write(proof.bytes, to: path) }
                StandardError.write("after block \(proof.header.height), \(ExplorerText.time(proof.header.time))\n")
                try StandardOutput.write(proof.value.map { "\($0.hex)\n" } ?? "no value\n")
            }
        }
    }
}
