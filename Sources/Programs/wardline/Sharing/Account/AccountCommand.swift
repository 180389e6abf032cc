import ArgumentParser
import CanonicalBytes
import ChainReading
import Credentials

/// Data whose owner has an account of a chain with an EVM, where no contract files requests.
struct ShareAccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Ask an owner on a chain with an EVM for data, or answer as one.",
        discussion: """
            There, no contract files and decides requests: the owner opens each with its certificate's key, decides, and \
            answers by its account. What the answer says of the data is on both chains. The data themselves travel sealed \
            to the requester, on any way. docs/spec/share-across-chains.md shows all of it.
            """,
        subcommands: [
            AccountDatasetCommand.self, AccountRequestCommand.self, AccountOpenCommand.self, AccountVerifyCommand.self,
            AccountInboxCommand.self, AccountAnswerCommand.self,
        ]
    )
}

struct AccountDatasetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset",
        abstract: "Print the digest by which requests name a file of data."
    )

    @Argument(help: "The data.", completion: .file())
    var data: String

    func run() throws {
        try reportingFailure {
            let data = try PrivateFile.read(self.data, upTo: AccountDelivery.bytesMax, isSecret: false)
            try StandardOutput.write(AccountAnswer.dataset(of: data).hex + "\n")
        }
    }
}

/// What the requester's folder holds: `account.json`, the two chains' proofs, and the data.
struct AccountShareRecord: Codable {
    static let fileName = "account.json"
    /// The home chain's proof of the call, and of its end.
    static let callProof = "call.wltp"
    static let closeProof = "close.wltp"
    static let delivery = "delivery.wlsd"
    static let data = "data"

    var version = 1
    /// The asked service.
    var service: String
    /// Digests, hexadecimal: of the data, the share request, and the requester's certificate.
    var dataset: String
    var share: String
    var requester: String
    var isPseudonym: Bool
    /// The signed call of the home chain, hexadecimal.
    var call: String

    static func read(_ folder: String) throws -> AccountShareRecord {
        let path = "\(folder)/\(Self.fileName)"
        let record = try PlainJSON.decode(
            Self.self,
            try PrivateFile.read(path, upTo: 1 << 20, isSecret: false),
            path
        )
        guard record.version == 1 else { throw CommandFailure("\(path) is of another version") }
        return record
    }
}
