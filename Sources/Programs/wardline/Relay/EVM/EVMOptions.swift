import ArgumentParser
import CanonicalBytes
import Credentials
import EVMAdapter
import EVMProofs
import IBTP
import Relaying
import Secp256k1
import Transcripts

/// The node of a chain with an EVM.
struct EVMNodeOption: ParsableArguments {
    @Option(help: "The node's JSON-RPC: https, or http on this machine.")
    var url = "http://127.0.0.1:8545"

    @Option(help: "Seconds until a question to the node counts as unanswered.")
    var requestSeconds: Int64 = 60

    func validate() throws {
        guard (1...3_600).contains(self.requestSeconds) else { throw ValidationError("--request-seconds is 1 to 3600") }
    }

    /// Lends a node; its connections are closed afterwards.
    func with(_ use: (EVMNode) async throws -> Void) async throws {
        guard let url = NodeURL(self.url) else {
            throw CommandFailure("--url takes https://…, or http://… of this machine")
        }
        let client = JSONRPCClient(url: url, requestSeconds: self.requestSeconds)
        do { try await use(EVMNode(client)) } catch {
            await client.close()
            throw error
        }
        await client.close()
    }
}

/// The broker contract.
struct EVMBrokerOption: ParsableArguments {
    @Option(help: "The broker contract's address.", transform: EVMText.address)
    var broker: EVMAddress
}

/// The account that pays and signs.
struct EVMKeyOption: ParsableArguments {
    @Option(name: .customLong("key"), help: "The account's key file.", completion: .file())
    var path: String

    func load() throws -> Secp256k1Key { try EVMKeyFile.load(self.path) }

    func sender(_ node: EVMNode) async throws -> TransactionSender {
        try TransactionSender(node: node, key: try self.load(), chainID: try await node.chainID())
    }
}

/// When a block counts as final.
struct EVMFinalityOption: ParsableArguments {
    @Option(help: "Blocks that must stand on one before it counts; `finalized` asks the node.")
    var depth = "12"

    func rule() throws -> FinalityRule {
        if self.depth == "finalized" { return .tagged }
        guard let blocks = UInt64(self.depth) else {
            throw CommandFailure("--depth takes a number of blocks, or `finalized`")
        }
        return .depth(blocks)
    }
}

/// Key files: 64 hexadecimal digits and a line's end.
enum EVMKeyFile {
    static func load(_ path: String) throws -> Secp256k1Key {
        var bytes = try PrivateFile.read(path, upTo: 128)
        defer { bytes.wipe() }
        let digits = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard digits.count == 1, var secret = [UInt8](hex: digits[0]) else {
            throw CommandFailure("\(path) does not hold 64 hexadecimal digits")
        }
        defer { secret.wipe() }
        return try Secp256k1Key(secret: secret)
    }
}

/// What people type and read.
enum EVMText {
    static func address(_ text: String) throws -> EVMAddress {
        do { return try EVMAddress(text: text) } catch { throw ValidationError("\(text) is no address: \(error)") }
    }

    static func bytes(_ text: String) throws -> [UInt8] {
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        guard let bytes = [UInt8](hex: digits) else { throw ValidationError("\(text) are no hexadecimal digits") }
        return bytes
    }

    static func digest(_ text: String) throws -> [UInt8] {
        let bytes = try Self.bytes(text)
        guard bytes.count == 32 else { throw ValidationError("\(text) are not 32 bytes") }
        return bytes
    }

    static func service(_ text: String) throws -> ServiceID {
        do { return try ServiceID(text) } catch { throw ValidationError("\(text) is no hub:chain:service: \(error)") }
    }

    static let statuses: [(name: String, status: TransactionStatus)] = [
        ("begin", .begin), ("begin-failure", .beginFailure), ("begin-rollback", .beginRollback),
        ("success", .success), ("failure", .failure), ("rollback", .rollback),
    ]

    static func status(_ text: String) throws -> TransactionStatus {
        guard let status = Self.statuses.first(where: { $0.name == text })?.status else {
            throw ValidationError("a status is one of \(Self.statuses.map(\.name).joined(separator: ", "))")
        }
        return status
    }
}
