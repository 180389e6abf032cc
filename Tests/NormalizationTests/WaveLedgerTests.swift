import Foundation
import Records
import Testing
import Units

@testable import Normalization

/// A monitor that cuts a signal of its own into blocks.
struct BlockSource {
    /// Nanoseconds between samples.
    var period: Int64 = 4_000_000
    var block = 250
    var device = "M-1"
    var counts: SampleBlock.Counts? = .samples
    var bits: Int?

    /// A block that begins with a sample of the signal, stamped so much later than it was taken.
    func reading(from first: Int, count: Int? = nil, late: Int64 = 0, number: UInt64? = nil) -> Reading {
        let count = count ?? self.block
        let counter = number ?? (self.counts == .packets ? UInt64(first / self.block) : UInt64(first))
        let mask: UInt64 = self.bits.map { 1 << UInt64($0) - 1 } ?? .max
        return Reading(
            concept: Samples.wave,
            value: .sampled(
                SampledSeries(
                    origin: .zero,
                    unit: MeasuredUnit(code: "mV", display: "mV"),
                    periodMilliseconds: ExactDecimal(significand: Int128(self.period), exponent: -6),
                    factor: ExactDecimal(significand: 5, exponent: -3),
                    samples: (first..<first + count).map { ExactDecimal($0 * 7919 % 4096 - 2048) }
                )
            ),
            deviceTime: DateTime(
                nanosecondsSinceEpoch: Samples.start + Int64(first) * self.period + late,
                fractionDigits: 9
            ),
            block: SampleBlock(
                counter: self.counts == nil ? nil : counter & mask,
                counts: self.counts ?? .samples,
                counterBits: self.bits
            )
        )
    }

    func place(_ reading: Reading, in ledger: inout WaveLedger) -> BlockPlace? {
        ledger.place(reading, device: self.device, isTimed: true, receivedAt: Samples.start)
    }
}

@Suite struct WaveLedgerTests {
    @Test("blocks that follow each other lie on one grid", arguments: [SampleBlock.Counts.samples, .packets, nil])
    func aRun(counts: SampleBlock.Counts?) {
        let source = BlockSource(counts: counts)
        var ledger = WaveLedger()
        for number in 0..<50 {
            let place = source.place(source.reading(from: number * 250), in: &ledger)
            #expect(place == BlockPlace(position: UInt64(number * 250)))
        }
    }

    @Test("62.5 samples a second in packets of one second: 62 and 63 by turns, stamped by whole seconds")
    func unevenPackets() {
        let source = BlockSource(period: 16_000_000, block: 62, counts: nil)
        var ledger = WaveLedger()
        var first = 0
        for second in 0..<120 {
            let count = second.isMultiple(of: 2) ? 62 : 63
            let late = Int64(second) * Samples.second - Int64(first) * source.period
            let place = source.place(source.reading(from: first, count: count, late: late), in: &ledger)
            #expect(place == BlockPlace(position: UInt64(first), deviationNs: late))
            first += count
        }
    }

    @Test(
        "a lost packet is counted and nothing is put into its place",
        arguments: [SampleBlock.Counts.samples, .packets, nil]
    )
    func lostPackets(counts: SampleBlock.Counts?) {
        let source = BlockSource(counts: counts)
        var ledger = WaveLedger()
        _ = source.place(source.reading(from: 0), in: &ledger)
        let place = source.place(source.reading(from: 750), in: &ledger)
        #expect(place == BlockPlace(position: 750, lost: 500, flag: .samplesLost))
        #expect(source.place(source.reading(from: 1_000), in: &ledger) == BlockPlace(position: 1_000))
    }

    @Test("a repeated block is late and moves nothing", arguments: [SampleBlock.Counts.samples, .packets, nil])
    func repeatedBlocks(counts: SampleBlock.Counts?) {
        let source = BlockSource(counts: counts)
        var ledger = WaveLedger()
        for first in [0, 250, 500] { _ = source.place(source.reading(from: first), in: &ledger) }
        let again = source.place(source.reading(from: 250), in: &ledger)
        #expect(again?.flag == .lateBlock && again?.lost == 0)
        #expect(again?.position == (counts == nil ? nil : 250))
        #expect(source.place(source.reading(from: 750), in: &ledger) == BlockPlace(position: 750))
    }

    @Test("a counter wraps around without a gap", arguments: [8, 12, 16])
    func wrapping(bits: Int) {
        let source = BlockSource(block: 100, bits: bits)
        var ledger = WaveLedger()
        for number in 0..<1_000 {
            let place = source.place(source.reading(from: number * 100), in: &ledger)
            #expect(place == BlockPlace(position: UInt64(number * 100)))
        }
    }

    @Test("a device that counts anew begins a new run and has lost nothing")
    func restart() {
        let source = BlockSource()
        var ledger = WaveLedger()
        _ = source.place(source.reading(from: 100_000), in: &ledger)
        let backwards = source.place(source.reading(from: 100_500, number: 0), in: &ledger)
        #expect(backwards == BlockPlace(position: 0, flag: .counterRestarted))
        // Nor is a counter believed that leaps ahead in no time.
        let forwards = source.place(source.reading(from: 100_750, number: 9_000_000), in: &ledger)
        #expect(forwards == BlockPlace(position: 0, flag: .counterRestarted))
    }

    @Test("stamps that run away from the counter begin a new run, and lose nothing")
    func drift() {
        let source = BlockSource()
        var ledger = WaveLedger()
        // 1 % too slow: half of a block away after fifty blocks.
        var flags: [QualityFlag?] = []
        for number in 0..<120 {
            let late = Int64(number) * Samples.second / 100
            flags.append(source.place(source.reading(from: number * 250, late: late), in: &ledger)?.flag)
        }
        #expect(flags.count { $0 == .sampleClockDrift } == 2)
        #expect(flags.count { $0 == nil } == 118)
    }

    @Test("a block that begins within the last one overlaps, where only times tell")
    func overlap() {
        let source = BlockSource(counts: nil)
        var ledger = WaveLedger()
        var flags: [QualityFlag?] = []
        for first in [0, 500] {
            var reading = source.reading(from: first, count: 1_000)
            reading.block?.toleranceNs = 100_000_000
            flags.append(source.place(reading, in: &ledger)?.flag)
        }
        #expect(flags == [nil, .samplesOverlap])
    }

    @Test("jitter within the tolerance is no gap; beyond it, it is", arguments: [1, 19, 20, 21, 500])
    func tolerance(milliseconds: Int64) {
        let source = BlockSource(counts: nil)
        var ledger = WaveLedger()
        func placed(_ first: Int, late: Int64) -> BlockPlace? {
            var reading = source.reading(from: first, late: late)
            reading.block?.toleranceNs = 20_000_000
            return source.place(reading, in: &ledger)
        }
        _ = placed(0, late: 0)
        let place = placed(250, late: milliseconds * 1_000_000)
        #expect((place?.lost == 0) == (milliseconds <= 20))
        #expect((place?.flag == .samplesLost) == (milliseconds > 20))
    }

    @Test("series of other devices, codes and channels are others")
    func keys() {
        var ledger = WaveLedger()
        var (one, other) = (BlockSource(), BlockSource())
        other.device = "M-2"
        _ = one.place(one.reading(from: 0), in: &ledger)
        #expect(other.place(other.reading(from: 9_000), in: &ledger) == BlockPlace(position: 0))
        var channel = one.reading(from: 9_000)
        channel.channel = "II"
        #expect(one.place(channel, in: &ledger) == BlockPlace(position: 0))
        one.period = 2_000_000
        #expect(one.place(one.reading(from: 250), in: &ledger) == BlockPlace(position: 0))
        #expect(ledger.place(Samples.rate(), device: "M-1", isTimed: true, receivedAt: 0) == nil)
    }

    @Test("the state comes back as it was, and nothing else is taken for one")
    func state() throws {
        var ledger = WaveLedger()
        for counts in [SampleBlock.Counts.samples, nil] {
            var source = BlockSource(counts: counts)
            source.device = "device \(counts == nil)"
            for first in [0, 250, 1_000] { _ = source.place(source.reading(from: first), in: &ledger) }
        }
        #expect(ledger.changed)
        ledger.markSaved()
        #expect(!ledger.changed)
        let bytes = ledger.encoded()
        let back = try #require(WaveLedger(encoded: bytes))
        #expect(back.runs == ledger.runs && back.encoded() == bytes)
        for count in 0..<bytes.count { #expect(WaveLedger(encoded: Array(bytes.prefix(count))) == nil) }
        #expect(WaveLedger(encoded: bytes + [0]) == nil)
    }

    @Test("no more series are remembered than there may be")
    func bound() {
        var ledger = WaveLedger()
        for number in 0..<WaveLedger.seriesMax + 100 {
            var source = BlockSource(block: 2)
            source.device = "d\(number)"
            let reading = source.reading(from: 0)
            _ = ledger.place(reading, device: source.device, isTimed: true, receivedAt: Int64(number))
        }
        #expect(ledger.runs.count <= WaveLedger.seriesMax)
        #expect(ledger.runs.keys.contains { $0.hasPrefix("d\(WaveLedger.seriesMax + 99)\u{1F}") })
    }

    /// What happens to a block on its way.
    private enum Fate: CaseIterable {
        case arrives, late, lost, repeated
    }

    @Test(
        "whatever is lost, repeated or shaken: every sample stands at its place of the source",
        arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64],
        [SampleBlock.Counts.samples, .packets]
    )
    func anyWay(seed: UInt64, counts: SampleBlock.Counts) {
        var generator = SplitMix(state: seed)
        let source = BlockSource(counts: counts, bits: seed.isMultiple(of: 2) ? 32 : nil)
        var ledger = WaveLedger()
        var (lost, wanted) = (UInt64(0), UInt64(0))
        // Where the run's first sample is in the source.
        var base = 0
        var previousEnd: Int?
        for number in 0..<2_000 {
            let first = number * 250
            let fate = number == 0 ? .arrives : Fate.allCases.randomElement(using: &generator) ?? .arrives
            if fate == .lost { continue }
            let late = fate == .late ? Int64.random(in: -120_000_000...120_000_000, using: &generator) : 0
            let block = source.reading(from: first, late: late)
            guard let place = source.place(block, in: &ledger) else {
                Issue.record("no place")
                return
            }
            if let previousEnd { wanted += UInt64(first - previousEnd) }
            lost += place.lost
            if place.position == 0 { base = first }
            #expect(place.position == UInt64(first - base), "block \(number) \(fate)")
            // The grid gives the time at which the sample was taken, to the first block's own jitter.
            let grid = first - base == 0 ? 0 : late - place.deviationNs
            #expect(abs(grid) <= 120_000_000)
            previousEnd = first + 250
            if fate == .repeated {
                let again = source.place(block, in: &ledger)
                #expect(again?.flag == .lateBlock && again?.position == UInt64(first - base))
            }
        }
        #expect(lost == wanted)
    }
}

@Suite struct PlacedBlockTests {
    @Test("the place stands beside the samples, and changes neither them nor the id")
    func line() throws {
        let source = BlockSource(block: 3)
        var normalizer = Samples.normalizer()
        var output: [NormalizedReading] = []
        for first in [0, 6] {
            normalizer.normalize(
                MessageReadings(deviceID: "M-1", readings: [source.reading(from: first, late: Int64(first) * 100_000)]),
                context: Samples.context(),
                into: &output
            )
        }
        let line = Samples.line(output[1].observation)
        #expect(
            line.contains(
                #"{"url":"urn:wardline:fhir:samples","extension":[{"url":"position","valueDecimal":6},"#
                    + #"{"url":"deviationSeconds","valueDecimal":0.0006},{"url":"lost","valueDecimal":3}]}"#
            ),
            "\(line)"
        )
        #expect(line.contains(#"{"url":"urn:wardline:fhir:quality","valueCode":"samples-lost"}"#))
        #expect(line.contains(#""dimensions":1,"data":"#))
        // The same block alone has no place that differs, and the same id.
        let alone = Samples.normalize([source.reading(from: 6, late: 600_000)])
        #expect(ObservationID(try #require(alone.first).observation) == ObservationID(output[1].observation))
        #expect(alone.first?.key == output[1].key)
    }

    @Test("limits, U and L are written as FHIR has them, and make another reading")
    func outside() throws {
        func reading(_ outside: [OutsideSample]) -> Reading {
            Reading(
                concept: Samples.wave,
                value: .sampled(
                    SampledSeries(
                        origin: .zero,
                        unit: MeasuredUnit(code: "mV", display: "mV"),
                        periodMilliseconds: ExactDecimal(4),
                        factor: .one,
                        samples: [ExactDecimal(1), nil, nil, nil],
                        outside: outside,
                        lowerLimit: ExactDecimal(0),
                        upperLimit: ExactDecimal(4095),
                        exactRate: ExactDecimal(360)
                    )
                ),
                deviceTime: Samples.time()
            )
        }
        let marked = try #require(
            Samples.normalize([
                reading([OutsideSample(position: 1, isAbove: true), OutsideSample(position: 3, isAbove: false)])
            ]).first
        )
        let line = Samples.line(marked.observation)
        #expect(line.contains(#""lowerLimit":0,"upperLimit":4095,"dimensions":1,"data":"1 U E L"}"#), "\(line)")
        #expect(line.contains(#"[{"url":"rate","valueDecimal":360}]"#))
        let plain = try #require(Samples.normalize([reading([])]).first)
        #expect(plain.key != marked.key)
    }

    @Test("historical and retained blocks have no place and move nothing")
    func passedBy() {
        let source = BlockSource()
        var normalizer = Samples.normalizer()
        var output: [NormalizedReading] = []
        var old = source.reading(from: 90_000)
        old.historical = true
        for (reading, retained) in [(source.reading(from: 0), false), (old, false), (source.reading(from: 500), true)] {
            normalizer.normalize(
                MessageReadings(deviceID: "M-1", readings: [reading]),
                context: Samples.context(receivedAt: Samples.start + 400 * Samples.second, retained: retained),
                into: &output
            )
        }
        #expect(output.map { $0.observation.place?.position } == [0, nil, nil])
    }

    @Test(
        "an alarm is live while it lasts and is news",
        arguments: [(false, 0, true), (false, 300, true), (false, 301, false), (true, 0, false)]
    )
    func liveness(isOver: Bool, seconds: Int64, isLive: Bool) throws {
        var alarm = Samples.alarm()
        alarm.alarm = AlarmLiveness(isOver: isOver, freshNs: 300 * Samples.second)
        let context = Samples.context(
            receivedAt: Samples.start + seconds * Samples.second,
            policy: ClockPolicy(mode: .trust)
        )
        let observation = try #require(Samples.normalize([alarm], context: context).first?.observation)
        #expect(observation.isLiveAlarm == isLive)
        #expect(Samples.line(observation).contains(#""code":"live-alarm""#) == isLive)
        alarm.historical = true
        #expect(Samples.normalize([alarm], context: context).first?.observation.isLiveAlarm == false)
    }
}
