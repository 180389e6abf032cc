import CanonicalBytes
import Certificates
import Contracts
import Foundation
import Ledger
import LedgerStore
import StateTree

/// Makes the state of a chain that has taken many anchors, the way a snapshot is taken over: tree and tables in batches.
struct LedgerLoad {
    /// Anchors of one gateway among the loaded ones.
    private static let windowsPerGateway = 10_000
    /// Keys that the tree takes at once.
    private static let batch = 1 << 17
    private let genesis: Genesis
    private let count: Int

    /// - Parameters:
    ///   - genesis: whose state comes first.
    ///   - count: anchors besides.
    init(genesis: Genesis, count: Int) {
        self.genesis = genesis
        self.count = count
    }

    /// Writes the state of height 0.
    ///
    /// - Parameter path: of the file.
    /// - Returns: the root.
    /// - Throws: what the disk says.
    func run(path: String) throws -> [UInt8] {
        let first = try LedgerFiles.executor.genesis(self.genesis).changes
        let builder = try StateBuilder(path: path)
        try builder.put(
            entries: first.compactMap { change in change.value.map { StateEntry(key: change.key, value: $0) } }
        )
        var order: [Place] = first.indices.map { Place(keyHash: StateTree.keyHash(of: first[$0].key), number: -1 - $0) }
        order.reserveCapacity(first.count + self.count)
        for start in stride(from: 0, to: self.count, by: Self.batch) {
            let entries = try (start..<min(start + Self.batch, self.count)).map { try self.entry($0) }
            try builder.put(entries: entries)
            for (offset, entry) in entries.enumerated() {
                order.append(Place(keyHash: StateTree.keyHash(of: entry.key), number: start + offset))
            }
        }
        order.sort()
        let root = try self.putNodes(order, first, builder)
        try builder.finish(height: 0)
        return root
    }

    private func putNodes(_ order: [Place], _ first: [Ledger.StateChange], _ builder: StateBuilder) throws -> [UInt8] {
        var spine = Spine()
        var root = StateTree.emptyRoot
        for start in stride(from: 0, to: order.count, by: Self.batch) {
            let places = order[start..<min(start + Self.batch, order.count)]
            let changes = try places.map { place in
                let number = place.number
                let (key, value) =
                    number < 0
                    ? (first[-1 - number].key, first[-1 - number].value)
                    : (try self.entry(number).key, try self.entry(number).value)
                return (keyHash: StateTree.keyHash(of: key), valueHash: value.map { StateTree.valueHash(of: $0) })
            }
            let update = try StateTree.update(spine, hashed: changes)
            try builder.put(nodes: update.nodes.compactMap { node in node.bytes.map { (node.path, $0) } })
            if let last = changes.last { spine.move(to: last.keyHash, update) }
            root = update.root
        }
        return root
    }

    /// The record of an anchor of 16 pointers; its digests mean nothing.
    private func entry(_ number: Int) throws -> StateEntry {
        let digits = String(number / Self.windowsPerGateway + 1_000_000).dropFirst()
        guard let gateway = PartyName("bench:gateway:loaded-\(digits)") else {
            throw LedgerBenchFailure("no name of a gateway")
        }
        var mixer = Mixer(state: UInt64(number))
        var writer = CanonicalWriter(capacity: 256)
        for _ in 0..<3 { writer.raw(mixer.digest()) }
        writer.u32(UInt32(LedgerScene.pointers))
        writer.u64(LedgerClock.start / 1_000 - 10)
        writer.u64(LedgerClock.start / 1_000)
        writer.u64(0)
        writer.u8(0)
        writer.u16(1)
        for _ in 0..<2 { writer.raw(mixer.digest()) }
        let window = UInt64(number % Self.windowsPerGateway)
        return StateEntry(key: IndexKey.anchor(gateway, window), value: writer.bytes)
    }
}

/// An entry by the start of its key's hash, which orders the tree.
private struct Place: Comparable {
    let prefix: UInt64
    let number: Int

    init(keyHash: [UInt8], number: Int) {
        self.prefix = keyHash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        self.number = number
    }

    static func < (left: Self, right: Self) -> Bool { (left.prefix, left.number) < (right.prefix, right.number) }
}

/// The nodes above the last key: all that later keys can change of what earlier ones made.
private struct Spine: StateNodes {
    private var nodes: [[UInt8]: [UInt8]] = [:]

    func node(at path: [UInt8]) throws(ProtocolFailure) -> [UInt8]? { self.nodes[path] }

    mutating func move(to keyHash: [UInt8], _ update: StateUpdate) {
        let nibbles = keyHash.flatMap { [$0 >> 4, $0 & 15] }
        for (path, bytes) in update.nodes where nibbles.starts(with: path) { self.nodes[path] = bytes }
        self.nodes = self.nodes.filter { nibbles.starts(with: $0.key) }
    }
}

/// SplitMix64: the same bytes for the same number.
private struct Mixer {
    var state: UInt64

    private mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func digest() -> [UInt8] { (0..<4).flatMap { _ in self.next().bigEndianBytes } }
}
