import ArgumentParser
internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Foundation
internal import P256Group
internal import Signcryption
internal import Transcripts

/// Seals envelopes to a scope nobody owns, to load a privacy center with.
struct EnvelopesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "envelopes",
        abstract: "Seal envelopes of random content into a file, each behind its length (32 bits, big-endian)."
    )

    @Option(help: ArgumentHelp("The sending gateway's identity directory.", valueName: "directory"))
    var identity: String

    @Option(help: "How many.")
    var count = 1_000

    @Option(help: "Bytes in each envelope's record.")
    var size = 2_048

    @Option(help: "The first envelope's sequence number.")
    var firstSequence: UInt64 = 1

    @Option(help: "Envelopes of equal seeds are of one scope.")
    var scopeSeed = "load"

    @Option(help: ArgumentHelp("Where to.", valueName: "file"))
    var output: String

    func run() throws {
        let sender = try Identity.load(directory: self.identity)
        // The scope's private key is the hash of a public text: nobody keeps patients' data in these envelopes.
        let scope = try P256KeyPair(secret: P256Scalar.hash("SIMULATED-SCOPE", Array(self.scopeSeed.utf8)))
        var blob = Data()
        for index in 0..<UInt64(max(0, self.count)) {
            let envelope = try self.envelope(self.firstSequence + index, sender, scope.publicKey)
            blob.append(contentsOf: UInt32(envelope.count).bigEndianBytes + envelope)
        }
        try blob.write(to: URL(fileURLWithPath: self.output))
    }

    private func envelope(
        _ sequence: UInt64,
        _ sender: Identity,
        _ scope: P256PublicKey
    ) throws(ProtocolFailure) -> [UInt8] {
        let now = UInt64(WallClock.nowMilliseconds())
        let record = EnvelopeRecord(id: "", type: "simulated", time: now, data: SecureRandom.bytes(self.size))
        let header = try EnvelopeHeader(
            mode: .scopeKey,
            sender: sender.certificate.fields.subject,
            senderCertificateDigest: sender.certificate.digest,
            scopeDigest: TaggedHash.digest("SIMULATED-SCOPE-ID", Array(self.scopeSeed.utf8)),
            scopeKey: scope.encoded,
            created: now / 1_000,
            sequence: sequence,
            policyDigest: [UInt8](repeating: 0, count: 32),
            recordCount: 1
        )
        return try header.seal([record], to: scope, by: sender.key)
    }
}
