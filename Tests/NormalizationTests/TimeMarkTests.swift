import Records
import Testing
import Units

@testable import Normalization

@Suite struct TimeMarkTests {
    /// Marks of readings measured so many seconds before the message was sent.
    private func marks(
        _ seconds: [Int64],
        sent: DateTime? = Samples.time(),
        historical: Bool = false,
        policy: ClockPolicy = ClockPolicy()
    ) -> [Bool] {
        var normalizer = Samples.normalizer()
        var output: [NormalizedReading] = []
        let message = MessageReadings(
            deviceID: "M-1",
            messageTime: sent,
            readings: seconds.map { Samples.rate(at: Samples.time(-$0), historical: historical) }
        )
        normalizer.normalize(message, context: Samples.context(policy: policy), into: &output)
        return output.map { $0.observation.flags.contains(.measuredEarlier) }
    }

    @Test("a reading that is half a minute older than its message is marked, a fresher one is not")
    func older() {
        #expect(self.marks([0, 29, 30, 1_500]) == [false, false, true, true])
    }

    @Test("without a message's time the newest reading stands for it")
    func withoutMessageTime() {
        #expect(self.marks([1_500], sent: nil) == [false])
        #expect(self.marks([0, 1_500], sent: nil) == [false, true])
    }

    @Test("what is historical, or has a clock that nobody believes, has no such mark")
    func notMarked() {
        #expect(self.marks([1_500], historical: true) == [false])
        #expect(self.marks([1_500], policy: ClockPolicy(mode: .receiveTime)) == [false])
    }

    @Test("a wrong clock changes nothing, because both times are by it")
    func wrongClock() {
        #expect(self.marks([-7_200, -7_200 + 60], sent: Samples.time(7_200)) == [false, true])
    }

    @Test("the mark does not make it another reading")
    func identity() throws {
        let alone = Samples.normalize([Samples.rate(at: Samples.time(-60))])
        var normalizer = Samples.normalizer()
        var output: [NormalizedReading] = []
        let message = MessageReadings(
            deviceID: "M-1",
            messageTime: Samples.time(),
            readings: [Samples.rate(at: Samples.time(-60))]
        )
        normalizer.normalize(message, context: Samples.context(), into: &output)
        #expect(output.map(\.key) == alone.map(\.key))
        #expect(output.first?.observation.flags == [.measuredEarlier])
    }
}
