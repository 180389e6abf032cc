internal import CanonicalBytes
package import EVMProofs
package import IBTP

/// The broker contract at an address, as far as it is read.
package struct BrokerContract: Sendable {
    package let node: EVMNode
    package let address: EVMAddress

    package init(node: EVMNode, address: EVMAddress) {
        self.node = node
        self.address = address
    }

    /// The data that makes a broker.
    ///
    /// - Parameters:
    ///   - hub: name of the relay chain.
    ///   - chain: name of this chain at it.
    ///   - serviceGas: that a called service gets.
    ///   - attesters: the first set.
    /// - Returns: code and arguments.
    package static func creation(hub: String, chain: String, serviceGas: UInt64, attesters: AttesterSet) -> [UInt8] {
        BrokerCode.creation
            + ABIValue.encode(
                [.bytes(Array(hub.utf8)), .bytes(Array(chain.utf8)), .number(serviceGas)] + attesters.arguments
            )
    }

    /// Whom the broker believes now, without who they are.
    package struct Policy: Hashable, Sendable {
        package let epoch: UInt64
        package let threshold: UInt64
        package let groupThresholds: [UInt64]
    }

    package func policy() async throws(EVMFailure) -> Policy {
        let types: [ABIType] = [.number, .number, .array(.number, max: BrokerLimits.groupsMax)]
        let values = try await self.values(.policy, [], types)
        return Policy(
            epoch: values[0].number ?? 0,
            threshold: values[1].number ?? 0,
            groupThresholds: (values[2].list ?? []).map { $0.number ?? 0 }
        )
    }

    /// The place of the subgroup in which an account attests; nil for everybody else.
    package func group(of account: EVMAddress) async throws(EVMFailure) -> Int? {
        let place = try await self.number(.signerGroup, [.address(account)], at: nil)
        return place == 0 ? nil : Int(clamping: place - 1)
    }

    /// `hub:chain` that the broker stands for.
    package func chainName() async throws(EVMFailure) -> String {
        let type = ABIType.text(max: IBTPLimits.servicePartBytesMax)
        let hub = try await self.values(.hubName, [], [type])
        let chain = try await self.values(.chainName, [], [type])
        return "\(hub[0].text ?? ""):\(chain[0].text ?? "")"
    }

    /// A counter of a pair.
    ///
    /// - Parameters:
    ///   - counter: one of the four.
    ///   - pair: of services, one of them on this chain.
    ///   - height: of the block whose state counts; nil: the newest.
    /// - Returns: 0 also at a block before the broker.
    /// - Throws: for a node that cannot be asked, or does not keep the block's state.
    package func counter(
        _ counter: BrokerFunction,
        of pair: ServicePair,
        at height: UInt64? = nil
    ) async throws(EVMFailure) -> UInt64 {
        try await self.number(counter, [.word(BrokerPair.digest(pair))], at: height)
    }

    /// How far an exchange is.
    ///
    /// - Parameters:
    ///   - id: of the exchange.
    ///   - side: whose service is on this chain.
    ///   - height: of the block whose state counts; nil: the newest.
    /// - Returns: `unknown` also at a block before the broker.
    /// - Throws: for a node that cannot be asked, or does not keep the block's state.
    package func outcome(
        of id: MessageID,
        at side: ExchangeSide,
        height: UInt64? = nil
    ) async throws(EVMFailure) -> BrokerOutcome {
        let function = side == .source ? BrokerFunction.outboundOutcome : .inboundOutcome
        let arguments = [ABIValue.word(BrokerPair.digest(id.pair)), .number(id.index)]
        guard let outcome = BrokerOutcome(rawValue: try await self.number(function, arguments, at: height)) else {
            throw .malformed("an outcome that no broker has")
        }
        return outcome
    }

    /// The hash of a request that the broker has taken; zeros of one that it has not.
    package func requestHash(of id: MessageID) async throws(EVMFailure) -> [UInt8] {
        let arguments = [ABIValue.word(BrokerPair.digest(id.pair)), .number(id.index)]
        return try await self.values(.requestHash, arguments, [.word])[0].bytes ?? []
    }

    private func number(
        _ function: BrokerFunction,
        _ arguments: [ABIValue],
        at height: UInt64?
    ) async throws(EVMFailure) -> UInt64 {
        let answer = try await self.node.call(self.address, function.call(arguments), at: height)
        // Where there is no contract yet, nothing is counted.
        if height != nil, answer.isEmpty { return 0 }
        return try Self.decoded(answer, [.number], function)[0].number ?? 0
    }

    private func values(
        _ function: BrokerFunction,
        _ arguments: [ABIValue],
        _ types: [ABIType]
    ) async throws(EVMFailure) -> [ABIValue] {
        let answer = try await self.node.call(self.address, function.call(arguments))
        guard !answer.isEmpty else { throw .misconfigured("there is no contract at \(self.address)") }
        return try Self.decoded(answer, types, function)
    }

    private static func decoded(
        _ answer: [UInt8],
        _ types: [ABIType],
        _ function: BrokerFunction
    ) throws(EVMFailure) -> [ABIValue] {
        do throws(ProtocolFailure) { return try ABIValue.decode(answer, as: types) } catch {
            throw .misconfigured("the contract does not answer \(function) as a broker does: \(error.detail)")
        }
    }
}
