internal import ConstraintSystems
package import FiniteFields
package import SecretSharing

/// What a holder keeps of a credential: attributes certified by an issuer, bound to a secret of the holder's own
/// (specification section 8.2).
package struct Credential: Sendable {
    /// Known to the holder alone.
    package let secret: SecretFr
    /// Picked by the issuer, so that leaves tell nothing about attributes.
    package let salt: SecretFr
    package let attributes: CredentialAttributes

    package init(secret: SecretFr, salt: SecretFr, attributes: CredentialAttributes) {
        self.secret = secret
        self.salt = salt
        self.attributes = attributes
    }

    /// `hc`: what the issuer gets to know of the secret.
    package var holder: Fr { Self.holder(of: self.secret) }

    /// The leaf of the credential tree.
    package var leaf: Fr { Self.leaf(holder: self.holder, salt: self.salt, attributes: self.attributes) }

    /// `nym = PH(3; secret, ctx)`: the holder's name in one slot of one epoch.
    package func nym(in context: Fr) -> Fr { self.secret.withValue { Poseidon.hash(.nym, [$0, context]) } }

    /// `hc = PH(4; secret)`.
    package static func holder(of secret: SecretFr) -> Fr { secret.withValue { Poseidon.hash(.holder, [$0]) } }

    /// `leaf = PH(1; hc, salt, id_1, v_1, …, id_8, v_8)`, which the issuer inserts.
    package static func leaf(holder: Fr, salt: SecretFr, attributes: CredentialAttributes) -> Fr {
        salt.withValue { salt in
            Poseidon.hash(.leaf, [holder, salt] + attributes.slots.flatMap { [$0.id, $0.value] })
        }
    }
}
