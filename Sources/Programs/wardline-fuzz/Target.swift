import Payloads
import Validator

/// How one payload ended.
enum Verdict: Sendable {
    case accepted
    /// A typed refusal, by its reason.
    case refused(String)
    /// Something that must never happen, though nothing crashed.
    case broken(String)
}

/// One entrance to the code that reads what others wrote.
struct Target: Sendable {
    let name: String
    /// How often it is drawn, relative to the others.
    let weight: Int
    let family: SeedFamily
    let run: @Sendable (Workbench, [UInt8], inout Randomness) -> Verdict
}

/// All targets, drawn by weight.
struct TargetTable: Sendable {
    let targets: [Target]
    private let drawn: [UInt16]

    init() {
        self.targets =
            DecoderTargets.all + BinaryTargets.all + GrammarTargets.all + ProfileTargets.all
            + SealedTargets.all + ConsensusTargets.all + LedgerTargets.all + ContractTargets.all + TransportTargets.all
            + StoreTargets.all + ValidatorTargets.all + CertificateTargets.all + IssuingTargets.all
            + ProofTargets.all + PathTargets.all + InterchainTargets.all + CrossChainTargets.all
            + WardTargets.all + QuestionTargets.all + ShareTargets.all + KeyFileTargets.all + DocumentTargets.all
            + ConfigurationTargets.all
        self.drawn = self.targets.enumerated().flatMap { Array(repeating: UInt16($0.offset), count: $0.element.weight) }
    }

    func draw(_ random: inout Randomness) -> Int { Int(self.drawn[random.below(self.drawn.count)]) }
}

/// What a thread keeps between payloads: memory that decoders reuse, and fixed material to try results on.
final class Workbench {
    var tree = PayloadTree()
    var scratch = PayloadTree()
    var profiles: ProfileBench
    let corpus: Corpus
    /// Trees on which mutated paths and expressions are evaluated.
    let samples: [PayloadTree]
    /// Births that data messages may refer to.
    let births: SparkplugBirths
    /// Made by the first payload that needs them.
    private(set) lazy var contracts = try? ContractExercise()
    private(set) lazy var log = try? DamagedLog()
    /// Small, so that it forgets all the time.
    let parsed = ParsedBlocks(countMax: 64, bytesMax: 1 << 20)
    /// Receives what a payload alone does not show, when it is replayed.
    var trace: ((String) -> Void)?

    init(corpus: Corpus, profiles: ProfileBench) {
        self.corpus = corpus
        self.profiles = profiles
        self.samples = Self.samples(corpus)
        self.births = SparkplugTargets.births()
    }

    /// Runs a decoder into the reset tree and audits what it wrote.
    ///
    func decode(
        _ payload: [UInt8],
        _ body: (UnsafeRawBufferPointer, inout PayloadTree) throws(DecodeFailure) -> Void
    ) -> Verdict {
        self.tree.reset()
        do throws(DecodeFailure) {
            try payload.withBytes { (bytes) throws(DecodeFailure) in try body(bytes, &self.tree) }
        } catch {
            return Self.verdict(error)
        }
        return TreeAudit.fault(in: self.tree).map(Verdict.broken) ?? .accepted
    }

    /// A refusal must say why, in words, and point to a place that is there.
    static func verdict(_ failure: DecodeFailure) -> Verdict {
        if failure.detail.isEmpty { return .broken("a failure without words: \(failure.reason)") }
        if let offset = failure.offset, offset < 0 { return .broken("a failure at byte \(offset)") }
        return .refused(failure.reason.rawValue)
    }

    private static func samples(_ corpus: Corpus) -> [PayloadTree] {
        TextSeeds.all(.json).compactMap { seed in
            var tree = PayloadTree()
            let decoded: Void? = try? seed.withBytes { (bytes) throws(DecodeFailure) in
                try JSONTextDecoder.decode(bytes, into: &tree)
            }
            return decoded.map { tree }
        }
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` that keeps the error's type.
    func withBytes<Value>(
        _ body: (UnsafeRawBufferPointer) throws(DecodeFailure) -> Value
    ) throws(DecodeFailure) -> Value {
        let result: Result<Value, DecodeFailure> = self.withUnsafeBytes { bytes in
            do throws(DecodeFailure) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
