import Glibc
import Synchronization

/// What a worker is doing now; read by the watchdog and, after a crash, by the signal handler.
struct WorkerSlot: ~Copyable {
    /// 1 + the payload's index; 0 when there is none.
    let current = Atomic<UInt64>(0)
    let target = Atomic<Int>(0)
    let thread = Atomic<UInt>(0)
    /// The clock of the thread's own work; 0 before it has started.
    let clock = Atomic<Int32>(0)
    let done = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let broken = Atomic<Int>(0)
    let ended = Atomic<Bool>(false)

    init() {}
}

/// All slots, in memory that never moves.
struct WorkerSlots: @unchecked Sendable {
    let count: Int
    // Atomics only, allocated once for the life of the process.
    private let memory: UnsafeMutablePointer<WorkerSlot>

    init(count: Int) {
        self.count = count
        self.memory = .allocate(capacity: count)
        for number in 0..<count { (self.memory + number).initialize(to: WorkerSlot()) }
    }

    subscript(number: Int) -> UnsafeMutablePointer<WorkerSlot> { self.memory + number }

    var done: Int { (0..<self.count).reduce(0) { $0 + self[$1].pointee.done.load(ordering: .relaxed) } }
    var accepted: Int { (0..<self.count).reduce(0) { $0 + self[$1].pointee.accepted.load(ordering: .relaxed) } }
    var broken: Int { (0..<self.count).reduce(0) { $0 + self[$1].pointee.broken.load(ordering: .relaxed) } }
    var haveEnded: Bool { (0..<self.count).allSatisfy { self[$0].pointee.ended.load(ordering: .acquiring) } }
}
