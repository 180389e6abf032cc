internal import CanonicalBytes
package import ChainReading
internal import Contracts
internal import Ledger
package import PathProofs
internal import Synchronization

/// Where lists of verification nodes come from.
package protocol NodeListSource: Sendable {
    /// The list of a chain and epoch; nil for one that is not registered.
    ///
    /// - Throws: when nobody can say.
    func reign(of chain: String, epoch: UInt64) async throws -> ListReign?

    /// The newest epoch of a chain's lists; nil for a chain that has none.
    ///
    /// - Throws: when nobody can say.
    func newestEpoch(of chain: String) async throws -> UInt64?
}

extension NodeListSource {
    /// The list that certifies a height of a chain; nil when none does.
    ///
    /// - Throws: when nobody can say.
    package func reign(of chain: String, at height: UInt64) async throws -> ListReign? {
        guard var epoch = try await self.newestEpoch(of: chain) else { return nil }
        for _ in 0..<ListHistory.reignsMax {
            guard let reign = try await self.reign(of: chain, epoch: epoch) else { return nil }
            if reign.covers(height) { return reign }
            guard epoch > 0, reign.firstHeight > height else { return nil }
            epoch -= 1
        }
        return nil
    }
}

/// The lists that the relay chain's registry proves.
package final class NodeListReader: NodeListSource {
    /// Lists that are remembered.
    private static let countMax = 256
    /// An open list may have ended since it was read.
    private static let openSeconds: UInt64 = 10

    private struct Known {
        let reign: ListReign
        let bytes: [UInt8]
        let time: UInt64
    }

    private struct Place: Hashable {
        let chain: [UInt8]
        let epoch: UInt64
    }

    private let relay: any ChainFacts
    private let clock: @Sendable () -> UInt64
    private let known = Mutex<[Place: Known]>([:])

    /// - Parameters:
    ///   - relay: reads the relay chain.
    ///   - clock: seconds since 1970.
    package init(relay: any ChainFacts, clock: @escaping @Sendable () -> UInt64) {
        self.relay = relay
        self.clock = clock
    }

    package func newestEpoch(of chain: String) async throws -> UInt64? {
        guard let value = try await self.relay.fact(of: RelayKey.listEpoch(chain), on: .access).value else {
            return nil
        }
        var reader = CanonicalReader(value)
        let epoch = try reader.u64()
        try reader.finish()
        return epoch
    }

    package func reign(of chain: String, epoch: UInt64) async throws -> ListReign? {
        let place = Place(chain: Array(chain.utf8), epoch: epoch)
        let now = self.clock()
        let before = self.known.withLock { $0[place] }
        if let before, before.reign.lastHeight != nil || now < before.time + Self.openSeconds { return before.reign }
        guard let value = try await self.relay.fact(of: RelayKey.list(chain, epoch), on: .access).value else {
            return nil
        }
        let record = try ListRecord(bytes: value)
        // Reading a list costs two pairings for each of its keys.
        let list: VerificationNodeList
        if let before, before.bytes == record.list {
            list = before.reign.list
        } else {
            list = try VerificationNodeList(bytes: record.list)
        }
        let reign = try ListReign(
            list: list,
            firstHeight: record.firstHeight,
            lastHeight: record.lastHeight == 0 ? nil : record.lastHeight
        )
        self.known.withLock { known in
            if known.count >= Self.countMax { known.removeAll() }
            known[place] = Known(reign: reign, bytes: record.list, time: now)
        }
        return reign
    }
}
