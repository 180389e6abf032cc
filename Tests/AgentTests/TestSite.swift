import DeviceProfiles
import Foundation
import Logging
import Normalization
import Records
import Spool

@testable import Agent

/// A gateway of its own, deleted with the test: folder, key, device profiles and configuration.
final class TestSite: Sendable {
    /// 2026-11-21T06:00:00Z, ns since 1970.
    static let start: Int64 = 1_795_240_800_000_000_000
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let folder: String
    let configuration: AgentConfiguration

    /// Makes the folder and reads the configuration.
    ///
    /// - Parameters:
    ///   - profiles: file name under the device folder, and text.
    ///   - brokerPort: of the one broker.
    /// - Throws: when the folder cannot be made or the configuration is refused.
    init(profiles: [String: String] = ["thermometer.yaml": thermometer()], brokerPort: Int = 1883) throws {
        self.folder = NSTemporaryDirectory() + "agent-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: "\(self.folder)/devices",
            withIntermediateDirectories: true
        )
        try MasterKey.generate(at: "\(self.folder)/spool.key")
        self.configuration = try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: \(self.folder)/state
                spool: {master_key_file: \(self.folder)/spool.key, bytes_max: 1GiB, free_bytes_min: 1MiB}
                devices: \(self.folder)/devices
                brokers: [{host: 127.0.0.1, port: \(brokerPort)}]
                """,
            file: "agent.yaml"
        )
        for (name, text) in profiles { try self.write(profile: text, name: name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    func write(profile: String, name: String = "thermometer.yaml") throws {
        try profile.write(toFile: "\(self.folder)/devices/\(name)", atomically: true, encoding: .utf8)
    }

    var library: ProfileLibrary { ProfileLibrary.load(directories: self.configuration.deviceDirectories).library }

    func openStore() throws -> AgentStore { try AgentStore(configuration: self.configuration) }

    /// A processor as the agent starts it.
    func processor(_ store: AgentStore) throws -> MessageProcessor {
        MessageProcessor(
            library: self.library,
            state: try store.decoderState(),
            normalizer: try store.normalizer(naming: .withheld)
        )
    }

    /// Normalizes what waits in the inbox, on this thread.
    func normalize(_ store: AgentStore) throws {
        var processor = try self.processor(store)
        while let batch = try store.inbox.nextBatch(after: store.spool.cursor) {
            var output = NormalizedBatch()
            output.sourceBatch = batch.id
            processor.process(batch.burst, batch: batch.id, into: &output)
            _ = try store.spool.commit(output)
        }
    }

    /// Stores and normalizes messages.
    func ingest(_ arrivals: [Arrival], _ store: AgentStore) throws {
        _ = try store.inbox.append(burst(arrivals))
        try self.normalize(store)
    }
}

/// A profile that reads a number without a time of its own.
func thermometer(version: String = "1.0.0", payload: String = "scalar", value: String = "$.value") -> String {
    """
    wardline: device-profile/1
    id: thermometer
    version: \(version)
    name: Thermometer
    topics: ["ward/{ward}/bed/{bed}/thermometer/{serial}"]
    payload: {format: \(payload)}
    device: "{serial}"
    bed: "{ward}/{bed}"
    clock: receive-time
    readings: [{code: body-temperature, value: \(value), unit: Cel}]

    """
}

/// One message as it comes from a broker.
struct Arrival {
    var topic = "ward/7/bed/3/thermometer/T1"
    var payload = "36.6"
    /// Gateway clock, ns since 1970.
    var receivedAt = TestSite.start
    var packetIdentifier: UInt16 = 1
    var broker: UInt8 = 0
    var retained = false
}

func burst(_ arrivals: [Arrival]) -> MessageBurst {
    var burst = MessageBurst()
    for arrival in arrivals {
        Array(arrival.topic.utf8).withUnsafeBytes { topic in
            Array(arrival.payload.utf8).withUnsafeBytes { payload in
                burst.append(
                    topic: topic,
                    payload: payload,
                    receivedAt: arrival.receivedAt,
                    packetIdentifier: arrival.packetIdentifier,
                    retained: arrival.retained,
                    broker: arrival.broker
                )
            }
        }
    }
    return burst
}

/// What the tests look at in an Observation.
struct SeenObservation: Decodable {
    struct Subject: Decodable {
        struct Identifier: Decodable {
            let system: String
            let value: String?
        }

        let identifier: Identifier
    }

    struct Quantity: Decodable { let value: Double }

    let id: String
    let subject: Subject
    let valueQuantity: Quantity?

    /// The pseudonym; nil when the reading is nobody's.
    var patient: String? {
        self.subject.identifier.system == "urn:wardline:patient" ? self.subject.identifier.value : nil
    }

    init(line: String) throws { self = try JSONDecoder().decode(SeenObservation.self, from: Data(line.utf8)) }
}

extension Spool {
    /// Every stored Observation as a line with its newline, in order.
    func allLines() throws -> [String] {
        var lines: [String] = []
        var sequence: Int64 = 0
        while let chunk = try self.observations(after: sequence).first {
            lines += String(decoding: chunk.lines, as: UTF8.self).split(separator: "\n").map { "\($0)\n" }
            sequence = chunk.lastSequence
        }
        return lines
    }

    func allObservations() throws -> [SeenObservation] { try self.allLines().map(SeenObservation.init(line:)) }
}

/// Polls a condition; false when it has not come true within twenty seconds or more.
func eventually(_ condition: () throws -> Bool) async rethrows -> Bool {
    for _ in 0..<2_000 {
        if try condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return try condition()
}

/// Runs blocking work on a thread of its own while the body runs, then stops it and waits for its end.
func withThread<Result>(
    _ work: @escaping @Sendable () -> Void,
    stop: () -> Void,
    _ body: () async throws -> Result
) async throws -> Result {
    let (ended, ending) = AsyncStream.makeStream(of: Void.self)
    Thread {
        work()
        ending.finish()
    }.start()
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body()) } catch { result = .failure(error) }
    stop()
    for await _ in ended {}
    return try result.get()
}

/// Reproducible randomness (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
