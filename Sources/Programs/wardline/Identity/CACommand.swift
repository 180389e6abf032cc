import ArgumentParser
import Authority
import CanonicalBytes
import Certificates
import Credentials
import Foundation

struct CACommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca",
        abstract: "Run a consortium's certificate authority: its keys, tokens, certificates and revocations.",
        discussion: "The service itself is the role 'authority' of a node. These commands may be used while it runs.",
        subcommands: [Init.self, Token.self, List.self, Revoke.self, Show.self, CredentialBooks.self]
    )

    struct Location: ParsableArguments {
        @Option(help: "The authority's directory.", completion: .directory)
        var directory = "/var/lib/wardline/authority"

        func open() throws -> Authority { try Authority(directory: self.directory) }
    }

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an authority: an ECQV key, an X.509 root for ten years, and its own TLS identity.",
            discussion: "Where there is one already, nothing changes. Keep a copy of the directory offline."
        )

        @OptionGroup var location: Location

        @Option(name: .customLong("org"), help: "The organization that runs it.")
        var organization: String

        @Option(help: "The authority's name.")
        var name = "ca"

        @Option(name: .customLong("host"), help: "A DNS name or address under which parties reach it; may be repeated.")
        var hosts: [String] = []

        @Option(help: "The TCP port that parties connect to.")
        var port = 7403

        func run() throws {
            try reportingFailure {
                let hosts = try Hosts.parse(self.hosts)
                guard !hosts.isEmpty else { throw ValidationError("name at least one --host, the first is in the URL") }
                let isNew = try Authority.create(
                    directory: self.location.directory,
                    organization: self.organization,
                    name: self.name,
                    hosts: hosts,
                    port: self.port,
                    at: Seconds.now
                )
                let authority = try self.location.open()
                StandardError.write(
                    isNew
                        ? "made \(authority.name) in \(self.location.directory)\n"
                        : "\(self.location.directory) holds \(authority.name) already; nothing was changed\n"
                )
                try StandardOutput.write("\(authority.url)\n")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the authority's name, address and public keys.")

        @OptionGroup var location: Location

        @Flag(help: "Print the X.509 root in PEM instead.")
        var root = false

        func run() throws {
            try reportingFailure {
                let authority = try self.location.open()
                guard !self.root else { return try StandardOutput.write(authority.rootPEM) }
                let list = try authority.revocationList(at: Seconds.now)
                try StandardOutput.write(
                    """
                    name              \(authority.issuer.name)
                    url               \(authority.url)
                    ecqv key          \(authority.answer.publicKey)
                    root fingerprint  \(try authority.rootFingerprint.hex)
                    revocation list   number \(list.number), \(list.count) digests, until \(Seconds.text(list.nextUpdate))

                    """
                )
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke certificates and sign a new revocation list.",
            discussion: """
                Both certificates of a generation, ECQV and X.509, are revoked together. Services fetch the new list \
                within minutes; the authority itself refuses the party at once.
                """
        )

        @OptionGroup var location: Location

        @Option(help: "Every generation of a party, organization:role:name.")
        var party: String?

        @Option(help: "One generation: an ECQV digest or an X.509 fingerprint, 64 hexadecimal digits.")
        var digest: String?

        func run() throws {
            try reportingFailure {
                let authority = try self.location.open()
                let count = try authority.revoke(self.target(), at: Seconds.now)
                let list = try authority.revocationList(at: Seconds.now)
                StandardError.write("\(count) generations revoked; list number \(list.number)\n")
            }
        }

        private func target() throws -> RevocationTarget {
            switch (self.party, self.digest) {
            case (let text?, nil):
                guard let party = PartyName(text) else {
                    throw ValidationError("'\(text)' is no organization:role:name")
                }
                return .party(party)
            case (nil, let text?):
                guard let digest = [UInt8](hex: text), digest.count == 32 else {
                    throw ValidationError("'\(text)' is not 64 hexadecimal digits")
                }
                return .certificate(digest)
            default: throw ValidationError("name either --party or --digest")
            }
        }
    }
}

/// Hosts on the command line.
enum Hosts {
    static func parse(_ texts: [String]) throws -> [HostName] {
        try texts.map { text in
            guard let host = HostName(text) else { throw ValidationError("'\(text)' is no DNS name and no address") }
            return host
        }
    }
}

/// Seconds since 1970 and how they are shown.
enum Seconds {
    static var now: UInt64 { UInt64(max(0, Date().timeIntervalSince1970)) }

    /// RFC 3339 in UTC.
    static func text(_ seconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}
