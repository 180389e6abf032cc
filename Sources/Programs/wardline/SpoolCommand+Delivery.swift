import Agent
import ArgumentParser
import CanonicalBytes
import Credentials
import Foundation
import Spool

extension SpoolCommand {
    struct Refused: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the envelopes that a privacy center refused for good.",
            discussion: """
                Columns: when, center, H1, digest of the sender's certificate, Observations, reason. The envelopes are \
                kept; `retry-refused` sends them again. Those of a revoked certificate are refused again.
                """
        )

        @OptionGroup var file: ConfigurationFile

        @Flag(help: "Print one JSON object a line.")
        var json = false

        func run() throws {
            try reportingFailure {
                for refused in try self.file.store().spool.refusedEnvelopes() {
                    let row = RefusedRow(refused)
                    try StandardOutput.write(self.json ? row.json() : Array(row.text.utf8))
                }
            }
        }
    }

    struct Faults: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what privacy centers provably did wrong, and hand the evidence on.",
            discussion: """
                Columns: when it was seen, center, kind, H1 of the envelopes, what it proves. The exported file holds \
                one case a line, with the center's signed statements and certificates; `check-faults` judges it \
                anywhere. Exit code 1 if a case does not verify.
                """
        )

        @OptionGroup var file: ConfigurationFile

        @Option(name: .customLong("export"), help: "A new file for the evidence.", completion: .file())
        var output: String?

        @Flag(help: "Print the evidence as one JSON object a line.")
        var json = false

        func run() throws {
            try reportingFailure {
                let configuration = try self.file.load()
                guard let uplink = configuration.uplink else {
                    throw ValidationError("\(self.file.path) configures no uplink, whose identity names the authority")
                }
                let spool = try AgentStore(configuration: configuration).spool
                let dossiers = try spool.faults().map { try FaultDossier($0, from: spool) }
                if let output {
                    guard !PrivateFile.exists(output) else { throw ValidationError("\(output) exists already") }
                    try PrivateFile.write(dossiers.flatMap { try $0.line() + [UInt8(ascii: "\n")] }, to: output)
                }
                try FaultReport(identity: uplink.identityDirectory, json: self.json).print(dossiers)
            }
        }
    }

    struct CheckFaults: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check-faults",
            abstract: "Check exported evidence against privacy centers, offline and on any machine.",
            discussion: "Needs no spool. Exit code 1 if a case does not verify."
        )

        @Argument(help: "A file of `wardline spool faults --export`.", completion: .file())
        var path: String

        @Option(help: "An identity of the consortium, which names the authority.", completion: .directory)
        var identity: String

        func run() throws {
            try reportingFailure {
                let bytes = try PrivateFile.read(self.path, upTo: 64 << 20, isSecret: false)
                let dossiers = try bytes.split(separator: UInt8(ascii: "\n")).map { try FaultDossier(line: Array($0)) }
                try FaultReport(identity: self.identity, json: false).print(dossiers)
            }
        }
    }
}

/// Prints evidence with what it proves.
private struct FaultReport {
    let identity: String
    let json: Bool

    func print(_ dossiers: [FaultDossier]) throws {
        let issuer = try Identity.load(directory: self.identity).issuer
        var isProven = true
        for dossier in dossiers {
            let judgement: String
            do { judgement = try dossier.verify(issuer: issuer) } catch {
                judgement = "NOT PROVEN: \(error)"
                isProven = false
            }
            let columns = [
                Milliseconds.text(dossier.seenMilliseconds), dossier.center, dossier.kind,
                dossier.envelopes.isEmpty ? "-" : dossier.envelopes.joined(separator: ","), judgement,
            ]
            let text = Array(columns.joined(separator: "\t").utf8)
            try StandardOutput.write((self.json ? try dossier.line() : text) + [UInt8(ascii: "\n")])
        }
        if !isProven { throw ExitCode.failure }
    }
}

/// A refused envelope as people and scripts read it.
private struct RefusedRow: Encodable {
    let h1, sender, center, reason: String
    let sequence, created: UInt64
    let observations, refused: Int64

    enum CodingKeys: String, CodingKey {
        case h1, sender, center, reason, sequence, created, observations
        case refused = "refused_ms"
    }

    init(_ envelope: RefusedEnvelope) {
        self.h1 = envelope.h1.hex
        self.sender = envelope.sender.hex
        self.center = envelope.center
        self.reason = envelope.reason
        self.sequence = envelope.sequence
        self.created = envelope.created
        self.observations = envelope.observations
        self.refused = envelope.refused
    }

    var text: String {
        let when = Milliseconds.text(self.refused)
        return [when, self.center, self.h1, self.sender, "\(self.observations)", self.reason].joined(separator: "\t")
            + "\n"
    }

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
}

/// Milliseconds since 1970 and how they are shown.
private enum Milliseconds {
    /// RFC 3339 in UTC, to the second.
    static func text(_ milliseconds: Int64) -> String { Seconds.text(UInt64(max(0, milliseconds)) / 1_000) }
}
