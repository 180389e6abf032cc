package import Certificates
package import Credentials
internal import Crypto
internal import Foundation
internal import GRDB

/// A certificate authority in a directory: an ECQV key and an X.509 root, and the books of what they issued.
///
/// A command-line tool may work on the directory beside the running service: each operation is one transaction.
package final class Authority: Sendable {
    package let directory: String
    package let lifetimes: AuthorityLifetimes
    let files: AuthorityFiles
    let store: AuthorityStore
    let signer: CertificateAuthority

    /// Makes an authority, with its own identity for TLS; safe to run again after it ended in any way.
    ///
    /// - Parameters:
    ///   - directory: is made with mode 0700; its parent must be there.
    ///   - organization: of the authority.
    ///   - name: of the authority.
    ///   - hosts: under which names parties reach it; at least one.
    ///   - port: of its URL.
    ///   - lifetimes: of the root and the first certificates.
    ///   - now: seconds since 1970.
    /// - Returns: false when there is an authority already; nothing was changed.
    /// - Throws: ``AuthorityError/argument(_:)``, or why a file cannot be written.
    @discardableResult
    package static func create(
        directory: String,
        organization: String,
        name: String,
        hosts: [HostName],
        port: Int = 7403,
        lifetimes: AuthorityLifetimes = AuthorityLifetimes(),
        at now: UInt64
    ) throws -> Bool {
        guard let party = PartyName(organization: organization, role: .authority, name: name) else {
            throw AuthorityError.argument(
                "organization and name consist of 1 to 63 of the characters A-Z a-z 0-9 _ . -"
            )
        }
        guard let host = hosts.first else { throw AuthorityError.argument("name at least one host") }
        try PrivateFile.makeDirectory(directory)
        let lock = try DirectoryLock(directory)
        defer { withExtendedLifetime(lock) {} }
        guard !AuthorityFiles.exist(in: directory) else { return false }
        try AuthorityFiles.make(
            in: directory,
            name: party,
            url: Self.url(host, port),
            lifetimes: lifetimes,
            at: now
        )
        let files = try AuthorityFiles(directory: directory, name: party, url: Self.url(host, port))
        let authority = try Authority(directory: directory, files: files, lifetimes: lifetimes)
        _ = try authority.install(party, hosts: hosts, into: authority.identityDirectory, at: now)
        _ = try authority.revocationList(at: now)
        try AuthorityFiles.finish(in: directory, name: party, url: files.url)
        return true
    }

    /// Opens an authority.
    ///
    /// - Throws: ``AuthorityError/directory(_:)``, `CredentialsError`, or what SQLite says.
    package convenience init(directory: String, lifetimes: AuthorityLifetimes = AuthorityLifetimes()) throws {
        try self.init(directory: directory, files: AuthorityFiles(directory: directory), lifetimes: lifetimes)
    }

    private init(directory: String, files: AuthorityFiles, lifetimes: AuthorityLifetimes) throws {
        self.directory = directory
        self.lifetimes = lifetimes
        self.files = files
        self.store = try AuthorityStore(directory: directory)
        self.signer = CertificateAuthority(name: files.name.description, key: files.key)
    }

    package var name: PartyName { self.files.name }
    package var issuer: CertificateIssuer { self.signer.issuer }
    /// `https://host:port`.
    package var url: String { self.files.url }
    /// The X.509 root.
    package var rootPEM: String { self.files.rootPEM }
    /// SHA-256 of the root's DER encoding; tokens pin it.
    package var rootFingerprint: [UInt8] { get throws { try self.files.root.fingerprint } }
    /// Where the authority keeps its own identity for TLS.
    package var identityDirectory: String { "\(self.directory)/identity" }
    /// What anyone may know.
    package var answer: IssuerAnswer { IssuerAnswer(self.issuer, root: self.rootPEM) }

    private static func url(_ host: HostName, _ port: Int) -> String {
        switch host {
        case .address(let bytes) where bytes.count == 16: "https://[\(host)]:\(port)"
        default: "https://\(host):\(port)"
        }
    }
}
