internal import CanonicalBytes
package import EVMProofs
package import IBTP
package import Relaying

/// What a gateway is told of a chain with an EVM.
package struct EVMChainSettings: Hashable, Sendable {
    /// The chain, `hub:chain`.
    package var chain: String
    package var chainID: UInt64
    /// Of the broker contract.
    package var broker: EVMAddress
    /// ``FinalityRule/depth(_:)`` or ``FinalityRule/tagged``.
    package var finality: FinalityRule
    /// Height of the block before the broker's.
    package var startHeight: UInt64
    /// Blocks that are asked for at once.
    package var pageBlocks: UInt64

    package init(
        chain: String,
        chainID: UInt64,
        broker: EVMAddress,
        finality: FinalityRule,
        startHeight: UInt64 = 0,
        pageBlocks: UInt64 = 200
    ) {
        self.chain = chain
        self.chainID = chainID
        self.broker = broker
        self.finality = finality
        self.startHeight = startHeight
        self.pageBlocks = pageBlocks
    }
}

/// A chain with an EVM behind JSON-RPC, with the broker contract on it.
package struct EVMChain: ChainAdapter {
    package let settings: EVMChainSettings
    let contract: BrokerContract
    let sender: TransactionSender?

    package var chain: String { self.settings.chain }
    var node: EVMNode { self.contract.node }

    /// - Parameters:
    ///   - settings: what the chain must be.
    ///   - node: of the chain.
    ///   - sender: that pays for deliveries; without one nothing can be delivered.
    /// - Throws: `misconfigured` for a rule that such a chain has not, and for pages without blocks.
    package init(
        settings: EVMChainSettings,
        node: EVMNode,
        sender: TransactionSender?
    ) throws(ChainAdapterFailure) {
        guard settings.finality != .certified else {
            throw .misconfigured("a chain with an EVM has no certificates; use a depth or the node's mark")
        }
        guard settings.pageBlocks > 0 else { throw .misconfigured("a page without blocks") }
        self.settings = settings
        self.contract = BrokerContract(node: node, address: settings.broker)
        self.sender = sender
    }

    /// Requires that the node is of the chain, and the contract the broker for it.
    package func check() async throws(ChainAdapterFailure) {
        do throws(EVMFailure) {
            let id = try await self.node.chainID()
            guard id == self.settings.chainID else {
                throw .misconfigured("the node's chain is \(id), not \(self.settings.chainID)")
            }
            let name = try await self.contract.chainName()
            guard name.utf8.elementsEqual(self.chain.utf8) else {
                throw .misconfigured("the contract is the broker of \(name), not of \(self.chain)")
            }
        } catch { throw error.asAdapterFailure }
    }

    package func head() async throws(ChainAdapterFailure) -> ChainHead {
        do throws(EVMFailure) { return try await self.currentHead() } catch { throw error.asAdapterFailure }
    }

    package func start() async throws(ChainAdapterFailure) -> AdapterCursor {
        AdapterCursor(height: self.settings.startHeight, blockHash: [])
    }

    package func outbound(
        since cursor: AdapterCursor,
        leavesMax: Int
    ) async throws(ChainAdapterFailure) -> OutboundPage {
        do throws(EVMFailure) { return try await self.page(since: cursor, leavesMax) } catch {
            throw error.asAdapterFailure
        }
    }

    package func standing(
        of id: MessageID,
        at side: ExchangeSide
    ) async throws(ChainAdapterFailure) -> ExchangeStanding {
        do throws(EVMFailure) {
            // What a block says that may still go away does not count.
            guard let height = try await self.currentHead().finalHeight else { return .unknown }
            return try await self.contract.outcome(of: id, at: side, height: height).standing
        } catch { throw error.asAdapterFailure }
    }

    package func counters(of pair: ServicePair) async throws(ChainAdapterFailure) -> AdapterCounters {
        do throws(EVMFailure) {
            guard let height = try await self.currentHead().finalHeight else {
                return AdapterCounters(sent: 0, closed: 0, received: 0, undone: 0)
            }
            return AdapterCounters(
                sent: try await self.contract.counter(.outCounter, of: pair, at: height),
                closed: try await self.contract.counter(.callbackCounter, of: pair, at: height),
                received: try await self.contract.counter(.inCounter, of: pair, at: height),
                undone: try await self.contract.counter(.destinationRollbackCounter, of: pair, at: height)
            )
        } catch { throw error.asAdapterFailure }
    }

    func currentHead() async throws(EVMFailure) -> ChainHead {
        let height = try await self.node.height()
        switch self.settings.finality {
        case .depth(let depth):
            return ChainHead(height: height, finalHeight: height >= depth ? height - depth : nil)
        case .tagged, .certified:
            return ChainHead(height: height, finalHeight: try await self.node.header(.finalized)?.number)
        }
    }

    func page(
        since cursor: AdapterCursor,
        _ leavesMax: Int,
        through end: UInt64 = .max
    ) async throws(EVMFailure) -> OutboundPage {
        let reader = LeafReader(node: self.node, broker: self.settings.broker)
        guard let newest = try await self.currentHead().finalHeight, min(newest, end) > cursor.height else {
            return OutboundPage(leaves: [], next: cursor, isComplete: true)
        }
        let final = min(newest, end)
        var leaves: [OutboundLeaf] = []
        var place = cursor
        var blocks = self.settings.pageBlocks
        while place.height < final, leaves.count < leavesMax {
            let last = min(final, place.height + min(blocks, final - place.height))
            do throws(EVMFailure) {
                let found = try await reader.leaves(after: place, through: last)
                leaves += found.leaves
                place = AdapterCursor(height: last, blockHash: found.lastHash)
            } catch {
                // Nodes bound what they answer, each in its own way: ask for less, down to one block.
                guard case .node = error, blocks > 1 else { throw error }
                blocks = max(1, min(blocks, last - place.height) / 2)
            }
        }
        return OutboundPage(leaves: leaves, next: place, isComplete: place.height == newest)
    }
}

extension BrokerOutcome {
    var standing: ExchangeStanding {
        switch self {
        case .unknown: .unknown
        case .pending: .pending
        case .succeeded: .succeeded
        case .failed: .failed
        case .undone: .undone
        }
    }
}
