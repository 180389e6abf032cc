internal import CanonicalBytes
internal import P256Group
internal import Signcryption

/// What came of an attempt; a value is never shown.
enum AttemptOutcome<Value: Equatable>: Equatable, CustomStringConvertible {
    case gave(Value)
    case refused(ProtocolFailure.Code)

    init(_ attempt: () throws(ProtocolFailure) -> Value) {
        do throws(ProtocolFailure) { self = .gave(try attempt()) } catch { self = .refused(error.code) }
    }

    var description: String {
        switch self {
        case .gave: "it opened"
        case .refused(let code): "\(code.rawValue)"
        }
    }
}

/// Attempts that must all be refused, each for the same reason.
struct Refusals: CustomStringConvertible {
    private let expected: ProtocolFailure.Code
    private(set) var attempts = 0
    private var other: String?

    init(expecting code: ProtocolFailure.Code) { self.expected = code }

    mutating func note<Value>(_ outcome: AttemptOutcome<Value>) {
        self.attempts += 1
        if outcome != .refused(self.expected) { self.other = self.other ?? "\(outcome)" }
    }

    mutating func note<Value>(_ outcomes: [AttemptOutcome<Value>]) {
        for outcome in outcomes { self.note(outcome) }
    }

    /// Whether there were attempts at all, and none of them came out otherwise.
    var areComplete: Bool { self.attempts > 0 && self.other == nil }

    var description: String { "\(self.attempts) attempts, \(self.other ?? self.expected.rawValue)" }
}

extension VerifiedEnvelope {
    /// What comes of taking points for `K`, each with each of some epoch keys.
    func outcomes(of points: [P256Point], epochKeys: [[UInt8]]) -> [AttemptOutcome<[EnvelopeRecord]>] {
        let keys: [[UInt8]?] = self.header.mode == .scopeKey ? [nil] : epochKeys
        return points.flatMap { point in
            keys.map { key in
                AttemptOutcome { () throws(ProtocolFailure) in try self.open(shared: point, epochKey: key) }
            }
        }
    }
}
