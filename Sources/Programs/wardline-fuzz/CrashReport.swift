import Glibc
import Synchronization

/// Says which payload a crash belongs to, with nothing but what a signal handler may call.
enum CrashReport {
    /// What the handler reads; written once, before any handler is installed.
    private struct Context {
        var slots = WorkerSlots(count: 0)
        var seed: UInt64 = 0
        var names: [UnsafeMutablePointer<CChar>?] = []
    }

    private nonisolated(unsafe) static var context = Context()

    /// Installs the handlers for the whole process.
    static func install(slots: WorkerSlots, seed: UInt64, targets: [String]) {
        self.context = Context(slots: slots, seed: seed, names: targets.map { strdup($0) })
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { CrashReport.write(signal: $0) }
        // The handler runs once; returning to the fault then kills the process in the ordinary way.
        action.sa_flags = Int32(
            bitPattern: UInt32(SA_ONSTACK) | UInt32(bitPattern: Int32(truncatingIfNeeded: SA_RESETHAND))
        )
        for signal in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT] { sigaction(signal, &action, nil) }
    }

    /// Gives the calling thread a stack of its own for handlers: a stack overflow leaves no other.
    static func prepareThread() {
        let size = 65_536
        var stack = stack_t(ss_sp: malloc(size), ss_flags: 0, ss_size: size)
        sigaltstack(&stack, nil)
    }

    private static func write(signal: Int32) {
        let thread = UInt(pthread_self())
        self.write("\nwardline-fuzz: signal ")
        self.write(number: UInt64(signal))
        for number in 0..<self.context.slots.count
        where self.context.slots[number].pointee.thread.load(ordering: .relaxed) == thread {
            self.write(" at payload ")
            self.writePlace(slot: number)
        }
        self.write("\n")
    }

    /// Writes `seed:index target` of what a worker is doing.
    static func writePlace(slot number: Int) {
        let current = self.context.slots[number].pointee.current.load(ordering: .relaxed)
        self.write(number: self.context.seed)
        self.write(":")
        self.write(number: current &- 1)
        self.write(" ")
        let target = self.context.slots[number].pointee.target.load(ordering: .relaxed)
        if let name = self.context.names[target] { _ = Glibc.write(2, name, strlen(name)) }
    }

    static func write(_ text: StaticString) { _ = Glibc.write(2, text.utf8Start, text.utf8CodeUnitCount) }

    private static func write(number: UInt64) {
        if number >= 10 { self.write(number: number / 10) }
        var digit = UInt8(ascii: "0") + UInt8(number % 10)
        _ = Glibc.write(2, &digit, 1)
    }
}
