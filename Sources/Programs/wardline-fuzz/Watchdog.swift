import Glibc
import Synchronization

/// Watches a run from outside: no payload may hang, and memory must not grow.
struct Watchdog {
    /// Longest work for one payload, in seconds of its thread: a busy machine may stop threads for long.
    static let secondsMax = 2.0
    /// Longest time for one payload that waits for something, in seconds.
    static let waitMax = 120.0
    /// Most growth of anonymous memory after the warm-up, in KiB.
    static let growthMax = 16 * 1_024
    private static let sampleEvery = 100_000

    private let slots: WorkerSlots
    private let warmUp: Int
    private var seen: [(current: UInt64, since: Double, work: Double)]
    private var nextSample = 0
    /// Anonymous resident memory when the warm-up ended, the most that lasted for four samples, the most in one
    /// sample, and the last, in KiB.
    private(set) var baseline: Int?
    private(set) var highest = 0
    private(set) var peak = 0
    private(set) var last = 0
    /// The latest samples: one of them may have met a huge payload, all of them only growth.
    private var recent: [Int] = []

    init(slots: WorkerSlots, count: Int) {
        self.slots = slots
        self.warmUp = count / 10
        self.seen = Array(repeating: (0, 0, 0), count: slots.count)
    }

    /// How far memory grew after the warm-up, in KiB.
    var growth: Int { max(0, self.highest - (self.baseline ?? self.highest)) }

    /// Looks once; ends the process when a payload hangs.
    mutating func look(at now: Double) {
        for number in 0..<self.slots.count { self.checkTime(of: number, now) }
        let done = self.slots.done
        guard done >= self.nextSample else { return }
        self.nextSample = done - done % Self.sampleEvery + Self.sampleEvery
        guard done >= self.warmUp else { return }
        self.last = Self.anonymousMemory()
        self.peak = max(self.peak, self.last)
        self.recent = self.recent.suffix(3) + [self.last]
        guard let level = self.recent.min(), self.recent.count == 4 || self.baseline == nil else { return }
        self.highest = max(self.highest, level)
        if self.baseline == nil { self.baseline = level }
    }

    private mutating func checkTime(of number: Int, _ now: Double) {
        let slot = self.slots[number]
        let current = slot.pointee.current.load(ordering: .relaxed)
        let work = Self.seconds(of: slot.pointee.clock.load(ordering: .relaxed))
        let before = self.seen[number]
        if current != before.current || slot.pointee.ended.load(ordering: .relaxed) {
            self.seen[number] = (current, now, work)
        } else if work - before.work > Self.secondsMax || now - before.since > Self.waitMax {
            CrashReport.write("\nwardline-fuzz: hangs at payload ")
            CrashReport.writePlace(slot: number)
            CrashReport.write("\n")
            _exit(3)
        }
    }

    /// RssAnon of this process in KiB; 0 when it cannot be read.
    static func anonymousMemory() -> Int {
        guard let file = fopen("/proc/self/status", "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            guard text.starts(with: "RssAnon:".utf8) else { continue }
            return text.reduce(0) { (48...57).contains($1) ? $0 * 10 + Int($1 - 48) : $0 }
        }
        return 0
    }

    /// Seconds of a clock that only goes forward.
    static func seconds() -> Double { Double(self.nanoseconds()) / 1e9 }

    /// Seconds that a thread has worked; 0 when it has not started, or has ended.
    private static func seconds(of clock: clockid_t) -> Double {
        var time = timespec()
        guard clock != 0, clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
