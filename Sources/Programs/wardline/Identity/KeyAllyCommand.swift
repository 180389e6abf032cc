import ArgumentParser
import Credentials
import Foundation

struct KeyAllyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ally",
        abstract: "Say which other consortia's authorities this party believes.",
        discussion: """
            A server that is open to other consortia, and a requester who asks at another one, need its authority's \
            certificate: roots.pem of any identity there. It counts for the named organizations only. Servers read the \
            allies when they start.
            """,
        subcommands: [Add.self, List.self, Remove.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Believe an authority about the parties of some organizations; replaces an ally of the same name."
        )

        @OptionGroup var location: IdentityLocation

        @Argument(help: "A name for the ally.")
        var name: String

        @Option(help: "The authority's certificate, PEM.", completion: .file())
        var roots: String

        @Option(name: .customLong("organization"), help: "Whose parties it certifies; repeat for several.")
        var organizations: [String]

        func run() throws {
            try reportingFailure {
                let identity = try Identity.load(directory: self.location.directory)
                let roots = try PrivateFile.read(self.roots, isSecret: false)
                try AlliedAuthorities.add(
                    self.name,
                    roots: roots,
                    organizations: self.organizations,
                    to: identity.directory
                )
                StandardError.write("\(identity.name) believes \(self.name) about \(self.organizations)\n")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the allies: name, organizations.")

        @OptionGroup var location: IdentityLocation

        func run() throws {
            try reportingFailure {
                for ally in try Identity.load(directory: self.location.directory).allies.allies {
                    try StandardOutput.write("\(ally.name)\t\(ally.organizations.joined(separator: ","))\n")
                }
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Believe an ally no more.")

        @OptionGroup var location: IdentityLocation

        @Argument(help: "The ally's name.")
        var name: String

        func run() throws {
            try reportingFailure {
                let identity = try Identity.load(directory: self.location.directory)
                guard AlliedAuthorities.remove(self.name, from: identity.directory) else {
                    throw ValidationError("there is no ally '\(self.name)'")
                }
            }
        }
    }
}
