import Records
import Testing

@testable import Normalization

/// One device whose messages arrive with a chosen offset (receive time minus device time), in milliseconds.
private struct Bedside {
    var ledger = ClockLedger()
    var policy = ClockPolicy()
    var now: Int64 = Samples.start

    /// Sends one live message after `pause` ms and gives the correction of its device times in ms.
    mutating func send(offset: Int64, after pause: Int64 = 1000) -> Int64 {
        self.now += pause * 1_000_000
        let sentAt = DateTime(nanosecondsSinceEpoch: self.now - offset * 1_000_000, offsetMinutes: 0, fractionDigits: 3)
        let correction = self.ledger.observe(
            device: "M-1",
            sentAt: sentAt,
            receivedAt: self.now,
            policy: self.policy
        )
        return correction.offsetNs / 1_000_000
    }

    mutating func send(offsets: [Int64], after pause: Int64 = 1000) -> [Int64] {
        offsets.map { self.send(offset: $0, after: pause) }
    }

    var report: ClockReport? { self.ledger.entries.first }
}

private let hour: Int64 = 3_600_000

@Suite struct ClockLedgerTests {
    @Test("a right clock is left alone, whatever the latency")
    func rightClock() {
        var bedside = Bedside()
        #expect(bedside.send(offsets: [20, 900, 4, 12_000, 35]) == [0, 0, 0, 0, 0])
        #expect(bedside.report?.offsetNs == 4_000_000)
        #expect(bedside.report?.corrections == 0)
    }

    @Test("a clock five hours fast is corrected from its first message, by the least latency seen")
    func fastClock() {
        var bedside = Bedside()
        #expect(bedside.send(offset: -5 * hour + 300) == -5 * hour + 300)
        #expect(bedside.send(offset: -5 * hour + 40) == -5 * hour + 40)
        #expect(bedside.send(offset: -5 * hour + 2500) == -5 * hour + 40)
        #expect(bedside.report?.corrections == 3)
        #expect(bedside.report?.jumps == 0)
    }

    @Test(
        "seconds ahead of the receipt: up to the future tolerance nothing, beyond it proof",
        arguments: [
            (-4_999, 0), (-5_000, 0), (-5_001, -5_001), (-20_000, -20_000),
        ]
    )
    func futureTolerance(offset: Int64, correction: Int64) {
        var bedside = Bedside()
        #expect(bedside.send(offset: offset) == correction)
    }

    @Test("a slow clock is believed once five samples over ten seconds agree")
    func slowClock() {
        var bedside = Bedside()
        #expect(bedside.send(offsets: [hour + 20, hour + 90, hour + 30, hour + 25], after: 2000) == [0, 0, 0, 0])
        // The fifth sample lies only eight seconds after the first.
        #expect(bedside.send(offset: hour + 60, after: 2000) == 0)
        #expect(bedside.send(offset: hour + 44, after: 2000) == hour + 20)
        #expect(bedside.send(offset: hour + 500, after: 2000) == hour + 20)
    }

    @Test("a clock that is slow within the tolerance is left alone")
    func slightlySlow() {
        var bedside = Bedside()
        #expect(bedside.send(offsets: Array(repeating: 29_000, count: 40)).allSatisfy { $0 == 0 })
    }

    @Test("a few outliers of latency do not hide a slow clock")
    func slowWithOutliers() {
        var bedside = Bedside()
        let offsets = (0..<12).map { hour + ($0 % 4 == 3 ? 25_000 : 100) }
        #expect(bedside.send(offsets: offsets, after: 2000).last == hour + 100)
    }

    @Test("a backlog that is delivered late is not taken for a slow clock", arguments: [2, 5, 10, 50])
    func backlog(speed: Int64) {
        var bedside = Bedside()
        // Stored at one reading per second, sent `speed` times as fast until it has caught up.
        var offset = hour
        while offset > 0 {
            #expect(bedside.send(offset: offset, after: 1000 / speed) == 0)
            offset -= 1000 - 1000 / speed
        }
        #expect(bedside.send(offsets: [20, 30, 25]) == [0, 0, 0])
        #expect(bedside.report?.jumps == 0)
    }

    @Test("a backlog that drains only a tenth faster than real time is not taken for a slow clock")
    func slowlyDrainingBacklog() {
        var bedside = Bedside()
        var offset: Int64 = 600_000
        while offset > 31_000 {
            #expect(bedside.send(offset: offset) == 0)
            offset -= 100
        }
    }

    @Test("the backlog of a right clock does not disturb its estimate")
    func backlogOfKnownClock() {
        var bedside = Bedside()
        _ = bedside.send(offsets: [20, 30, 25])
        #expect(bedside.send(offsets: (0..<300).map { hour - $0 * 900 }, after: 100).allSatisfy { $0 == 0 })
        #expect(bedside.send(offset: 22) == 0)
        #expect(bedside.report?.jumps == 0)
    }

    @Test("late data of a fast clock keeps that clock's correction")
    func lateDataOfFastClock() {
        var bedside = Bedside()
        _ = bedside.send(offsets: [-5 * hour, -5 * hour])
        #expect(bedside.send(offset: -4 * hour) == -5 * hour)
        #expect(bedside.send(offset: 60_000) == -5 * hour)
        #expect(bedside.report?.jumps == 0)
    }

    @Test("a clock that goes an hour ahead (daylight saving) is corrected at once; after five samples it has jumped")
    func springForward() {
        var bedside = Bedside()
        _ = bedside.send(offsets: [50, 40, 60])
        let corrections = bedside.send(offsets: [-hour + 50, -hour + 45, -hour + 70, -hour + 42, -hour + 55])
        #expect(corrections == [-hour + 50, -hour + 45, -hour + 70, -hour + 42, -hour + 42])
        #expect(bedside.report?.jumps == 1)
        #expect(bedside.report?.offsetNs == (-hour + 42) * 1_000_000)
        #expect(bedside.send(offset: -hour + 80) == -hour + 42)
    }

    @Test("a clock that goes an hour back stays uncorrected until its samples agree, then it has jumped")
    func fallBack() {
        var bedside = Bedside()
        _ = bedside.send(offsets: [50, 40, 60])
        let corrections = bedside.send(offsets: Array(repeating: hour + 50, count: 6), after: 2000)
        #expect(corrections == [0, 0, 0, 0, 0, hour + 50])
        #expect(bedside.report?.jumps == 1)
    }

    @Test("a fast clock that is set right needs no correction from the first right message on")
    func clockSetRight() {
        var bedside = Bedside()
        _ = bedside.send(offsets: [-5 * hour, -5 * hour])
        #expect(bedside.send(offsets: [30, 40, 20, 35, 31]) == [0, 0, 0, 0, 0])
        #expect(bedside.report?.jumps == 1)
        #expect(bedside.report?.offsetNs == 20_000_000)
    }

    @Test("one broken time in the far future is no jump")
    func brokenTime() {
        var bedside = Bedside()
        _ = bedside.send(offsets: [30, 40])
        let century = 24 * 365 * 100 * hour
        #expect(bedside.send(offset: -century) == -century)
        #expect(bedside.send(offsets: [35, 40]) == [0, 0])
        #expect(bedside.report?.jumps == 0)
        #expect(bedside.report?.offsetNs == 30_000_000)
    }

    @Test("the estimate follows a drifting clock as old samples leave the window, and reports the drift")
    func drift() throws {
        var bedside = Bedside()
        // The clock loses 100 ppm: 1 ms in ten seconds.
        for step in 0..<1000 { _ = bedside.send(offset: 50 + Int64(step), after: 10_000) }
        let report = try #require(bedside.report)
        #expect(try #require(report.offsetNs) == (50 + 1000 - 64) * 1_000_000)
        #expect((90...100).contains(try #require(report.driftPartsPerMillion)))
        #expect(report.samples == 1000)
    }

    @Test("samples older than the window leave it, but never so many that too few stay")
    func windowAge() {
        var bedside = Bedside()
        _ = bedside.send(offset: 10)
        _ = bedside.send(offsets: [500, 500, 500, 500], after: 1000)
        #expect(bedside.report?.offsetNs == 10_000_000)
        _ = bedside.send(offset: 500, after: 2 * hour)
        #expect(bedside.report?.offsetNs == 500_000_000)
    }

    @Test(
        "a device time before 2001 teaches nothing and gives way to the receive time",
        arguments: [
            Int64(0), 978_307_199_999_999_999, -1, Int64.min,
        ]
    )
    func unusableTime(nanoseconds: Int64) {
        var ledger = ClockLedger()
        let time = DateTime(nanosecondsSinceEpoch: nanoseconds, offsetMinutes: 0, fractionDigits: 0)
        let correction = ledger.observe(
            device: "M-1",
            sentAt: time,
            receivedAt: Samples.start,
            policy: ClockPolicy()
        )
        #expect(ledger.entries.isEmpty)
        let effective = correction.effectiveTime(of: time, receivedAt: Samples.start)
        #expect(effective == EffectiveTime(time: .received(Samples.start), basis: .received))
        #expect(correction.effectiveTime(of: nil, receivedAt: Samples.start).basis == .received)
    }

    @Test(
        "the mode `trust` never corrects, `receiveTime` never believes",
        arguments: [
            (ClockPolicy.Mode.trust, EffectiveTime.Basis.device, Int64(5)), (.receiveTime, .received, 0),
            (.correct, .corrected, 0),
        ]
    )
    func modes(mode: ClockPolicy.Mode, basis: EffectiveTime.Basis, hoursAhead: Int64) {
        var ledger = ClockLedger()
        let time = Samples.time(5 * 3600)
        let correction = ledger.observe(
            device: "M-1",
            sentAt: time,
            receivedAt: Samples.start,
            policy: ClockPolicy(mode: mode)
        )
        let effective = correction.effectiveTime(of: time, receivedAt: Samples.start)
        #expect(effective.basis == basis)
        #expect(ledger.entries.isEmpty == (mode == .receiveTime))
        #expect(effective.time.nanosecondsSinceEpoch == Samples.start + hoursAhead * 3600 * Samples.second)
    }

    @Test("whatever devices claim, no corrected time lies after its receipt or before 2001")
    func neverInTheFuture() {
        var generator = SplitMix(state: 7)
        for _ in 0..<200 {
            var bedside = Bedside()
            for _ in 0..<200 {
                let scale = Int64(1) << Int64(generator.next() % 40)
                _ = bedside.send(offset: Int64(bitPattern: generator.next()) % scale, after: scale % 10_000)
                let claimed = DateTime(
                    nanosecondsSinceEpoch: Int64(bitPattern: generator.next()),
                    offsetMinutes: 0,
                    fractionDigits: 9
                )
                let correction = bedside.ledger.correction(device: "M-1", policy: bedside.policy)
                let effective = correction.effectiveTime(of: claimed, receivedAt: bedside.now)
                #expect(effective.time.nanosecondsSinceEpoch <= bedside.now + 5 * Samples.second)
                #expect(effective.time.nanosecondsSinceEpoch >= ClockCorrection.earliestUsableNs)
            }
        }
    }

    @Test("extreme times do not trap")
    func extremes() {
        var ledger = ClockLedger()
        for receivedAt in [Int64.min, -1, 0, Int64.max] {
            for claimed in [ClockCorrection.earliestUsableNs, Int64.max] {
                let time = DateTime(nanosecondsSinceEpoch: claimed, offsetMinutes: 840, fractionDigits: 9)
                let correction = ledger.observe(
                    device: "M-1",
                    sentAt: time,
                    receivedAt: receivedAt,
                    policy: ClockPolicy()
                )
                _ = correction.effectiveTime(of: time, receivedAt: receivedAt)
            }
        }
        #expect(ledger.entries.first?.samples == 8)
    }
}

/// A reproducible source of random numbers (Steele, Lea and Flood, 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
