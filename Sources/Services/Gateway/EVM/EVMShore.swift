internal import CanonicalBytes
internal import Contracts
internal import EVMAdapter
internal import EVMProofs
internal import IBTP
internal import Relaying
internal import Synchronization

/// What a gateway reads of a chain with an EVM: only what is final, and with its proof.
final class EVMShore: Sendable {
    private struct State {
        /// Leaves on their way.
        var leaves: [LeafPlace: Relaying.OutboundLeaf] = [:]
        /// Where the last slice ended.
        var cursor: AdapterCursor?
        /// The height at which a final block has changed.
        var broken: UInt64?
    }

    /// The chain's registered name.
    let name: String
    let chain: EVMChain
    private let state = Mutex(State())

    init(name: String, chain: EVMChain) {
        self.name = name
        self.chain = chain
    }

    /// The chain, unless a final block has changed: then nothing of it is believed until an operator has looked.
    ///
    /// - Throws: `finalityBroken`.
    func reach() throws(ChainAdapterFailure) -> EVMChain {
        if let height = self.state.withLock({ $0.broken }) { throw .finalityBroken(height: height) }
        return self.chain
    }

    /// The height of the newest final block; 0 while there is none.
    func finalHeight() async throws(ChainAdapterFailure) -> UInt64 { try await self.reach().head().finalHeight ?? 0 }

    /// The leaves of a stretch of final blocks.
    ///
    /// - Returns: up to which block, and the leaves.
    func leaves(
        after: UInt64,
        through last: UInt64,
        limit: Int
    ) async throws(ChainAdapterFailure) -> (through: UInt64, [LeafRecord]) {
        let known = self.state.withLock { $0.cursor }
        let cursor = known.flatMap { $0.height == after ? $0 : nil } ?? AdapterCursor(height: after, blockHash: [])
        let page: OutboundPage
        do throws(ChainAdapterFailure) {
            page = try await self.reach().outbound(since: cursor, through: last, leavesMax: max(1, limit))
        } catch {
            if case .finalityBroken(let height) = error { self.state.withLock { $0.broken = height } }
            throw error
        }
        guard page.next.height > after else { throw .unreachable("block \(last) is not final on this node") }
        let records = self.keep(page.leaves)
        self.state.withLock { state in
            if page.next.height >= state.cursor?.height ?? 0 { state.cursor = page.next }
        }
        return (page.next.height, records)
    }

    /// Leaves of a stream, looked for in the whole chain.
    func leaves(of pair: ServicePair, _ indices: ClosedRange<UInt64>) async throws(ChainAdapterFailure) -> [LeafRecord]
    {
        self.keep(try await self.reach().leaves(of: pair, indices, blocksMax: 64))
    }

    /// The proof of a leaf that was read; read once more when it was not kept.
    func proof(at place: LeafPlace) async throws -> EVMInclusionProof? {
        if self.state.withLock({ $0.leaves[place] }) == nil {
            _ = try await self.leaves(after: place.height - 1, through: place.height, limit: .max)
        }
        guard let leaf = self.state.withLock({ $0.leaves[place] }) else { return nil }
        return try EVMInclusionProof(bytes: leaf.proof)
    }

    /// A leaf that is known by its place.
    func leaf(at place: LeafPlace) async throws -> LeafRecord? {
        if let leaf = self.state.withLock({ $0.leaves[place] }) { return Self.record(leaf) }
        let found = try await self.leaves(after: place.height - 1, through: place.height, limit: .max).1
        return found.first { $0.place == place }
    }

    func forget(_ place: LeafPlace) { self.state.withLock { $0.leaves[place] = nil } }

    private func keep(_ leaves: [Relaying.OutboundLeaf]) -> [LeafRecord] {
        let records = leaves.map(Self.record)
        self.state.withLock { state in
            for (leaf, record) in zip(leaves, records) { state.leaves[record.place] = leaf }
        }
        return records
    }

    private static func record(_ leaf: Relaying.OutboundLeaf) -> LeafRecord {
        let said = OutboundLeaf.message(leaf.message)
        return LeafRecord(
            place: LeafPlace(shore: .application, height: leaf.height, tree: 1, index: leaf.place),
            bytes: said.bytes,
            leaf: said,
            transaction: [],
            epoch: 0
        )
    }
}
