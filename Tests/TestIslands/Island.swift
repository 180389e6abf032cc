internal import CanonicalBytes
internal import Certificates
internal import ChainInterface
package import ChainReading
package import Consensus
package import Contracts
package import Credentials
internal import Foundation
package import Ledger
internal import Logging
internal import SecureHTTP
internal import ServiceLifecycle
internal import Synchronization
package import TestIdentities
package import Uplink
internal import Validator

/// A chain of its own: real validators in this process with their ledgers on the disk, each behind its HTTPS interface.
package final class Island: Sendable {
    private struct Running {
        let group: ServiceGroup
        let task: Task<Void, any Error>
    }

    package let genesis: Genesis
    package let authority: TestAuthority
    /// Decides alone.
    package let governor: Identity
    package let urls: [ServiceURL]
    package let genesisFile: String
    private let signers: [Ed25519Signer]
    private let running: Mutex<[Running]>
    private let client: SecureClient
    private let submitters = Mutex<[String: ChainSubmitter]>([:])

    /// Founds a chain and starts its validators.
    ///
    /// - Parameters:
    ///   - chain: its identifier.
    ///   - validators: how many, with keys that follow from `seed`.
    ///   - authority: whose certificates count.
    ///   - directory: for its files; exists.
    ///   - seed: other ones make other keys.
    /// - Returns: the chain, whose validators answer.
    /// - Throws: what keeps it from starting.
    package static func found(
        _ chain: String,
        validators: Int = 4,
        authority: TestAuthority,
        directory: String,
        seed: UInt8
    ) async throws -> Island {
        let folder = "\(directory)/\(chain)"
        try PrivateFile.makeDirectory(folder)
        let signers = try (0..<validators).map { number in
            let bytes = [UInt8](repeating: seed + UInt8(number), count: 32)
            guard let signer = Ed25519Signer(votingSeed: bytes, shareSeed: bytes.map { $0 ^ 0xff }) else {
                throw ProtocolFailure(.format, "no signer")
            }
            return signer
        }
        let governor = try authority.enroll("north:operator:\(chain)")
        let genesis = try Self.genesis(chain, signers, authority, governor.name)
        try PrivateFile.write(genesis.bytes, to: "\(folder)/genesis.wlg")
        let hub = IslandHub()
        var running: [Running] = []
        var urls: [ServiceURL] = []
        for number in 1...validators {
            let (started, port) = try await Self.start(UInt16(number), genesis, signers, hub, authority, folder)
            running.append(started)
            guard let url = ServiceURL("https://localhost:\(port)") else { throw ProtocolFailure(.format, "port") }
            urls.append(url)
        }
        let island = Island(genesis, authority, governor, urls, "\(folder)/genesis.wlg", signers, running)
        // Nobody has certified the genesis: without a block no value can be proven.
        try await island.submit(Register(), by: try authority.enroll("north:gateway:first"))
        return island
    }

    private init(
        _ genesis: Genesis,
        _ authority: TestAuthority,
        _ governor: Identity,
        _ urls: [ServiceURL],
        _ genesisFile: String,
        _ signers: [Ed25519Signer],
        _ running: [Running]
    ) {
        self.genesis = genesis
        self.authority = authority
        self.governor = governor
        self.urls = urls
        self.genesisFile = genesisFile
        self.signers = signers
        self.running = Mutex(running)
        self.client = SecureClient(
            identity: IdentityWatch(governor),
            servers: [.validator],
            of: .allies,
            requestSeconds: 45
        )
    }

    private static func genesis(
        _ chain: String,
        _ signers: [Ed25519Signer],
        _ authority: TestAuthority,
        _ governor: PartyName
    ) throws -> Genesis {
        let members = signers.enumerated().map { $1.member(ReplicaID(UInt16($0 + 1))) }
        guard let committee = Committee(epoch: 0, members: members) else {
            throw ProtocolFailure(.format, "no committee")
        }
        return try Genesis(
            chain: chain,
            time: UInt64(Date().timeIntervalSince1970 * 1_000) - 60_000,
            committee: committee,
            validators: try signers.indices.map { place in
                guard let name = PartyName("north:validator:v\(place + 1)") else {
                    throw ProtocolFailure(.format, "no name")
                }
                return Genesis.Validator(id: ReplicaID(UInt16(place + 1)), name: name)
            },
            issuers: [TrustedIssuer(kind: .authority, issuer: authority.authority.issuer)],
            governors: [governor],
            governorThreshold: 1,
            parameters: []
        )
    }

    private static func start(
        _ number: UInt16,
        _ genesis: Genesis,
        _ signers: [Ed25519Signer],
        _ hub: IslandHub,
        _ authority: TestAuthority,
        _ folder: String
    ) async throws -> (Running, port: Int) {
        let directory = "\(folder)/v\(number)"
        try PrivateFile.makeDirectory(directory)
        var configuration = ValidatorConfiguration(
            identityDirectory: "",
            directory: directory,
            genesisFile: "",
            peers: (1...UInt16(signers.count)).map { .init(number: $0, host: "localhost", port: 0) }
        )
        configuration.blockInterval = 10
        configuration.limits.caches = CacheBudget(bytes: 4 << 20)
        configuration.limits.startPatience = 300
        let signer = signers[Int(number) - 1]
        let logger = Self.logger
        let validator = try Validator(
            configuration: configuration,
            parts: ValidatorParts(
                number: ReplicaID(number),
                genesis: genesis,
                signer: signer,
                scheme: Ed25519Scheme(),
                member: signer.member(ReplicaID(number)),
                logic: ConsortiumContracts(scheme: Ed25519Scheme()),
                network: IslandNetwork(hub: hub, number: number)
            ),
            logger: logger
        )
        let server = try ChainAPI(IslandBackend(validator: validator)).server(
            address: "127.0.0.1",
            port: 0,
            identity: try authority.enroll("north:validator:v\(number)"),
            revocations: nil,
            logger: logger
        )
        let group = ServiceGroup(services: [validator, server], logger: logger)
        let task = Task { try await group.run() }
        return (Running(group: group, task: task), try await server.port())
    }

    static var logger: Logger { Logger(label: "island") { _ in SwiftLogNoOpLogHandler() } }

    /// How roles are told of the chain.
    package var endpoints: ChainEndpoints {
        ChainEndpoints(genesisFile: self.genesisFile, validators: self.urls.map(\.description))
    }

    /// Reads the chain as a client.
    package func reader() throws -> ChainClient {
        ChainClient(validators: self.urls, genesis: self.genesis, scheme: Ed25519Scheme(), client: self.client)
    }

    package func stop() async {
        let running = self.running.withLock { running in
            defer { running = [] }
            return running
        }
        for one in running { await one.group.triggerGracefulShutdown() }
        for one in running { _ = await one.task.result }
        await self.client.close()
    }

    // MARK: - Calls

    /// Calls a method and requires that it takes effect.
    @discardableResult
    package func submit(_ arguments: some MethodArguments, by identity: Identity) async throws -> TransactionProof {
        try await self.submitter(identity).submit(arguments)
    }

    private func submitter(_ identity: Identity) throws -> ChainSubmitter {
        let client = try self.reader()
        return self.submitters.withLock { known in
            if let submitter = known[identity.directory] { return submitter }
            let submitter = ChainSubmitter(client, identity: IdentityWatch(identity))
            known[identity.directory] = submitter
            return submitter
        }
    }

    /// Has the governor propose a change and approve it.
    package func decide(_ change: ProposedChange) async throws {
        let now = UInt64(Date().timeIntervalSince1970 * 1_000)
        let proposed = try await self.submit(Propose(expires: now + 600_000, change: change), by: self.governor)
        try await self.submit(Approve(proposal: proposed.transaction.id), by: self.governor)
    }

    /// The newest value of a key of channel `access`.
    package func value(of key: [UInt8]) async throws -> [UInt8]? {
        try await self.reader().value(of: key, on: .access).value
    }

    /// Heights of channel `access` at which an exchange's events of a topic stand.
    package func heights(of subject: [UInt8], _ topic: String) async throws -> [Height] {
        try await self.reader().events(of: subject, after: nil, on: .access).filter { $0.topic == topic }
            .map(\.place.height)
    }

    /// Signs a block that no validator has made, as a quorum of all of them could.
    package func certify(_ header: BlockHeader) -> QuorumCertificate {
        Self.certify(header, genesis: self.genesis, signers: self.signers)
    }

    /// A certificate of a quorum of the genesis's committee.
    package static func certify(
        _ header: BlockHeader,
        genesis: Genesis,
        signers: [Ed25519Signer]
    ) -> QuorumCertificate {
        let message = genesis.context(of: header.channel).commitMessage(
            epoch: header.epoch,
            view: 1,
            height: header.height,
            block: header.hash
        )
        let quorum = genesis.committee.quorum
        return QuorumCertificate(
            version: Ed25519Scheme().certificateVersion,
            epoch: header.epoch,
            view: 1,
            height: header.height,
            block: header.hash,
            signers: [UInt8(truncatingIfNeeded: (1 << quorum) - 1)]
                + [UInt8](repeating: 0, count: (genesis.committee.size + 7) / 8 - 1),
            proof: Ed25519Scheme().combine(signers.prefix(quorum).map { $0.signShare(message) })
        )
    }
}
