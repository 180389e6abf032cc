internal import ConstraintSystems
internal import FiniteFields

/// The five public inputs in a circuit.
struct StatementVariables {
    let root, policy, nonce, context, nym: LinearCombination
}

/// A slot of the credential in a circuit.
struct SlotVariables {
    let id, value: LinearCombination
}

/// The credential in a circuit.
struct CredentialVariables {
    let secret, salt: LinearCombination
    let slots: [SlotVariables]

    /// `id_1, v_1, …, id_8, v_8`.
    var slotValues: [LinearCombination] { self.slots.flatMap { [$0.id, $0.value] } }
}

extension CircuitBuilder {
    mutating func statement() -> StatementVariables {
        let root = self.publicInput()
        let policy = self.publicInput()
        let nonce = self.publicInput()
        let context = self.publicInput()
        return StatementVariables(
            root: root,
            policy: policy,
            nonce: nonce,
            context: context,
            nym: self.publicInput()
        )
    }

    mutating func credential() -> CredentialVariables {
        let secret = self.input()
        let salt = self.input()
        var slots: [SlotVariables] = []
        for _ in 0..<CredentialAttributes.slotCount {
            let id = self.input()
            slots.append(SlotVariables(id: id, value: self.input()))
        }
        return CredentialVariables(secret: secret, salt: salt, slots: slots)
    }

    /// Steps 3 to 8 of section 8.4: the credential is under the root and the nym is its holder's.
    mutating func enforceClaim(_ statement: StatementVariables, _ credential: CredentialVariables) {
        // Without a row of its own the nonce's part of the verification key would be the identity.
        self.region("nonce") { _ = $0.product(statement.nonce, statement.nonce) }
        self.region("nym") { builder in
            let nym = builder.poseidonHash(.nym, [credential.secret, statement.context])
            builder.enforceEqual(nym, statement.nym)
        }
        let holder = self.region("holder") { $0.poseidonHash(.holder, [credential.secret]) }
        let leaf = self.region("leaf") {
            $0.poseidonHash(.leaf, [holder, credential.salt] + credential.slotValues)
        }
        let root = self.merkleRoot(above: leaf, depth: CredentialTree.depth)
        self.region("root") { $0.enforceEqual(root, statement.root) }
    }
}
