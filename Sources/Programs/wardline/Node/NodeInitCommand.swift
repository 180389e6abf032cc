import ArgumentParser
import Foundation
import Node

struct NodeInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a node's configuration, and say what has to be done before it can start.",
        discussion: """
            Asks on a terminal for what the options do not say; with --yes, or without a terminal, it asks nothing. Roles \
            that different operators must have are refused, with the reason. Roles: authority, custodian, privacy_center, \
            validator; for sharing key_issuing, attribute_authority, registration_authority, pseudonym_authority \
            (docs/turn-on-sharing.md). Sections of other roles are in docs/operate-node.md. Nothing but the file is written.
            """
    )

    @Option(name: .customLong("config"), help: "The file to write.", completion: .file(extensions: ["yaml"]))
    var path = "/etc/wardline/node.yaml"

    @Option(name: .customLong("role"), help: ArgumentHelp("What the node does, below; may be repeated."))
    var roles: [String] = []

    @Option(help: "The name under which others reach this machine.")
    var host: String?

    @Option(help: "Where identities and state are kept.")
    var state = "/var/lib/wardline-node"

    @Option(help: "The address to listen on.")
    var address = "0.0.0.0"

    @Option(name: .customLong("port"), help: "ROLE=PORT, or peers=PORT for a validator's other port; may be repeated.")
    var ports: [String] = []

    @Option(help: "The chain's genesis file.", completion: .file(extensions: ["wlg"]))
    var genesis: String?

    @Option(
        name: .customLong("validator"),
        help: "A validator's https address, for all but validators; may be repeated."
    )
    var validators: [String] = []

    @Option(name: .customLong("peer"), help: "NUMBER,NAME,HOST:PORT of another validator; may be repeated.")
    var peers: [String] = []

    @Option(help: "The number of a validator that joins later; the genesis says it otherwise.")
    var number: Int?

    @Flag(help: "A validator that joins later begins with another one's snapshot instead of all blocks.")
    var beginWithSnapshot = false

    @Option(
        name: .customLong("privacy-center"),
        help: "A privacy center's https address, for a custodian; may be repeated."
    )
    var privacyCenters: [String] = []

    @Option(help: "A file with a PostgreSQL connection string instead of SQLite, for a privacy center.")
    var postgres: String?

    @Flag(help: "The custodian takes requests for data; needs --genesis, --validator and --privacy-center.")
    var sharing = false

    @Option(help: "The rules file of a custodian with --sharing.", completion: .file(extensions: ["yaml"]))
    var rules: String?

    @Option(help: "ORG:attribute-authority:NAME, for a custodian with --sharing that publishes data sets.")
    var attributeAuthority: String?

    @Option(
        name: .customLong("issuing-party"),
        help: "NAME=URL of who issues identity keys, the KGC first; repeated in the same order at all of them."
    )
    var issuingParties: [String] = []

    @Option(help: "The data epoch from which on their key is used.")
    var parameterEpoch = 0

    @Option(help: "The https address of the authority of pseudonyms, for a registration authority.")
    var pseudonymAuthority: String?

    @Option(
        name: .customLong("registration-authority"),
        help: "ORG:registration-authority:NAME, for an authority of pseudonyms; may be repeated."
    )
    var registrationAuthorities: [String] = []

    @Flag(help: "The privacy center asks no chain: its grants alone decide.")
    var withoutChain = false

    @Flag(help: "Serve the dashboard on 127.0.0.1:7480, for a validator, or a custodian with --sharing.")
    var dashboard = false

    @Flag(help: "Let roles run together that different operators must have. For trying things out only.")
    var development = false

    @Flag(help: "Ask nothing.")
    var yes = false

    @Flag(help: "Replace a file that is there.")
    var force = false

    func run() throws {
        try reportingFailure {
            var draft = try self.draft()
            var host = self.host
            if !self.yes, isatty(0) == 1 { NodeInterview().complete(&draft, &host) }
            guard !draft.roles.isEmpty else {
                throw ValidationError("name what the node does with --role: \(Self.roleWords)")
            }
            guard let host else { throw ValidationError("name the machine as others reach it with --host") }
            let text = try draft.checked(file: self.path)
            try self.write(text)
            try StandardOutput.write(
                "\(self.path) is written. As the account wardline-node, unless it says otherwise:\n"
            )
            for (index, step) in draft.nextSteps(file: self.path, host: host).enumerated() {
                try StandardOutput.write("  \(index + 1). \(step)\n")
            }
        }
    }

    static let roleWords = NodeDraft.Role.allCases.map(\.rawValue).joined(separator: ", ")

    /// What the options say.
    private func draft() throws -> NodeDraft {
        var draft = NodeDraft(roles: try self.roles.map(Self.role))
        guard Set(draft.roles).count == draft.roles.count else { throw ValidationError("a --role stands twice") }
        draft.stateDirectory = self.state
        draft.address = self.address
        draft.genesis = self.genesis
        draft.validators = self.validators
        draft.privacyCenters = self.privacyCenters
        draft.postgresFile = self.postgres
        draft.isSharing = self.sharing
        draft.rulesFile = self.rules
        draft.attributeAuthority = self.attributeAuthority
        draft.issuingParties = try self.issuingParties.map(Self.issuingParty)
        draft.parameterEpoch = self.parameterEpoch
        draft.pseudonymAuthority = self.pseudonymAuthority
        draft.registrationAuthorities = self.registrationAuthorities
        draft.isWithoutChain = self.withoutChain
        draft.hasDashboard = self.dashboard
        draft.isDevelopment = self.development
        draft.peers = try self.peers.map(Self.peer)
        draft.number = self.number
        draft.beginsWithSnapshot = self.beginWithSnapshot
        for word in self.ports {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let port = Int(parts[1]) else {
                throw ValidationError("--port is ROLE=PORT: \(word)")
            }
            if parts[0] == "peers" {
                draft.peerPort = port
            } else {
                draft.ports[try Self.role(parts[0]).rawValue] = port
            }
        }
        return draft
    }

    static func role(_ word: String) throws -> NodeDraft.Role {
        // As certificates spell it, too.
        let certified = NodeDraft.Role.allCases.first { $0.partyRole == word }
        guard let role = NodeDraft.Role(rawValue: word.replacing("-", with: "_")) ?? certified else {
            throw ValidationError("'\(word)' is none of the roles \(Self.roleWords); others are written by hand")
        }
        return role
    }

    static func peer(_ word: String) throws -> (number: Int, name: String, address: String) {
        let parts = word.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 3, let number = Int(parts[0]) else {
            throw ValidationError("--peer is NUMBER,NAME,HOST:PORT such as 2,lab:validator:v2,v2.lab.example:7400")
        }
        return (number, parts[1], parts[2])
    }

    static func issuingParty(_ word: String) throws -> (name: String, url: String) {
        let parts = word.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 2 else {
            throw ValidationError("--issuing-party is NAME=URL such as clinic:kgc:kgc=https://kgc.example:7408")
        }
        return (parts[0], parts[1])
    }

    private func write(_ text: String) throws {
        let mode = O_WRONLY | O_CREAT | O_CLOEXEC | (self.force ? O_TRUNC : O_EXCL)
        let descriptor = open(self.path, mode, 0o644)
        guard descriptor >= 0 else {
            let reason = errno == EEXIST ? "it exists; --force replaces it" : String(cString: strerror(errno))
            throw ValidationError("cannot write \(self.path): \(reason)")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.synchronize()
    }
}
