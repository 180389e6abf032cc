import DeviceProfiles
import Payloads
import Records
import StrictYAML

/// Whole messages through whole profiles, and the profile files themselves.
enum ProfileTargets {
    static let all: [Target] = [
        Target(name: "profile", weight: 140, family: .json) { bench, payload, random in
            bench.profiles.run(payload, bench, &random)
        },
        // A profile takes a thousand times longer to parse than a payload.
        Target(name: "profile-file", weight: 1, family: .yaml) { _, payload, _ in
            do throws(YAMLProblem) {
                _ = try ProfileParser.parse(GrammarTargets.text(payload), file: "fuzz.yaml")
                return .accepted
            } catch {
                return error.reason.isEmpty ? .broken("a refusal without words") : .refused("yaml")
            }
        },
    ]
}

/// All profiles of a directory, with messages that they read.
struct ProfileBench {
    /// A message before it is damaged.
    struct Example: Sendable {
        let topic: [UInt8]
        let payload: [UInt8]
        let wrapping: Wrapping?
    }

    /// What all threads share.
    struct Material: Sendable {
        let library: ProfileLibrary
        /// By profile.
        let examples: [[Example]]
        let births: SparkplugBirths

        /// Profiles of which no seed is a valid message.
        var unread: [String] { zip(self.library.profiles, self.examples).filter(\.1.isEmpty).map(\.0.id) }
    }

    private let material: Material
    private var evaluator = ProfileEvaluator()
    private var captures: [Range<Int>] = []

    init(_ material: Material) { self.material = material }

    /// Damages an example of some profile, or its topic, or puts `stranger` in its place.
    mutating func run(_ stranger: [UInt8], _ bench: Workbench, _ random: inout Randomness) -> Verdict {
        let examples = random.pick(self.material.examples)
        guard !examples.isEmpty else { return .refused("no-example") }
        let example = random.pick(examples)
        var payload = random.once(in: 16) ? stranger : example.payload
        var topic = example.topic
        if random.once(in: 6) { Mutator.mutate(&topic, with: bench.corpus.pick(.topic, &random), &random) }
        let isInside = !random.once(in: 4)
        if isInside { Mutator.mutate(&payload, with: random.pick(examples).payload, &random) }
        if let wrapping = example.wrapping { payload = Enveloping.wrap(payload, as: wrapping) }
        if !isInside { Mutator.mutate(&payload, with: stranger, &random) }
        bench.trace?("topic \(String(decoding: topic, as: UTF8.self))\nmessage \(Replay.hex(payload))")
        guard let profile = self.material.library.profile(for: topic[...], captures: &self.captures) else {
            return .refused("unrouted")
        }
        bench.trace?("profile \(profile.id)")
        self.evaluator.state.births = self.material.births
        let outcome = payload.withUnsafeBytes {
            self.evaluator.evaluate(profile, payload: $0, topic: topic[...], captures: self.captures)
        }
        return Self.verdict(outcome)
    }

    private static func verdict(_ outcome: ProfileOutcome) -> Verdict {
        switch outcome {
        case .ignored(let reason): return reason.isEmpty ? .broken("ignored without words") : .refused("ignored")
        case .undecodable(let failure): return Workbench.verdict(failure)
        case .readings(let message, let problems):
            if message.readings.isEmpty, problems.isEmpty { return .broken("neither a reading nor a problem") }
            if !message.readings.isEmpty, message.deviceID.isEmpty { return .broken("readings of no device") }
            for reading in message.readings {
                if let fault = Self.fault(of: reading) { return .broken(fault) }
            }
            return problems.first.map { .refused($0.reason.rawValue) } ?? .accepted
        }
    }

    private static func fault(of reading: Reading) -> String? {
        for value in [reading.value] + reading.components.map(\.value) {
            if case .quantity(let number, _) = value, let fault = TreeAudit.fault(of: number) { return fault }
            if case .panel = value, reading.components.isEmpty { return "a panel without components" }
        }
        return nil
    }
}
