import CanonicalBytes
import EVMProofs
import IBTP

/// The same receipts as `scripts/evm/vectors.py` makes.
enum SampleReceipts {
    static func receipt(_ place: Int) throws -> EVMReceipt {
        let logs = try (0..<place % 3).map { log in
            try EVMLog(
                address: EVMAddress([UInt8](repeating: UInt8(place % 256), count: 20)),
                topics: (0...log).map { [UInt8](repeating: 0, count: 31) + [UInt8($0 + 1)] },
                data: (0..<place % 70).map { UInt8($0) }
            )
        }
        return try EVMReceipt(
            type: UInt8(place % 5),
            isSuccess: place % 7 != 3,
            cumulativeGasUsed: 21_000 * UInt64(place + 1),
            logs: logs
        )
    }
}

/// A block in which a broker has said something.
struct SampleBlock {
    static let source = "1356:evm:0x" + String(repeating: "0a", count: 20)
    static let destination = "1356:north:records"

    let broker: EVMAddress
    let header: EVMBlockHeader
    let trie: ReceiptTrie
    /// Places of the broker's logs: receipt and log.
    let places: [(receipt: UInt32, log: UInt16)]

    /// So many receipts, of which every third is the broker's.
    init(receipts count: Int) throws {
        self.broker = try EVMAddress([UInt8](repeating: 0xB0, count: 20))
        var receipts: [EVMReceipt] = []
        var places: [(UInt32, UInt16)] = []
        for place in 0..<count {
            guard place.isMultiple(of: 3) else {
                receipts.append(try SampleReceipts.receipt(place))
                continue
            }
            let other = try EVMLog(address: EVMAddress([UInt8](repeating: 1, count: 20)), topics: [], data: [1])
            places.append((UInt32(place), 1))
            receipts.append(
                try EVMReceipt(
                    type: 2,
                    isSuccess: true,
                    cumulativeGasUsed: 90_000 * UInt64(place + 1),
                    logs: [other, try Self.request(UInt64(place / 3 + 1), by: self.broker)]
                )
            )
        }
        self.places = places
        self.trie = try ReceiptTrie(receipts.map(\.encoded))
        self.header = try Self.header(receiptsRoot: self.trie.root, count: 16)
    }

    func proof(_ place: Int) throws -> EVMInclusionProof {
        let (receipt, log) = self.places[place]
        return try EVMInclusionProof(
            header: self.header,
            receiptIndex: receipt,
            nodes: self.trie.proof(of: receipt),
            logIndex: log
        )
    }

    static func pair() throws -> ServicePair {
        ServicePair(from: try ServiceID(Self.source), to: try ServiceID(Self.destination))
    }

    static func request(_ index: UInt64, by broker: EVMAddress) throws -> EVMLog {
        let arguments: [[UInt8]] = [Array("first".utf8), [], [UInt8](repeating: 0, count: 40)]
        let hash = PayloadHash.request(InterchainContent(function: "ask", arguments: arguments))
        let data = ABIValue.encode([
            .number(index), .bytes(Array(Self.source.utf8)), .bytes(Array(Self.destination.utf8)), .number(100),
            .flag(false), .bytes(Array("ask".utf8)), .array(arguments.map(ABIValue.bytes)), .word(hash),
            .bytes(Array("extra".utf8)),
        ])
        let topics = [BrokerEvent.requestTopic, BrokerPair.digest(try Self.pair())]
        return try EVMLog(address: broker, topics: topics, data: data)
    }

    static func header(receiptsRoot: [UInt8], count: Int) throws -> EVMBlockHeader {
        let fields = EVMBlockHeader.Field.allCases.prefix(count).map { field -> RLPItem in
            switch (field, field.shape) {
            case (.receiptsRoot, _): .bytes(receiptsRoot)
            case (.number, _): .number(77)
            case (_, .bytes(let count)): .bytes([UInt8](repeating: UInt8(field.rawValue), count: count))
            case (_, .anyBytes): .bytes(Array("extra".utf8))
            case (_, .number): .number(UInt64(field.rawValue) * 1_000)
            }
        }
        return try EVMBlockHeader(fields: fields)
    }
}

/// A generator whose numbers are the same every time (splitmix64).
struct Sequence64: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
