import CanonicalBytes
import EVMProofs
import IBTP

/// A block of a chain with an EVM in which a broker has spoken, with everything that proves it, and messages besides.
enum InterchainSeeds {
    /// A block whose second, fifth and so on receipt has a log of the broker.
    struct Block: Sendable {
        let broker: EVMAddress
        let anchor: EVMAnchor
        /// What the broker has sent.
        let messages: [InterchainMessage]
        /// "WLEP" of each.
        let proofs: [[UInt8]]
        /// Encodings of which the proofs are made.
        let parts: [[UInt8]]
    }

    static let block: Block? = try? Self.make(receipts: 20)

    static let all: [[UInt8]] =
        (Self.block.map { $0.proofs + $0.parts + $0.messages.map(\.bytes) } ?? []) + Self.registrations + Self.answers
        + Self.extensions

    private static let source = "1356:evm:0x" + String(repeating: "0a", count: 20)
    private static let destination = "1356:north:records"

    private static let registrations: [[UInt8]] = [EVMRegistration.Finality.tagged, .depth(12)].compactMap { finality in
        (try? EVMAddress([UInt8](repeating: 0xB0, count: 20)))
            .flatMap { try? EVMRegistration(broker: BrokerIdentity(chainID: 1_337, address: $0), finality: finality) }
            .map(\.bytes)
    }

    /// Messages with every field, and the answer to one.
    private static let answers: [[UInt8]] = [
        InterchainMessage(
            from: Self.source,
            to: Self.destination,
            index: 3,
            type: .receiptSuccess,
            proof: [UInt8](repeating: 7, count: 32),
            payload: InterchainPayload.receipt([[1, 2, 3]], .receiptSuccess).bytes,
            version: "1.0.0",
            timestamp: 1_795_000_000_000_000_000,
            debug: true
        ).bytes,
        InterchainMessage(
            from: Self.source,
            to: Self.destination,
            index: 4,
            timeoutHeight: -1,
            payload: InterchainPayload(isEncrypted: true, content: [9, 9], hash: [UInt8](repeating: 1, count: 32))
                .bytes,
            extra: [0xFF]
        ).bytes,
    ]

    /// With the parts that each must have, and with all.
    private static let extensions: [[UInt8]] = {
        let digest = [UInt8](repeating: 7, count: RelayExtension.pathNonceBytes)
        let least = try? RelayExtension(pathNonce: digest, expiry: 1_795_000_000)
        let most = try? RelayExtension(
            pathNonce: digest,
            expiry: .max,
            certificate: [1, 2, 3],
            shareRequest: digest,
            encryption: RelayExtension.Encryption(suite: 1, receiver: digest),
            carrier: Array("alpha".utf8)
        )
        return [least, most].compactMap { $0?.bytes }
    }()

    private static func make(receipts count: Int) throws -> Block {
        let broker = try EVMAddress([UInt8](repeating: 0xB0, count: 20))
        let other = try EVMLog(address: EVMAddress([UInt8](repeating: 1, count: 20)), topics: [], data: [1])
        var receipts: [EVMReceipt] = []
        var logs: [EVMLog] = []
        var places: [UInt32] = []
        for place in 0..<count {
            let isBroker = place % 3 == 1
            let said = isBroker ? [try Self.log(UInt64(place / 3 + 1), by: broker)] : []
            if isBroker { places.append(UInt32(place)) }
            logs += said
            receipts.append(
                try EVMReceipt(
                    type: UInt8(place % 5),
                    isSuccess: isBroker || place % 2 == 0,
                    cumulativeGasUsed: 21_000 * UInt64(place + 1),
                    logs: [other] + said
                )
            )
        }
        let trie = try ReceiptTrie(receipts.map(\.encoded))
        let header = try Self.header(receiptsRoot: trie.root, fields: 21)
        let proofs = try places.map { place in
            try EVMInclusionProof(
                header: header,
                receiptIndex: place,
                nodes: trie.proof(of: place),
                logIndex: 1
            )
        }
        let others = try EVMBlockHeader.fieldCounts.map { try Self.header(receiptsRoot: trie.root, fields: $0).rlp }
        return Block(
            broker: broker,
            anchor: EVMAnchor(header),
            messages: try logs.map { try BrokerEvent(log: $0).message },
            proofs: proofs.map(\.bytes),
            parts: others + receipts.prefix(6).map(\.encoded) + (proofs.first?.nodes ?? [])
                + logs.prefix(2).map(Self.encoded) + logs.prefix(2).map(\.data)
        )
    }

    private static func encoded(_ log: EVMLog) -> [UInt8] {
        RLPItem.list([.bytes(log.address.bytes), .list(log.topics.map(RLPItem.bytes)), .bytes(log.data)]).encoded
    }

    private static func log(_ index: UInt64, by broker: EVMAddress) throws -> EVMLog {
        let arguments: [[UInt8]] = [Array("first".utf8), [], [UInt8](repeating: 0, count: 40)]
        let hash = PayloadHash.request(InterchainContent(function: "ask", arguments: arguments))
        let pair = ServicePair(from: try ServiceID(Self.source), to: try ServiceID(Self.destination))
        let data = ABIValue.encode([
            .number(index), .bytes(Array(Self.source.utf8)), .bytes(Array(Self.destination.utf8)), .number(100),
            .flag(false), .bytes(Array("ask".utf8)), .array(arguments.map(ABIValue.bytes)), .word(hash),
            .bytes(Array("extra".utf8)),
        ])
        return try EVMLog(address: broker, topics: [BrokerEvent.requestTopic, BrokerPair.digest(pair)], data: data)
    }

    private static func header(receiptsRoot: [UInt8], fields count: Int) throws -> EVMBlockHeader {
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
