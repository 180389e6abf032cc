internal import FiniteFields
internal import SecretSharing

/// The list of inputs of a policy circuit, with secrets in it; whoever makes one wipes it.
struct CircuitInputs {
    private(set) var values: [Fr] = []

    /// - Parameters:
    ///   - statement: the public inputs.
    ///   - count: inputs of the circuit, so that growing leaves no secrets behind.
    init(_ statement: PolicyStatement, count: Int) {
        self.values.reserveCapacity(count)
        self.append(statement.publicInputs)
    }

    mutating func append(_ values: [Fr]) { self.values.append(contentsOf: values) }

    /// Appends the secret, the salt and the slots.
    mutating func append(_ credential: Credential) {
        credential.secret.withValue { self.values.append($0) }
        credential.salt.withValue { self.values.append($0) }
        for slot in credential.attributes.slots { self.append([slot.id, slot.value]) }
    }

    mutating func wipe() { self.values.wipe() }
}

extension CredentialPath {
    /// In the order of allocation.
    var circuitInputs: [Fr] { zip(self.siblings, self.isRight).flatMap { [$0, $1 ? .one : .zero] } }
}
