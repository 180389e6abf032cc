import DeviceProfiles
import Foundation
import FreePorts
import MLLPIngest
import Records
import Spool
import Testing

@testable import Agent

@Suite("From an MLLP port into the spool", .timeLimit(.minutes(20)))
struct MLLPIntakeTests {
    private static let oru =
        "MSH|^~\\&|GATEWAY|ICU|||20261121060000+0000||ORU^R01|15419|P|2.6\rPV1||I|ICU^^12\rOBR|1\r"
        + "OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.7.4.147842|125|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R|||"
        + "20261121060000+0000||||M1\r"

    private static let profile = """
        wardline: device-profile/1
        id: monitor
        version: 1.0.0
        name: Monitor
        topics: ["hl7/monitor/{gateway}"]
        payload: {format: hl7v2}
        device: $.observations[0].device
        bed: "{$.visit.point_of_care}/{$.visit.bed}"
        message_time: {value: $.message_time, format: hl7}
        time: {value: "$.observations[0].time", format: hl7}
        readings: [{code: heart-rate, value: "$.observations[0].value", unit: /min}]

        """

    /// Sends one message and returns the answer; from a thread of its own.
    private static func exchange(_ message: String, port: Int) -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { return "" }
        let frame = [0x0B] + Array(message.utf8) + [0x1C, 0x0D]
        guard send(descriptor, frame, frame.count, Int32(MSG_NOSIGNAL)) == frame.count else { return "" }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while answer.suffix(2) != [0x1C, 0x0D] {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer.prefix(count)
        }
        return String(decoding: answer, as: UTF8.self)
    }

    @Test("an observation is the same as by MQTT, and a patient who goes is gone for the next one")
    func sameObservation() async throws {
        let port = try FreePorts.one()
        let site = try MovementSite(
            extra: "mllp: [{name: beds, listen: \"127.0.0.1:\(port)\", topic: hl7/monitor/g1}]"
        )
        try Self.profile.write(toFile: "\(site.folder)/devices/monitor.yaml", atomically: true, encoding: .utf8)
        let store = try site.openStore()
        let intake = try #require(
            try MLLPIntake(site.configuration, store: store, logger: TestSite.logger)
        )
        let admission = MovementSite.adt("A01", "4711", minute: -60).payload.replacing("7^^3", with: "ICU^^12")
        let discharge = MovementSite.adt("A03", "4711", minute: -30).payload.replacing("7^^3", with: "ICU^^12")
        try await Running.services(intake.services) {
            #expect(await eventually { intake.state.listeners.allSatisfy(\.state.isListening) })
            for message in [admission, discharge, Self.oru] {
                let answer = Self.exchange(message, port: port)
                #expect(answer.contains("MSA|AA|"))
            }
            let stored = try store.inbox.messageCount
            #expect(stored == 3)
        }
        #expect(intake.state.listeners.allSatisfy { !$0.state.isListening })

        // What came by MLLP, and the same as an MQTT message of the same moment.
        var byMLLP = NormalizedBatch()
        var byMQTT = NormalizedBatch()
        var processor = try site.processor(store)
        var other = try site.processor(store)
        while let batch = try store.inbox.nextBatch(after: byMLLP.sourceBatch ?? 0) {
            processor.process(batch.burst, batch: batch.id, into: &byMLLP)
            var offset = 0
            var arrivals: [Arrival] = []
            while let (message, next) = batch.burst.message(at: offset) {
                offset = next
                #expect(message.broker == MLLPOrigin.broker)
                let topic = String(decoding: batch.burst.bytes[message.topic], as: UTF8.self)
                arrivals.append(
                    Arrival(
                        topic: topic.hasPrefix("wardline/adt/") ? "hl7/adt/his" : topic,
                        payload: String(decoding: batch.burst.bytes[message.payload], as: UTF8.self),
                        receivedAt: message.receivedAt
                    )
                )
            }
            other.process(burst(arrivals), batch: batch.id, into: &byMQTT)
        }
        #expect(byMLLP.deadLetters.map(\.reasonText) == [])
        #expect(byMLLP.items.count == 1)
        #expect(byMLLP.lines == byMQTT.lines)
        let line = String(decoding: byMLLP.lines, as: UTF8.self)
        // Discharged before it was measured.
        #expect(try SeenObservation(line: line).patient == nil)
        #expect(try SeenObservation(line: line).valueQuantity?.value == 125)
    }
}
