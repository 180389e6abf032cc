import ArgumentParser
import Bundles
import DeviceProfiles
import Foundation
import Normalization
import Records
import Signcryption
import StrictYAML

/// Observations as the agent keeps them, with the messages they came from, to be bundled and sealed.
struct SealedReadings {
    struct Rate {
        let readings: Double
        /// Mean length.
        let envelopeBytes: Int
    }

    private struct Message {
        let payload: [UInt8]
        /// FHIR JSON without line feeds.
        let observations: [[UInt8]]
    }

    private static let receivedNs: Int64 = 1_795_162_440_100_000_000

    private let profile: Bundles.Bundle.Profile
    private let topic: [UInt8]
    private let messages: [Message]
    private let readings: Int

    init(profile file: String, payloads: String, topic: String) throws {
        let profile = try ProfileParser.parse(ProfileLibrary.text(of: file), file: file)
        let library = ProfileLibrary(profiles: [profile])
        self.profile = Bundles.Bundle.Profile(id: profile.id, version: "\(profile.version)")
        let topic = Array(topic.utf8)
        self.topic = topic
        var captures: [Range<Int>] = []
        guard let matched = library.profile(for: topic[...], captures: &captures) else {
            throw ValidationError("the profile does not read the topic")
        }
        var evaluator = ProfileEvaluator()
        var normalizer = Normalizer(naming: .withheld, secret: DedupSecret(key0: 1, key1: 2))
        var writer = ObservationWriter()
        var messages: [Message] = []
        for line in try Data(contentsOf: URL(filePath: payloads)).split(separator: 10) {
            let payload = Array(line)
            let outcome = payload.withUnsafeBytes { bytes in
                evaluator.evaluate(matched, payload: bytes, topic: topic[...], captures: captures)
            }
            guard case .readings(let readings, let problems) = outcome, problems.isEmpty else {
                throw ValidationError("a payload does not decode: \(outcome)")
            }
            let context = MessageContext(
                receivedAt: Self.receivedNs + Int64(messages.count) * 1_000_000_000,
                messageNumber: UInt64(messages.count),
                rawHash: payload.withUnsafeBytes { Digest.sha256(of: $0) },
                profileID: profile.id,
                profileVersion: profile.version,
                deviceDisplay: profile.name
            )
            var output: [NormalizedReading] = []
            normalizer.normalize(readings, context: context, into: &output)
            let observations = output.map { reading in
                var text: [UInt8] = []
                writer.write(reading.observation, to: &text)
                return Array(text.dropLast())
            }
            messages.append(Message(payload: payload, observations: observations))
        }
        self.messages = messages
        self.readings = messages.reduce(0) { $0 + $1.observations.count }
    }

    /// Bundles, deflates, pads and seals all readings.
    func perSecond(readingsInEnvelope: Int, scene: SealingScene) throws -> Rate {
        let writer = try BundleWriter()
        var envelopes = 0
        var bytes = 0
        func finish() throws {
            let record = EnvelopeRecord(id: "", type: Bundles.Bundle.recordType, time: 0, data: try writer.finish())
            bytes += try scene.seal(record).count
            envelopes += 1
        }
        let started = CPUTime.now
        for message in self.messages {
            var isBegun = false
            for observation in message.observations {
                if !isBegun { self.begin(message, writer) }
                isBegun = true
                writer.add(observation: observation[...])
                guard writer.observationCount == readingsInEnvelope else { continue }
                try finish()
                isBegun = false
            }
        }
        if writer.observationCount > 0 { try finish() }
        let elapsed = CPUTime.now - started
        return Rate(readings: Double(self.readings) / elapsed * 1e6, envelopeBytes: bytes / max(envelopes, 1))
    }

    private func begin(_ message: Message, _ writer: BundleWriter) {
        writer.beginMessage(
            topic: self.topic[...],
            payload: message.payload[...],
            receivedNs: Self.receivedNs,
            flags: [],
            profile: self.profile
        )
    }
}
