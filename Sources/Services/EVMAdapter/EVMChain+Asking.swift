internal import CanonicalBytes
internal import EVMProofs
package import IBTP
package import Relaying

/// What an account of the chain asks services of other chains.
extension EVMChain {
    /// The account that pays here, as the broker names it; nil where nothing is paid for.
    ///
    /// - Throws: `misconfigured` for a chain whose name is none.
    package func ownService() throws(ChainAdapterFailure) -> ServiceID? {
        guard let account = self.sender?.account else { return nil }
        do throws(ProtocolFailure) { return try ServiceID("\(self.chain):\(account)") } catch {
            throw .misconfigured("\(self.chain) is no name of a chain: \(error)")
        }
    }

    /// Asks in the name of the account that pays, and waits until a block has it, which may still go away.
    ///
    /// - Parameters:
    ///   - service: of another chain.
    ///   - payload: a call in the open, or encrypted as a whole.
    ///   - timeoutBlocks: blocks of the relay chain until it is undone; 0: never.
    ///   - extra: the field for extensions.
    /// - Returns: the exchange.
    /// - Throws: `misconfigured` for what no broker takes; when the node cannot be asked.
    package func ask(
        _ service: ServiceID,
        _ payload: InterchainPayload,
        timeoutBlocks: UInt64,
        extra: [UInt8]
    ) async throws(ChainAdapterFailure) -> MessageID {
        guard let sender = self.sender else { throw .misconfigured("no account asks at \(self.chain)") }
        let data: [UInt8]
        do throws(ProtocolFailure) {
            data = try Self.callData(service, payload, timeoutBlocks, extra)
        } catch { throw .misconfigured("no broker takes such a request: \(error)") }
        do throws(EVMFailure) {
            let mined = try await sender.send(to: self.settings.broker, data)
            let events = mined.logs.filter { $0.address == self.settings.broker }
                .compactMap { try? BrokerEvent(log: $0) }
            guard mined.isSuccess, let id = try? events.first?.message.id else {
                throw .inconsistent("transaction 0x\(mined.hash.hex) has asked nothing")
            }
            return id
        } catch { throw error.asAdapterFailure }
    }

    private static func callData(
        _ service: ServiceID,
        _ payload: InterchainPayload,
        _ timeoutBlocks: UInt64,
        _ extra: [UInt8]
    ) throws(ProtocolFailure) -> [UInt8] {
        let bytesMax = BrokerLimits.argumentBytesMax
        try require(extra.count <= BrokerLimits.extraBytesMax, .format, "an extension of \(extra.count) bytes")
        let name = ABIValue.bytes(Array(service.description.utf8))
        let end: [ABIValue] = [.number(timeoutBlocks), .bytes(extra)]
        if payload.isEncrypted {
            try require(payload.content.count <= bytesMax, .format, "a content of \(payload.content.count) bytes")
            let content: [ABIValue] = [name, .bytes(payload.content), .word(payload.hash)]
            return BrokerFunction.emitEncrypted.call(content + end)
        }
        let content = try InterchainContent(bytes: payload.content, .canonical)
        let longest = content.arguments.map(\.count).max() ?? 0
        let fits =
            longest <= bytesMax && content.arguments.count <= BrokerLimits.argumentsMax
            && content.function.utf8.count <= BrokerLimits.functionBytesMax
        try require(fits, .format, "\(content.arguments.count) arguments, the longest of \(longest) bytes")
        let arguments: [ABIValue] = [
            name, .bytes(Array(content.function.utf8)), .array(content.arguments.map(ABIValue.bytes)),
        ]
        return BrokerFunction.emitInterchain.call(arguments + end)
    }

    /// What a service of this chain has asked another one with just this extension, final or not.
    ///
    /// - Returns: the first such exchange; nil when no block has one.
    /// - Throws: when the node cannot be asked.
    package func asked(
        _ pair: ServicePair,
        extra: [UInt8]
    ) async throws(ChainAdapterFailure) -> MessageID? {
        var settings = self.settings
        settings.finality = .depth(0)
        let newest = try EVMChain(settings: settings, node: self.node, sender: nil)
        let leaves = try await newest.leaves(of: pair, 1...UInt64.max, blocksMax: .max)
        return leaves.first { $0.message.type == .interchain && $0.message.extra == extra }.flatMap {
            try? $0.message.id
        }
    }

    /// Answers a request to the account that pays, and waits until a block has it, which may still go away.
    ///
    /// - Parameters:
    ///   - id: of the request, which waits.
    ///   - isSuccess: whether it was done.
    ///   - results: at most as many, and as long, as a broker takes.
    /// - Returns: the block's height.
    /// - Throws: `misconfigured` where no account pays; when the node cannot be asked, or the broker says no.
    package func answer(
        _ id: MessageID,
        isSuccess: Bool,
        _ results: [[UInt8]]
    ) async throws(ChainAdapterFailure) -> UInt64 {
        guard let sender = self.sender else { throw .misconfigured("no account answers at \(self.chain)") }
        let data = BrokerFunction.finish.call([
            .bytes(Array(id.from.description.utf8)), .number(id.index), .flag(isSuccess),
            .array(results.map(ABIValue.bytes)),
        ])
        do throws(EVMFailure) {
            let mined = try await sender.send(to: self.settings.broker, data)
            guard mined.isSuccess else { throw .inconsistent("transaction 0x\(mined.hash.hex) has failed") }
            return mined.height
        } catch { throw error.asAdapterFailure }
    }
}
