internal import CanonicalBytes
internal import EVMProofs
package import IBTP
package import Relaying

/// What gateways look for besides what comes.
extension EVMChain {
    /// As ``outbound(since:leavesMax:)``, and no further than a height.
    package func outbound(
        since cursor: AdapterCursor,
        through last: UInt64,
        leavesMax: Int
    ) async throws(ChainAdapterFailure) -> OutboundPage {
        do throws(EVMFailure) { return try await self.page(since: cursor, leavesMax, through: last) } catch {
            throw error.asAdapterFailure
        }
    }

    /// How many requests of a pair the broker has taken by its newest block, which may still go away.
    package func newestTaken(of pair: ServicePair) async throws(ChainAdapterFailure) -> UInt64 {
        do throws(EVMFailure) { return try await self.contract.counter(.inCounter, of: pair) } catch {
            throw error.asAdapterFailure
        }
    }

    /// Final leaves of a pair with some indices, as far as the node finds their blocks; each is proven.
    ///
    /// - Parameters:
    ///   - pair: one of whose services is on this chain.
    ///   - indices: that are wanted.
    ///   - blocksMax: blocks that are read at most.
    /// - Returns: ascending by their places; perhaps not all.
    /// - Throws: when the node cannot be asked.
    package func leaves(
        of pair: ServicePair,
        _ indices: ClosedRange<UInt64>,
        blocksMax: Int
    ) async throws(ChainAdapterFailure) -> [OutboundLeaf] {
        do throws(EVMFailure) {
            guard let final = try await self.currentHead().finalHeight, final > self.settings.startHeight else {
                return []
            }
            let reader = LeafReader(node: self.node, broker: self.settings.broker)
            let digest = BrokerPair.digest(pair)
            var heights: [UInt64] = []
            var start = self.settings.startHeight + 1
            while start <= final, heights.count < blocksMax {
                let end = min(final, start + self.settings.pageBlocks - 1)
                heights += try await self.node.heights(
                    ofLogsBy: self.settings.broker,
                    topics: [BrokerEvent.topics, [digest]],
                    in: start...end
                )
                start = end + 1
            }
            var found: [OutboundLeaf] = []
            for height in heights.prefix(blocksMax) {
                let before = AdapterCursor(height: height - 1, blockHash: [])
                found += try await reader.leaves(after: before, through: height).leaves.filter { leaf in
                    guard let id = try? leaf.message.id else { return false }
                    return id.pair == pair && indices.contains(id.index)
                }
            }
            return found
        } catch { throw error.asAdapterFailure }
    }
}

extension EVMNode {
    /// Heights of blocks with logs of a contract, ascending, each once.
    ///
    /// - Parameters:
    ///   - contract: that has logged.
    ///   - topics: for each place, those that are wanted.
    ///   - heights: in which is looked.
    /// - Returns: those that the node names; nobody has checked them.
    /// - Throws: when the node cannot be asked.
    func heights(
        ofLogsBy contract: EVMAddress,
        topics: [[[UInt8]]],
        in heights: ClosedRange<UInt64>
    ) async throws(EVMFailure) -> [UInt64] {
        let query = JSONValue.object([
            "address": .text(contract.description), "fromBlock": .quantity(heights.lowerBound),
            "toBlock": .quantity(heights.upperBound),
            "topics": .array(topics.map { .array($0.map(JSONValue.data)) }),
        ])
        var found: Set<UInt64> = []
        for log in try await self.rpc.call("eth_getLogs", [query]).list("logs") {
            let place = try EVMJSON.logPlace(log)
            guard heights.contains(place.height) else { throw .inconsistent("a log of another block") }
            found.insert(place.height)
        }
        return found.sorted()
    }
}
