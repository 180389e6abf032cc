internal import CanonicalBytes
package import Certificates
internal import Foundation
@preconcurrency internal import Glibc
internal import P256Group
internal import Transcripts

/// An identity directory as its owner changes it: `pending`, `generations/<n>`, and `current` that points to one of them.
package struct IdentityDirectory: Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    /// Makes the directory with mode 0700, or checks that an existing one is closed to others.
    package func prepare() throws(CredentialsError) {
        try PrivateFile.makeDirectory(self.path)
        try PrivateFile.makeDirectory("\(self.path)/generations")
    }

    /// What `current` points to.
    package var currentGeneration: Int? { IdentityFiles.currentGeneration(of: self.path) }

    /// The generations that are kept, in ascending order.
    package var generations: [Int] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "\(self.path)/generations")
        return (names ?? []).compactMap { Int($0) }.sorted()
    }

    /// Reads one generation, for example an older one.
    package func identity(generation: Int) throws(CredentialsError) -> Identity {
        let folder = IdentityFiles.folder(generation, in: self.path)
        guard PrivateFile.exists(folder) else { throw .notEnrolled("\(self.path) has no generation \(generation)") }
        return try Identity(folder: folder, directory: self.path)
    }

    /// The request of an unfinished run for the same purpose, or a new one for the next generation.
    package func pending(
        _ party: PartyName,
        authority: String,
        hosts: [HostName],
        protection: KeyProtection
    ) throws(CredentialsError) -> PendingRequest {
        let purpose = PendingRequest.Purpose(
            party: party.description,
            authority: authority,
            hosts: hosts.map(\.description),
            generation: (self.currentGeneration ?? 0) + 1,
            protection: protection
        )
        let folder = "\(self.path)/pending"
        if let unfinished = try PendingRequest.read(in: folder, for: purpose) { return unfinished }
        try self.discardPending()
        try PrivateFile.makeDirectory(folder)
        return try PendingRequest.make(in: folder, party: party, hosts: hosts, purpose: purpose)
    }

    /// Removes an unfinished request with its keys.
    package func discardPending() throws(CredentialsError) { try self.remove("\(self.path)/pending") }

    /// Turns an answer into the next generation and makes it the current one.
    ///
    /// The generation is complete and on the disk before `current` points to it.
    ///
    /// - Parameters:
    ///   - answer: from an authority that was authenticated.
    ///   - request: what was sent.
    ///   - now: seconds since 1970.
    /// - Returns: the new current identity.
    /// - Throws: ``CredentialsError/malformed(_:)`` when the answer does not fit the request.
    package func install(
        _ answer: CertificationAnswer,
        for request: PendingRequest,
        at now: UInt64
    ) throws(CredentialsError) -> Identity {
        let purpose = request.record.purpose
        guard let party = PartyName(purpose.party) else { throw .malformed("the request names no party") }
        let draft = "\(self.path)/generations/.draft"
        try self.remove(draft)
        try PrivateFile.makeDirectory(draft)
        let issuer = try answer.issuer.issuer()
        let record = IdentityRecord(
            party,
            authority: purpose.authority,
            generation: purpose.generation,
            enrolledAt: now
        )
        try self.writeKeys(of: answer, from: issuer, for: request, to: draft)
        try PrivateFile.write(try PlainJSON.encode(record), to: "\(draft)/\(IdentityFiles.record)")
        try PrivateFile.write(try PlainJSON.encode(IssuerRecord(issuer)), to: "\(draft)/\(IdentityFiles.issuer)")
        try PrivateFile.write(Array(answer.issuer.root.utf8), to: "\(draft)/\(IdentityFiles.roots)")
        try PrivateFile.write(Array(answer.certificate), to: "\(draft)/\(IdentityFiles.certificate)")
        try PrivateFile.write(Array(answer.tls.utf8), to: "\(draft)/\(IdentityFiles.tlsCertificate)")
        _ = try Identity(folder: draft, directory: self.path)
        try self.adopt(draft, as: purpose.generation)
        try self.discardPending()
        return try Identity.load(directory: self.path)
    }

    /// Removes every generation but the current one.
    ///
    /// - Returns: the generations that are gone.
    package func prune() throws(CredentialsError) -> [Int] {
        guard let current = self.currentGeneration else { return [] }
        let lock = try DirectoryLock(self.path)
        defer { withExtendedLifetime(lock) {} }
        let old = self.generations.filter { $0 != current }
        for generation in old { try self.remove(IdentityFiles.folder(generation, in: self.path)) }
        return old
    }

    private func writeKeys(
        of answer: CertificationAnswer,
        from issuer: CertificateIssuer,
        for request: PendingRequest,
        to draft: String
    ) throws(CredentialsError) {
        var digits: [UInt8]
        do {
            let certificate = try ImplicitCertificate(bytes: Array(answer.certificate))
            let issued = IssuedCertificate(certificate: certificate, contribution: Array(answer.contribution))
            digits = try issued.keyPair(for: request.ecqvKey, from: issuer).hexDigits()
        } catch { throw .malformed("the authority's answer does not fit the request: \(error.detail)") }
        defer { digits.wipe() }
        let protection = request.record.purpose.protection
        try KeyFile.write(digits, name: IdentityFiles.key, in: draft, protection)
        try KeyFile.write(request.tlsKey, name: IdentityFiles.tlsKey, in: draft, protection)
    }

    private func adopt(_ draft: String, as generation: Int) throws(CredentialsError) {
        let folder = IdentityFiles.folder(generation, in: self.path)
        // Left by a run that ended before `current` pointed to it.
        try self.remove(folder)
        let link = "\(self.path)/current.partial"
        unlink(link)
        guard rename(draft, folder) == 0 else { throw .unwritable("cannot make \(folder): \(PrivateFile.reason)") }
        PrivateFile.synchronize(directory: "\(self.path)/generations")
        guard symlink("generations/\(generation)", link) == 0, rename(link, "\(self.path)/current") == 0 else {
            throw .unwritable("cannot point \(self.path)/current to generation \(generation): \(PrivateFile.reason)")
        }
        PrivateFile.synchronize(directory: self.path)
    }

    private func remove(_ path: String) throws(CredentialsError) {
        guard PrivateFile.exists(path) else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw .unwritable("cannot remove \(path): \(error.localizedDescription)")
        }
    }
}
