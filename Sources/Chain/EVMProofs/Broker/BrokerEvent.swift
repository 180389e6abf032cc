package import CanonicalBytes
package import IBTP

/// Bounds of the broker contract, which its source has too.
package enum BrokerLimits {
    /// Arguments of a call, and results of one.
    package static let argumentsMax = 4
    /// Bytes of an argument or a result.
    package static let argumentBytesMax = 8_192
    /// Bytes of a function's name.
    package static let functionBytesMax = 64
    /// Bytes of the field for extensions.
    package static let extraBytesMax = 2_560
    /// Attesters of a relay chain.
    package static let signersMax = 64
    /// Privileged subgroups of them.
    package static let groupsMax = 8
}

/// What the broker contract says that another chain must hear.
package enum BrokerEvent: Hashable, Sendable {
    /// `ThrowInterchain`: a service of this chain asks.
    case request(InterchainMessage)
    /// `ThrowReceipt`: a service of this chain has answered a request, whose ``InterchainMessage/hash`` is `of`.
    case receipt(InterchainMessage, of: [UInt8])

    package var message: InterchainMessage {
        switch self {
        case .request(let message), .receipt(let message, _): message
        }
    }

    /// First topics of the two events.
    package static let topics = [Self.requestTopic, Self.receiptTopic]
    package static let requestTopic = Keccak256.digest(Array(Self.requestSignature.utf8))
    package static let receiptTopic = Keccak256.digest(Array(Self.receiptSignature.utf8))

    private static let requestSignature =
        "ThrowInterchain(bytes32,uint64,string,string,uint64,bool,string,bytes[],bytes32,bytes)"
    private static let receiptSignature =
        "ThrowReceipt(bytes32,uint64,string,string,uint64,bytes32,bytes[],bytes32)"

    private static let values = ABIType.array(
        .bytes(max: BrokerLimits.argumentBytesMax),
        max: BrokerLimits.argumentsMax
    )
    private static let name = ABIType.text(max: ServiceID.bytesMax)

    /// Reads what the broker has logged, whatever its address.
    ///
    /// - Throws: `FORMAT` for another event and for what no broker logs; `CONTEXT` for a payload's hash of another
    ///   content and a pair's digest of other names.
    package init(log: EVMLog) throws(ProtocolFailure) {
        try require(log.topics.count == 2, .format, "an event of the broker has two topics")
        let message: InterchainMessage
        switch log.topics[0] {
        case Self.requestTopic:
            message = try Self.request(log.data)
            self = .request(message)
        case Self.receiptTopic:
            let hash: [UInt8]
            (message, hash) = try Self.receipt(log.data)
            self = .receipt(message, of: hash)
        default: throw ProtocolFailure(.format, "not an event of the broker")
        }
        let pair = try message.id.pair
        try require(BrokerPair.digest(pair) == log.topics[1], .context, "the digest of another pair")
        _ = try message.checkedPayload()
    }

    private static func request(_ data: [UInt8]) throws(ProtocolFailure) -> InterchainMessage {
        let fields = try ABIValue.decode(
            data,
            as: [
                .number, self.name, self.name, .number, .flag, .text(max: BrokerLimits.functionBytesMax), self.values,
                .word, .bytes(max: BrokerLimits.extraBytesMax),
            ]
        )
        guard let index = fields[0].number, let from = fields[1].text, let to = fields[2].text,
            let height = fields[3].number.flatMap({ Int64(exactly: $0) }), let function = fields[5].text,
            let hash = fields[7].bytes, let extra = fields[8].bytes
        else { throw ProtocolFailure(.format, "a height of more than 63 bits") }
        let isEncrypted = fields[4] == .flag(true)
        let arguments = Self.bytes(of: fields[6])
        let content: [UInt8]
        if isEncrypted {
            try require(arguments.count == 1 && function.isEmpty, .format, "a ciphertext stands alone")
            content = arguments[0]
        } else {
            content = InterchainContent(function: function, arguments: arguments).bytes
        }
        return InterchainMessage(
            from: from,
            to: to,
            index: index,
            timeoutHeight: height,
            payload: InterchainPayload(isEncrypted: isEncrypted, content: content, hash: hash).bytes,
            extra: extra
        )
    }

    private static func receipt(
        _ data: [UInt8]
    ) throws(ProtocolFailure) -> (message: InterchainMessage, requestHash: [UInt8]) {
        let fields = try ABIValue.decode(
            data,
            as: [.number, self.name, self.name, .number, .word, self.values, .word]
        )
        let types: [UInt64: MessageType] = [1: .receiptSuccess, 2: .receiptFailure, 3: .receiptRollback]
        guard let index = fields[0].number, let from = fields[1].text, let to = fields[2].text,
            let type = fields[3].number.flatMap({ types[$0] }), let requestHash = fields[4].bytes,
            let payloadHash = fields[6].bytes
        else { throw ProtocolFailure(.format, "no type of receipts") }
        let results = Self.bytes(of: fields[5])
        let message = InterchainMessage(
            from: from,
            to: to,
            index: index,
            type: type,
            payload: InterchainPayload.receipt(results, type).bytes
        )
        try require(InterchainPayload.receipt(results, type).hash == payloadHash, .context, "the hash of other results")
        return (message, requestHash)
    }

    private static func bytes(of values: ABIValue) -> [[UInt8]] { (values.list ?? []).compactMap(\.bytes) }
}

extension InterchainPayload {
    /// What one called service has answered, or nothing.
    package static func receipt(_ results: [[UInt8]], _ type: MessageType) -> InterchainPayload {
        let result = InterchainResult(data: [results], statuses: [type == .receiptSuccess])
        return InterchainPayload(content: result.bytes, hash: PayloadHash.receipt(result))
    }
}

/// How the broker names two services by 32 bytes.
package enum BrokerPair {
    /// Keccak-256 of `from-to`.
    package static func digest(_ pair: ServicePair) -> [UInt8] { Keccak256.digest(Array(pair.description.utf8)) }
}
