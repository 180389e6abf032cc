import Records
import Testing
import Units

@testable import Normalization

@Suite struct NormalizerTests {
    private let bed = "icu/1"

    private func stay(_ patient: String, _ fromSecond: Int64, _ toSecond: Int64?) -> PatientAssociation {
        let base = Samples.start / 1_000_000
        return PatientAssociation(
            subject: .bed(self.bed),
            patient: patient,
            from: base + fromSecond * 1000,
            to: toSecond.map { base + $0 * 1000 }
        )
    }

    @Test("a reading after the discharge is unassociated, one stored before it still belongs to the discharged")
    func discharge() throws {
        let beds = try BedMap([self.stay("aa", -3600, 0), self.stay("bb", 600, nil)])
        let readings = [-1, 0, 599, 600].map { Samples.rate(at: Samples.time($0)) }
        let output = Samples.normalize(
            readings,
            context: Samples.context(receivedAt: Samples.start + 600 * Samples.second),
            bed: self.bed,
            beds: beds
        )
        #expect(
            output.map(\.observation.subject) == [.pseudonym("aa"), .unassociated, .unassociated, .pseudonym("bb")]
        )
    }

    @Test("association looks at the corrected time, not at what a wrong clock says")
    func associationByEffectiveTime() throws {
        // The clock is an hour fast: its 07:00 is 06:00, when the previous patient was still there.
        let beds = try BedMap([self.stay("aa", -3600, 60), self.stay("bb", 60, nil)])
        let output = Samples.normalize([Samples.rate(at: Samples.time(3600))], bed: self.bed, beds: beds)
        #expect(output.first?.observation.effective.basis == .corrected)
        #expect(output.first?.observation.subject == .pseudonym("aa"))
    }

    @Test("the patient whom a message names beats the bed map and becomes a pseudonym")
    func namedPatient() throws {
        let beds = try BedMap([self.stay("aa", 0, nil)])
        let patient = PatientIdentifier(assigner: "ADT1", recordNumber: "42")
        let naming = PatientNaming.pseudonym { "ps-\($0.assigner)-\($0.recordNumber)" }
        func subject(_ patient: PatientIdentifier?, _ naming: PatientNaming) -> ObservationSubject? {
            Samples.normalize([Samples.rate()], bed: self.bed, patient: patient, beds: beds, naming: naming)
                .first?.observation.subject
        }
        #expect(subject(patient, naming) == .pseudonym("ps-ADT1-42"))
        #expect(subject(patient, .dryRun) == .recordNumber(patient))
        #expect(subject(nil, naming) == .pseudonym("aa"))
    }

    @Test("outside a dry run no record number reaches the output")
    func noRecordNumbers() throws {
        let patient = PatientIdentifier(assigner: "ADT1", recordNumber: "SECRET-42")
        let output = Samples.normalize([Samples.rate()], patient: patient, naming: .pseudonym { _ in "0f0f" })
        #expect(!Samples.line(try #require(output.first).observation).contains("SECRET-42"))
    }

    @Test(
        "alarms are live only when they are neither historical nor retained",
        arguments: [
            (false, false, true), (true, false, false), (false, true, false), (true, true, false),
        ]
    )
    func liveAlarms(historical: Bool, retained: Bool, live: Bool) throws {
        let output = Samples.normalize(
            [Samples.alarm(historical: historical)],
            context: Samples.context(retained: retained)
        )
        let observation = try #require(output.first).observation
        #expect(observation.isLiveAlarm == live)
        #expect(observation.isHistorical != live)
        #expect(Samples.line(observation).contains("live-alarm") == live)
    }

    @Test("vital signs are never live alarms")
    func vitalsAreNoAlarms() throws {
        #expect(try #require(Samples.normalize([Samples.rate()]).first).observation.isLiveAlarm == false)
    }

    @Test(
        "flags say what happened to the time and the message, each once",
        arguments: [
            (Samples.rate(), false, []),
            (Samples.rate(at: nil), false, [.receiveTime]),
            (Samples.rate(at: Samples.time(3600)), false, [.clockCorrected]),
            (Samples.rate(historical: true), false, [.historical]),
            (Samples.rate(at: nil), true, [.receiveTime, .historical, .retained]),
        ] as [(Reading, Bool, [QualityFlag])]
    )
    func flags(reading: Reading, retained: Bool, expected: [QualityFlag]) throws {
        var reading = reading
        let plain = Samples.normalize([reading], context: Samples.context(retained: retained))
        #expect(plain.first?.observation.flags == expected)
        reading.flags = [.sentinel, .sentinel] + expected
        let flagged = Samples.normalize([reading], context: Samples.context(retained: retained))
        #expect(flagged.first?.observation.flags == [.sentinel] + expected)
    }

    @Test("one message's own time corrects all its readings, also those measured earlier")
    func messageTimeCorrectsAll() {
        var normalizer = Samples.normalizer()
        var output: [NormalizedReading] = []
        let message = MessageReadings(
            deviceID: "M-1",
            messageTime: Samples.time(3600),
            readings: [Samples.rate(at: Samples.time(3600)), Samples.rate(at: Samples.time(3600 - 1500))]
        )
        normalizer.normalize(message, context: Samples.context(receivedAt: Samples.start), into: &output)
        let offsets = output.map {
            ($0.observation.effective.time.nanosecondsSinceEpoch - Samples.start) / Samples.second
        }
        #expect(offsets == [0, -1500])
        #expect(output.allSatisfy { $0.observation.clockOffsetNs == -3600 * Samples.second })
        #expect(output.map(\.observation.reading.deviceTime) == [Samples.time(3600), Samples.time(2100)])
    }

    @Test("without a message time the newest live reading is the sample, so an old cuff pressure is not a slow clock")
    func newestReadingIsSample() {
        var normalizer = Samples.normalizer()
        var output: [NormalizedReading] = []
        for second in Int64(0)..<30 {
            let message = MessageReadings(
                deviceID: "M-1",
                readings: [Samples.rate(at: Samples.time(second - 1500)), Samples.rate(at: Samples.time(second))]
            )
            let context = Samples.context(receivedAt: Samples.start + second * Samples.second)
            normalizer.normalize(message, context: context, into: &output)
        }
        #expect(output.allSatisfy { $0.observation.effective.basis == .device })
        #expect(normalizer.clocks.entries.first?.offsetNs == 0)
    }

    @Test("historical and retained readings teach the clock nothing but profit from what is known")
    func noSamplesFromHistory() {
        var normalizer = Samples.normalizer()
        var output: [NormalizedReading] = []
        func send(_ reading: Reading, retained: Bool = false) {
            let message = MessageReadings(deviceID: "M-1", readings: [reading])
            normalizer.normalize(message, context: Samples.context(retained: retained), into: &output)
        }
        send(Samples.rate(at: Samples.time(3600), historical: true))
        send(Samples.rate(at: Samples.time(3600)), retained: true)
        #expect(normalizer.clocks.entries.isEmpty)
        // In the future of their receipt and without a known offset: the receive time is the best there is.
        #expect(output.map(\.observation.effective.basis) == [.received, .received])
        send(Samples.rate(at: Samples.time(3600)))
        send(Samples.rate(at: Samples.time(1800), historical: true))
        #expect(output.suffix(2).map(\.observation.effective.basis) == [.corrected, .corrected])
        #expect(normalizer.clocks.entries.first?.samples == 1)
    }

    @Test("a receive-time profile identifies readings by their message: a stuck clock suppresses nothing")
    func stuckClock() {
        let policy = ClockPolicy(mode: .receiveTime)
        let keys = (0..<3).map { number in
            Samples.normalize(
                [Samples.rate()],
                context: Samples.context(number: UInt64(number), policy: policy)
            ).map(\.key)
        }
        #expect(Set(keys).count == 3)
    }

    @Test("a device time of year 0 or 1970 gives way to the receive time and stays readable")
    func unsetClock() throws {
        let unset = DateTime(nanosecondsSinceEpoch: 17 * Samples.second, offsetMinutes: 0, fractionDigits: 0)
        let observation = try #require(Samples.normalize([Samples.rate(at: unset)]).first).observation
        #expect(observation.effective.basis == .received)
        #expect(Samples.line(observation).contains(#""valueDateTime":"1970-01-01T00:00:17Z"}]}"#))
    }

    @Test("a clock that starts anew in 2000 at every power-up suppresses nothing")
    func clockOfPowerUp() {
        let afterPowerUp = DateTime(
            nanosecondsSinceEpoch: 946_684_817 * Samples.second,
            offsetMinutes: 0,
            fractionDigits: 0
        )
        let keys = (0..<2).flatMap { number in
            Samples.normalize(
                [Samples.rate(at: afterPowerUp)],
                context: Samples.context(number: UInt64(number))
            ).map(\.key)
        }
        #expect(Set(keys).count == 2)
    }

    @Test("a message without readings yields nothing and teaches nothing")
    func emptyMessage() {
        var normalizer = Samples.normalizer()
        var output: [NormalizedReading] = []
        let message = MessageReadings(deviceID: "M-1", messageTime: Samples.time(3600))
        normalizer.normalize(message, context: Samples.context(), into: &output)
        #expect(output.isEmpty)
        #expect(normalizer.clocks.entries.isEmpty)
    }
}
