package import CanonicalBytes
package import IBTP
internal import Records

/// One broker contract among all: attesters sign for it alone.
package struct BrokerIdentity: Hashable, Sendable {
    /// EIP-155.
    package let chainID: UInt64
    package let address: EVMAddress

    package init(chainID: UInt64, address: EVMAddress) {
        self.chainID = chainID
        self.address = address
    }

    func write(_ mark: StaticString, to writer: inout CanonicalWriter) {
        writer.magic(mark)
        writer.raw([UInt8](repeating: 0, count: 24))
        writer.u64(self.chainID)
        writer.raw(self.address.bytes)
    }
}

/// What attesters of the relay chain tell a broker: a request, or what became of one.
package struct BrokerStatement: Hashable, Sendable {
    /// The message as the relay chain holds it; of an exchange that ended without an answer
    /// ``receiptless(_:_:)``.
    package let message: InterchainMessage
    package let status: TransactionStatus
    /// ``InterchainMessage/hash`` of the exchange's request, 32 bytes.
    package let requestHash: [UInt8]
    /// What the contract is called with.
    package let call: BrokerCall

    /// - Throws: `FORMAT` for a message beyond the contract's bounds or with a part that is malformed; `CONTEXT` for a
    ///   payload whose hash is of another content, for a status that a broker is never told with such a message, and
    ///   for a request whose hash is another.
    package init(
        message: InterchainMessage,
        status: TransactionStatus,
        requestHash: [UInt8]
    ) throws(ProtocolFailure) {
        try require(requestHash.count == 32, .format, "a hash has 32 bytes")
        self.message = message
        self.status = status
        self.requestHash = requestHash
        self.call = try BrokerCall(message, status)
        if message.type == .interchain {
            try require(message.hash.bytes == requestHash, .context, "the hash of another request")
        }
    }

    /// The answer to a request that has ended without one.
    ///
    /// - Throws: `CONTEXT` for a status that is none of that.
    package static func receiptless(
        _ id: MessageID,
        _ status: TransactionStatus
    ) throws(ProtocolFailure) -> InterchainMessage {
        let type: MessageType
        switch status {
        case .beginFailure, .failure: type = .receiptFailure
        case .beginRollback, .rollback: type = .receiptRollback
        case .begin, .success: throw ProtocolFailure(.context, "nothing ends so without an answer")
        }
        return InterchainMessage(
            from: id.from.description,
            to: id.to.description,
            index: id.index,
            type: type,
            payload: InterchainPayload.receipt([], type).bytes
        )
    }

    /// What attesters sign: Keccak-256 of `"WLEA" || u256 chain id || broker(20) || u64 epoch || u64 length of from ||
    /// request hash || content digest || relay digest`.
    ///
    /// The relay digest (``RelayDigest``) is what the published protocol signs. It names neither the chain nor the
    /// contract, and joins names and arguments without lengths; the rest closes these gaps.
    ///
    /// - Parameters:
    ///   - broker: that is to believe it.
    ///   - epoch: of the set of attesters that the broker believes.
    /// - Returns: 32 bytes.
    /// - Throws: `FORMAT`.
    package func digest(for broker: BrokerIdentity, epoch: UInt64) throws(ProtocolFailure) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 256)
        broker.write("WLEA", to: &writer)
        writer.u64(epoch)
        writer.u64(UInt64(self.message.from.utf8.count))
        writer.raw(self.requestHash)
        writer.raw(Keccak256.digest(ABIValue.encode(self.call.content)))
        writer.raw(try RelayDigest.digest(of: self.message, status: self.status))
        return Keccak256.digest(writer.bytes)
    }

    /// The data of the transaction that delivers.
    package func callData(signatures: [[UInt8]]) -> [UInt8] {
        let end: [ABIValue] = [.word(self.call.payloadHash), .array(signatures.map(ABIValue.bytes))]
        return self.call.function.call(self.call.head + [.word(self.requestHash)] + self.call.content + end)
    }
}

/// How the contract takes a message.
package struct BrokerCall: Hashable, Sendable {
    package let function: BrokerFunction
    /// Names, index and numbers.
    let head: [ABIValue]
    /// Whether it is encrypted, and what is: the part of the digest that knows where arguments begin and end.
    let content: [ABIValue]
    let payloadHash: [UInt8]

    fileprivate init(_ message: InterchainMessage, _ status: TransactionStatus) throws(ProtocolFailure) {
        let id = try message.id
        let payload = try message.checkedPayload()
        let names: [ABIValue] = [.bytes(Array(id.from.description.utf8)), .bytes(Array(id.to.description.utf8))]
        let statusNumber = ABIValue.number(UInt64(status.rawValue))
        try require(payload.hash.count == 32, .format, "a payload's hash has 32 bytes")
        self.payloadHash = payload.hash
        switch message.type {
        case .interchain:
            let isTold = [.begin, .beginFailure, .beginRollback].contains(status)
            try require(isTold, .context, "no destination is told so")
            self.function = .invokeInterchain
            self.head = names + [.number(id.index), statusNumber]
            self.content = try Self.request(payload, isVoidable: status != .begin)
        case .receiptSuccess, .receiptFailure, .receiptRollback:
            let isTold = status != .begin && (status == .success) == (message.type == .receiptSuccess)
            try require(isTold, .context, "no source is told so with such an answer")
            self.function = .invokeReceipt
            self.head = names + [.number(id.index), .number(UInt64(message.type.rawValue)), statusNumber]
            self.content = try Self.receipt(payload)
        case .receiptRollbackEnd: throw ProtocolFailure(.context, "relay chains send no such message")
        }
    }

    /// What a request says, or of one that no contract can hold nothing.
    ///
    /// Such a request was never begun. Its end is told without its content, so that its index does not keep the pair's
    /// later ones waiting; nothing but the request's hash is needed for that.
    private static func request(
        _ payload: InterchainPayload,
        isVoidable: Bool
    ) throws(ProtocolFailure) -> [ABIValue] {
        do throws(ProtocolFailure) { return try self.request(payload) } catch {
            guard isVoidable else { throw error }
            return [.flag(true), .bytes([]), .array([])]
        }
    }

    private static func request(_ payload: InterchainPayload) throws(ProtocolFailure) -> [ABIValue] {
        if payload.isEncrypted { return [.flag(true), .bytes([]), try self.values([payload.content])] }
        let content = try InterchainContent(bytes: payload.content, .tolerant)
        let function = Array(content.function.utf8)
        let fits = function.count <= BrokerLimits.functionBytesMax
        try require(fits, .format, "a function's name of \(function.count) bytes")
        return [.flag(false), .bytes(function), try self.values(content.arguments)]
    }

    private static func receipt(_ payload: InterchainPayload) throws(ProtocolFailure) -> [ABIValue] {
        if payload.isEncrypted { return [.flag(true), try self.values([payload.content])] }
        let result = try InterchainResult(bytes: payload.content, .tolerant)
        try require(result.data.count <= 1, .format, "results of \(result.data.count) services")
        return [.flag(false), try self.values(result.data.first ?? [])]
    }

    private static func values(_ values: [[UInt8]]) throws(ProtocolFailure) -> ABIValue {
        let fits = values.count <= BrokerLimits.argumentsMax
        try require(fits, .format, "\(values.count) values where \(BrokerLimits.argumentsMax) are allowed")
        let isBounded = values.allSatisfy { $0.count <= BrokerLimits.argumentBytesMax }
        try require(isBounded, .format, "a value of more than \(BrokerLimits.argumentBytesMax) bytes")
        return .array(values.map(ABIValue.bytes))
    }
}
