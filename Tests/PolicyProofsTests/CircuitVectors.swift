import CanonicalBytes
import ConstraintSystems
import FiniteFields
import PolicyProofs
import SecretSharing
import VectorFiles

extension VectorCase {
    /// The credential of a circuit case.
    var credential: Credential {
        get throws {
            Credential(
                secret: try SecretFr(bytes: self.bytes("secret")),
                salt: try SecretFr(bytes: self.bytes("salt")),
                attributes: try CredentialAttributes(self.texts("attrs"))
            )
        }
    }

    /// The path of a circuit case.
    var path: CredentialPath {
        get throws {
            guard case .list(let bits)? = self.fields["bits"] else { throw VectorError(description: "no bits") }
            return CredentialPath(
                siblings: try self.bytesList("path").map { try Fr($0) },
                isRight: bits.map { $0 == .number(1) }
            )
        }
    }

    /// The public inputs of a circuit case.
    func statement(_ policy: Fr) throws -> PolicyStatement {
        PolicyStatement(
            root: try Fr(self.bytes("root")),
            policy: policy,
            nonce: try Fr(self.bytes("nonce")),
            context: try Fr(self.bytes("ctx")),
            nym: try Fr(self.bytes("nym"))
        )
    }
}

extension ConstraintSystem {
    /// What circuit cases expect of a witness.
    func outputs(_ witness: [Fr]) -> [String: VectorValue] {
        [
            "constraints": .number(UInt64(self.constraints.count)), "variables": .number(UInt64(self.variables)),
            "r1cs_digest": .text(self.digest.hex),
            "public": .list(witness[1...self.publicInputs].map { .text($0.bytes.hex) }),
        ]
    }
}
