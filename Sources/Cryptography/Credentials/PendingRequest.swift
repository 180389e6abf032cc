internal import CanonicalBytes
internal import Certificates
internal import Crypto
internal import Foundation
internal import P256Group
internal import Transcripts

/// A request whose answer is not installed yet, with its two private keys, in the folder `pending`.
///
/// It is written before it is sent: a run that ended early is resumed with the same keys and the same bytes, to which the
/// authority gives the same answer.
package struct PendingRequest: Sendable {
    private static let ecqvKeyName = "ecqv-request.key"
    private static let recordName = "request.json"

    let record: Record
    let ecqvKey: P256KeyPair
    /// PEM.
    let tlsKey: [UInt8]

    /// What a request is for; another one is made when it differs.
    struct Purpose: Codable, Hashable, Sendable {
        let party: String
        let authority: String
        let hosts: [String]
        /// The generation that the answer becomes.
        let generation: Int
        let protection: KeyProtection
    }

    struct Record: Codable, Sendable {
        let purpose: Purpose
        let ecqv: Data
        let csr: Data
    }

    /// What is sent.
    package func message(token: [UInt8]?) -> CertificationRequest {
        CertificationRequest(token: token, ecqv: Array(self.record.ecqv), csr: Array(self.record.csr))
    }

    /// Reads the request of an earlier run.
    ///
    /// - Returns: nil when there is none for this purpose.
    static func read(in folder: String, for purpose: Purpose) throws(CredentialsError) -> PendingRequest? {
        let path = "\(folder)/\(self.recordName)"
        // The record is written last: without it the keys are incomplete and were never used.
        guard PrivateFile.exists(path) else { return nil }
        let record = try PlainJSON.decode(Record.self, try PrivateFile.read(path), path)
        guard record.purpose == purpose else { return nil }
        var digits = try KeyFile.read(name: self.ecqvKeyName, in: folder)
        defer { digits.wipe() }
        let tlsKey = try KeyFile.read(name: IdentityFiles.tlsKey, in: folder)
        do { return PendingRequest(record: record, ecqvKey: try P256KeyPair(hexDigits: digits), tlsKey: tlsKey) } catch
        {
            throw .malformed("\(folder)/\(self.ecqvKeyName): \(error.detail)")
        }
    }

    /// Makes keys and a request, and writes them to an empty folder.
    static func make(
        in folder: String,
        party: PartyName,
        hosts: [HostName],
        purpose: Purpose
    ) throws(CredentialsError) -> PendingRequest {
        let ecqvKey = P256KeyPair.generate()
        let tlsKey = P256.Signing.PrivateKey()
        let record: Record
        do {
            let request = try CertificateRequest(ecqvKey, subject: party.description)
            let csr = try X509Request.make(party, hosts: hosts, key: tlsKey)
            record = Record(
                purpose: purpose,
                ecqv: Data(request.requestPoint + request.proofOfPossession),
                csr: Data(csr)
            )
        } catch { throw .malformed("cannot make the request: \(error)") }
        var digits = ecqvKey.hexDigits()
        defer { digits.wipe() }
        let pem = Array(tlsKey.pemRepresentation.utf8)
        try KeyFile.write(digits, name: self.ecqvKeyName, in: folder, purpose.protection)
        try KeyFile.write(pem, name: IdentityFiles.tlsKey, in: folder, purpose.protection)
        try PrivateFile.write(try PlainJSON.encode(record), to: "\(folder)/\(self.recordName)")
        return PendingRequest(record: record, ecqvKey: ecqvKey, tlsKey: pem)
    }
}
