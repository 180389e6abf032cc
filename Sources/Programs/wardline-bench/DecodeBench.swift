import ArgumentParser
import DeviceProfiles
import Foundation
import Normalization
import Records
import StrictYAML

/// Times the way of one message from its bytes to Observations in memory, beside SHA-256 over the same bytes.
struct DecodeBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Time decoding and normalization of one payload, in one thread."
    )

    @Argument(help: "A profile file.")
    var profile: String

    @Argument(help: "A payload file.")
    var payload: String

    @Option(help: "The topic it is published on.")
    var topic: String

    @Option(help: "Messages in each round.")
    var messages = 50_000

    @Option(help: "Rounds; the best and the median are printed.")
    var rounds = 15

    func run() throws {
        var subject = try Subject(profile: self.profile, payload: self.payload, topic: self.topic)
        var message: [Double] = []
        var hash: [Double] = []
        for _ in 0..<self.rounds {
            message.append(try self.microseconds { try subject.process(self.messages) })
            hash.append(self.microseconds { subject.hash(self.messages) })
        }
        let ratios = zip(message, hash).map { $0 / $1 }
        print("payload                 \(subject.payload.count) bytes, \(subject.observations) observations")
        print("decode + normalize      \(Self.summary(message)) us a message")
        print("SHA-256 of the payload  \(Self.summary(hash)) us")
        print("ratio                   \(Self.summary(ratios))")
    }

    private func microseconds(_ work: () throws -> Void) rethrows -> Double {
        let elapsed = try ContinuousClock().measure(work)
        return Double(elapsed.components.attoseconds) / 1e12 / Double(self.messages)
            + Double(elapsed.components.seconds) * 1e6 / Double(self.messages)
    }

    private static func summary(_ values: [Double]) -> String {
        let sorted = values.sorted()
        return String(format: "best %.2f, median %.2f", sorted[0], sorted[sorted.count / 2])
    }
}

/// What the agent keeps between messages, with one message to process again and again.
private struct Subject {
    let payload: [UInt8]
    private(set) var observations = 0
    private let profile: DeviceProfile
    private let topic: ArraySlice<UInt8>
    private let library: ProfileLibrary
    private var captures: [Range<Int>] = []
    private var evaluator = ProfileEvaluator()
    private var normalizer = Normalizer(naming: .withheld, secret: DedupSecret(key0: 1, key1: 2))
    private var output: [NormalizedReading] = []
    private var checksum: UInt64 = 0

    init(profile: String, payload: String, topic: String) throws {
        self.profile = try ProfileParser.parse(ProfileLibrary.text(of: profile), file: profile)
        self.payload = try Array(Data(contentsOf: URL(filePath: payload)))
        self.topic = Array(topic.utf8)[...]
        self.library = ProfileLibrary(profiles: [self.profile])
    }

    mutating func process(_ count: Int) throws {
        for number in 0..<count { try self.process(UInt64(number)) }
    }

    private mutating func process(_ number: UInt64) throws {
        guard let profile = self.library.profile(for: self.topic, captures: &self.captures) else {
            throw ValidationError("the profile does not read the topic")
        }
        let outcome = self.payload.withUnsafeBytes { bytes in
            self.evaluator.evaluate(profile, payload: bytes, topic: self.topic, captures: self.captures)
        }
        guard case .readings(let readings, let problems) = outcome, problems.isEmpty else {
            throw ValidationError("the payload does not decode: \(outcome)")
        }
        let context = MessageContext(
            receivedAt: 1_795_162_440_100_000_000,
            messageNumber: number,
            rawHash: self.payload.withUnsafeBytes { Digest.sha256(of: $0) },
            profileID: profile.id,
            profileVersion: profile.version,
            deviceDisplay: profile.name
        )
        self.output.removeAll(keepingCapacity: true)
        self.normalizer.normalize(readings, context: context, into: &self.output)
        self.observations = self.output.count
    }

    mutating func hash(_ count: Int) {
        for _ in 0..<count {
            let digest = self.payload.withUnsafeBytes { Digest.sha256(of: $0) }
            self.checksum ^= UInt64(truncatingIfNeeded: digest.hashValue)
        }
    }
}
