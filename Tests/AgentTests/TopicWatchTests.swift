import DeviceProfiles
import Foundation
import Records
import Synchronization
import Testing

@testable import Agent

/// `wardline device watch`: what is shown, and what stays hidden.
struct TopicWatchTests {
    private static let profile = """
        wardline: device-profile/1
        id: monitor
        version: 1.2.0
        name: Monitor
        topics: ["ward/{ward}/patient/{patient}/vitals"]
        payload: {format: json}
        device: "{$.dev}"
        patient: {id: $.mrn}
        clock: receive-time
        readings:
          - {code: heart-rate, value: $.hr, unit: /min}
          - {code: device-event, value: $.note, as: text}

        """

    private static func watched(_ payload: String, topic: String, showsPatients: Bool = false) throws -> WatchedMessage
    {
        let profile = try ProfileParser.parse(Self.profile, file: "profile.yaml")
        var watcher = MessageWatcher(library: ProfileLibrary(profiles: [profile]), showsPatients: showsPatients)
        let messages = burst([Arrival(topic: topic, payload: payload)])
        let (message, _) = try #require(messages.message(at: 0))
        return watcher.read(message, of: messages, broker: "b:1883")
    }

    @Test func valuesHaveUnitsAndPatientsStayHidden() throws {
        let payload = #"{"dev": "M1", "mrn": "4711", "hr": 71, "note": "Mr. Miller asked for water"}"#
        let seen = try Self.watched(payload, topic: "ward/3/patient/4711/vitals")
        #expect(seen.topic == "ward/3/patient/(patient)/vitals")
        #expect(seen.profile == "monitor@1.2.0")
        #expect(seen.device == "M1")
        #expect(seen.namesPatient)
        #expect(seen.patient == nil)
        #expect(seen.values.map(\.value) == ["71", "(text of 26 characters)"])
        #expect(seen.values.first?.unit == "/min")
    }

    @Test func patientsAreShownWhenAskedFor() throws {
        let payload = #"{"dev": "M1", "mrn": "4711", "hr": 71, "note": "water"}"#
        let seen = try Self.watched(payload, topic: "ward/3/patient/4711/vitals", showsPatients: true)
        #expect(seen.topic == "ward/3/patient/4711/vitals")
        #expect(seen.patient == "4711")
        #expect(seen.values.last?.value == "water")
    }

    @Test(arguments: [
        ("ward/3/patient/1/vitals", "{", "truncated"), ("elsewhere", "{}", "no-profile"),
        ("ward/3/patient/1/vitals", #"{"dev": "M1"}"#, "no-reading"),
        ("ward/3/patient/1/vitals", #"{"dev": "M1", "hr": "high"}"#, "wrong-type"),
    ])
    func deadLettersAreNamedByTheirReason(topic: String, payload: String, code: String) throws {
        let seen = try Self.watched(payload, topic: topic)
        #expect(seen.problems.first?.hasPrefix("\(code):") == true)
    }

    @Test(.enabled(if: TestBroker.isAvailable), .timeLimit(.minutes(20)))
    func aWatchFollowsARealBrokerAndLeavesNothingBehind() async throws {
        let broker = try TestBroker()
        let site = try TestSite(brokerPort: broker.port)
        let seen = Mutex<[WatchedMessage]>([])
        let watch = try TopicWatch(
            brokers: site.configuration.brokers,
            request: TopicWatch.Request(directories: site.configuration.deviceDirectories, nonce: 7),
            logger: TestSite.logger
        ) { message in
            seen.withLock { $0.append(message) }
        }
        async let running: Void = watch.run()
        #expect(await eventually { watch.isFollowing })
        try broker.publish(["36.6", "none"], topic: "ward/7/bed/3/thermometer/T1")
        #expect(await eventually { seen.withLock { $0.count } == 2 })
        watch.requestStop()
        await running
        let messages = seen.withLock { $0 }
        #expect(messages[0].values.map(\.value) == ["36.6"])
        #expect(messages[0].bed == "7/3")
        #expect(!messages[1].problems.isEmpty)
    }
}
