internal import CanonicalBytes
package import EVMProofs

/// A node of a chain with an EVM, by the methods of JSON-RPC that all of them have.
package struct EVMNode: Sendable {
    let rpc: JSONRPCClient

    package init(_ rpc: JSONRPCClient) { self.rpc = rpc }

    package func chainID() async throws(EVMFailure) -> UInt64 {
        try await self.rpc.call("eth_chainId").number("the chain's id")
    }

    /// The height of the newest block.
    package func height() async throws(EVMFailure) -> UInt64 {
        try await self.rpc.call("eth_blockNumber").number("the height")
    }

    /// The header of a block, its hash computed anew.
    ///
    /// - Parameter block: by its height, its hash or the node's `finalized` mark.
    /// - Returns: nil when the node has no such block.
    /// - Throws: also when the block is another than was asked for, or its hash another than the node says.
    package func header(_ block: BlockName) async throws(EVMFailure) -> EVMBlockHeader? {
        try await self.block(block)?.header
    }

    /// A block: its header and the digests of its transactions, in order.
    func block(_ name: BlockName) async throws(EVMFailure) -> (header: EVMBlockHeader, transactions: [[UInt8]])? {
        let answer = try await self.rpc.call(name.method, [name.parameter, .flag(false)])
        guard answer != .null else { return nil }
        let header = try EVMJSON.header(answer)
        switch name {
        case .height(let height) where header.number != height: throw .inconsistent("another block than \(height)")
        case .hash(let hash) where header.hash != hash: throw .inconsistent("another block than was asked for")
        case .height, .hash, .finalized: break
        }
        var transactions: [[UInt8]] = []
        for digest in try answer.field("transactions").list("transactions") {
            transactions.append(try digest.bytes(32, "a transaction's digest"))
        }
        return (header, transactions)
    }

    /// The receipt of a transaction.
    ///
    /// - Returns: nil when it is in no block.
    func receipt(of transaction: [UInt8]) async throws(EVMFailure) -> PlacedReceipt? {
        let answer = try await self.rpc.call("eth_getTransactionReceipt", [.data(transaction)])
        return answer == .null ? nil : try EVMJSON.receipt(answer)
    }

    /// Where a contract has logged events with one of some first topics, ascending.
    func logs(
        of contract: EVMAddress,
        topics: [[UInt8]],
        in heights: ClosedRange<UInt64>
    ) async throws(EVMFailure) -> [LogPlace] {
        let query = JSONValue.object([
            "address": .text(contract.description), "fromBlock": .quantity(heights.lowerBound),
            "toBlock": .quantity(heights.upperBound), "topics": .array([.array(topics.map(JSONValue.data))]),
        ])
        let answer = try await self.rpc.call("eth_getLogs", [query])
        var places: [LogPlace] = []
        for log in try answer.list("logs") {
            let place = try EVMJSON.logPlace(log)
            guard heights.contains(place.height) else { throw .inconsistent("a log of another block") }
            places.append(place)
        }
        return places.sorted { ($0.height, $0.transactionIndex) < ($1.height, $1.transactionIndex) }
    }

    /// The next nonce of an account, what waits included.
    func pendingNonce(of account: EVMAddress) async throws(EVMFailure) -> UInt64 {
        let answer = try await self.rpc.call("eth_getTransactionCount", [.text("\(account)"), .text("pending")])
        return try answer.number("a nonce")
    }

    /// Wei for a unit of gas to whoever makes the block.
    func priorityFee() async throws(EVMFailure) -> UInt64 {
        try await self.rpc.call("eth_maxPriorityFeePerGas").number("a fee")
    }

    /// Wei that an account has, big-endian.
    package func balance(of account: EVMAddress) async throws(EVMFailure) -> [UInt8] {
        try await self.rpc.call("eth_getBalance", [.text("\(account)"), .text("latest")])
            .quantity(bytesMax: 32, "a balance")
    }

    /// Calls a contract without changing anything.
    ///
    /// - Parameters:
    ///   - contract: that is called.
    ///   - data: function and arguments.
    ///   - height: of the block whose state counts; nil: the newest.
    /// - Returns: what it answers; empty where there is no contract.
    /// - Throws: also when the contract reverts.
    package func call(
        _ contract: EVMAddress,
        _ data: [UInt8],
        at height: UInt64? = nil
    ) async throws(EVMFailure) -> [UInt8] {
        let call = JSONValue.object(["to": .text("\(contract)"), "data": .data(data)])
        let block = height.map(JSONValue.quantity) ?? .text("latest")
        return try await self.rpc.call("eth_call", [call, block]).bytes("a result")
    }

    /// Gas that a transaction would need now; throws what the node says when it would fail.
    func gas(from sender: EVMAddress, to contract: EVMAddress?, _ data: [UInt8]) async throws(EVMFailure) -> UInt64 {
        var fields = ["from": JSONValue.text("\(sender)"), "data": .data(data)]
        if let contract { fields["to"] = .text("\(contract)") }
        return try await self.rpc.call("eth_estimateGas", [.object(fields)]).number("gas")
    }

    /// Hands in a signed transaction.
    func send(_ transaction: [UInt8]) async throws(EVMFailure) {
        _ = try await self.rpc.call("eth_sendRawTransaction", [.data(transaction)])
    }
}

/// How a block is asked for.
package enum BlockName: Hashable, Sendable {
    case height(UInt64)
    case hash([UInt8])
    case finalized

    var method: String {
        switch self {
        case .height, .finalized: "eth_getBlockByNumber"
        case .hash: "eth_getBlockByHash"
        }
    }

    var parameter: JSONValue {
        switch self {
        case .height(let height): .quantity(height)
        case .hash(let hash): .data(hash)
        case .finalized: .text("finalized")
        }
    }
}
