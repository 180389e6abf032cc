import ArgumentParser
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import Pseudonymity
import Uplink

struct PseudonymRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Get pseudonyms into the wallet of an identity.",
        discussion: """
            They are valid for one epoch. The wallet is the folder `pseudonyms` of the identity's directory, mode 0600. \
            When the command is interrupted, `wardline pseudonym fetch` finishes what it began.
            """
    )

    @OptionGroup var identity: PseudonymIdentity
    @OptionGroup var options: RegistrationOptions

    @Option(help: "How many, 1 to \(PseudonymRequester.countMax).")
    var count: UInt32 = 16

    @Flag(help: "For the epoch after the running one.")
    var next = false

    @Option(help: "How long to wait for the certificates, s.")
    var wait: Int = 60

    func validate() throws {
        guard (1...UInt32(PseudonymRequester.countMax)).contains(self.count) else {
            throw ValidationError("--count is 1 to \(PseudonymRequester.countMax)")
        }
        guard (0...86_400).contains(self.wait) else { throw ValidationError("--wait is 0 to 86400") }
    }

    func run() async throws {
        try await reportingFailure {
            try await PseudonymRequesting.with(self.identity, self.options) { requester in
                try await requester.request(
                    count: self.count,
                    isForNextEpoch: self.next,
                    seconds: self.wait,
                    progress: { StandardError.write("\($0)\n") }
                )
            }
        }
    }
}

struct PseudonymFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Finish requests that were interrupted."
    )

    @OptionGroup var identity: PseudonymIdentity
    @OptionGroup var options: RegistrationOptions

    @Option(help: "How long to wait for the certificates, s.")
    var wait: Int = 60

    func run() async throws {
        try await reportingFailure {
            try await PseudonymRequesting.with(self.identity, self.options) { requester in
                try await requester.fetch(seconds: self.wait, progress: { StandardError.write("\($0)\n") })
            }
        }
    }
}

/// A requester for the time of a command.
enum PseudonymRequesting {
    /// Prints the digests of what came.
    static func with(
        _ identity: PseudonymIdentity,
        _ options: RegistrationOptions,
        _ body: (PseudonymRequester) async throws -> [PseudonymCredential]
    ) async throws {
        let (url, name) = try options.authority()
        let issuers = try options.issuers()
        let credentials = try await identity.connected { identity, client in
            try await body(
                PseudonymRequester(
                    wallet: PseudonymWallet(of: identity),
                    identity: identity,
                    authority: RegistrationClient(base: url, client: client),
                    name: name,
                    issuers: issuers
                )
            )
        }
        for credential in credentials { try StandardOutput.write("\(credential.certificate.digest.hex)\n") }
    }
}

struct PseudonymRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Give a user no more pseudonyms, and have those of the running epoch and the next revoked.",
        discussion: """
            For an operator of the registration authority's organization. The authority of pseudonyms learns which \
            certificates belong together, and not to whom; it brings a revocation list to the chain.
            """
    )

    @OptionGroup var identity: PseudonymIdentity

    @Option(
        help: ArgumentHelp("The consortium's file, which names the authority.", valueName: "consortium.yaml"),
        completion: .file(extensions: ["yaml"])
    )
    var consortium: String?

    @Option(help: ArgumentHelp("The registration authority, https://host:7411.", valueName: "url"))
    var registrationAuthority: String?

    @Option(help: "The user: organization:role:name.")
    var user: String

    func run() async throws {
        try await reportingFailure {
            guard let user = PartyName(self.user) else { throw ValidationError("--user is organization:role:name") }
            var options = RegistrationOptions()
            options.consortium = self.consortium
            options.registrationAuthority = self.registrationAuthority
            options.genesis = nil
            options.issuer = []
            let url = try options.authority().url
            let count = try await self.identity.connected { _, client in
                try await RegistrationClient(base: url, client: client).revoke(user: user.description)
            }
            try StandardOutput.write(
                "\(user) gets no pseudonyms any more; \(count) certificates are being revoked\n"
            )
        }
    }
}
