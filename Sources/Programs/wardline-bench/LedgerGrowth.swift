import ArgumentParser
import Contracts
import Foundation
import Ledger

/// Times blocks as the chain and its state grow, through the ledger's own interface and without consensus.
struct LedgerGrowth: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger-growth",
        abstract: "Time blocks of anchors as blocks and keys become many, on a real disk, in one thread."
    )

    @Option(help: "Where the files go; everything made there is deleted again.", completion: .directory)
    var directory = ".build/ledger-growth"

    @Option(help: "Keep the states that are made there, and begin with those that are.", completion: .directory)
    var states: String?

    @Option(help: "Sizes of the state to time blocks at, in keys.")
    var keys = "1000,10000,100000,1000000,10000000"

    @Option(help: "Lengths of the chain to time blocks at.")
    var blocks = "1000,10000,100000,1000000"

    @Flag(help: "Only up to a hundred thousand keys and ten thousand blocks.")
    var quick = false

    func run() throws {
        let limit = self.quick ? (keys: 100_000, blocks: 10_000) : (keys: Int.max, blocks: Int.max)
        let keys = try Self.sizes(self.keys).filter { $0 <= limit.keys }
        let blocks = try Self.sizes(self.blocks).filter { $0 <= limit.blocks }
        if !keys.isEmpty { try self.timeKeys(keys) }
        if !blocks.isEmpty { try self.timeBlocks(blocks) }
    }

    private static func sizes(_ text: String) throws -> [Int] {
        try text.split(separator: ",").map { word in
            guard let size = Int(word), size > 0 else { throw ValidationError("\(word) is no size") }
            return size
        }.sorted()
    }

    /// A block of 100 anchors, over states of growing size.
    private func timeKeys(_ sizes: [Int]) throws {
        var table = GrowthTable("keys", "a block of \(Self.anchorsPerBlock) anchors")
        for size in sizes {
            try self.withDirectory { path in
                var scene = try LedgerScene(gateways: Self.anchorsPerBlock)
                let root = try self.load(size, scene.genesis, path: "\(path)/state.sqlite")
                let files = try LedgerFiles(directory: path, genesis: scene.genesis, root: root)
                // Until caches and logs have got the size that they keep; a small state would become a larger one.
                let before = size < 100_000 ? 20 : 100
                _ = try GrowthStretch(files, &scene, blocks: before, anchors: Self.anchorsPerBlock)
                table.add(size, try GrowthStretch(files, &scene, blocks: 60, anchors: Self.anchorsPerBlock))
            }
        }
        table.finish()
    }

    /// A block of one anchor, on a growing chain.
    private func timeBlocks(_ lengths: [Int]) throws {
        var table = GrowthTable("blocks", "a block of one anchor")
        try self.withDirectory { path in
            var scene = try LedgerScene(gateways: Self.anchorsPerBlock)
            let root = try LedgerLoad(genesis: scene.genesis, count: 0).run(path: "\(path)/state.sqlite")
            let files = try LedgerFiles(directory: path, genesis: scene.genesis, root: root)
            for length in lengths {
                let timed = max(min(length / 2, 10_000), 1)
                let before = length - Int(files.header.height) - timed
                if before > 0 { _ = try GrowthStretch(files, &scene, blocks: before, anchors: 1) }
                table.add(length, try GrowthStretch(files, &scene, blocks: timed, anchors: 1))
            }
        }
        table.finish()
    }

    private static let anchorsPerBlock = 100

    /// Makes a state, or copies the one that is kept.
    private func load(_ count: Int, _ genesis: Genesis, path: String) throws -> [UInt8] {
        let load = LedgerLoad(genesis: genesis, count: count)
        guard let states = self.states else { return try load.run(path: path) }
        let (kept, files) = ("\(states)/\(count).sqlite", FileManager.default)
        if !files.fileExists(atPath: kept) {
            try files.createDirectory(atPath: states, withIntermediateDirectories: true)
            let root = try load.run(path: kept)
            try Data(root).write(to: URL(fileURLWithPath: kept + ".root"))
        }
        try files.copyItem(atPath: kept, toPath: path)
        // As after a load; else the first block that waits for the disk would pay for all.
        let copy = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try copy.synchronize()
        try copy.close()
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: kept + ".root")))
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = "\(self.directory)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }
}

/// What consecutive blocks cost, writing included, signatures not.
struct GrowthStretch {
    /// Processor time to execute one block, in microseconds.
    private(set) var execution = 0.0
    /// Processor time to store one block, a share of everything written later included.
    private(set) var storage = 0.0
    /// Wall time of both.
    private(set) var wall = 0.0
    /// Processor time to find a committed transaction and read its block.
    private(set) var lookUp = 0.0
    /// Processor time to prove a value, and to check the proof.
    private(set) var proof = 0.0

    init(_ files: LedgerFiles, _ scene: inout LedgerScene, blocks: Int, anchors: Int) throws {
        var samples: [Transaction] = []
        for block in 0..<blocks {
            let time = LedgerClock.time(of: files.header.height + 1)
            let transactions = try scene.anchors(anchors, time: time)
            let (started, cpu) = (ContinuousClock.now, CPUTime.now)
            let executed = try files.commit(transactions)
            let middle = CPUTime.now
            try files.append(executed)
            if block == blocks - 1 { try files.flush() }
            self.execution += middle - cpu
            self.storage += CPUTime.now - middle
            self.wall += (ContinuousClock.now - started).inMicroseconds
            if block * 200 % max(blocks, 200) < 200 { samples.append(transactions[0].transaction) }
        }
        self.execution /= Double(blocks)
        self.storage /= Double(blocks)
        self.wall /= Double(blocks)
        try self.read(samples, files)
    }

    private mutating func read(_ samples: [Transaction], _ files: LedgerFiles) throws {
        let started = CPUTime.now
        for sample in samples {
            guard try files.look(for: sample.id) != nil else { throw LedgerBenchFailure("a transaction is not found") }
        }
        let middle = CPUTime.now
        for sample in samples {
            let anchor = try Anchor(bytes: sample.body.arguments)
            guard try files.prove(IndexKey.anchor(anchor.gateway, anchor.window)) else {
                throw LedgerBenchFailure("a proof does not hold")
            }
        }
        self.lookUp = (middle - started) / Double(samples.count)
        self.proof = (CPUTime.now - middle) / Double(samples.count)
    }
}

/// A table that is printed line by line, with what matters last: whether the cost stays.
private struct GrowthTable {
    private var rows: [GrowthStretch] = []

    init(_ unit: String, _ block: String) {
        print("\nCost of \(block) (\(LedgerScene.pointers) pointers each), microseconds")
        let heads = ["execute", "store", "both, wall", "find, read", "prove, check"]
        print(Self.line(unit, heads))
    }

    mutating func add(_ size: Int, _ row: GrowthStretch) {
        self.rows.append(row)
        let values = [row.execution, row.storage, row.wall, row.lookUp, row.proof]
        print(Self.line("\(size)", values.map { String(format: "%.1f", $0) }))
        fflush(nil)
    }

    func finish() {
        guard let first = self.rows.first, let last = self.rows.last else { return }
        let cost = self.rows.map { $0.execution + $0.storage }
        guard let low = cost.min(), let high = cost.max() else { return }
        let growth = (last.execution + last.storage) / (first.execution + first.storage)
        print(
            String(
                format: "processor time of the last row / first row: %.2f; largest / smallest: %.2f",
                growth,
                high / low
            )
        )
    }

    private static func line(_ first: String, _ rest: [String]) -> String {
        ([first] + rest).map { String(repeating: " ", count: max(0, 14 - $0.count)) + $0 }.joined()
    }
}
