internal import AccessPolicies
internal import BLS12381
package import CanonicalBytes
internal import Credentials
internal import Foundation
package import Groth16
package import SetupCeremony

/// The files that a ceremony ends with.
package struct CeremonyKeys: Sendable {
    package static let provingKeyFile = "proving.key"
    package static let verificationKeyFile = "verification.key"
    package static let transcriptFile = "transcript.wlct"
    package static let summaryFile = "keys.json"

    package let provingKey: [UInt8]
    package let verificationKey: VerificationKey
    /// Digest of the last contribution.
    package let transcriptDigest: [UInt8]
    private let plan: CeremonyPlan

    /// What provers compare to read the key without subgroup checks.
    package var provingKeyDigest: [UInt8] { ProvingKey.digest(self.provingKey) }

    /// The files' content.
    ///
    /// - Parameters:
    ///   - outcome: what the ceremony gave.
    ///   - plan: the ceremony's.
    ///   - isCompressed: whether the proving key has one coordinate of each point; with both it is twice as long and read
    ///     without square roots.
    /// - Throws: `IDENTITY` for a key that is none.
    package init(
        _ outcome: CeremonyOutcome,
        _ plan: CeremonyPlan,
        isCompressed: Bool = true
    ) throws(ProtocolFailure) {
        self.provingKey = try outcome.provingKey.encoded(isCompressed ? .compressed : .uncompressed)
        self.verificationKey = outcome.verificationKey
        self.transcriptDigest = outcome.transcriptDigest
        self.plan = plan
    }

    /// The digests, as `keys.json` has them.
    package var summary: [UInt8] {
        var members: [(String, JSONValue)] = [
            ("version", .integer(1)),
            ("label", .text(self.plan.start.label)),
            ("circuit", .text(self.plan.kind.name)),
        ]
        if case .policy(let policy) = self.plan.kind { members.append(("policy", .text(policy.text))) }
        members += [
            ("system", .text(self.plan.system.hex)),
            ("transcript", .text(self.transcriptDigest.hex)),
            ("verification_key", .text(self.verificationKey.digest.hex)),
            ("proving_key", .text(self.provingKeyDigest.hex)),
        ]
        return JSONValue.object(members).bytes
    }

    /// Writes keys, transcript and digests; files that hold the same already stay.
    ///
    /// - Throws: when a file of the same name holds something else, before anything is written.
    package func write(to directory: String, _ transcript: CeremonyTranscript) throws {
        let files = [
            (Self.provingKeyFile, self.provingKey), (Self.verificationKeyFile, self.verificationKey.bytes),
            (Self.transcriptFile, transcript.bytes), (Self.summaryFile, self.summary),
        ].map { ("\(directory)/\($0.0)", $0.1) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for (path, bytes) in files where PrivateFile.exists(path) {
            let present = try? PrivateFile.read(path, upTo: bytes.count, isSecret: false)
            guard present == bytes else { throw FileFailure("\(path) exists and holds something else") }
        }
        for (path, bytes) in files where !PrivateFile.exists(path) { try PublicFile.write(bytes, to: path) }
    }
}
