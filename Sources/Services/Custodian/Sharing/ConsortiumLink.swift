internal import BLSCertificates
internal import Certificates
internal import ChainReading
internal import Consensus
internal import Contracts
internal import Credentials
internal import Ledger
internal import Signcryption
internal import Uplink

/// The consortium's chain, as a light client of a quorum of validators that also submits in the custodian's name.
struct ConsortiumLink: Sendable {
    static let entriesAtOnce = 500

    let genesis: Genesis
    let client: ChainClient
    let validators: [ValidatorClient]
    let facts: any ChainFacts
    let writer: any ChainWriting
    let check: PermissionCheck
    /// The custodian's organization.
    let organization: String
    private let connections: [SecureClient]

    /// Starts nothing; connections are made with the first question.
    ///
    /// - Throws: an error whose description says what is wrong with genesis or addresses.
    init(_ endpoints: ChainEndpoints, identity: Identity, clock: @escaping @Sendable () -> UInt64) throws {
        self.genesis = try endpoints.genesis()
        let urls = try endpoints.urls(of: self.genesis)
        let watch = IdentityWatch(identity)
        // Waiting for blocks must not keep questions waiting.
        let reading = SecureClient(identity: watch, servers: [.validator], requestSeconds: 30)
        let writing = SecureClient(identity: watch, servers: [.validator], requestSeconds: 60)
        self.connections = [reading, writing]
        let scheme = try ChainSignatures.required(of: self.genesis.committee)
        self.client = ChainClient(validators: urls, genesis: self.genesis, scheme: scheme, client: reading)
        self.validators = urls.map { ValidatorClient(base: $0, client: reading) }
        let facts = try QuorumReader(
            validators: urls,
            genesis: self.genesis,
            client: reading,
            secondsMax: 0,
            clock: clock
        )
        self.facts = facts
        self.check = PermissionCheck(chain: facts, clock: clock)
        self.writer = ChainSubmitter(
            ChainClient(validators: urls, genesis: self.genesis, scheme: scheme, client: writing),
            identity: watch,
            clock: clock
        )
        self.organization = identity.name.organization
    }

    /// Length of an epoch of scopes, as the genesis has it.
    var epochSeconds: UInt64 {
        let name = ChainParameter.epochSeconds.rawValue
        let value = self.genesis.parameters.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
        return value ?? ChainParameter.epochSeconds.defaultValue
    }

    func close() async { for connection in self.connections { await connection.close() } }

    /// A record of the chain's state as a quorum proves it now; nil when there is none.
    func record<Record: StateRecord>(_ type: Record.Type, at key: [UInt8], on channel: Channel) async throws -> Record?
    {
        try await self.facts.fact(of: key, on: channel).value.map { try Record(bytes: $0) }
    }
}

extension ConsortiumLink: SharingChain {
    func entries(after place: ChainPlace?) async throws -> [ChainEntry] {
        let after = place.map { SubjectPlace(height: $0.height, index: $0.place) }
        return try await self.client
            .events(
                of: EventSubjects.organization(self.organization),
                after: after,
                limit: Self.entriesAtOnce,
                on: .access
            )
            .map {
                ChainEntry(
                    place: ChainPlace(height: $0.place.height, place: $0.place.index),
                    transaction: $0.transaction
                )
            }
    }

    func transaction(_ id: [UInt8]) async throws -> ProvenTransaction? {
        try await self.client.proof(of: id, on: .access).map {
            ProvenTransaction(
                transaction: $0.transaction,
                receipt: $0.receipt,
                height: $0.header.height,
                time: $0.header.time
            )
        }
    }

    func transaction(ofRequest request: [UInt8]) async throws -> ProvenTransaction? {
        for entry in try await self.client.events(of: request, after: nil, on: .access)
        where entry.topic.utf8.elementsEqual(AccessRequested.topic.utf8) {
            guard let proven = try await self.transaction(entry.transaction), proven.receipt.code == 0 else { continue }
            let made = proven.receipt.events.contains { event in
                event.topic.utf8.elementsEqual(AccessRequested.topic.utf8)
                    && (try? AccessRequested(bytes: event.data))?.request == request
            }
            if made { return proven }
        }
        return nil
    }

    func request(_ id: [UInt8]) async throws -> AccessRequest? {
        try await self.record(AccessRequest.self, at: AccessKey.request(id), on: .access)
    }

    func permission(_ id: [UInt8]) async throws -> Permission? {
        try await self.record(Permission.self, at: AccessKey.permission(id), on: .access)
    }

    func requireStanding(
        _ permission: [UInt8],
        of certificate: ImplicitCertificate,
        for scope: ScopeDescriptor
    ) async throws {
        try await self.check.require(
            PermissionCheck.Claim(
                permission: permission,
                certificate: certificate,
                issuer: TrustedParty.issuer(of: certificate, among: self.genesis.issuers),
                scope: scope,
                sender: nil
            )
        )
    }

    func standingGrant(on permission: [UInt8]) async throws -> [UInt8]? {
        try await self.facts.fact(of: SharingKey.permission(permission), on: .index).value
    }

    func record(_ terms: KeptTerms, under item: ShareItem) async throws {
        guard let proof = try await self.client.proof(of: item.transaction, on: .access) else {
            throw ChainReadingError(.chainUnavailable, "nobody proves the transaction that gave the permission")
        }
        let arguments = RecordGrant(
            grant: terms.digest,
            scope: item.scope,
            permission: item.id,
            notBefore: terms.notBefore * 1_000,
            notAfter: terms.notAfter * 1_000,
            proof: proof
        )
        let outcome = try await self.writer.submit(arguments, needless: [.grantExists, .permissionUsed])
        guard outcome.receipt.code == RejectionCode.permissionUsed.number else { return }
        guard try await self.standingGrant(on: item.id) == terms.digest else {
            throw ShareRefusal(code: "another-grant", detail: "another grant stands on the permission")
        }
    }

    func refuse(_ permission: [UInt8], code: String) async throws {
        let arguments = RecordRefusal(permission: permission, step: .grant, code: code)
        _ = try await self.writer.submit(arguments, needless: [.refusalKnown])
    }

    func permit(_ request: [UInt8], until: UInt64) async throws {
        try await self.writer.submit(PermitAccess(request: request, validUntil: until))
    }

    func deny(_ request: [UInt8]) async throws {
        _ = try await self.writer.submit(DenyAccess(request: request), needless: [.requestDecided, .requestExpired])
    }

    func revoke(_ permission: [UInt8], grant: [UInt8]?) async throws {
        _ = try await self.writer.submit(
            RevokePermission(permission: permission),
            needless: [.permissionRevokedAlready]
        )
        let standing = try await self.standingGrant(on: permission)
        guard let grant = standing ?? grant else { return }
        _ = try await self.writer.submit(RevokeGrant(grant: grant), needless: [.grantRevoked, .noSuchGrant])
    }
}
