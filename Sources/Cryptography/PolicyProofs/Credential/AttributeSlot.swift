internal import BLS12381
package import CanonicalBytes
package import FiniteFields

/// An attribute as a credential commits to it (specification section 8.2).
package struct AttributeSlot: Sendable, Hashable {
    /// Stands for the attribute's name and for whether it is a number; zero for an empty slot.
    package let id: Fr
    /// The hash of the value, or the number itself.
    package let value: Fr

    /// Holds no attribute.
    package static let empty = AttributeSlot(id: .zero, value: .zero)

    package init(id: Fr, value: Fr) {
        self.id = id
        self.value = value
    }

    /// The slot of `name:value`.
    ///
    /// - Throws: `SCALAR` for a hash of zero, which does not happen.
    package init(name: some Collection<UInt8>, value: some Collection<UInt8>) throws(ProtocolFailure) {
        self.id = try Fr.hash("ZK-ATTR-ID", Array(name))
        self.value = try Fr.hash("ZK-ATTR-VALUE", Array(value))
    }

    /// The slot of `name=number`.
    ///
    /// - Throws: `SCALAR` for a hash of zero, which does not happen.
    package init(name: some Collection<UInt8>, number: UInt16) throws(ProtocolFailure) {
        self.id = try Fr.hash("ZK-NUM-ID", Array(name))
        self.value = Fr(UInt64(number))
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.id.limbs.0)
        hasher.combine(self.value.limbs.0)
    }
}
