import ArgumentParser
import BLSCertificates
import CanonicalBytes
import ChainReading
import Contracts
import Credentials
import IBTP
import Ledger
import Requesting

struct AccountOpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open what an account's owner has handed over, after comparing it with the answer on the own chain.",
        discussion: """
            Exit code 3 while the owner has not answered, 1 when it refused or handed over something else. Data and proofs \
            are kept in the folder; `wardline share account verify` judges them again and asks nobody.
            """
    )

    @OptionGroup var participants: ShareParticipants

    @Argument(help: "The request's folder.", completion: .directory)
    var folder: String

    @Option(help: "What the owner handed over.", completion: .file())
    var delivery: String

    func run() async throws {
        try await reportingFailure {
            let record = try AccountShareRecord.read(self.folder)
            try await self.participants.connected(isPseudonym: record.isPseudonym) { live, _, identity in
                let call = try AccountFolder.proof(self.folder, AccountShareRecord.callProof)
                let id = try AccountExchange.id(in: call)
                let proof = try await Self.end(of: id, live.parties.chain)
                try PrivateFile.write(proof.bytes, to: "\(self.folder)/\(AccountShareRecord.closeProof)")
                let closed = try AccountExchange.end(of: id, in: proof)
                guard closed.status == .success else {
                    throw CommandFailure("the owner gave nothing: \(closed.status)")
                }
                let key = try ShareKeys.key(certified: record.requester, isPseudonym: record.isPseudonym, identity)
                let bytes = try PrivateFile.read(self.delivery, upTo: AccountDelivery.bytesMax, isSecret: false)
                guard let share = [UInt8](hex: record.share) else { throw CommandFailure("the folder is damaged") }
                let data = try AccountDelivery(bytes: bytes).open(with: key.key, in: id, share: share)
                try AccountFolder.require(record, closed, bytes, data)
                try PrivateFile.write(bytes, to: "\(self.folder)/\(AccountShareRecord.delivery)")
                try PrivateFile.write(data, to: "\(self.folder)/\(AccountShareRecord.data)")
                StandardError.write("\(data.count) bytes of \(record.service)\n")
                try StandardOutput.write("\(self.folder)/\(AccountShareRecord.data)\n")
            }
        }
    }

    /// The home chain's proof that the exchange is over.
    private static func end(of id: MessageID, _ chain: any RequesterChain) async throws -> TransactionProof {
        for event in try await chain.events(of: EventSubjects.exchange(id), after: nil, on: .access)
        where event.topic == ExchangeClosed.topic {
            guard let proof = try await chain.proof(of: event.transaction, on: .access) else { continue }
            return proof
        }
        StandardError.write("the owner has not answered, or the answer is on its way\n")
        throw ExitCode(3)
    }
}

struct AccountVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Judge a request's folder again from its files: the call, the answer, and the data.",
        discussion:
            "The way between both chains is judged by `wardline relay trace`. Exit code 1 when something is wrong."
    )

    @Argument(help: "The request's folder.", completion: .directory)
    var folder: String

    @OptionGroup var genesis: GenesisOption

    func run() throws {
        try reportingFailure {
            let record = try AccountShareRecord.read(self.folder)
            let genesis = try self.genesis.load()
            let view = CommitteeView(
                genesis: genesis,
                channel: .access,
                scheme: try ChainSignatures.required(of: genesis.committee)
            )
            let call = try AccountFolder.proof(self.folder, AccountShareRecord.callProof)
            let close = try AccountFolder.proof(self.folder, AccountShareRecord.closeProof)
            try call.verify(by: view)
            try close.verify(by: view)
            guard call.transaction.bytes.hex == record.call else { throw CommandFailure("the call is another one") }
            let id = try AccountExchange.id(in: call)
            let closed = try AccountExchange.end(of: id, in: close)
            let limit = AccountDelivery.bytesMax
            try AccountFolder.require(
                record,
                closed,
                try PrivateFile.read("\(self.folder)/\(AccountShareRecord.delivery)", upTo: limit, isSecret: false),
                try PrivateFile.read("\(self.folder)/\(AccountShareRecord.data)", upTo: limit, isSecret: false)
            )
            try StandardOutput.write(
                """
                \(id)
                call    verified  block \(call.header.height) of \(genesis.chain)
                answer  verified  block \(close.header.height) of \(genesis.chain)
                data    verified  \(record.dataset)

                """
            )
        }
    }
}

/// What stands in a request's folder.
enum AccountFolder {
    static func proof(_ folder: String, _ name: String) throws -> TransactionProof {
        try TransactionProof(bytes: try PrivateFile.read("\(folder)/\(name)", upTo: 64 << 20, isSecret: false))
    }

    /// Requires that what was handed over is what was asked for and answered.
    static func require(
        _ record: AccountShareRecord,
        _ closed: ExchangeClosed,
        _ delivery: [UInt8],
        _ data: [UInt8]
    ) throws {
        guard closed.status == .success else { throw CommandFailure("the owner gave nothing: \(closed.status)") }
        let answer = try AccountAnswer(payload: closed.payload)
        guard answer.dataset.hex == record.dataset else { throw CommandFailure("the answer is about other data") }
        try answer.require(delivery, holding: data)
    }
}
