import CanonicalBytes
import Contracts
import EVMAdapter
import IBTP
import Node
import Relaying
import Requesting

/// An account of a chain with an EVM, for the time of a command.
struct EVMAccountConnection {
    let chain: EVMChain
    let node: EVMNode
    let service: ServiceID
    private let client: JSONRPCClient

    var home: EVMAccountHome { EVMAccountHome(service: self.service, chain: self.chain) }

    init(_ file: EVMAccountConfiguration) throws {
        let client = try file.evm.client()
        let node = EVMNode(client)
        let sender = try TransactionSender(
            node: node,
            key: try EVMKeyFile.load(file.keyFile),
            chainID: file.evm.chainID
        )
        let chain = try file.evm.chain(named: file.chain, by: client, sender: sender)
        guard let service = try chain.ownService() else { throw CommandFailure("\(file.keyFile) has no account") }
        (self.chain, self.node, self.service, self.client) = (chain, node, service, client)
    }

    func close() async { await self.client.close() }
}

/// An account that asks over its own chain.
struct EVMAccountHome: AccountHome {
    let service: ServiceID
    let chain: EVMChain

    func open(_ target: CallService.Target, timeoutBlocks: UInt64) async throws -> MessageID {
        try await self.chain.check()
        return try await self.chain.ask(
            try ServiceID(target.to),
            try InterchainPayload(bytes: target.payload, .canonical),
            timeoutBlocks: timeoutBlocks,
            extra: target.extra
        )
    }

    func exchange(like target: CallService.Target) async throws -> MessageID? {
        let pair = ServicePair(from: self.service, to: try ServiceID(target.to))
        return try await self.chain.asked(pair, extra: target.extra)
    }

    func stage(of id: MessageID) async throws -> ExchangeStage {
        switch try await self.chain.standing(of: id, at: .source) {
        case .unknown, .pending: .called
        case .succeeded: .success
        // The broker notes no more than that.
        case .failed, .undone: .failed
        }
    }
}
