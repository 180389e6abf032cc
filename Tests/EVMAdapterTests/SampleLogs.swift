import CanonicalBytes
import EVMProofs
import IBTP

/// What a broker logs.
enum SampleLogs {
    static let source = "1356:evm:0x" + String(repeating: "0a", count: 20)
    static let destination = "1356:north:records"

    static func address(_ byte: UInt8) -> EVMAddress {
        guard let address = try? EVMAddress([UInt8](repeating: byte, count: 20)) else {
            preconditionFailure("20 bytes are an address")
        }
        return address
    }

    static func request(
        _ index: UInt64,
        _ argument: String = "",
        to: String = Self.destination,
        extra: [UInt8] = []
    ) throws -> EVMLog {
        let arguments = [Array(argument.utf8)]
        let hash = PayloadHash.request(InterchainContent(function: "ask", arguments: arguments))
        let data = ABIValue.encode([
            .number(index), .bytes(Array(Self.source.utf8)), .bytes(Array(to.utf8)), .number(0), .flag(false),
            .bytes(Array("ask".utf8)), .array(arguments.map(ABIValue.bytes)), .word(hash), .bytes(extra),
        ])
        let pair = Keccak256.digest(Array("\(Self.source)-\(to)".utf8))
        return try EVMLog(address: TestNode.broker, topics: [BrokerEvent.requestTopic, pair], data: data)
    }

    static func receipt(_ logs: [EVMLog], gas: UInt64 = 21_000) throws -> EVMReceipt {
        try EVMReceipt(type: 2, isSuccess: true, cumulativeGasUsed: gas, logs: logs)
    }
}
