import ArgumentParser
import CanonicalBytes
import EVMAdapter
import EVMProofs
import IBTP

struct EVMSendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Ask a service of another chain in the account's name.",
        discussion: "Prints the exchange's identifier and the block's height."
    )

    @OptionGroup var node: EVMNodeOption
    @OptionGroup var broker: EVMBrokerOption
    @OptionGroup var key: EVMKeyOption

    @Option(help: "The asked service, hub:chain:service.", transform: EVMText.service)
    var to: ServiceID

    @Option(help: "The function's name.")
    var function: String

    @Option(name: .customLong("argument"), help: "An argument in hexadecimal; repeated.", transform: EVMText.bytes)
    var arguments: [[UInt8]] = []

    @Option(help: "Blocks of the relay chain until the request is undone; 0: never.")
    var timeoutHeight: UInt64 = 0

    @Option(help: "The field for extensions, as hexadecimal digits.", transform: EVMText.bytes)
    var extra: [UInt8] = []

    func run() async throws {
        try await reportingFailure {
            try await self.node.with { node in
                let data = BrokerFunction.emitInterchain.call([
                    .bytes(Array(self.to.description.utf8)), .bytes(Array(self.function.utf8)),
                    .array(self.arguments.map(ABIValue.bytes)), .number(self.timeoutHeight), .bytes(self.extra),
                ])
                try await EVMOwnCall.run(self.key, self.broker.broker, node, data)
            }
        }
    }
}

struct EVMFinishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "Answer a request to the account.",
        discussion: "Prints the exchange's identifier and the block's height."
    )

    @OptionGroup var node: EVMNodeOption
    @OptionGroup var broker: EVMBrokerOption
    @OptionGroup var key: EVMKeyOption

    @Option(help: "The service that has asked, hub:chain:service.", transform: EVMText.service)
    var from: ServiceID

    @Option(help: "The request's index.")
    var index: UInt64

    @Flag(help: "Say that it was not done.")
    var failure = false

    @Option(name: .customLong("result"), help: "A result as hexadecimal digits; repeated.", transform: EVMText.bytes)
    var results: [[UInt8]] = []

    func run() async throws {
        try await reportingFailure {
            try await self.node.with { node in
                let data = BrokerFunction.finish.call([
                    .bytes(Array(self.from.description.utf8)), .number(self.index), .flag(!self.failure),
                    .array(self.results.map(ABIValue.bytes)),
                ])
                try await EVMOwnCall.run(self.key, self.broker.broker, node, data)
            }
        }
    }
}

/// A call in the name of a service that is an account, and what the broker says to it.
private enum EVMOwnCall {
    static func run(_ key: EVMKeyOption, _ broker: EVMAddress, _ node: EVMNode, _ data: [UInt8]) async throws {
        let mined = try await key.sender(node).send(to: broker, data)
        guard mined.isSuccess else { throw CommandFailure("transaction 0x\(mined.hash.hex) has failed") }
        let events = mined.logs.filter { $0.address == broker }.compactMap { try? BrokerEvent(log: $0) }
        guard let message = events.first?.message else { throw CommandFailure("the broker has said nothing") }
        try StandardOutput.write("\(try message.id)\t\(mined.height)\n")
    }
}
