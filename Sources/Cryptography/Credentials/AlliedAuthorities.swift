internal import Certificates
internal import Foundation
package import NIOSSL
internal import SwiftASN1
internal import X509

/// Authorities of other consortia whose parties are believed to be who they say, each for its own organizations only.
///
/// They stand in `<identity>/allies/<name>.json`. An ally's certificate that names any other organization is worth
/// nothing, so that no authority can put its parties in the place of another consortium's.
package struct AlliedAuthorities: Sendable {
    /// Allies of one identity at most.
    package static let countMax = 64
    private static let folder = "allies"

    /// One authority of another consortium.
    package struct Ally: Sendable {
        package let name: String
        /// Whose parties it certifies.
        package let organizations: [String]
        let roots: [NIOSSLCertificate]
        let key: Certificate.PublicKey
    }

    /// Ascending by name.
    package let allies: [Ally]
    /// Of the identity's own authority.
    private let own: [Certificate.PublicKey]

    /// Reads the allies of an identity; none when there is no such folder.
    ///
    /// - Parameters:
    ///   - directory: of the identity.
    ///   - own: certificates of the identity's own authority.
    /// - Throws: ``CredentialsError/malformed(_:)`` for a file that is none, ``CredentialsError`` for one that cannot be
    ///   read.
    init(directory: String, own: [NIOSSLCertificate]) throws(CredentialsError) {
        let folder = "\(directory)/\(Self.folder)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let files = names.filter { $0.hasSuffix(".json") }.sorted()
        guard files.count <= Self.countMax else {
            throw .malformed("\(folder) holds more than \(Self.countMax) allies")
        }
        var allies: [Ally] = []
        for file in files { allies.append(try Self.ally(at: "\(folder)/\(file)", named: String(file.dropLast(5)))) }
        self.allies = allies
        self.own = own.compactMap { Self.parsed($0)?.publicKey }
    }

    /// Keeps an ally; one of the same name is replaced.
    ///
    /// - Parameters:
    ///   - name: of the ally, for people: 1 to 63 of the characters `A-Z a-z 0-9 _ . -`.
    ///   - roots: the authority's X.509 certificate in PEM.
    ///   - organizations: whose parties it certifies.
    ///   - directory: of the identity that is to believe it.
    /// - Throws: ``CredentialsError/malformed(_:)`` for a name or certificate that is none; for a folder that cannot be
    ///   written.
    package static func add(
        _ name: String,
        roots: [UInt8],
        organizations: [String],
        to directory: String
    ) throws(CredentialsError) {
        guard PartyName(organization: name, role: .authority, name: name) != nil else {
            throw .malformed("'\(name)' is no name: 1 to 63 of the characters A-Z a-z 0-9 _ . -")
        }
        let record = Record(
            version: 1,
            organizations: organizations,
            roots: String(decoding: roots, as: UTF8.self)
        )
        _ = try self.ally(record, named: name, path: name)
        let folder = "\(directory)/\(Self.folder)"
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            let bytes = try PlainJSON.encode(record)
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name).json"), options: .atomic)
        } catch { throw .malformed("cannot write \(folder)/\(name).json: \(error)") }
    }

    /// Stops believing an ally.
    ///
    /// - Returns: whether there was one of this name.
    package static func remove(_ name: String, from directory: String) -> Bool {
        guard PartyName(organization: name, role: .authority, name: name) != nil else { return false }
        return (try? FileManager.default.removeItem(atPath: "\(directory)/\(Self.folder)/\(name).json")) != nil
    }

    var roots: [NIOSSLCertificate] { self.allies.flatMap(\.roots) }

    /// Who holds a certificate that the TLS layer has verified.
    ///
    /// With allies it must be signed by an authority itself: what stands between could speak for anybody.
    ///
    /// - Returns: nil when it names no party, or one that its authority has no say about.
    package func party(_ certificate: NIOSSLCertificate) -> PeerIdentity? {
        guard let peer = try? PeerIdentity(certificate) else { return nil }
        guard !self.allies.isEmpty else { return peer }
        guard let parsed = Self.parsed(certificate) else { return nil }
        func isSigned(by key: Certificate.PublicKey) -> Bool { key.isValidSignature(parsed.signature, for: parsed) }
        if self.own.contains(where: isSigned) { return peer }
        let organization = peer.name.organization.utf8
        let isVouchedFor = self.allies.contains { ally in
            ally.organizations.contains { $0.utf8.elementsEqual(organization) } && isSigned(by: ally.key)
        }
        return isVouchedFor ? peer : nil
    }

    private static func parsed(_ certificate: NIOSSLCertificate) -> Certificate? {
        (try? certificate.toDERBytes()).flatMap { try? Certificate(derEncoded: $0) }
    }

    // MARK: - Files

    private struct Record: Codable {
        let version: Int
        let organizations: [String]
        let roots: String
    }

    private static func ally(at path: String, named name: String) throws(CredentialsError) -> Ally {
        let record = try PlainJSON.decode(Record.self, try PrivateFile.read(path, isSecret: false), path)
        return try self.ally(record, named: name, path: path)
    }

    private static func ally(
        _ record: Record,
        named name: String,
        path: String
    ) throws(CredentialsError) -> Ally {
        guard record.version == 1 else { throw .malformed("\(path) is of another version") }
        let isList = (1...64).contains(record.organizations.count)
        let areNames = record.organizations.allSatisfy {
            PartyName(organization: $0, role: .authority, name: $0) != nil
        }
        guard isList, areNames else { throw .malformed("\(path) must name 1 to 64 organizations") }
        let roots = try? NIOSSLCertificate.fromPEMBytes(Array(record.roots.utf8))
        guard let roots, roots.count == 1, let root = Self.parsed(roots[0]) else {
            throw .malformed("\(path) must hold one X.509 certificate in PEM")
        }
        return Ally(name: name, organizations: record.organizations, roots: roots, key: root.publicKey)
    }
}

extension AlliedAuthorities? {
    /// Who holds a certificate that the TLS layer has verified, where perhaps only the own authority counts.
    ///
    /// - Returns: nil when it names no party, or one that its authority has no say about.
    package func party(_ certificate: NIOSSLCertificate) -> PeerIdentity? {
        guard let allies = self else { return try? PeerIdentity(certificate) }
        return allies.party(certificate)
    }
}
