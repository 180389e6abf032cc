internal import BLS12381
package import CanonicalBytes
package import ConstraintSystems
internal import FiniteFields
package import Groth16
internal import SecretSharing
internal import Transcripts

/// What a ceremony is held for.
package struct CeremonyOutcome: Sendable {
    package let provingKey: ProvingKey
    /// Digest of the last contribution: through the chain, of every byte of the ceremony.
    package let transcriptDigest: [UInt8]

    package var verificationKey: VerificationKey { self.provingKey.verificationKey }
}

/// The second phase of a ceremony: δ, for one circuit.
///
/// There is no γ: it is 1, so the verification key has the generator in its place. γ and δ keep public inputs and
/// witness apart, for which it is enough that nobody knows δ.
package struct CircuitPhase: Sendable {
    private let system: ConstraintSystem
    private let systemDigest: [UInt8]
    private let powers: PowersOfTau
    private let basis: CircuitBasis
    private var parameters: CircuitParameters
    private var chain: CeremonyChain

    /// Derives what the circuit's keys have before δ: many seconds for thousands of constraints, on all cores.
    ///
    /// - Parameters:
    ///   - powers: the first phase, ended by its beacon.
    ///   - system: the circuit.
    ///   - progress: hears of steps done, of about the same length, and of how many there are.
    /// - Throws: `CONTEXT` for powers without their beacon, `FORMAT` for a circuit that is too large for them.
    package init(
        _ powers: PowersPhase,
        _ system: ConstraintSystem,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(ProtocolFailure) {
        try require(powers.isComplete, .context, "the first phase has not ended")
        self.system = system
        self.systemDigest = system.digest
        self.powers = powers.powers
        self.basis = try CircuitBasis(powers.powers, system, progress: progress)
        self.parameters = CircuitParameters(self.basis, publicInputs: system.publicInputs)
        let start = TaggedHash.digest("CEREMONY-CIRCUIT-START", powers.digest, self.systemDigest)
        self.chain = CeremonyChain(.circuit, start: start)
    }

    /// Digest of everything so far, the first phase included.
    package var digest: [UInt8] { self.chain.head }
    /// Who has contributed.
    package var authors: [CeremonyAuthor] { self.chain.authors }
    /// Whether the beacon has ended the phase.
    package var isComplete: Bool { self.chain.isComplete }

    /// The next contribution: of a member with a new secret, which is wiped, or of the beacon.
    ///
    /// It is not accepted by this. In constant time in the secret, on all cores.
    ///
    /// - Throws: `FORMAT`, `CONTEXT`, `THRESHOLD` or `DUPLICATE` for an author whose turn it is not.
    package func contribution(of author: CeremonyAuthor) throws(ProtocolFailure) -> [UInt8] {
        let header = try self.chain.next(author)
        var secret = try header.beaconSecrets([.delta])?[0] ?? .random()
        defer { secret.wipe() }
        return try CircuitContribution(header, secret, self.parameters.multiplied(by: secret)).encoded()
    }

    /// Verifies a contribution and makes it the last one.
    ///
    /// - Throws: the failure with the author's name; the phase is then as before.
    package mutating func accept(_ bytes: [UInt8]) throws(CeremonyFault) {
        let digest = CircuitContribution.digest(bytes)
        let contribution = try self.chain.attributed(bytes, CircuitContribution.magic) {
            (header, reader) throws(ProtocolFailure) in
            let contribution = try CircuitContribution(header, &reader, after: self.parameters)
            try contribution.check(after: self.parameters, digest: digest)
            return contribution
        }
        self.parameters = contribution.parameters
        self.chain.append(contribution.header, digest: digest)
    }

    /// The keys.
    ///
    /// - Throws: `THRESHOLD` before the beacon.
    package func finish() throws(ProtocolFailure) -> CeremonyOutcome {
        try require(self.isComplete, .threshold, "the second phase has not ended")
        let verificationKey = try VerificationKey(
            alpha: self.powers.alpha[0],
            beta: self.powers.betaInG2,
            gamma: .generator,
            delta: self.parameters.deltaInG2,
            inputs: (0...self.system.publicInputs).map { self.basis.combined[$0] }
        )
        let provingKey = try ProvingKey(
            verificationKey: verificationKey,
            systemDigest: self.systemDigest,
            beta: self.powers.beta[0],
            delta: self.parameters.delta,
            a: self.basis.a,
            b1: self.basis.b1,
            b2: self.basis.b2,
            l: self.parameters.l,
            h: self.parameters.h
        )
        return CeremonyOutcome(provingKey: provingKey, transcriptDigest: self.digest)
    }

    /// The next header and the parameters before, for tests that make wrong contributions.
    func header(_ author: CeremonyAuthor) throws(ProtocolFailure) -> ContributionHeader { try self.chain.next(author) }
    var current: CircuitParameters { self.parameters }
}
