internal import CanonicalBytes
internal import Certificates
package import Credentials
internal import Foundation
internal import Transcripts

/// Why the wallet has nothing to give.
package enum PseudonymWalletError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No unused pseudonym is valid now.
    case empty(directory: String)

    package var description: String {
        switch self {
        case .empty(let directory):
            "\(directory) holds no unused pseudonym that is valid now; get some with `wardline pseudonym request`"
        }
    }
}

/// A person's pseudonyms: files of mode 0600 in `pseudonyms` of an identity's directory.
///
/// A pseudonym is taken by renaming its file, which succeeds once however many processes try: no two requests go out
/// under one pseudonym by accident.
package struct PseudonymWallet: Sendable {
    /// One pseudonym as a list shows it.
    package struct Entry: Sendable {
        package let credential: PseudonymCredential
        package let isUsed: Bool
    }

    /// Name of the folder in an identity's directory.
    package static let folderName = "pseudonyms"
    private static let bytesMax = 16 << 10

    /// The folder with the wallet's files.
    package let directory: String
    /// Seconds since 1970.
    private let now: @Sendable () -> UInt64

    /// Opens a wallet; its folders are made when they do not exist.
    ///
    /// - Parameters:
    ///   - directory: of the wallet itself, usually ``folderName`` within an identity's directory.
    ///   - now: seconds since 1970.
    /// - Throws: `CredentialsError` for a folder that others may enter or that cannot be made.
    package init(
        directory: String,
        now: @escaping @Sendable () -> UInt64 = { UInt64(max(0, Date().timeIntervalSince1970)) }
    ) throws(CredentialsError) {
        self.directory = directory
        self.now = now
        for folder in [directory, self.unused, self.used, self.pending] { try PrivateFile.makeDirectory(folder) }
    }

    /// The wallet of an identity.
    package init(of identity: Identity) throws(CredentialsError) {
        try self.init(directory: "\(identity.directory)/\(Self.folderName)")
    }

    private var unused: String { "\(self.directory)/unused" }
    private var used: String { "\(self.directory)/used" }
    private var pending: String { "\(self.directory)/pending" }

    // MARK: - Pseudonyms

    /// Takes one pseudonym that is valid now and was never taken; among several, one whose validity ends first.
    ///
    /// - Throws: ``PseudonymWalletError/empty(directory:)``; `CredentialsError` for a damaged file.
    package func take() throws -> PseudonymCredential {
        let now = self.now()
        let valid = try self.entries(in: self.unused, isUsed: false)
            .map(\.credential)
            .filter { $0.isValid(at: now) }
            // The order of the digests says nothing about the order in which they were issued.
            .sorted { $0.certificate.fields.notAfter < $1.certificate.fields.notAfter }
        for credential in valid where self.mark(credential) { return credential }
        throw PseudonymWalletError.empty(directory: self.directory)
    }

    /// Finds a pseudonym again, used or not.
    ///
    /// - Parameter digest: of its certificate.
    /// - Returns: nil when the wallet does not have it.
    /// - Throws: `CredentialsError` for a damaged file.
    package func credential(certified digest: [UInt8]) throws -> PseudonymCredential? {
        for folder in [self.used, self.unused] {
            let path = "\(folder)/\(digest.hex)"
            if PrivateFile.exists(path) { return try Self.read(path) }
        }
        return nil
    }

    /// All pseudonyms: unused ones first, each kind ascending by the end of its validity.
    ///
    /// - Throws: `CredentialsError` for a damaged file.
    package func entries() throws -> [Entry] {
        try self.entries(in: self.unused, isUsed: false) + self.entries(in: self.used, isUsed: true)
    }

    /// Keeps a pseudonym; one that is there stays as it is.
    func insert(_ credential: PseudonymCredential) throws(CredentialsError) {
        let name = credential.certificate.digest.hex
        guard !PrivateFile.exists("\(self.used)/\(name)") else { return }
        var bytes = credential.fileBytes()
        defer { bytes.wipe() }
        try PrivateFile.write(bytes, to: "\(self.unused)/\(name)")
    }

    /// Removes pseudonyms whose validity is over.
    ///
    /// - Parameter includingUsed: also those that were used: what was encrypted to them cannot be opened any more.
    /// - Returns: how many were removed.
    /// - Throws: `CredentialsError` for a damaged file.
    @discardableResult
    package func prune(includingUsed: Bool) throws -> Int {
        let now = self.now()
        let over = try self.entries().filter {
            (includingUsed || !$0.isUsed) && $0.credential.certificate.fields.notAfter < now
        }
        for entry in over {
            let folder = entry.isUsed ? self.used : self.unused
            try Self.remove("\(folder)/\(entry.credential.certificate.digest.hex)")
        }
        return over.count
    }

    // MARK: - Requests under way

    /// What was asked for and not received yet, oldest names first.
    func requests() throws -> [PendingPseudonyms] {
        try Self.names(in: self.pending).map { name in
            let path = "\(self.pending)/\(name)"
            var bytes = try PrivateFile.read(path, upTo: Self.bytesMax)
            defer { bytes.wipe() }
            do throws(ProtocolFailure) { return try PendingPseudonyms(fileBytes: bytes) } catch {
                throw CredentialsError.malformed("\(path): \(error.detail)")
            }
        }
    }

    /// Keeps the secrets of a request, before anybody is asked.
    func begin(_ request: PendingPseudonyms) throws(CredentialsError) {
        var bytes = request.fileBytes()
        defer { bytes.wipe() }
        try PrivateFile.write(bytes, to: "\(self.pending)/\(request.id.hex)")
    }

    /// Forgets the secrets of a request that is done with.
    func end(_ request: PendingPseudonyms) throws(CredentialsError) {
        try Self.remove("\(self.pending)/\(request.id.hex)")
    }

    // MARK: - Files

    private func mark(_ credential: PseudonymCredential) -> Bool {
        let name = credential.certificate.digest.hex
        guard rename("\(self.unused)/\(name)", "\(self.used)/\(name)") == 0 else { return false }
        PrivateFile.synchronize(directory: self.used)
        PrivateFile.synchronize(directory: self.unused)
        return true
    }

    private func entries(in folder: String, isUsed: Bool) throws -> [Entry] {
        try Self.names(in: folder)
            .compactMap { name -> PseudonymCredential? in
                let path = "\(folder)/\(name)"
                do { return try Self.read(path) } catch {
                    // Another process took it in the meantime.
                    guard PrivateFile.exists(path) else { return nil }
                    throw error
                }
            }
            .sorted { $0.certificate.fields.notAfter < $1.certificate.fields.notAfter }
            .map { Entry(credential: $0, isUsed: isUsed) }
    }

    private static func read(_ path: String) throws(CredentialsError) -> PseudonymCredential {
        var bytes = try PrivateFile.read(path, upTo: self.bytesMax)
        defer { bytes.wipe() }
        do throws(ProtocolFailure) { return try PseudonymCredential(fileBytes: bytes) } catch {
            throw .malformed("\(path): \(error.detail)")
        }
    }

    private static func remove(_ path: String) throws(CredentialsError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .unwritable("cannot remove \(path)") }
    }

    /// Complete files alone, ascending.
    private static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { [UInt8](hex: $0)?.count == 32 }
            .sorted()
    }
}
