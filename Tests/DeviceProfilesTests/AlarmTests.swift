import Records
import StrictYAML
import Testing
import Units

@testable import DeviceProfiles

@Suite struct AlarmTests {
    private static let rule = """
        - code: MDC_EVT_ALARM
          as: coded
          value: $.event
          values:
            LO: {system: mdc, code: "196674", display: MDC_EVT_LO_VAL_LT_LIM}
          alarm:
            phase: $.phase
            state: {value: $.state, values: {on: active, held: latched, off: inactive}}
            inactivation: $.audio
            priority: $.prio
            type: $.type
            source: $.channel
            text: $.text
            instance: $.id
            value: $.v
            low: $.low
            high: $.high
            unit: "%"
            live_seconds: 60
        """

    private static let full = """
        {"event":"LO","phase":"start","state":"on","audio":"enabled","prio":"PM","type":"SP","channel":"SpO2",
        "text":"SpO2 low","id":"a-17","v":84,"low":90,"high":"100"}
        """

    private static func reading(_ payload: String) throws -> Reading {
        try #require(ProfileBench(self.rule).readings(payload).first)
    }

    @Test func allThatIsKnownOfAnAlarmIsWritten() throws {
        let reading = try Self.reading(Self.full)
        #expect(reading.concept.category == .alarm)
        #expect(reading.value == .coded(Coding(system: Coding.mdc, code: "196674", display: "MDC_EVT_LO_VAL_LT_LIM")))
        #expect(
            reading.components.map { "\($0.concept.key) \($0.value.line)" } == [
                "alarm-phase urn:wardline:alarm-phase|start", "alarm-state urn:wardline:alarm-state|active",
                "alarm-inactivation urn:wardline:alarm-inactivation|none",
                "alarm-priority urn:wardline:alarm-priority|medium", "alarm-type urn:wardline:alarm-type|physiological",
                "alarm-source \"SpO2\"", "alarm-text \"SpO2 low\"", "alarm-instance \"a-17\"", "alarm-value 84 %",
                "alarm-low-limit 90 %", "alarm-high-limit 100 %",
            ]
        )
        #expect(reading.alarm == AlarmLiveness(isOver: false, freshNs: 60_000_000_000))
    }

    @Test func noPartOfAnAlarmIsAVitalSign() throws {
        let reading = try Self.reading(Self.full)
        let parts = reading.components.map(\.concept) + [reading.concept]
        #expect(parts.allSatisfy { $0.category == .alarm && $0.profileURL == nil })
        #expect(parts.flatMap(\.codings).allSatisfy { $0.system != Coding.loinc })
    }

    @Test(arguments: [
        (#"{"event":"LO"}"#, false), (#"{"event":"LO","state":"on"}"#, false),
        (#"{"event":"LO","state":"held"}"#, false),
        (#"{"event":"LO","state":"off"}"#, true), (#"{"event":"LO","phase":"end"}"#, true),
        (#"{"event":"LO","state":"on","audio":"alert-acknowledged"}"#, false),
        (#"{"event":"LO","state":"on","audio":"audio-paused"}"#, false),
        (#"{"event":"LO","state":"on","audio":"alarm-paused"}"#, true),
        (#"{"event":"LO","state":"on","audio":"alarm-off"}"#, true),
    ])
    func whatIsOverIsNotRaised(payload: String, isOver: Bool) throws {
        #expect(try Self.reading(payload).alarm?.isOver == isOver)
    }

    @Test(arguments: [
        (#"{"event":"LO","state":"maybe"}"#, "unknown-enumeration"),
        (#"{"event":"LO","prio":"PX"}"#, "unknown-enumeration"),
        (#"{"event":"HI"}"#, "unknown-enumeration"), (#"{"event":"LO","low":"x"}"#, "wrong-type"),
    ])
    func anUnknownWordIsADeadLetter(payload: String, reason: String) throws {
        #expect(try ProfileBench(Self.rule).lines(payload).first?.hasPrefix("! \(reason):") == true)
    }

    @Test(arguments: [
        ("code: heart-rate, value: $.v, unit: /min", "state: $.s", "belongs to alarms and device events"),
        ("code: alarm, as: text, value: $.v", "state: {value: $.s, values: {a: loud}}", "'loud' is not one of:"),
        ("code: alarm, as: text, value: $.v", "low: $.l", "needs alarm.unit"),
        ("code: alarm, as: text, value: $.v", "text: $.l, unit: \"%\"", "needs value, low or high"),
        ("code: alarm, as: text, value: $.v", "live_seconds: 0", "live_seconds"),
        ("code: alarm, components: [{code: alarm, as: text, value: $.v}]", "text: $.l", "stands beside components"),
    ])
    func aBadAlarmIsRefused(rule: String, alarm: String, reason: String) {
        #expect {
            try ProfileBench("- {\(rule), alarm: {\(alarm)}}")
        } throws: { error in
            "\(error)".contains(reason)
        }
    }

    @Test func aDevicesEventTellsTheSame() throws {
        let bench = try ProfileBench(
            """
            - code: {key: lead-off, mdc: 196680, refid: MDC_EVT_LEAD_OFF, text: Lead off, category: device-event}
              as: boolean
              value: $.off
              alarm: {priority: $.prio, source: $.lead}
            """,
            head: "time: $.t"
        )
        #expect(bench.profile.warnings.isEmpty)
        let reading = try #require(bench.readings(#"{"off":true,"prio":"low","lead":"V1"}"#).first)
        #expect(reading.concept.category == .deviceEvent)
        #expect(reading.components.count == 2)
    }

    @Test func theLinterAsksForStateAndPriority() throws {
        let warnings = try ProfileBench("- {code: alarm, as: text, value: $.v, alarm: {text: $.t}}", head: "time: $.t")
            .profile.warnings
        #expect(warnings.count == 2, "\(warnings)")
        #expect(warnings.allSatisfy { $0.hasPrefix("readings[0].alarm: no ") })
    }
}
