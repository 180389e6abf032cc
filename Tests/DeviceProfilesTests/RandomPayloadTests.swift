import Payloads
import Records
import Testing

@testable import DeviceProfiles

/// Steele, Lea and Flood's SplitMix64: the same payloads on every machine.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// JSON of the names that profiles look for, with values that they do not expect.
private struct RandomJSON {
    var generator: SeededGenerator

    private static let names = [
        "hr", "spo2", "temp", "t", "ts", "value", "Body", "telemetry", "readings", "kind", "unit", "deviceId",
        "records",
        "n", "v", "u", "bn", "bt", "adc", "fs", "gain", "signal", "characteristic", "id", "endDate", "BloodPressure",
        "Systolic", "time", "baseline", "t0", "messageSource", "enqueuedTime", "n", "seq", "probe", "systolic",
    ]
    private static let scalars = [
        "null", "true", "false", "0", "-1", "1e300", "-1e-300", "61", "37.60", "\"\"", "\"hr\"", "\"ABP\"", "\"Cel\"",
        "\"2026-11-20T08:14:00Z\"", "\"0000-00-00\"", "1795162440", "9223372036854775808", "\"2a37\"", "\"0055\"",
        "\"\\u0000\"", "\"telemetry\"", "\"mg/dL\"", "\"/\"", "[]", "{}",
    ]

    mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 4 ? 4 : 8), using: &self.generator) {
        case 4, 5: return self.object(depth: depth)
        case 6, 7:
            let count = Int.random(in: 0...5, using: &self.generator)
            return "[" + (0..<count).map { _ in self.value(depth: depth + 1) }.joined(separator: ",") + "]"
        default: return Self.scalars[Int.random(in: 0..<Self.scalars.count, using: &self.generator)]
        }
    }

    mutating func object(depth: Int) -> String {
        let count = Int.random(in: 0...6, using: &self.generator)
        let members = (0..<count).map { _ in
            "\"\(Self.names[Int.random(in: 0..<Self.names.count, using: &self.generator)])\":"
                + self.value(depth: depth + 1)
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}

@Suite struct RandomPayloadTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyRefusalOfAnyPayloadIsTyped(seed: UInt64) throws {
        let (library, _) = ProfileLibrary.load(directories: [devicesDirectory])
        var random = RandomJSON(generator: SeededGenerator(state: seed))
        var evaluator = ProfileEvaluator()
        var readings = 0
        for round in 0..<200 {
            let payload = Array((round % 3 == 0 ? random.value(depth: 0) : random.object(depth: 0)).utf8)
            for profile in library.profiles {
                let topic = Array(profile.exampleTopic.utf8)
                var captures: [Range<Int>] = []
                guard library.profile(for: topic[...], captures: &captures)?.id == profile.id else { continue }
                let outcome = payload.withUnsafeBytes { buffer in
                    evaluator.evaluate(profile, payload: buffer, topic: topic[...], captures: captures)
                }
                switch outcome {
                case .readings(let message, let problems):
                    readings += message.readings.count
                    #expect(!message.readings.isEmpty || !problems.isEmpty)
                    #expect(problems.allSatisfy { !$0.detail.isEmpty && !$0.rule.isEmpty })
                case .undecodable(let failure): #expect(!failure.detail.isEmpty)
                case .ignored(let reason): #expect(!reason.isEmpty)
                }
            }
        }
        #expect(readings > 0)
    }

    @Test func theSamePayloadGivesTheSameReadings() throws {
        let bench = try ProfileBench("- {each: \"$..hr\", code: heart-rate, value: '@', channel: x}")
        var random = RandomJSON(generator: SeededGenerator(state: 7))
        for _ in 0..<200 {
            let payload = random.object(depth: 0)
            #expect(bench.lines(payload) == bench.lines(payload))
        }
    }
}
