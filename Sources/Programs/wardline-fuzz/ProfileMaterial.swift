import DeviceProfiles
import Expressions
import FoundationEssentials
import Payloads
import Records
import StrictYAML

extension ProfileBench.Material {
    private typealias Example = ProfileBench.Example

    /// Most examples of one profile.
    private static let examplesMax = 64

    /// Loads the profiles and finds out, by trying, which seeds are messages that they read.
    ///
    /// Without a directory, or when it does not exist, one built-in profile is used.
    static func load(directory: String?, corpus: Corpus) -> (material: Self, problems: [YAMLProblem]) {
        var library = ProfileLibrary(profiles: [])
        var problems: [YAMLProblem] = []
        if let directory, FileManager.default.fileExists(atPath: directory) {
            (library, problems) = ProfileLibrary.load(directories: [directory])
        }
        if library.profiles.isEmpty, let builtIn = try? ProfileParser.parse(GrammarSeeds.profile, file: "built-in") {
            library = ProfileLibrary(profiles: [builtIn])
        }
        let births = SparkplugTargets.births()
        let examples = library.profiles.map { Self.examples(of: $0, library, corpus, births) }
        return (Self(library: library, examples: examples, births: births), problems)
    }

    private static func examples(
        of profile: DeviceProfile,
        _ library: ProfileLibrary,
        _ corpus: Corpus,
        _ births: SparkplugBirths
    ) -> [Example] {
        var evaluator = ProfileEvaluator()
        var captures: [Range<Int>] = []
        var examples: [Example] = []
        for topic in Self.topics(of: profile) {
            guard library.profile(for: topic[...], captures: &captures)?.id == profile.id else { continue }
            for payload in corpus.seeds(Self.family(of: profile)) {
                for wrapping in [nil] + Wrapping.allCases.map(Optional.some) where examples.count < Self.examplesMax {
                    let message = wrapping.map { Enveloping.wrap(payload, as: $0) } ?? payload
                    evaluator.state.births = births
                    let outcome = message.withUnsafeBytes {
                        evaluator.evaluate(profile, payload: $0, topic: topic[...], captures: captures)
                    }
                    guard case .readings(let read, _) = outcome, !read.readings.isEmpty else { continue }
                    examples.append(Example(topic: topic, payload: payload, wrapping: wrapping))
                }
            }
        }
        return examples
    }

    private static func family(of profile: DeviceProfile) -> SeedFamily {
        switch profile.payload.formats.first {
        case .jsonLines: .jsonLines
        case .cbor: .cbor
        case .senmlJSON: .senmlJSON
        case .senmlCBOR: .senmlCBOR
        case .sparkplugB: .sparkplug
        case .csv: .delimited
        case .scalar: .scalar
        case .lineProtocol: .lineProtocol
        case .hl7v2: .hl7
        case .gatt, .binary: .gatt
        case .json, nil: .json
        }
    }

    /// Topics of a profile; for GATT and Sparkplug the last levels say what the payload is.
    private static func topics(of profile: DeviceProfile) -> [[UInt8]] {
        var topics = [profile.exampleTopic]
        let levels = profile.exampleTopic.split(separator: "/", omittingEmptySubsequences: false)
        let front = levels.dropLast().joined(separator: "/")
        if profile.payload.formats.contains(.gatt) {
            topics += GATTCharacteristic.allCases.map { "\(front)/\($0.rawValue)" }
        }
        if profile.payload.formats.contains(.sparkplugB) { topics += ["\(front)/DBIRTH/n/d", "\(front)/DDATA/n/d"] }
        return topics.map { Array($0.utf8) }
    }
}
