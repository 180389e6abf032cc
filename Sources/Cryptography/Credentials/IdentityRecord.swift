internal import CanonicalBytes
package import Certificates
internal import Foundation
internal import P256Group

/// `identity.json`: whose identity a directory holds, and where it came from.
package struct IdentityRecord: Codable, Sendable, Hashable {
    package let organization: String
    package let role: String
    package let name: String
    /// `https://host:port` of the authority that issued and renews.
    package let authority: String
    /// Counts from 1; every rotation adds one.
    package let generation: Int
    /// Seconds since 1970.
    package let enrolledAt: UInt64

    enum CodingKeys: String, CodingKey {
        case organization, role, name, authority, generation
        case enrolledAt = "enrolled_at"
    }

    package init(_ party: PartyName, authority: String, generation: Int, enrolledAt: UInt64) {
        self.organization = party.organization
        self.role = party.role.rawValue
        self.name = party.name
        self.authority = authority
        self.generation = generation
        self.enrolledAt = enrolledAt
    }

    /// - Returns: nil when the file names no possible party.
    package var party: PartyName? {
        PartyRole(rawValue: self.role).flatMap {
            PartyName(organization: self.organization, role: $0, name: self.name)
        }
    }
}

/// `authority.json`: the public side of the authority.
struct IssuerRecord: Codable, Sendable, Hashable {
    let name: String
    /// `Q_CA`, 66 hexadecimal digits.
    let publicKey: String

    enum CodingKeys: String, CodingKey {
        case name
        case publicKey = "public_key"
    }

    init(_ issuer: CertificateIssuer) {
        self.name = issuer.name
        self.publicKey = issuer.publicKey.encoded.hex
    }

    func issuer() throws(CredentialsError) -> CertificateIssuer {
        try CertificateIssuer(name: self.name, hexKey: self.publicKey)
    }
}

extension CertificateIssuer {
    /// - Throws: ``CredentialsError/malformed(_:)`` for a key that is none.
    init(name: String, hexKey: String) throws(CredentialsError) {
        guard let encoded = [UInt8](hex: hexKey), let key = try? P256PublicKey(encoded) else {
            throw .malformed("the authority's public key is no point of P-256")
        }
        self.init(name: name, publicKey: key)
    }
}

/// JSON as the files and messages of this module use it.
package enum PlainJSON {
    package static func encode(_ value: some Encodable) throws(CredentialsError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) } catch { throw .malformed("cannot encode: \(error)") }
    }

    /// - Parameters:
    ///   - type: what to read.
    ///   - bytes: the text.
    ///   - what: named in the error.
    /// - Returns: the value.
    /// - Throws: ``CredentialsError/malformed(_:)``.
    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        _ bytes: [UInt8],
        _ what: String
    ) throws(CredentialsError) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw .malformed("\(what) is not as expected")
        }
    }
}
