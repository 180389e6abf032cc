import ArgumentParser
import Certificates
import Credentials
import Foundation
import Pseudonymity

struct PseudonymKeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make the file with the key under which an authority seals its secret keys.",
        discussion: "Keep it apart from the authority's directory and from its backups."
    )

    @Option(help: "The file to write, mode 0600; an existing one is not overwritten.", completion: .file())
    var output: String

    func run() throws {
        try reportingFailure {
            try VaultKey.make(self.output)
            StandardError.write("made \(self.output)\n")
        }
    }
}

struct PseudonymAuthorityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority",
        abstract: "The authority of pseudonyms: make its issuing key.",
        subcommands: [Init.self]
    )

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init",
            abstract: "Make an issuing key and the file that `wardline chain init --pseudonym-issuer` takes.",
            discussion: """
                DIRECTORY/issuer.key is sealed; DIRECTORY/issuer.json is public. The node also needs an identity of role \
                pseudonym-ca with the same organization and name, as `wardline enroll` makes it. Run again, it changes \
                nothing.
                """
        )

        @Option(help: ArgumentHelp("The authority's directory.", valueName: "directory"), completion: .directory)
        var directory: String

        @Option(help: "The organization.")
        var org: String

        @Option(help: "The authority's name within the organization.")
        var name: String

        @Option(help: "The sealing key, of `wardline pseudonym keygen`.", completion: .file())
        var sealingKeyFile: String

        func run() throws {
            try reportingFailure {
                guard let party = PartyName(organization: self.org, role: .pseudonymAuthority, name: self.name) else {
                    throw ValidationError("--org and --name have 1 to 63 characters A-Z a-z 0-9 _ . -")
                }
                let vault = try VaultKey(path: self.sealingKeyFile)
                let path = "\(self.directory)/\(PseudonymIssuer.publicName)"
                let isNew = !PrivateFile.exists(path)
                if isNew {
                    try PseudonymIssuer.create(directory: self.directory, party: party, vault: vault)
                } else {
                    let known = try PseudonymIssuer.load(directory: self.directory, vault: vault)
                    guard known.party == party else {
                        throw CommandFailure("\(self.directory) is of \(known.party); it is not overwritten")
                    }
                }
                StandardError.write(isNew ? "made the issuing key of \(party)\n" : "the key of \(party) is kept\n")
                try StandardOutput.write("\(path)\n")
            }
        }
    }
}
