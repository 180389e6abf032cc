import Foundation
import UnixSignals

/// Makes and runs the parties of a ``DevLayout`` with the commands that an operator would give.
struct DevConsortium {
    private let layout: DevLayout
    private let holdsCeremony: Bool
    private let allies: [String]
    private let program: String
    private let started = ContinuousClock.now

    /// - Parameters:
    ///   - layout: who is in it.
    ///   - holdsCeremony: makes the keys of policy proofs unless they are there.
    ///   - allies: directories of consortia whose certificates the chain accepts too.
    /// - Throws: when the directory belongs to a consortium of another shape.
    init(_ layout: DevLayout, holdsCeremony: Bool, allies: [String]) throws {
        self.layout = layout
        self.holdsCeremony = holdsCeremony
        self.allies = allies
        self.program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        try self.requireSameShape()
    }

    /// Makes what is missing; nothing that is there is touched.
    ///
    /// - Parameter untilGenesis: makes all that the chain's genesis is made of, and no more.
    /// - Throws: what a command fails with.
    func prepare(untilGenesis: Bool = false) async throws {
        let isFounded = FileManager.default.fileExists(atPath: self.layout.genesis)
        for party in self.layout.servers {
            try self.write(self.layout.yaml(party), to: self.layout.configuration(party.name))
        }
        try self.write(self.layout.consortiumYAML, to: self.layout.consortium)
        // The rules are the operator's from the first start on.
        if !self.layout.size.isRelayChain, !FileManager.default.fileExists(atPath: self.layout.rules) {
            try self.write(DevLayout.rulesYAML, to: self.layout.rules)
        }
        for party in self.layout.sealing { try await self.makeSealingKey(party) }
        let isEnrolled = (self.layout.servers.map(\.name) + self.layout.people.map(\.name)).allSatisfy {
            $0 == self.layout.authority.name || FileManager.default.fileExists(atPath: self.layout.identity($0))
        }
        guard !isFounded || !isEnrolled else { return }
        let authority = self.layout.authority
        if !FileManager.default.fileExists(atPath: self.layout.state(authority.name)) { try await self.makeAuthority() }
        let server = try DevServer(self.layout.authority, of: self.layout, program: self.program)
        do {
            try await server.awaitReady()
            for party in self.layout.servers where party.role != "authority" {
                try await self.enroll(party.name, party.role, of: party.organization, options: ["--host", "localhost"])
            }
            for person in self.layout.people {
                let attributes = person.attributes.flatMap { ["--attribute", $0] }
                let options = person.isServer ? ["--host", "localhost"] : []
                try await self.enroll(
                    person.name,
                    person.role,
                    of: person.organization,
                    options: options,
                    attributes: attributes
                )
            }
            if !self.layout.size.isRelayChain { try await self.makePseudonymIssuer() }
            if !isFounded, !untilGenesis { try await self.makeGenesis() }
            try self.write(self.layout.yaml(authority), to: self.layout.configuration(authority.name))
        } catch {
            await server.end()
            throw error
        }
        await server.end()
    }

    /// Runs all parties until a signal comes or one of them ends.
    ///
    /// - Parameter absent: names of servers that somebody else runs.
    /// - Throws: when a party does not start, or ends by itself.
    func run(without absent: [String] = []) async throws {
        for name in absent where !self.layout.servers.contains(where: { $0.name == name }) {
            throw DevFailure("there is no server \(name)")
        }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        var servers: [DevServer] = []
        do {
            for party in self.layout.servers where !absent.contains(party.name) {
                servers.append(try DevServer(party, of: self.layout, program: self.program))
            }
            for server in servers { try await server.awaitReady() }
            try await self.setUpIdentityKeys()
            try await self.serve(servers, until: signals)
        } catch {
            await Self.end(servers)
            throw error
        }
        await Self.end(servers)
    }

    /// Tells what is there, and makes the keys of policy proofs beside it.
    private func serve(_ servers: [DevServer], until signals: UnixSignalsSequence) async throws {
        let ceremony = DevCeremony(self.layout, program: self.program)
        try self.announce(ceremony)
        if self.holdsCeremony, ceremony.circuit == nil { Task { await ceremony.hold() } }
        defer { ceremony.cancel() }
        try await self.watch(servers, until: signals)
    }

    /// Returns on a signal.
    ///
    /// - Throws: when a party ends by itself.
    private func watch(_ servers: [DevServer], until signals: UnixSignalsSequence) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in signals { return } }
            group.addTask {
                while !Task.isCancelled {
                    if let ended = servers.first(where: { !$0.isRunning }) {
                        throw DevFailure("\(ended.party.name) ended by itself; see \(ended.logPath)")
                    }
                    try await Task.sleep(for: .milliseconds(250))
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private static func end(_ servers: [DevServer]) async {
        for server in servers { server.terminate() }
        for server in servers { await server.end() }
    }

    private func announce(_ ceremony: DevCeremony) throws {
        let seconds = (ContinuousClock.now - self.started).components
        var lines = [
            "", "The consortium is up (\(seconds.seconds).\(seconds.attoseconds / 100_000_000_000_000_000) s):",
        ]
        for party in self.layout.servers {
            let name = party.name.padding(toLength: 22, withPad: " ", startingAt: 0)
            lines.append("  \(name) \(DevLayout.url(party.port))   \(self.layout.folder(party.name))")
        }
        lines.append("  chain \(self.layout.names.chain), genesis \(self.layout.genesis)")
        if !self.layout.size.isRelayChain { lines.append("  identity keys, parameters \(self.layout.parameters)") }
        lines.append("  for requesters, who is where: \(self.layout.consortium)")
        if let circuit = ceremony.circuit {
            lines.append("  policy proofs, keys \(self.layout.proofKeys), circuit \(circuit)")
        } else if self.holdsCeremony {
            lines.append(
                "  policy proofs, keys are being made, which takes minutes; a line will say when they are there"
            )
        }
        lines.append("")
        lines.append("All keys are in one hand here. A real consortium has an operator for each of them.")
        try StandardOutput.write(lines.joined(separator: "\n") + "\n")
    }

    // MARK: - First start

    private func makeAuthority() async throws {
        self.say("making the authority")
        let party = self.layout.authority
        try await self.wardline(
            "ca",
            "init",
            "--directory",
            self.layout.state(party.name),
            "--org",
            self.layout.names.operators,
            "--host",
            "localhost",
            "--port",
            "\(party.port)"
        )
    }

    // Options go to token and enrolment, attributes to the token alone.
    private func enroll(
        _ name: String,
        _ role: String,
        of organization: String,
        options: [String] = [],
        attributes: [String] = []
    ) async throws {
        guard !FileManager.default.fileExists(atPath: self.layout.identity(name)) else { return }
        self.say("enrolling \(name)")
        let token = "\(self.layout.folder(name))/token"
        try FileManager.default.createDirectory(atPath: self.layout.folder(name), withIntermediateDirectories: true)
        try await self.wardline(
            [
                "ca", "token", "--directory", self.layout.state("authority"), "--org", organization, "--role", role,
                "--name", name, "--output", token,
            ] + options + attributes
        )
        try await self.wardline(
            [
                "enroll", "--authority", DevLayout.url(self.layout.authority.port), "--token-file", token,
                "--directory", self.layout.identity(name),
            ] + options
        )
    }

    private func makeGenesis() async throws {
        self.say("making the chain's genesis")
        var issuers = ["--issuer", self.layout.issuer]
        if !self.layout.size.isRelayChain { issuers += ["--pseudonym-issuer", self.layout.pseudonymIssuer] }
        for ally in self.allies.map({ self.layout.ally(at: $0) }) {
            issuers += ["--issuer", ally.issuer]
            guard FileManager.default.fileExists(atPath: ally.pseudonymIssuer) else { continue }
            issuers += ["--pseudonym-issuer", ally.pseudonymIssuer]
        }
        var members: [String] = []
        for party in self.layout.validators {
            let member = "\(self.layout.state(party.name))/\(MemberFile.name)"
            try await self.wardline(
                "chain",
                "keygen",
                "--identity",
                self.layout.identity(party.name),
                "--directory",
                self.layout.state(party.name)
            )
            members += ["--member", member]
        }
        let governors = self.layout.governors.flatMap { ["--governor", "\($0.organization):\($0.role):\($0.name)"] }
        try await self.wardline(
            ["chain", "init", "--chain", self.layout.names.chain] + members + issuers + governors
                + ["--output", self.layout.genesis]
        )
    }

    private func makePseudonymIssuer() async throws {
        let party = self.layout.pseudonymAuthority
        guard !FileManager.default.fileExists(atPath: self.layout.pseudonymIssuer) else { return }
        try await self.wardline([
            "pseudonym", "authority", "init", "--directory", self.layout.state(party.name), "--org",
            party.organization, "--name", party.name, "--sealing-key-file", self.layout.sealingKey(party.name),
        ])
    }

    private func makeSealingKey(_ party: DevLayout.Party) async throws {
        let path = self.layout.sealingKey(party.name)
        guard !FileManager.default.fileExists(atPath: path) else { return }
        try await self.wardline("ibe", "keygen", "--output", path)
    }

    /// The joint setup of the running parties; what an earlier start left undone is done now.
    private func setUpIdentityKeys() async throws {
        let isThere = FileManager.default.fileExists(atPath: self.layout.parameters)
        guard !isThere, !self.layout.size.isRelayChain else { return }
        self.say("setting up the identity keys")
        let parties = self.layout.issuers.flatMap {
            ["--party", "\(DevLayout.partyName($0))=\(DevLayout.url($0.port))"]
        }
        try await self.wardline(
            ["ibe", "setup", "--identity", self.layout.identity("operator-1"), "--genesis", self.layout.genesis]
                + parties
                + ["--epoch", "\(DevLayout.parameterEpoch)", "--output", self.layout.parameters]
        )
    }

    // MARK: - Details

    /// A directory is for one number of validators and centers and one base port.
    private func requireSameShape() throws {
        let shape = self.layout.servers.map { "\($0.name) \($0.organization) \($0.port)\n" }.joined()
        let path = "\(self.layout.directory)/parties"
        guard let known = FileManager.default.contents(atPath: path) else {
            try FileManager.default.createDirectory(
                atPath: self.layout.directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            return try self.write(shape, to: path)
        }
        guard known == Data(shape.utf8) else {
            throw DevFailure(
                "\(self.layout.directory) belongs to a consortium of another shape; give the same --validators, "
                    + "--centers, --base-port and names as at its first start, or another --dir"
            )
        }
    }

    private func write(_ text: String, to path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private func say(_ text: String) { StandardError.write("\(text)\n") }

    private func wardline(_ words: String...) async throws { try await self.wardline(words) }

    private func wardline(_ words: [String]) async throws { try await DevChild(self.program, words).result() }
}

/// Why a consortium for trying things out does not start.
struct DevFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
