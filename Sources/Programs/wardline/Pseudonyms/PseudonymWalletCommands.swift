import ArgumentParser
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import P256Group
import Pseudonymity

struct PseudonymListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the pseudonyms of an identity's wallet."
    )

    @OptionGroup var identity: PseudonymIdentity

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() throws {
        try reportingFailure {
            let entries = try PseudonymWallet(of: self.identity.load()).entries()
            var rows = [["CERTIFICATE", "STATE", "VALID FROM", "UNTIL", "ISSUER"]]
            for entry in entries {
                let fields = entry.credential.certificate.fields
                let row = [
                    entry.credential.certificate.digest.hex, PseudonymText.state(of: entry),
                    Seconds.text(fields.notBefore), Seconds.text(fields.notAfter), fields.issuer,
                ]
                guard self.json else {
                    rows.append(row)
                    continue
                }
                let members = ["certificate", "state", "not_before", "not_after", "issuer"]
                try StandardOutput.write(
                    try JSONLine.text(Dictionary(uniqueKeysWithValues: zip(members, row)))
                )
            }
            if !self.json { try StandardOutput.write(Columns.text(rows)) }
        }
    }
}

struct PseudonymShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one pseudonym, and write its certificate if wanted."
    )

    @OptionGroup var identity: PseudonymIdentity

    @Argument(help: "The certificate's digest, 64 hexadecimal digits.")
    var certificate: String

    @Option(help: "Write the public certificate to this file.", completion: .file(extensions: ["wlc"]))
    var output: String?

    func run() throws {
        try reportingFailure {
            let digest = try DigestArgument.read(self.certificate, "a certificate's digest")
            let wallet = try PseudonymWallet(of: self.identity.load())
            guard let entry = try wallet.entries().first(where: { $0.credential.certificate.digest == digest }) else {
                throw CommandFailure("\(wallet.directory) has no such pseudonym; `wardline pseudonym list` shows them")
            }
            let certificate = entry.credential.certificate
            let fields = certificate.fields
            if let path = self.output { try PrivateFile.write(certificate.bytes, to: path) }
            try StandardOutput.write(
                Columns.text([
                    ["certificate", certificate.digest.hex], ["state", PseudonymText.state(of: entry)],
                    ["issuer", fields.issuer], ["serial", "\(fields.serial)"],
                    ["valid from", Seconds.text(fields.notBefore)], ["until", Seconds.text(fields.notAfter)],
                    ["attributes", fields.attributes.isEmpty ? "none" : fields.attributes.joined(separator: " ")],
                    ["public key", entry.credential.key.publicKey.encoded.hex],
                ])
            )
        }
    }
}

struct PseudonymPruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove pseudonyms whose validity is over.",
        discussion: "Used ones stay, because data that was encrypted to them opens with their keys only."
    )

    @OptionGroup var identity: PseudonymIdentity

    @Flag(help: "Also those that were used; what was encrypted to them cannot be opened any more.")
    var used = false

    func run() throws {
        try reportingFailure {
            let count = try PseudonymWallet(of: self.identity.load()).prune(includingUsed: self.used)
            StandardError.write("removed \(count) pseudonyms\n")
        }
    }
}

/// How pseudonyms are shown.
enum PseudonymText {
    static func state(of entry: PseudonymWallet.Entry) -> String {
        let fields = entry.credential.certificate.fields
        if fields.notAfter < Seconds.now { return entry.isUsed ? "used, over" : "over" }
        if entry.isUsed { return "used" }
        return entry.credential.isValid(at: Seconds.now) ? "unused" : "unused, later"
    }
}
