internal import CanonicalBytes
package import PolicyProofs

/// Which of the attributes of certificates are numbers in credentials.
///
/// A certificate says `name:value` of everything. A policy compares numbers only with `name=number`, so the authority's
/// operator names those whose values are numbers.
package struct CertifiedAttributes: Sendable, Hashable {
    private let numbers: [String]

    /// - Parameter numbers: names of attributes.
    package init(numbers: [String] = []) { self.numbers = numbers }

    /// The attributes of a certificate as a credential commits to them.
    ///
    /// - Parameter texts: of the certificate, `name:value`.
    /// - Returns: ascending by bytes, numbers as `name=number`.
    /// - Throws: ``AuthorityError/credential(_:)`` for more than eight, and for a number that is none.
    package func credential(_ texts: [String]) throws(AuthorityError) -> CredentialAttributes {
        guard texts.count <= CredentialAttributes.slotCount else {
            throw .credential(
                "the certificate has \(texts.count) attributes with its role, and a credential has room for "
                    + "\(CredentialAttributes.slotCount)"
            )
        }
        let written = texts.map(self.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        do throws(ProtocolFailure) { return try CredentialAttributes(written) } catch {
            throw .credential("the certificate's attributes make no credential: \(error.detail)")
        }
    }

    private func text(_ attribute: String) -> String {
        let parts = attribute.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1)
        let isNumber = parts.count == 2 && self.numbers.contains { $0.utf8.elementsEqual(parts[0]) }
        return isNumber
            ? "\(String(decoding: parts[0], as: UTF8.self))=\(String(decoding: parts[1], as: UTF8.self))" : attribute
    }
}
