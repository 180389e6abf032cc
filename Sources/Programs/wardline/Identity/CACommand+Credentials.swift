import ArgumentParser
import Authority
import CanonicalBytes
import Certificates
import Contracts

extension CACommand {
    struct CredentialBooks: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "credentials",
            abstract: "List and revoke the credentials that parties got with their certified attributes.",
            discussion: """
                The books are private: they alone say whose leaf of the credential tree is whose. A credential ends by itself \
                with the certificate that it was asked for under.
                """,
            subcommands: [ListCredentials.self, RevokeCredential.self]
        )
    }

    struct ListCredentials: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the credentials, the latest first.",
            discussion: "Columns: state, time of the request, index in the tree, party, leaf, attributes."
        )

        @OptionGroup var location: Location

        @Option(help: "Only this party's, organization:role:name.")
        var party: String?

        func run() throws {
            try reportingFailure {
                let rows = try self.location.open().credentials().filter { (self.party ?? $0.party) == $0.party }
                let lines = rows.map {
                    [
                        $0.state, Seconds.text($0.created), $0.place.map { "\($0)" } ?? "-", $0.party, $0.leaf.hex,
                        $0.attributes.joined(separator: " "),
                    ].joined(separator: "\t") + "\n"
                }
                try StandardOutput.write(lines.joined())
            }
        }
    }

    struct RevokeCredential: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "Let a party's credential end, and leave its certificates.",
            discussion: """
                The running authority replaces the leaf by 0 on the chain within seconds; proofs of earlier roots are refused \
                from then on. Unless its certificates are revoked too, the party may ask for another credential.
                """
        )

        @OptionGroup var location: Location

        @Option(help: "organization:role:name.")
        var party: String

        @Option(help: "Why, which everybody can read on the chain: attributes, left, compromised or mistake.")
        var reason: CredentialRevocationReason

        func run() throws {
            try reportingFailure {
                guard let party = PartyName(self.party) else {
                    throw ValidationError("'\(self.party)' is no organization:role:name")
                }
                try self.location.open().revokeCredential(of: party, self.reason, at: Seconds.now)
                StandardError.write("the credential of \(party) ends; the authority tells the chain\n")
            }
        }
    }
}

extension CredentialRevocationReason: ExpressibleByArgument {
    public init?(argument: String) {
        guard let reason = Self.allCases.first(where: { "\($0)" == argument && $0 != .replaced }) else { return nil }
        self = reason
    }

    public static var allValueStrings: [String] { Self.allCases.filter { $0 != .replaced }.map { "\($0)" } }
    public var defaultValueDescription: String { "\(self)" }
}
