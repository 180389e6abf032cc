/// Why a cryptographic object or protocol step is refused.
///
/// The codes are those of the specification of Wardline's cryptographic layer, section 1.2: every implementation
/// names the same one for the same input.
package struct ProtocolFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of refusal it is.
    package enum Code: String, Sendable, CaseIterable {
        /// Length, magic, truncation, trailing bytes, non-canonical structure, or a field out of range.
        case format = "FORMAT"
        /// Not the encoding of a point on the curve.
        case point = "POINT"
        /// On the curve, outside the subgroup of prime order.
        case subgroup = "SUBGROUP"
        /// The identity element where it is forbidden.
        case identity = "IDENTITY"
        /// A scalar not below the group order, or zero where that is forbidden.
        case scalar = "SCALAR"
        /// An invalid signature.
        case signature = "SIGNATURE"
        /// An invalid zero-knowledge or consistency proof.
        case proof = "PROOF"
        /// Authenticated decryption failed.
        case aead = "AEAD"
        /// The Fujisaki-Okamoto check failed.
        case fo = "FO"
        /// A valid object in the wrong place: identity, digest, index, usage, nonce or count.
        case context = "CONTEXT"
        /// Outside the window of validity.
        case time = "TIME"
        /// An issued or derived key that does not fit its public value.
        case key = "KEY"
        /// An invalid policy text.
        case policy = "POLICY"
        /// Attributes or a witness that do not satisfy.
        case unsatisfied = "UNSATISFIED"
        /// Too few contributions.
        case threshold = "THRESHOLD"
        /// A party, key or index that occurs twice.
        case duplicate = "DUPLICATE"
    }

    package let code: Code
    /// What was wrong, for a log; never holds secrets.
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { "\(self.code.rawValue): \(self.detail)" }
}

/// Throws unless the condition holds.
package func require(
    _ condition: Bool,
    _ code: ProtocolFailure.Code,
    _ detail: @autoclosure () -> String
) throws(ProtocolFailure) {
    guard condition else { throw ProtocolFailure(code, detail()) }
}
