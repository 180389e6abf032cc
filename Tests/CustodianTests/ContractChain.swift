import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Contracts
import Credentials
import IBTP
import Ledger
import P256Group
import Records
import Signcryption
import StateTree
import Synchronization
import Testing
import Transcripts
import Uplink

import enum Ledger.Channel

@testable import Custodian

/// The access channel of a chain that is connected to a relay chain, with the real contracts, in memory.
///
/// Every transaction gets a block of its own. What the relay chain brings is put into the state as the contract would have.
final class ContractChain: ExchangeChain {
    enum Point: Sendable, CaseIterable { case beforeFile, afterFile, beforeFinish, afterFinish, afterDeny }

    private struct Values: StateReader {
        var values: [[UInt8]: [UInt8]] = [:]
        func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? { self.values[key] }
    }

    private struct State {
        var values = Values()
        var nodes = MemoryNodes()
        var header: BlockHeader
        var now: UInt64
        var nonce: UInt64 = 0
        var committed: [[UInt8]: ProvenTransaction] = [:]
        var received: [ChainEntry] = []
        var asked: [ChainEntry] = []
        var isAway = false
        /// What validators leave out of their lists.
        var hidden: Set<[UInt8]> = []
        var filings = 0
        var answers: [InterchainMessage] = []
    }

    static let name = "clinics"
    static let hub = "hub"

    let genesis: Genesis
    /// The custodian's own key.
    let owner: RequesterKey
    let organization: String
    let trap = Trap()
    private let point = Mutex<Point?>(nil)
    private let state: Mutex<State>

    init(owner identity: Identity, authorities: [CertificateAuthority], at now: UInt64) throws {
        let signers = try (1...4).map {
            let seed = [UInt8](repeating: UInt8($0), count: 32)
            return try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
        }
        self.owner = RequesterKey(identity)
        self.organization = identity.name.organization
        self.genesis = try Genesis(
            chain: Self.name,
            time: now,
            committee: #require(
                Committee(epoch: 0, members: signers.enumerated().map { $1.member(ReplicaID(UInt16($0 + 1))) })
            ),
            validators: (1...4).map {
                Genesis.Validator(id: ReplicaID($0), name: try #require(PartyName("org\($0):validator:v\($0)")))
            },
            issuers: ([identity.issuer] + authorities.map(\.issuer)).map {
                TrustedIssuer(kind: .authority, issuer: $0)
            },
            governors: [#require(PartyName("org1:operator:g"))],
            governorThreshold: 1,
            parameters: []
        )
        let first = try Self.executor.genesis(self.genesis)
        var state = State(header: first.block.header, now: now)
        for change in first.changes { state.values.values[change.key] = change.value }
        state.nodes.apply(first.update)
        let link = InterchainLink(hub: Self.hub, name: Self.name, height: 1)
        state.values.values[InterchainKey.link] = link.bytes
        self.state = Mutex(state)
    }

    private static var executor: BlockExecutor {
        BlockExecutor(
            chain: Array(self.name.utf8),
            channel: .access,
            logic: ConsortiumContracts(scheme: Ed25519Scheme())
        )
    }

    var now: UInt64 { self.state.withLock { $0.now } }
    func wait(_ milliseconds: UInt64) { self.state.withLock { $0.now += milliseconds } }
    /// Leaves what came last out of all lists, or nothing any more.
    func hideLast(_ isHidden: Bool = true) {
        self.state.withLock { state in
            state.hidden = isHidden ? Set(state.received.suffix(1).map(\.transaction)) : []
        }
    }
    func fail(_ isAway: Bool = true) { self.state.withLock { $0.isAway = isAway } }
    func hold(at point: Point?) { self.point.withLock { $0 = point } }
    /// How often somebody handed in a sealed transaction.
    var filings: Int { self.state.withLock { $0.filings } }
    /// What the contract answered the relay chain.
    var answers: [InterchainMessage] { self.state.withLock { $0.answers } }

    private func pass(_ point: Point) async throws {
        if self.point.withLock({ $0 == point }) { try await self.trap.hold() }
    }

    // MARK: - Blocks

    @discardableResult
    func call(_ arguments: some MethodArguments, by key: RequesterKey) throws -> TransactionReceipt {
        let body = self.state.withLock { state in
            state.nonce += 1
            return arguments.body(
                chain: Array(Self.name.utf8),
                channel: .access,
                signer: key.certificate.digest,
                nonce: state.nonce,
                validUntil: state.now + 60_000
            )
        }
        return try self.commit(key.sign(body))
    }

    /// - Throws: `ChainSubmissionError` with the validators' word for a transaction that no block takes.
    @discardableResult
    func commit(_ transaction: Transaction) throws -> TransactionReceipt {
        let verifier = TransactionVerifier(chain: Array(Self.name.utf8), issuers: self.genesis.issuers)
        let verified: VerifiedTransaction
        do { verified = try verifier.verify(transaction) } catch { throw Self.refused("bad-signature") }
        return try self.state.withLock { state in
            state.now += 1_000
            let parent = ParentState(
                header: state.header,
                hash: state.header.hash,
                values: state.values,
                nodes: state.nodes,
                committee: self.genesis.committee
            )
            let (block, refused) = try Self.executor.build([verified], on: parent, time: state.now)
            guard let executed = block else { throw Self.refused(refused.first?.1.code ?? "") }
            for change in executed.changes { state.values.values[change.key] = change.value }
            state.nodes.apply(executed.update)
            state.header = executed.block.header
            let receipt = try #require(executed.receipts.first)
            state.committed[transaction.id] = ProvenTransaction(
                transaction: transaction,
                receipt: receipt,
                height: state.header.height,
                time: state.now
            )
            for (place, event) in receipt.events.enumerated() {
                if event.topic == OutboundTree.out.topic,
                    case .message(let message) = try OutboundLeaf(bytes: event.data)
                {
                    state.answers.append(message)
                }
                let at = ChainPlace(height: state.header.height, place: UInt32(place + 1))
                if [AccessRequested.topic, Permission.topic].contains(event.topic) {
                    state.asked.append(ChainEntry(place: at, transaction: transaction.id))
                }
            }
            return receipt
        }
    }

    private static func refused(_ code: String) -> ChainSubmissionError {
        .refused(.refused(status: 422, code: code, detail: "the validators say so", retryAfterSeconds: nil))
    }

    /// A message of another chain, as the contract has it after `deliver`.
    func receive(_ message: InterchainMessage, by gateway: RequesterKey) throws -> MessageID {
        let id = try message.id
        let extra = try #require(try message.relayExtension)
        let share = try #require(extra.shareRequest)
        var asked = CanonicalWriter()
        asked.raw(message.hash.bytes)
        asked.raw(share)
        asked.raw(ShareRequest.asker(of: id.from, certificate: extra.certificate))
        asked.u64(extra.expiry)
        asked.lengthPrefixed([UInt8]())
        asked.raw([UInt8](repeating: 0, count: 64))
        let delivered = DeliverMessage(relayed: RelayedMessage(message: message, bundle: []))
        try self.state.withLock { state in
            state.values.values[InterchainKey.asked(id)] = asked.bytes
            state.values.values[Self.standingKey(id)] = [0]
            state.nonce += 1
            let transaction = try gateway.sign(
                delivered.body(
                    chain: Array(Self.name.utf8),
                    channel: .access,
                    signer: gateway.certificate.digest,
                    nonce: state.nonce,
                    validUntil: state.now + 60_000
                )
            )
            let event = ContractEvent(
                topic: ExchangeReceived.topic,
                data: ExchangeReceived(id: id, share: share).bytes
            )
            let height = state.header.height
            state.committed[transaction.id] = ProvenTransaction(
                transaction: transaction,
                receipt: TransactionReceipt(transaction: transaction.id, code: 0, cost: 1, events: [event]),
                height: height,
                time: state.now
            )
            let place = ChainPlace(height: height, place: UInt32(1_000 + state.received.count))
            state.received.append(ChainEntry(place: place, transaction: transaction.id))
        }
        return id
    }

    /// What the relay chain's timeout does here; a permission that an answer named is revoked by the contract itself.
    func undo(_ id: MessageID) { self.state.withLock { $0.values.values[Self.standingKey(id)] = [3] } }

    static func standingKey(_ id: MessageID) -> [UInt8] {
        StateKey.make("interchain", "received-one", id.description.utf8)
    }

    private func record<Record: StateRecord>(_ type: Record.Type, at key: [UInt8]) throws -> Record? {
        try self.state.withLock { state in
            if state.isAway { throw ChainReadingError(.chainUnavailable, "away") }
            return try state.values.values[key].map { try Record(bytes: $0) }
        }
    }

    // MARK: - What the desks ask

    func exchanges(after place: ChainPlace?) async throws -> [ChainEntry] {
        try self.state.withLock { state in
            if state.isAway { throw ChainReadingError(.chainUnavailable, "away") }
            let shown = state.received.filter { !state.hidden.contains($0.transaction) }
            return Array(shown.filter { entry in place.map { entry.place > $0 } ?? true }.prefix(2))
        }
    }

    func standing(of exchange: MessageID) async throws -> ExchangeStanding? {
        try self.state.withLock { state in
            if state.isAway { throw ChainReadingError(.chainUnavailable, "away") }
            return state.values.values[Self.standingKey(exchange)]?.first.flatMap { ExchangeStanding(rawValue: $0) }
        }
    }

    func file(_ transaction: Transaction) async throws -> TransactionReceipt? {
        try await self.pass(.beforeFile)
        let known = self.state.withLock { state in
            state.filings += 1
            return state.committed[transaction.id]
        }
        let receipt = try known?.receipt ?? self.commit(transaction)
        try await self.pass(.afterFile)
        return receipt
    }

    func finish(_ exchange: MessageID, request: [UInt8]) async throws {
        try await self.pass(.beforeFinish)
        let receipt = try self.call(FinishCall(id: exchange, request: request), by: self.owner)
        let base = RejectionCode.interchainBase
        let needless = [RejectionCode.book(.indexExists, in: base), .book(.unknownRequest, in: base)]
        try await self.pass(.afterFinish)
        guard receipt.code == 0 || needless.contains(where: { $0.number == receipt.code }) else {
            throw ChainSubmissionError.rejected(code: receipt.code, transaction: receipt.transaction)
        }
    }

    func entries(after place: ChainPlace?) async throws -> [ChainEntry] {
        self.state.withLock { state in
            state.asked.filter { entry in place.map { entry.place > $0 } ?? true }
        }
    }

    func transaction(_ id: [UInt8]) async throws -> ProvenTransaction? { self.state.withLock { $0.committed[id] } }

    func transaction(ofRequest request: [UInt8]) async throws -> ProvenTransaction? {
        self.state.withLock { state in
            state.committed.values.first { $0.transaction.requestedAccess?.request == request && $0.receipt.code == 0 }
        }
    }

    func request(_ id: [UInt8]) async throws -> AccessRequest? {
        try self.record(AccessRequest.self, at: AccessKey.request(id))
    }

    func permission(_ id: [UInt8]) async throws -> Permission? {
        try self.record(Permission.self, at: AccessKey.permission(id))
    }

    func requireStanding(
        _ permission: [UInt8],
        of certificate: ImplicitCertificate,
        for scope: ScopeDescriptor
    ) async throws {}

    func standingGrant(on permission: [UInt8]) async throws -> [UInt8]? { nil }
    func record(_ terms: KeptTerms, under item: ShareItem) async throws {}
    func refuse(_ permission: [UInt8], code: String) async throws {}

    func permit(_ request: [UInt8], until: UInt64) async throws {
        try self.call(PermitAccess(request: request, validUntil: until), by: self.owner)
    }

    func deny(_ request: [UInt8]) async throws {
        try self.call(DenyAccess(request: request), by: self.owner)
        try await self.pass(.afterDeny)
    }

    func revoke(_ permission: [UInt8], grant: [UInt8]?) async throws {
        try self.call(RevokePermission(permission: permission), by: self.owner)
    }
}
