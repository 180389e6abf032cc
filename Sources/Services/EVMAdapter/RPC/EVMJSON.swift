internal import CanonicalBytes
internal import EVMProofs

/// A receipt with its place.
struct PlacedReceipt: Hashable, Sendable {
    let receipt: EVMReceipt
    let transaction: [UInt8]
    let transactionIndex: UInt32
    let height: UInt64
    let blockHash: [UInt8]
    /// The contract that the transaction has made.
    let created: EVMAddress?
}

/// Where the node says that a log is.
struct LogPlace: Hashable, Sendable {
    let height: UInt64
    let blockHash: [UInt8]
    let transactionIndex: UInt32
}

/// Objects of JSON-RPC as the values that chains hash; a node's own summary of them is never taken.
enum EVMJSON {
    /// A header of the fields that the node gives, whose hash must be the one that it gives.
    static func header(_ block: JSONValue) throws(EVMFailure) -> EVMBlockHeader {
        var fields: [RLPItem] = []
        for field in EVMBlockHeader.Field.allCases {
            guard let value = block["\(field)"], value != .null else { break }
            switch field.shape {
            case .bytes(let count): fields.append(.bytes(try value.bytes(count, "\(field)")))
            case .anyBytes: fields.append(.bytes(try value.bytes("\(field)")))
            case .number(let bytesMax):
                fields.append(.bytes(try value.quantity(bytesMax: bytesMax, "\(field)")))
            }
        }
        let header: EVMBlockHeader
        do throws(ProtocolFailure) { header = try EVMBlockHeader(fields: fields) } catch {
            throw .malformed("a block's header: \(error)")
        }
        let hash = try block.field("hash").bytes(32, "a block's hash")
        guard header.hash == hash else { throw .inconsistent("a block whose header has another hash") }
        return header
    }

    static func receipt(_ value: JSONValue) throws(EVMFailure) -> PlacedReceipt {
        var logs: [EVMLog] = []
        for log in try value.field("logs").list("logs") { logs.append(try Self.log(log)) }
        let type = try (value["type"] ?? .text("0x0")).number("a receipt's type")
        let status = try value.field("status").number("a receipt's status")
        guard let type = UInt8(exactly: type), status <= 1 else { throw .malformed("a receipt's type or status") }
        let created = value["contractAddress"].flatMap { $0 == .null ? nil : $0 }
        do throws(ProtocolFailure) {
            return PlacedReceipt(
                receipt: try EVMReceipt(
                    type: type,
                    isSuccess: status == 1,
                    cumulativeGasUsed: Self.number(value, "cumulativeGasUsed"),
                    logs: logs
                ),
                transaction: try Self.bytes(value, "transactionHash", 32),
                transactionIndex: UInt32(truncatingIfNeeded: try Self.number(value, "transactionIndex")),
                height: try Self.number(value, "blockNumber"),
                blockHash: try Self.bytes(value, "blockHash", 32),
                created: try created.map(Self.address)
            )
        } catch {
            throw .malformed("a receipt: \(error)")
        }
    }

    static func logPlace(_ value: JSONValue) throws(EVMFailure) -> LogPlace {
        // A log that a reorganisation took back is told so by nodes in subscriptions only, never in an answer.
        guard value["removed"] != .flag(true) else { throw .inconsistent("a log that was taken back") }
        return LogPlace(
            height: try value.field("blockNumber").number("a log's block"),
            blockHash: try value.field("blockHash").bytes(32, "a log's block"),
            transactionIndex: UInt32(
                truncatingIfNeeded: try value.field("transactionIndex").number("a transaction's place")
            )
        )
    }

    private static func log(_ value: JSONValue) throws(EVMFailure) -> EVMLog {
        var topics: [[UInt8]] = []
        for topic in try value.field("topics").list("topics") { topics.append(try topic.bytes(32, "a topic")) }
        do throws(ProtocolFailure) {
            return try EVMLog(
                address: EVMAddress(Self.bytes(value, "address", 20)),
                topics: topics,
                data: Self.bytes(value, "data", nil)
            )
        } catch {
            throw .malformed("a log: \(error)")
        }
    }

    private static func number(_ value: JSONValue, _ name: String) throws(ProtocolFailure) -> UInt64 {
        do throws(EVMFailure) { return try value.field(name).number(name) } catch {
            throw ProtocolFailure(.format, error.description)
        }
    }

    private static func bytes(
        _ value: JSONValue,
        _ name: String,
        _ count: Int?
    ) throws(ProtocolFailure) -> [UInt8] {
        do throws(EVMFailure) {
            let field = try value.field(name)
            return if let count { try field.bytes(count, name) } else { try field.bytes(name) }
        } catch {
            throw ProtocolFailure(.format, error.description)
        }
    }

    private static func address(_ value: JSONValue) throws(ProtocolFailure) -> EVMAddress {
        let bytes: [UInt8]
        do throws(EVMFailure) { bytes = try value.bytes(20, "an address") } catch {
            throw ProtocolFailure(.format, error.description)
        }
        return try EVMAddress(bytes)
    }
}
