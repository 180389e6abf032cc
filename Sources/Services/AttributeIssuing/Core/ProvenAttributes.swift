package import AccessPolicies
internal import AttributeEncryption
internal import CanonicalBytes
package import Certificates

/// What goes into a key: the attributes of the requester's own certificate, and the permission for one scope.
///
/// A certificate says `name:value` of everything. A policy compares numbers only with `name=number`, so the operator
/// names those whose values are numbers, the same ones as the authority that certifies credentials does.
package struct ProvenAttributes: Sendable, Hashable {
    /// Attributes of a certificate that are taken at most.
    package static let countMax = 64
    /// Stands before what only a permission gives.
    private static let permissionName = "perm"

    private let numbers: [String]

    /// - Parameter numbers: names of attributes.
    package init(numbers: [String] = []) { self.numbers = numbers }

    /// The attributes of a key.
    ///
    /// Attributes named `perm` in a certificate are left out: no certificate permits anything.
    ///
    /// - Parameters:
    ///   - certificate: the requester's own, verified.
    ///   - scope: digest of the scope that the chain permits, 32 bytes.
    /// - Returns: with numbers as bags of bits.
    /// - Throws: ``AttributeRefusal`` `unusable-attributes` for too many, and for a number that is none.
    package func attributes(
        of certificate: ImplicitCertificate,
        scope: [UInt8]
    ) throws(AttributeRefusal) -> AttributeSet {
        let certified = certificate.fields.attributes
        guard certified.count <= Self.countMax else {
            throw .refused(.unusableAttributes, "the certificate has more than \(Self.countMax) attributes")
        }
        do throws(ProtocolFailure) {
            let permission = try IndexPolicy.permission(scopeDigest: scope)
            return try AttributeSet(certified.compactMap(self.text) + [permission])
        } catch {
            throw .refused(.unusableAttributes, "the certificate's attributes make no key: \(error.detail)")
        }
    }

    /// As a key has it; nil for what no certificate may give.
    private func text(_ attribute: String) -> String? {
        let parts = attribute.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1)
        guard parts.count == 2, !parts[0].elementsEqual(Self.permissionName.utf8) else { return nil }
        guard self.numbers.contains(where: { $0.utf8.elementsEqual(parts[0]) }) else { return attribute }
        return "\(String(decoding: parts[0], as: UTF8.self))=\(String(decoding: parts[1], as: UTF8.self))"
    }
}
