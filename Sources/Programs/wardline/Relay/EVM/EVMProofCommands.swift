import ArgumentParser
import CanonicalBytes
import Credentials
import EVMAdapter
import EVMProofs
import IBTP
import Records
import Relaying

struct EVMProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Write down what the broker has said in final blocks, with proofs.",
        discussion: """
            Into the folder goes a file <height>-<place>.wlep with the proof and one .ibtp with the message, for each. \
            Prints for each the identifier, type, height, the block's hash, the root of its receipts, and the file; at \
            last the cursor for the next call.
            """
    )

    @OptionGroup var node: EVMNodeOption
    @OptionGroup var broker: EVMBrokerOption
    @OptionGroup var finality: EVMFinalityOption

    @Option(help: "The chain's name, hub:chain.")
    var chain: String

    @Option(help: "The last block that was read.")
    var since: UInt64 = 0

    @Option(help: "That block's hash.", transform: EVMText.digest)
    var sinceHash: [UInt8] = []

    @Option(help: "Blocks that are asked for at once.")
    var pageBlocks: UInt64 = 200

    @Option(help: "A folder for the proofs; made if needed.", completion: .directory)
    var outputDirectory: String

    func run() async throws {
        try await reportingFailure {
            try PrivateFile.makeDirectory(self.outputDirectory)
            try await self.node.with { node in
                var settings = EVMChainSettings(
                    chain: self.chain,
                    chainID: try await node.chainID(),
                    broker: self.broker.broker,
                    finality: try self.finality.rule()
                )
                settings.pageBlocks = self.pageBlocks
                let chain = try EVMChain(settings: settings, node: node, sender: nil)
                try await chain.check()
                try await self.prove(chain)
            }
        }
    }

    private func prove(_ chain: EVMChain) async throws {
        var cursor = AdapterCursor(height: self.since, blockHash: self.sinceHash)
        var isComplete = false
        while !isComplete {
            let page = try await chain.outbound(since: cursor, leavesMax: 100)
            for leaf in page.leaves { try self.write(leaf) }
            (cursor, isComplete) = (page.next, page.isComplete)
        }
        try StandardOutput.write("cursor\t\(cursor.height)\t\(cursor.blockHash.hex)\n")
    }

    private func write(_ leaf: OutboundLeaf) throws {
        let path = "\(self.outputDirectory)/\(leaf.height)-\(leaf.place)"
        try PrivateFile.write(leaf.proof, to: path + ".wlep")
        try PrivateFile.write(leaf.message.bytes, to: path + ".ibtp")
        let columns = [
            "\(try leaf.message.id)", "\(leaf.message.type)", "\(leaf.height)", leaf.blockHash.hex,
            leaf.inclusionRoot.hex, path + ".wlep",
        ]
        try StandardOutput.write(columns.joined(separator: "\t") + "\n")
    }
}

struct EVMVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a proof against a block that is believed; nobody is asked.",
        discussion: "Prints identifier, type, hash of the message, and of a receipt the hash of its request."
    )

    @OptionGroup var broker: EVMBrokerOption

    @Option(help: "The file with the proof.", completion: .file())
    var proof: String

    @Option(help: "The block's height.")
    var height: UInt64

    @Option(help: "The block's hash.", transform: EVMText.digest)
    var blockHash: [UInt8]

    @Option(help: "The root of the block's receipts.", transform: EVMText.digest)
    var receiptsRoot: [UInt8]

    func run() async throws {
        try reportingFailure {
            let bytes = try PrivateFile.read(self.proof, upTo: EVMInclusionProof.bytesMax, isSecret: false)
            let anchor = try EVMAnchor(
                height: self.height,
                blockHash: self.blockHash,
                receiptsRoot: self.receiptsRoot
            )
            let event = try EVMInclusionProof(bytes: bytes).event(at: anchor, broker: self.broker.broker)
            var columns = ["\(try event.message.id)", "\(event.message.type)", event.message.hash.bytes.hex]
            if case .receipt(_, let hash) = event { columns.append(hash.hex) }
            try StandardOutput.write(columns.joined(separator: "\t") + "\n")
        }
    }
}
