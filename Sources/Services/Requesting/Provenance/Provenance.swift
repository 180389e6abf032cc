internal import CanonicalBytes
internal import Certificates
package import ChainReading
internal import Foundation
internal import Ledger
internal import P256Group
internal import Records
internal import Transcripts

/// What a requester vouches for about a share's folder: which files it holds and what each is.
///
/// `provenance.json` beside the data; `provenance.sig` is `"WLPV" || LP(certificate) || signature(64)` over its bytes,
/// context `PROVENANCE`, under the certificate that the share was asked for with. Anybody who has the genesis verifies
/// both, and with the files every step of the share.
package struct Provenance: Sendable, Codable {
    package static let fileName = "provenance.json"
    package static let signatureName = "provenance.sig"
    static let signatureContext = "PROVENANCE"

    /// A file of the folder.
    package struct File: Sendable, Codable, Hashable {
        package let path: String
        /// Hexadecimal digits.
        package let sha256: String
        package let bytes: UInt64
    }

    package let version: Int
    package let share: ShareRecord
    /// Seconds since 1970.
    package let created: UInt64
    /// All but secrets, ascending by path.
    package let files: [File]
}

extension Provenance {
    /// States what a folder holds, and signs it.
    ///
    /// - Parameters:
    ///   - folder: of the share.
    ///   - receiver: the key that it was asked for under.
    ///   - time: seconds since 1970.
    /// - Throws: for a folder that cannot be read or written.
    package static func write(in folder: ShareFolder, by receiver: RequesterKey, at time: UInt64) throws {
        let files = try folder.evidence().filter { $0 != Self.fileName && $0 != Self.signatureName }.map { path in
            let digest = try folder.digest(path)
            return File(path: path, sha256: digest.sha256, bytes: digest.bytes)
        }
        let statement = Provenance(version: 1, share: try folder.record(), created: time, files: files)
        let bytes = try PlainText.json(statement)
        var writer = CanonicalWriter(capacity: 512)
        writer.magic("WLPV")
        writer.lengthPrefixed(receiver.certificate.bytes)
        writer.raw(try Schnorr.sign(receiver.key, context: Self.signatureContext, message: bytes))
        try folder.write(bytes, to: Self.fileName)
        try folder.write(writer.bytes, to: Self.signatureName)
    }

    /// Reads and verifies the statement of a folder; its files are not looked at.
    ///
    /// - Parameters:
    ///   - folder: of the share.
    ///   - issuers: of the genesis.
    /// - Returns: the statement, and the certificate that it is signed under.
    /// - Throws: ``ShareFolderError``; `ProtocolFailure` for a signature that does not hold.
    static func verified(
        in folder: ShareFolder,
        issuers: [TrustedIssuer]
    ) throws -> (statement: Provenance, certificate: ImplicitCertificate) {
        guard let bytes = try folder.read(Self.fileName), let signed = try folder.read(Self.signatureName) else {
            let names = "\(Self.fileName) and \(Self.signatureName)"
            throw ProtocolFailure(.format, "\(names) are not both there; `wardline share fetch` writes them")
        }
        var reader = CanonicalReader(signed)
        try reader.magic("WLPV")
        let certificate = try ImplicitCertificate(bytes: try reader.lengthPrefixed())
        let signature = try reader.take(Schnorr.signatureLength)
        try reader.finish()
        let issuer = try TrustedParty.issuer(of: certificate, among: issuers).trusted.issuer
        let key = try issuer.publicKey(of: certificate, at: nil)
        try Schnorr.verify(key, context: Self.signatureContext, message: bytes, signature: signature)
        guard let statement = try? JSONDecoder().decode(Provenance.self, from: Data(bytes)), statement.version == 1
        else {
            throw ShareFolderError.damaged("\(folder.path)/\(Self.fileName)")
        }
        return (statement, certificate)
    }

    /// What differs between the statement and the files that are there; empty when nothing does.
    func differences(in folder: ShareFolder) throws -> [String] {
        var differences: [String] = []
        var named: Set<String> = [Self.fileName, Self.signatureName]
        for file in self.files {
            named.insert(file.path)
            guard !file.path.hasPrefix("/"), !file.path.split(separator: "/").contains("..") else {
                differences.append("\(file.path) is no path of the folder")
                continue
            }
            guard folder.has(file.path) else {
                differences.append("\(file.path) is missing")
                continue
            }
            let digest = try folder.digest(file.path)
            if !digest.sha256.isSame(as: file.sha256) || digest.bytes != file.bytes {
                differences.append("\(file.path) is another file")
            }
        }
        for path in try folder.evidence() where !named.contains(path) { differences.append("\(path) is not named") }
        return differences
    }
}

extension ShareFolder {
    /// SHA-256 and length of a file.
    func digest(_ name: String) throws -> FileDigest {
        guard let handle = FileHandle(forReadingAtPath: "\(self.path)/\(name)") else {
            throw ShareFolderError.damaged("\(self.path)/\(name)")
        }
        defer { try? handle.close() }
        var hash = FileHash()
        while let data = try handle.read(upToCount: 1 << 20), !data.isEmpty { hash.update([UInt8](data)) }
        return hash.finish()
    }
}
