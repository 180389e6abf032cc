import Records
import Testing
import Units

@testable import DeviceProfiles

@Suite struct SampleBlockTests {
    private static func rule(_ rest: String, code: String = "ecg-lead-i") -> String {
        "- {code: \(code), as: sampled, value: $.v, \(rest)}"
    }

    private static let scale = "period_ms: 4, factor: 0.005, origin: 0"

    @Test(arguments: [
        ("encoding: i16le, wrapping: base64", #"{"v":"AQD//wCA"}"#, "1 -1 -32768"),
        ("encoding: i16be, wrapping: hex", #"{"v":"0001 FFFF 8000"}"#, "1 -1 -32768"),
        ("encoding: i12le, wrapping: hex", #"{"v":"E3F333"}"#, "995 -205"),
        ("encoding: u8, wrapping: hex, skip: 2", #"{"v":"AABB0102"}"#, "1 2"),
        ("encoding: u8, wrapping: hex, skip: $.h, count: $.n", #"{"v":"AA010203","h":1,"n":2}"#, "1 2"),
        ("encoding: text", #"{"v":"1,-2,,E,0.50"}"#, "1 -2 gap gap 0.50"),
        ("encoding: text, separator: blank", #"{"v":" 1  2 "}"#, "1 2"),
        ("encoding: numbers", #"{"v":[1,null,2.50]}"#, "1 gap 2.50"),
        ("encoding: text, interleaved: {series: 3, index: 1}", #"{"v":"1,2,3,4,,6"}"#, "2 gap"),
    ])
    func blocksAreReadInEveryEncoding(keys: String, payload: String, samples: String) throws {
        let bench = try ProfileBench(Self.rule("\(Self.scale), \(keys)"))
        #expect(bench.lines(payload) == ["ecg-lead-i = 0+x*0.005 mV every 4 ms: \(samples)"])
    }

    @Test(arguments: [
        ("encoding: i16le, wrapping: base64", #"{"v":"AQD/"}"#, "bad-samples"),
        ("encoding: i16le, wrapping: base64", #"{"v":"not base64!"}"#, "bad-samples"),
        ("encoding: i16le, wrapping: base64", #"{"v":[1,2]}"#, "bad-samples"),
        ("encoding: i16le", #"{"v":"AQD/"}"#, "wrong-type"),
        ("encoding: u8, wrapping: hex, skip: 3", #"{"v":"0102"}"#, "bad-samples"),
        ("encoding: u8, wrapping: hex, count: 3", #"{"v":"0102"}"#, "bad-samples"),
        ("encoding: u8, wrapping: hex, skip: $.h", #"{"v":"0102"}"#, "bad-samples"),
        ("encoding: text", #"{"v":"1;2"}"#, "bad-samples"),
        ("encoding: text, interleaved: {series: 3, index: 1}", #"{"v":"1,2,3,4"}"#, "bad-samples"),
        ("encoding: text, interleaved: {series: $.n, index: 1}", #"{"v":"1,2","n":1}"#, "bad-samples"),
        ("continuity: {counter: $.n}", #"{"v":[1]}"#, "bad-samples"),
        ("continuity: {counter: $.n, bits: 8}", #"{"v":[1],"n":256}"#, "bad-samples"),
        ("continuity: {counter: $.n}", #"{"v":[1],"n":-1}"#, "bad-samples"),
    ])
    func aDamagedBlockIsADeadLetterWithItsReason(keys: String, payload: String, reason: String) throws {
        let bench = try ProfileBench(Self.rule("\(Self.scale), \(keys)"))
        let lines = bench.lines(payload)
        #expect(lines.count == 1 && lines[0].hasPrefix("! \(reason):"), "\(lines)")
    }

    @Test func whatIsBeyondTheLimitsIsNoGap() throws {
        let bench = try ProfileBench(
            Self.rule(
                "\(Self.scale), gaps: [-1], above: [4095], below: [0], lower_limit: 1, upper_limit: 4094, "
                    + "interleaved: {series: 2, index: 0}, count: 3"
            )
        )
        let readings = bench.readings(#"{"v":[7,0,4095,9,0,9,0,9]}"#)
        let value = try #require(readings.first?.value)
        guard case .sampled(let series) = value else { throw Failure() }
        #expect(series.samples == [ExactDecimal(7), nil, nil])
        #expect(
            series.outside
                == [OutsideSample(position: 1, isAbove: true), OutsideSample(position: 2, isAbove: false)]
        )
        #expect(series.lowerLimit == ExactDecimal(1) && series.upperLimit == ExactDecimal(4094))
    }

    private struct Failure: Error {}

    @Test func aRateWithoutAnExactPeriodKeepsItself() throws {
        let bench = try ProfileBench(Self.rule("rate: $.fs, gain: $.g, origin: 0"))
        func series(_ payload: String) throws -> SampledSeries {
            guard case .sampled(let series)? = bench.readings(payload).first?.value else { throw Failure() }
            return series
        }
        let exact = try series(#"{"v":[1],"fs":62.5,"g":200}"#)
        #expect(exact.periodMilliseconds.description == "16" && exact.factor.description == "0.005")
        #expect(exact.exactRate == nil && exact.exactGain == nil)
        let rounded = try series(#"{"v":[1],"fs":360,"g":3}"#)
        #expect(rounded.periodMilliseconds.description == "2.77777777777777778")
        #expect(rounded.factor.description == "0.333333333333333333")
        #expect(rounded.exactRate == ExactDecimal(360) && rounded.exactGain == ExactDecimal(3))
        #expect(bench.readings(#"{"v":[1],"fs":360,"g":1}"#).first?.flags == [.inexactScale])
        #expect(bench.lines(#"{"v":[1],"fs":0,"g":1}"#).first?.hasPrefix("! missing-value") == true)
        #expect(bench.lines(#"{"v":[1],"fs":1,"g":0}"#).first?.hasPrefix("! missing-value") == true)
    }

    @Test(arguments: [
        ("unit: uV", "0+x*0.005 mV", "0"), ("unit: mV", "0+x*5 mV", "0"), ("unit: V", "0+x*5000 mV", "0"),
        ("unit: \"{$.u}\"", "0+x*0.005 mV", "0"),
    ])
    func theScaleIsConvertedAndTheSamplesAreNot(unit: String, wanted: String, origin: String) throws {
        let bench = try ProfileBench(Self.rule("period_ms: 4, factor: 5, origin: \(origin), \(unit)"))
        #expect(bench.lines(#"{"v":[1,2],"u":"uV"}"#) == ["ecg-lead-i = \(wanted) every 4 ms: 1 2"])
    }

    @Test func anOriginInAnotherUnitIsConvertedAsAPoint() throws {
        // 32 degF + x: the origin is 0 Cel, one step is 5/9 Cel.
        let bench = try ProfileBench(
            "- {code: {key: t, system: \"urn:x\", code: t, text: Temperature curve, unit: Cel}, as: sampled, "
                + "value: $.v, period_ms: 1000, factor: 1.8, origin: 32, unit: \"[degF]\"}"
        )
        #expect(bench.lines(#"{"v":[37]}"#) == ["t = 0+x*1.0 Cel every 1000 ms: 37"])
    }

    @Test(arguments: [
        ("first", "2026-11-21T06:00:01Z"), ("last", "2026-11-21T06:00:00.984Z"), ("end", "2026-11-21T06:00:00.980Z"),
    ])
    func theTimeIsThatOfTheFirstSample(stamp: String, wanted: String) throws {
        let bench = try ProfileBench(Self.rule("\(Self.scale), stamp: \(stamp)"), head: "time: $.t")
        let reading = try #require(bench.readings(#"{"v":[1,2,3,4,5],"t":"2026-11-21T06:00:01Z"}"#).first)
        #expect(reading.deviceTime?.description == wanted)
    }

    @Test func theCounterTellsBlocksApart() throws {
        let bench = try ProfileBench(
            Self.rule("\(Self.scale), continuity: {counter: $.n, counts: packets, bits: 16, jitter_ms: 40}")
        )
        let reading = try #require(bench.readings(#"{"v":[1],"n":65535}"#).first)
        #expect(
            reading.block
                == SampleBlock(counter: 65_535, counts: .packets, counterBits: 16, toleranceNs: 40_000_000)
        )
        #expect(reading.sequence == "65535")
        let timed = try ProfileBench(Self.rule("\(Self.scale), continuity: time"))
        #expect(timed.readings(#"{"v":[1]}"#).first?.block == SampleBlock())
    }

    @Test(arguments: [
        BadProfile(
            "10: readings[0].encoding: must be numbers, text, i8, u8,",
            "unit: /min",
            "\(Self.keys), encoding: i9"
        ),
        BadProfile("10: readings[0].wrapping: belongs to encodings", "unit: /min", "\(Self.keys), wrapping: hex"),
        BadProfile("10: readings[0].separator: belongs to encoding: text", "unit: /min", "\(Self.keys), separator: x"),
        BadProfile(
            "10: readings[0].separator: must be tab, blank, or one",
            "unit: /min",
            "\(Self.keys), encoding: text, separator: \"-\""
        ),
        BadProfile("10: readings[0].period_ms: stands beside rate", "unit: /min", "\(Self.keys), rate: 1"),
        BadProfile("10: readings[0].factor: stands beside gain", "unit: /min", "\(Self.keys), gain: 1"),
        BadProfile("10: readings[0]: 'upper_limit' is missing", "unit: /min", "\(Self.keys), above: 9"),
        BadProfile("10: readings[0]: 'lower_limit' is missing", "unit: /min", "\(Self.keys), below: 9"),
        BadProfile("10: readings[0].stamp: 'middle' is not one of:", "unit: /min", "\(Self.keys), stamp: middle"),
        BadProfile("10: readings[0].continuity: must be time, or", "unit: /min", "\(Self.keys), continuity: counter"),
        BadProfile(
            "10: readings[0].continuity.bits: needs counter",
            "unit: /min",
            "\(Self.keys), continuity: {bits: 8}"
        ),
        BadProfile("10: readings[0].stamp: belongs to as: sampled only", "unit: /min", "stamp: end"),
        BadProfile("10: readings[0].encoding: belongs to as: sampled only", "unit: /min", "encoding: text"),
        BadProfile("8: lane: readings[0] is no series of samples", "time: $.ts", "lane: waves"),
        BadProfile("8: lane: 'fast' is not one of: numerics, waves", "time: $.ts", "lane: fast"),
    ])
    func aBadBlockIsRefused(bad: BadProfile) {
        do {
            _ = try ProfileParser.parse(bad.text, file: "p.yaml")
            Issue.record("accepted: \(bad.by)")
        } catch {
            #expect("\(error)".contains("p.yaml:\(bad.wanted)"), "\(error)")
        }
    }

    private static let keys = "as: sampled, period_ms: 4, factor: 1, origin: 0"

    @Test func theLaneOfWaveformsIsAskedFor() throws {
        let rule = Self.rule("\(Self.scale), continuity: time")
        #expect(try ProfileBench(rule, head: "time: $.t").profile.lane == .numerics)
        let profile = try ProfileBench(rule, head: "time: $.t\nlane: waves").profile
        #expect(profile.lane == .waves && profile.warnings.isEmpty, "\(profile.warnings)")
        let library = ProfileLibrary(profiles: [profile])
        #expect(library.subscriptionFilters(of: .waves) == ["t/+"])
        #expect(library.subscriptionFilters(of: .numerics).isEmpty)
    }

    @Test(arguments: [
        ("\(scale)", "time: $.t\nlane: waves", ": no continuity:"),
        ("\(scale), continuity: time", "clock: receive-time", ".continuity: neither a counter nor a time"),
        ("\(scale), continuity: {counter: $.n}", "clock: receive-time", nil),
        ("\(scale)", "time: $.t", nil),
    ])
    func theLinterAsksForContinuity(keys: String, head: String, wanted: String?) throws {
        let warnings = try ProfileBench(Self.rule(keys), head: head).profile.warnings
        if let wanted {
            #expect(warnings.contains { $0.hasPrefix("readings[0]\(wanted)") }, "\(warnings)")
        } else {
            #expect(warnings.isEmpty, "\(warnings)")
        }
    }

    @Test func aVitalSignIsNoWaveform() throws {
        let warnings = try ProfileBench(
            "- {code: heart-rate, as: sampled, value: $.v, \(Self.scale)}",
            head: "time: $.t"
        ).profile.warnings
        #expect(warnings.contains { $0.contains("a vital sign's code") }, "\(warnings)")
    }
}
