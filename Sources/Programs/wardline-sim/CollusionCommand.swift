import ArgumentParser
internal import CanonicalBytes
internal import Credentials
internal import Foundation
internal import IdentityEncryption
internal import Records
internal import Signcryption

/// Tries what parties could do with each other's secrets to read an envelope under dual control.
struct CollusionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collude",
        abstract: "Try to read an envelope with the secrets of some of a consortium's parties.",
        discussion: """
            Works on a running `wardline dev` with a grant and an identity key: opens the issuing parties' shares with their \
            sealing keys and the privacy centers' vaults with theirs, as those parties could, reads all that validators have \
            on their disks, and takes what privacy centers give the receiver. Tries the gateway's key, validators alone and \
            with all centers, issuing parties, and all centers with the receiver, whom nothing may lead beyond the granted \
            scope and epoch. One JSON object a line: what was tried, and whether it came out as it must. Exit code 1 if \
            something opens that must not, or does not open although it must.
            """
    )

    @Option(help: ArgumentHelp("The directory of `wardline dev`.", valueName: "directory"))
    var dir: String

    @Option(help: ArgumentHelp("The receiver's identity directory.", valueName: "directory"))
    var identity: String

    @Option(help: ArgumentHelp("The receiver's grant.", valueName: "file"))
    var grant: String

    @Option(help: ArgumentHelp("The key that the receiver was issued.", valueName: "file"))
    var identityKey: String

    @Option(help: "H1 of the envelope; the first one under dual control otherwise.")
    var envelope: String?

    func run() throws {
        let only = try self.envelope.map { text in
            guard let digest = Digest(hex: Array(text.utf8)) else { throw ValidationError("H1 has 64 digits") }
            return digest
        }
        let scene = try self.scene(only)
        let attempts = try CollusionAttempts(scene)
        var isWell = true
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for finding in try attempts.all() {
            isWell = isWell && finding.passed
            print(String(decoding: try encoder.encode(finding), as: UTF8.self))
        }
        if !isWell { throw ExitCode.failure }
    }

    private func scene(_ envelope: Digest?) throws -> CollusionScene {
        let (dev, identity, grant, identityKey) = (self.dir, self.identity, self.grant, self.identityKey)
        return try AwaitedResult.of {
            try await CollusionScene(
                dev: dev,
                identity: identity,
                grant: grant,
                identityKey: identityKey,
                envelope: envelope
            )
        }
    }
}

/// What came of one kind of attempt.
struct CollusionFinding: Encodable {
    /// Stable, for programs.
    let name: String
    /// Whether it came out as it must.
    let passed: Bool
    let text: String
}
