import ArgumentParser
import Authority
import CanonicalBytes
import Certificates
import Credentials
import Foundation

extension CACommand {
    struct Token: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a one-time token with which a party enrols.",
            discussion: """
                The token is as secret as a password: hand it over by --output, a new file of mode 0600, or pipe it. It \
                pins the authority's root, and the authority keeps its hash alone.
                """
        )

        @OptionGroup var location: Location

        @Option(help: "\(PartyRole.allCases.filter { $0 != .authority }.map(\.rawValue).joined(separator: ", ")).")
        var role: String

        @Option(name: .customLong("org"), help: "The party's organization.")
        var organization: String

        @Option(help: "The party's name within its organization and role.")
        var name: String

        @Option(name: .customLong("attribute"), help: "An attribute name:value of the certificate; may be repeated.")
        var attributes: [String] = []

        @Option(name: .customLong("host"), help: "A host that the party may serve under; may be repeated.")
        var hosts: [String] = []

        @Option(help: "How many seconds the token lives, at most 604800.")
        var ttl: UInt64 = 3_600

        @Option(help: "A new file for the token; standard output by default.", completion: .file())
        var output: String?

        func run() throws {
            try reportingFailure {
                let token = try self.location.open().createToken(
                    for: self.party(),
                    attributes: self.attributes,
                    hosts: Hosts.parse(self.hosts),
                    seconds: self.ttl,
                    at: Seconds.now
                )
                guard let output = self.output else { return try StandardOutput.write(token.text + "\n") }
                guard !PrivateFile.exists(output) else { throw ValidationError("\(output) exists already") }
                try PrivateFile.write(Array((token.text + "\n").utf8), to: output)
            }
        }

        private func party() throws -> PartyName {
            guard let role = PartyRole(rawValue: self.role) else {
                throw ValidationError("'\(self.role)' is no role; see `wardline ca token --help`")
            }
            guard let party = PartyName(organization: self.organization, role: role, name: self.name) else {
                throw ValidationError("--org and --name consist of 1 to 63 of the characters A-Z a-z 0-9 _ . -")
            }
            return party
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the certificates that were issued, or the tokens.",
            discussion: "Columns of certificates: state, end, party, ECQV digest, X.509 fingerprint."
        )

        @OptionGroup var location: Location

        @Option(help: "Only this party's, organization:role:name.")
        var party: String?

        @Flag(help: "Only what is expired.")
        var expired = false

        @Flag(help: "List tokens instead: state, end, party.")
        var tokens = false

        func run() throws {
            try reportingFailure {
                let authority = try self.location.open()
                let now = Seconds.now
                let lines = try self.tokens ? self.tokens(authority, now) : self.certificates(authority, now)
                try StandardOutput.write(lines.map { $0.joined(separator: "\t") + "\n" }.joined())
            }
        }

        private func certificates(_ authority: Authority, _ now: UInt64) throws -> [[String]] {
            try authority.certificates().filter { self.shows($0.party, $0.notAfter, now) }.map {
                let state = $0.revoked != nil ? "revoked" : $0.notAfter < now ? "expired" : "valid"
                return [state, Seconds.text($0.notAfter), $0.party, $0.digest.hex, $0.fingerprint.hex]
            }
        }

        private func tokens(_ authority: Authority, _ now: UInt64) throws -> [[String]] {
            try authority.tokens().filter { self.shows($0.party, $0.expires, now) }.map {
                [$0.isUsed ? "used" : $0.expires < now ? "expired" : "open", Seconds.text($0.expires), $0.party]
            }
        }

        private func shows(_ party: String, _ end: UInt64, _ now: UInt64) -> Bool {
            (self.party ?? party) == party && (!self.expired || end < now)
        }
    }
}
