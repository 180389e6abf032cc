/// A few threads that check signatures.
///
/// Jobs of one lane run one after the other in their order; everything else runs side by side, urgent jobs first.
final class WorkerPool: Sendable {
    /// What runs.
    typealias Job = @Sendable () -> Void

    /// Jobs of a lane that one thread runs before another lane has its turn.
    private static let turn = 8

    private struct State {
        var urgent = Queue<Step>()
        var patient = Queue<Step>()
        var lanes: [Int: Lane] = [:]
        var isStopped = false
    }

    private struct Lane {
        var jobs = Queue<Job>()
        var isRunning = false
    }

    private enum Step {
        case job(Job)
        case lane(Int)
    }

    private let monitor = Monitor(State())

    /// - Parameter threads: at least one.
    init(threads: Int) {
        for _ in 0..<max(1, threads) { WorkerThread.start { [monitor] in Self.work(monitor) } }
    }

    /// Runs a job as soon as a thread is free.
    ///
    /// - Parameters:
    ///   - isUrgent: before all that are not.
    ///   - job: what runs.
    /// - Returns: false when the pool is stopped; the job then never runs.
    @discardableResult
    func run(isUrgent: Bool, _ job: @escaping Job) -> Bool {
        var isTaken = false
        self.monitor.change { state in
            guard !state.isStopped else { return false }
            isTaken = true
            if isUrgent { state.urgent.append(.job(job)) } else { state.patient.append(.job(job)) }
            return true
        }
        return isTaken
    }

    /// Runs a job after those that its lane has got before.
    func run(lane: Int, _ job: @escaping Job) {
        self.monitor.change { state in
            guard !state.isStopped else { return false }
            state.lanes[lane, default: Lane()].jobs.append(job)
            guard state.lanes[lane]?.isRunning == false else { return false }
            state.lanes[lane]?.isRunning = true
            state.urgent.append(.lane(lane))
            return true
        }
    }

    /// Ends the threads; jobs that have not begun are dropped.
    func stop() {
        self.monitor.changeForAll { state in
            state.isStopped = true
            state.urgent = Queue()
            state.patient = Queue()
            state.lanes = [:]
        }
    }

    /// Jobs that wait.
    var waiting: Int {
        self.monitor.read { state in
            // A sum does not depend on the order.
            state.urgent.count + state.patient.count + state.lanes.values.reduce(0) { $0 + $1.jobs.count }
        }
    }

    private static func work(_ monitor: Monitor<State>) {
        while let jobs = monitor.wait(until: nil, { self.take(&$0) }), !jobs.jobs.isEmpty {
            for job in jobs.jobs { job() }
            guard let lane = jobs.lane else { continue }
            monitor.change { state in
                guard state.lanes[lane]?.jobs.isEmpty == false else {
                    state.lanes[lane]?.isRunning = false
                    return false
                }
                state.urgent.append(.lane(lane))
                return true
            }
        }
    }

    /// - Returns: no jobs when the pool is stopped; nil when there is nothing to do.
    private static func take(_ state: inout State) -> (jobs: [Job], lane: Int?)? {
        if state.isStopped { return ([], nil) }
        guard let step = state.urgent.removeFirst() ?? state.patient.removeFirst() else { return nil }
        switch step {
        case .job(let job): return ([job], nil)
        case .lane(let number):
            var jobs: [Job] = []
            while jobs.count < self.turn, let job = state.lanes[number]?.jobs.removeFirst() { jobs.append(job) }
            return (jobs, number)
        }
    }
}

/// First in, first out.
struct Queue<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { self.elements.count - self.head }

    var isEmpty: Bool { self.count == 0 }

    var first: Element? { self.isEmpty ? nil : self.elements[self.head] }

    mutating func append(_ element: Element) { self.elements.append(element) }

    mutating func removeFirst() -> Element? {
        guard self.head < self.elements.count else { return nil }
        let element = self.elements[self.head]
        self.elements[self.head] = nil
        self.head += 1
        if self.head == self.elements.count {
            self.elements.removeAll(keepingCapacity: self.head < 4_096)
            self.head = 0
        } else if self.head >= 1_024, self.head * 2 >= self.elements.count {
            self.elements.removeFirst(self.head)
            self.head = 0
        }
        return element
    }

    mutating func removeAll() -> [Element] {
        defer {
            self.elements = []
            self.head = 0
        }
        return self.elements[self.head...].compactMap(\.self)
    }
}
