internal import ChainReading
internal import Ledger
internal import Logging
internal import Relaying
internal import Synchronization
internal import Uplink

/// Runs the plan: one event after the other, and the actions beside each other.
final class GatewayLoop: Sendable {
    /// What the loop waits for.
    private enum Input: Sendable {
        /// The answer to an action, or what was seen.
        case events([PlanEvent], answers: Bool)
        case stop
        /// The time for what was under way is over.
        case end
    }

    /// What is under way when the gateway is stopped may take so long, s.
    private static let drainSeconds: Int64 = 15
    /// s between two looks at the lease.
    private static let leaseEvery: UInt64 = 5
    /// s between two notes of the heights.
    private static let cursorEvery: UInt64 = 10

    private let tools: GatewayTools
    private let worker: GatewayWorker
    private let lease: LeaseKeeper
    private let cursor: CursorFile
    private let tickMilliseconds: UInt64
    private let pollMilliseconds: UInt64
    private let limits: PlanLimits
    private let salt: UInt64
    private let logger: Logger
    private let inputs: AsyncStream<Input>
    private let line: AsyncStream<Input>.Continuation

    init(
        tools: GatewayTools,
        lease: LeaseKeeper,
        cursor: CursorFile,
        tickMilliseconds: UInt64,
        pollMilliseconds: UInt64,
        limits: PlanLimits,
        salt: UInt64,
        logger: Logger
    ) {
        self.tools = tools
        self.worker = GatewayWorker(tools: tools)
        self.lease = lease
        self.cursor = cursor
        self.tickMilliseconds = max(10, tickMilliseconds)
        self.pollMilliseconds = max(10, pollMilliseconds)
        self.limits = limits
        self.salt = salt
        self.logger = logger
        (self.inputs, self.line) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// No new work is begun; ``run()`` returns when what is under way has ended, or takes too long.
    func stop() { self.line.yield(.stop) }

    /// Carries messages until ``stop()``.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.tick() }
            for shore in Shore.allCases {
                group.addTask { await self.watchHeights(of: shore) }
                group.addTask { await self.listen(to: shore) }
            }
            group.addTask { await self.watchLease() }
            await self.steps(&group)
            group.cancelAll()
        }
        self.line.finish()
    }

    private func steps(_ group: inout TaskGroup<Void>) async {
        var plan = GatewayPlan(limits: self.limits, salt: self.salt)
        var underWay = 0
        var isStopping = false
        var noted: [UInt64] = []
        for await input in self.inputs {
            switch input {
            case .end: return
            case .stop:
                guard !isStopping else { continue }
                isStopping = true
                if underWay > 0 { group.addTask { await self.endLater() } }
            case .events(let events, let answers):
                if answers { underWay -= 1 }
                for event in events {
                    for action in plan.step(event) where !isStopping || Self.isFree(action) {
                        underWay += 1
                        group.addTask { await self.carryOut(action) }
                    }
                }
                self.show(plan)
                noted = self.save(plan, noted)
            }
            if isStopping, underWay == 0 { break }
        }
        try? self.cursor.write(Shore.allCases.map { plan.settledHeight(of: $0) })
        if plan.lease == .mine { await self.lease.release() }
    }

    /// What costs nothing and leaves nothing open.
    private static func isFree(_ action: PlanAction) -> Bool {
        switch action {
        case .forget, .abandon: true
        default: false
        }
    }

    private func carryOut(_ action: PlanAction) async {
        let events = await self.worker.carryOut(action)
        self.line.yield(.events(events, answers: true))
    }

    private func endLater() async {
        try? await Task.sleep(for: .seconds(Self.drainSeconds))
        self.line.yield(.end)
    }

    private func show(_ plan: GatewayPlan) {
        self.tools.board.update { picture in
            picture.load = plan.load
            picture.isQuiet = plan.isQuiet
            picture.settled = Shore.allCases.map { plan.settledHeight(of: $0) }
            picture.lease =
                switch plan.lease {
                case .none: "none"
                case .mine: "mine"
                case .another: "another"
                }
        }
    }

    /// Keeps the heights from time to time.
    private func save(_ plan: GatewayPlan, _ noted: [UInt64]) -> [UInt64] {
        let every = Self.cursorEvery * 1_000 / self.tickMilliseconds
        guard plan.clock % max(1, every) == 0 else { return noted }
        let heights = Shore.allCases.map { plan.settledHeight(of: $0) }
        guard heights != noted, heights.contains(where: { $0 > 0 }) else { return noted }
        do { try self.cursor.write(heights) } catch {
            self.logger.warning("cannot note how far the chains were read", metadata: ["why": "\(error)"])
        }
        return heights
    }

    // MARK: - What happens

    private func tell(_ events: [PlanEvent]) { self.line.yield(.events(events, answers: false)) }

    private func tick() async {
        let begin = ContinuousClock.now
        while !Task.isCancelled {
            let passed = ContinuousClock.now - begin
            let milliseconds =
                UInt64(max(0, passed.components.seconds)) * 1_000
                + UInt64(max(0, passed.components.attoseconds / 1_000_000_000_000_000))
            self.tell([.tick(milliseconds / self.tickMilliseconds)])
            try? await Task.sleep(for: .milliseconds(Int64(self.tickMilliseconds)))
        }
    }

    /// Looks at a chain's height now and then; the first look begins the work with it.
    private func watchHeights(of shore: Shore) async {
        let client = self.tools.shore(shore)
        let cursor = self.cursor.read()[shore == .application ? 0 : 1]
        var height: UInt64?
        while !Task.isCancelled {
            do {
                if let known = height {
                    let newest = try await client.newest(above: known)?.header.height
                    self.tools.board.reach(shore, newest ?? known)
                    if let newest {
                        self.tell([.height(shore, newest)])
                        height = newest
                    }
                } else {
                    let tip = try await client.tip()?.header.height ?? 0
                    self.tools.board.reach(shore, tip)
                    self.tell([.started(shore, cursor: min(cursor, tip), height: tip)])
                    height = tip
                }
            } catch { self.tools.board.note(.height, "\(client.name): \(error)") }
            try? await Task.sleep(for: .milliseconds(Int64(self.pollMilliseconds)))
        }
    }

    /// Hears of new leaves at once, where validators tell; otherwise the next look at the height shows them.
    private func listen(to shore: Shore) async {
        let client = self.tools.shore(shore)
        let topics = Set(OutboundTree.allCases.map(\.topic))
        while !Task.isCancelled {
            let height = self.tools.board.current.heights[shore == .application ? 0 : 1]
            let follower = EventFollower(
                client.chain,
                on: .access,
                after: SubjectPlace(behind: height),
                topics: topics
            )
            do {
                try await follower.run { _ in
                    // Only a certified height counts.
                    let known = self.tools.board.current.heights[shore == .application ? 0 : 1]
                    guard known > 0, let head = try? await client.newest(above: known) else { return }
                    self.tools.board.reach(shore, head.header.height)
                    self.tell([.height(shore, head.header.height)])
                }
            } catch { self.tools.board.note(.height, "\(client.name): \(error)") }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func watchLease() async {
        while !Task.isCancelled {
            let load = self.tools.board.current.load
            let hasWork = load.held > 0 || load.blocksBehind.contains { $0 > 0 }
            if let lease = await self.lease.look(hasWork: hasWork) { self.tell([.lease(lease)]) }
            try? await Task.sleep(for: .seconds(Int64(Self.leaseEvery)))
        }
    }
}
