internal import CanonicalBytes
internal import Groth16
internal import Synchronization
internal import Transcripts

/// A proof with the statement that it has to prove.
struct StatedProof: Sendable {
    /// The circuit's identifier, which binds its key.
    let circuit: [UInt8]
    let registration: CircuitRegistration
    /// Public inputs of 32 bytes.
    let inputs: [[UInt8]]
    let proof: [UInt8]

    /// Under which its verdict is remembered.
    var digest: [UInt8] {
        TaggedHash.digest("ZK-STATED-PROOF", list: [self.circuit, self.proof] + self.inputs)
    }
}

/// Remembers what verifying a proof came to, so that the proofs of a block are verified together before it is executed.
///
/// A verdict depends on nothing but the key, the inputs and the proof, so remembering changes no answer.
package final class ProofCache: Sendable {
    private enum Verdict: Sendable {
        case valid
        case refused(ProtocolFailure)
    }

    private let verdicts: Mutex<RecentValues<Verdict>>
    private let keys: Mutex<RecentValues<PreparedVerificationKey>>

    /// - Parameters:
    ///   - limit: verdicts to remember at most.
    ///   - keyLimit: keys of circuits, of some 100 KiB each.
    package init(limit: Int = 4_096, keyLimit: Int = 32) {
        self.verdicts = Mutex(RecentValues(limit: limit))
        self.keys = Mutex(RecentValues(limit: keyLimit))
    }

    /// Verifies a proof, or remembers how that went.
    ///
    /// - Throws: as the verification of proofs does.
    func verify(_ stated: StatedProof) throws(ProtocolFailure) {
        let digest = stated.digest
        let verdict = self.verdicts.withLock { $0[digest] } ?? self.verdict(on: stated)
        self.verdicts.withLock { $0[digest] = verdict }
        if case .refused(let failure) = verdict { throw failure }
    }

    /// Verifies those of the proofs together that are not known yet.
    ///
    /// - Returns: how many that were.
    @discardableResult
    func verifyTogether(_ stated: [StatedProof]) -> Int {
        var claims: [ProofClaim] = []
        var digests: [[UInt8]] = []
        for proof in stated {
            let digest = proof.digest
            guard !self.knows(proof), !digests.contains(digest), let key = try? self.key(of: proof) else { continue }
            digests.append(digest)
            claims.append(ProofClaim(key: key, inputs: proof.inputs, proof: proof.proof))
        }
        let failures = BatchVerification.failures(claims)
        self.verdicts.withLock { verdicts in
            for (digest, failure) in zip(digests, failures) {
                verdicts[digest] = failure.map { .refused($0) } ?? .valid
            }
        }
        return claims.count
    }

    /// Whether the proof was verified already.
    func knows(_ stated: StatedProof) -> Bool { self.verdicts.withLock { $0[stated.digest] } != nil }

    private func verdict(on stated: StatedProof) -> Verdict {
        do throws(ProtocolFailure) {
            try self.key(of: stated).verify(stated.proof, inputs: stated.inputs)
            return .valid
        } catch { return .refused(error) }
    }

    private func key(of stated: StatedProof) throws(ProtocolFailure) -> PreparedVerificationKey {
        if let known = self.keys.withLock({ $0[stated.circuit] }) { return known }
        let key = PreparedVerificationKey(try stated.registration.verificationKey())
        self.keys.withLock { $0[stated.circuit] = key }
        return key
    }
}

/// The values that were set last; the oldest goes first.
private struct RecentValues<Value: Sendable>: Sendable {
    private let limit: Int
    private var values: [[UInt8]: Value] = [:]
    private var order: [[UInt8]] = []
    private var next = 0

    init(limit: Int) { self.limit = max(1, limit) }

    subscript(key: [UInt8]) -> Value? {
        get { self.values[key] }
        set {
            guard let newValue, self.values.updateValue(newValue, forKey: key) == nil else { return }
            if self.order.count < self.limit {
                self.order.append(key)
            } else {
                self.values[self.order[self.next]] = nil
                self.order[self.next] = key
                self.next = (self.next + 1) % self.limit
            }
        }
    }
}
