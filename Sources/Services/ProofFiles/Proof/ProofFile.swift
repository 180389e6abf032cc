package import AccessPolicies
package import CanonicalBytes
internal import FiniteFields
package import Groth16
package import PolicyProofs

/// A policy proof with what it is verified against; nothing in it is secret.
///
/// JSON with `version`, `circuit` (`universal` or `policy`), `system` (R1CS digest), `verification_key` (digest),
/// `inputs` (root, policy, nonce, context, nym) and `proof`.
package struct ProofFile: Sendable, Equatable {
    package static let inputNames = ["root", "policy", "nonce", "context", "nym"]

    /// `universal` or `policy`.
    package let circuit: String
    /// The digest of the circuit's constraint system.
    package let system: [UInt8]
    /// The digest of the verification key.
    package let verificationKey: [UInt8]
    package let statement: PolicyStatement
    /// 192 bytes, not decoded.
    package let proof: [UInt8]

    init(_ circuit: ProofCircuit, _ key: VerificationKey, _ statement: PolicyStatement, _ proof: Proof) {
        self.circuit = circuit.kind.name
        self.system = circuit.digest
        self.verificationKey = key.digest
        self.statement = statement
        self.proof = proof.bytes
    }

    /// Decodes a file; the proof's points are checked when it is verified.
    ///
    /// - Throws: `FORMAT`, `SCALAR`.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        let fields = try JSONFields(
            bytes,
            required: ["version", "circuit", "system", "verification_key", "inputs", "proof"]
        )
        try fields.requireVersion()
        self.circuit = try fields.text("circuit", 1...16)
        try require(
            ["universal", "policy"].contains(self.circuit),
            .format,
            "`circuit` is neither universal nor policy"
        )
        self.system = try fields.bytes("system", 32...32)
        self.verificationKey = try fields.bytes("verification_key", 32...32)
        let inputs = try fields.scalars("inputs", count: Self.inputNames.count)
        self.statement = PolicyStatement(
            root: inputs[0],
            policy: inputs[1],
            nonce: inputs[2],
            context: inputs[3],
            nym: inputs[4]
        )
        self.proof = try fields.bytes("proof", Proof.byteCount...Proof.byteCount)
    }

    package var bytes: [UInt8] {
        JSONValue.object([
            ("version", .integer(1)),
            ("circuit", .text(self.circuit)),
            ("system", .text(self.system.hex)),
            ("verification_key", .text(self.verificationKey.hex)),
            ("inputs", .list(self.statement.publicInputs.map { .text($0.bytes.hex) })),
            ("proof", .text(self.proof.hex)),
        ]).bytes
    }

    /// Verifies the proof for the public inputs that the file names.
    ///
    /// - Throws: `CONTEXT` for another key; `POINT`, `IDENTITY`, `SUBGROUP`, `PROOF` for a proof that is not valid.
    package func verify(_ key: VerificationKey) throws(ProtocolFailure) {
        try require(key.digest == self.verificationKey, .context, "the proof is for another verification key")
        try PreparedVerificationKey(key).verify(Proof(self.proof), inputs: self.statement.publicInputs)
    }

    /// Checks that the public inputs are those of a statement and a policy, as a verifier must.
    ///
    /// - Throws: `CONTEXT` with the input that differs.
    package func check(_ expected: StatementFile, _ policy: AccessPolicy) throws(ProtocolFailure) {
        let circuit = try ProofCircuit(self.circuit == "universal" ? .universal : .policy(policy))
        let statement = try expected.statement(policy: circuit.input(of: policy), nym: self.statement.nym)
        // First the inputs, which say more about what is wrong than the digest of a policy's circuit.
        for (name, pair) in zip(
            ["another root of the credential tree", "another policy", "another request", "another slot or epoch"],
            zip(self.statement.publicInputs, statement.publicInputs)
        ) {
            try require(pair.0 == pair.1, .context, "the proof is for \(name)")
        }
        try require(circuit.digest == self.system, .context, "the proof is for another circuit")
    }
}
