import ArgumentParser
import CanonicalBytes
import Credentials
import FiniteFields
import PolicyProofs
import ProofFiles
import SecretSharing
import Transcripts

struct CredentialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential",
        abstract: "Keep a credential: certified attributes that are proven and never shown.",
        discussion: """
            A holder makes a secret and gives its commitment to an issuer, who certifies attributes by a leaf of the \
            credential tree and answers with salt, attributes and the leaf's place.
            """,
        subcommands: [
            CredentialRequestCommand.self, CredentialPathCommand.self, New.self, Complete.self, Show.self,
            CredentialTreeCommand.self, CredentialAdmitCommand.self, CredentialDismissCommand.self,
        ]
    )

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a secret and print the holder commitment for the issuer."
        )

        @Option(help: "A file that does not exist; it gets mode 0600.", completion: .file())
        var output: String

        func run() throws {
            try reportingFailure {
                try ProofInputs.requireNew(self.output)
                let file = CredentialFile.new()
                try CredentialStore.write(file, to: self.output)
                try StandardOutput.write(Columns.text([["holder", file.holder.bytes.hex]]))
            }
        }
    }

    struct Complete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add what the issuer has sent, after checking that the leaf holds it.",
            discussion: "May be repeated with the same answer; --replace takes another one, after a renewal."
        )

        @Argument(help: "The credential.", completion: .file())
        var file: String

        @Option(help: "The issuer's answer.", completion: .file(extensions: ["json"]))
        var issued: String

        @Flag(help: "Replace what an issuer has sent before.")
        var replace = false

        func run() throws {
            try reportingFailure {
                let file = try CredentialStore.read(self.file)
                var bytes = try PrivateFile.read(self.issued, upTo: 1 << 16)
                defer { bytes.wipe() }
                let issued = try FileFailure.naming(self.issued) { try IssuedCredential(bytes) }
                let complete = try FileFailure.naming(self.issued) { try file.completed(by: issued) }
                if let issue = file.issue, !self.replace {
                    guard issue.credential.leaf == issued.leaf, issue.index == issued.index else {
                        throw CommandFailure("\(self.file) is complete already; --replace takes the new answer")
                    }
                }
                try CredentialStore.write(complete, to: self.file)
                try StandardOutput.write(Columns.text(CredentialStore.rows(complete)))
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show attributes, holder commitment and leaf.",
            discussion: """
                Whoever knows secret and salt can use the credential: they are shown only with --reveal-secret, which is \
                for moving it.
                """
        )

        @Argument(help: "The credential.", completion: .file())
        var file: String

        @Flag(help: "Show the secret and the salt too.")
        var revealSecret = false

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            try reportingFailure {
                let file = try CredentialStore.read(self.file)
                var rows = CredentialStore.rows(file)
                if self.revealSecret {
                    rows.append(["secret", file.secret.withValue { $0.bytes.hex }])
                    if let issue = file.issue {
                        rows.append(["salt", issue.credential.salt.withValue { $0.bytes.hex }])
                    }
                }
                guard self.json else { return try StandardOutput.write(Columns.text(rows)) }
                var object: [String: Any] = [:]
                for row in rows where row[0] != "attribute" { object[row[0]] = row[1] }
                object["attributes"] = file.issue?.credential.attributes.texts ?? []
                if let issue = file.issue { object["index"] = Int(issue.index) }
                try StandardOutput.write(JSONLine.text(object))
            }
        }
    }
}

/// Credentials in files of mode 0600.
enum CredentialStore {
    static func read(_ path: String) throws -> CredentialFile {
        var bytes = try PrivateFile.read(path, upTo: CredentialFile.bytesMax)
        defer { bytes.wipe() }
        return try FileFailure.naming(path) { try CredentialFile(bytes) }
    }

    static func write(_ file: CredentialFile, to path: String) throws {
        var bytes = file.encoded()
        defer { bytes.wipe() }
        try PrivateFile.write(bytes, to: path)
    }

    /// What is no secret.
    static func rows(_ file: CredentialFile) -> [[String]] {
        let holder = ["holder", file.holder.bytes.hex]
        guard let issue = file.issue else { return [["state", "waits for its issuer"], holder] }
        return [["state", "complete"], holder]
            + issue.credential.attributes.texts.map { ["attribute", $0] }
            + [["leaf", issue.credential.leaf.bytes.hex], ["index", "\(issue.index)"]]
    }
}
