package import AccessPolicies
package import CanonicalBytes
internal import ConstraintSystems
internal import FiniteFields
package import Groth16
internal import PolicyProofs
internal import SecretSharing

/// Makes policy proofs with one proving key.
package struct PolicyProver: Sendable {
    package let circuit: ProofCircuit
    private let prover: Prover

    /// - Throws: `CONTEXT` for a key of another circuit.
    package init(_ key: ProvingKey, _ circuit: ProofCircuit) throws(ProtocolFailure) {
        self.circuit = circuit
        self.prover = try Prover(key, circuit.circuit.system)
    }

    /// A proof; the witness is wiped.
    ///
    /// - Throws: as ``Claim/check()``; `UNSATISFIED` with the part of the circuit that does not hold; `PROOF` if the proof does not verify, because the proving key is none that a
    ///   ceremony gave for this circuit.
    package func prove(_ claim: Claim) throws(ProtocolFailure) -> ProofFile {
        try claim.check()
        let statement = try claim.statement.statement(
            policy: self.circuit.input(of: claim.policy.policy),
            nym: claim.issue.credential.nym(in: claim.statement.context())
        )
        var witness = try self.circuit.witness(
            statement,
            claim.policy.policy,
            claim.issue.credential,
            claim.path.path
        )
        defer { witness.wipe() }
        let proof = try self.prover.prove(witness)
        let key = self.prover.key.verificationKey
        let file = ProofFile(self.circuit, key, statement, proof)
        do { try file.verify(key) } catch {
            throw ProtocolFailure(.proof, "the proving key makes proofs that do not verify: it is not of a ceremony")
        }
        return file
    }
}

extension PolicyProver {
    /// What somebody wants to prove, and with what.
    package struct Claim: Sendable {
        let statement: StatementFile
        let policy: WrittenPolicy
        let issue: CredentialFile.Issue
        let path: CredentialPathFile

        package init(
            statement: StatementFile,
            policy: WrittenPolicy,
            issue: CredentialFile.Issue,
            path: CredentialPathFile
        ) {
            self.statement = statement
            self.policy = policy
            self.issue = issue
            self.path = path
        }

        /// Checks what a proof needs, by the parts that people know; the circuit checks it again.
        ///
        /// - Throws: `CONTEXT` for a path or root that does not fit, `UNSATISFIED` with what the policy asks for and the
        ///   credential lacks.
        package func check() throws(ProtocolFailure) {
            let credential = self.issue.credential
            try require(
                self.path.leaf == credential.leaf && self.path.index == self.issue.index,
                .context,
                "the path is that of another credential"
            )
            try require(
                self.path.root.bytes == self.statement.root,
                .context,
                "the path leads to another root than the statement has: get the path of that root"
            )
            let missing = try Self.missing(self.policy, credential.attributes)
            try require(missing.isEmpty, .unsatisfied, "the credential lacks \(missing.joined(separator: ", "))")
        }

        /// The fewest conditions that would have to hold in addition.
        private static func missing(
            _ policy: WrittenPolicy,
            _ attributes: CredentialAttributes
        ) throws(ProtocolFailure) -> [String] {
            let written: WrittenAttributes
            do { written = try WrittenAttributes(attributes.texts.joined(separator: " ")) } catch {
                throw ProtocolFailure(.format, error.description)
            }
            let satisfaction = policy.satisfaction(by: written)
            guard !satisfaction.isSatisfied else { return [] }
            let conditions = policy.conditions()
            return satisfaction.missing.map { "`\(conditions[$0].text)`" }
        }
    }
}
