internal import Logging
internal import Relaying
internal import Synchronization

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

    private let worker: any GatewayWorking
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
        worker: any GatewayWorking,
        lease: LeaseKeeper,
        cursor: CursorFile,
        tickMilliseconds: UInt64,
        pollMilliseconds: UInt64,
        limits: PlanLimits,
        salt: UInt64,
        logger: Logger
    ) {
        self.worker = worker
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
                let watch = self.watch(of: shore)
                group.addTask { await watch.look() }
                group.addTask { await watch.listen() }
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
        try? self.cursor.write(self.settled(plan))
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
        self.worker.board.update { picture in
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

    private func settled(_ plan: GatewayPlan) -> [UInt64] {
        Shore.allCases.map { self.worker.settled(plan.settledHeight(of: $0), of: $0) }
    }

    /// Keeps the heights from time to time.
    private func save(_ plan: GatewayPlan, _ noted: [UInt64]) -> [UInt64] {
        let every = Self.cursorEvery * 1_000 / self.tickMilliseconds
        guard plan.clock % max(1, every) == 0 else { return noted }
        let heights = self.settled(plan)
        guard heights != noted, heights.contains(where: { $0 > 0 }) else { return noted }
        do { try self.cursor.write(heights) } catch {
            self.logger.warning("cannot note how far the chains were read", metadata: ["why": "\(error)"])
        }
        return heights
    }

    // MARK: - What happens

    private func tell(_ events: [PlanEvent]) { self.line.yield(.events(events, answers: false)) }

    private func watch(of shore: Shore) -> HeightWatch {
        HeightWatch(
            worker: self.worker,
            shore: shore,
            cursor: self.cursor.read()[shore == .application ? 0 : 1],
            tickMilliseconds: self.tickMilliseconds,
            pollMilliseconds: self.pollMilliseconds
        ) { self.tell([$0]) }
    }

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

    /// Looks at the lease now and then, and at once when there is something to carry: two gateways begin together.
    private func watchLease() async {
        let every = Duration.seconds(Int64(max(1, min(Self.leaseEvery, UInt64(self.lease.seconds) / 3))))
        var (looked, hadWork): (ContinuousClock.Instant?, Bool) = (nil, false)
        while !Task.isCancelled {
            let load = self.worker.board.current.load
            let hasWork = load.held > 0 || load.blocksBehind.contains { $0 > 0 }
            let now = ContinuousClock.now
            if looked.map({ now - $0 >= every }) ?? true || hasWork && !hadWork {
                if let lease = await self.lease.look(hasWork: hasWork) { self.tell([.lease(lease)]) }
                looked = now
            }
            hadWork = hasWork
            try? await Task.sleep(for: .milliseconds(Int64(self.tickMilliseconds)))
        }
    }
}
