import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Ledger
import Spool
import StateTree
import Synchronization
import Uplink

@testable import Agent

/// A channel of a consortium in memory, by default the index channel: real blocks, contracts and certificates, on one clock that a test sets.
///
/// Its connection can be away, slow, or lose the answer.
final class AnchorLedger: AnchorSink, ShareChain {
    enum Mode: Sendable {
        case answering
        /// Nothing gets through.
        case away
        /// Takes transactions, and makes no block while anybody waits.
        case slow
        /// Makes the block, and the answer is lost.
        case forgetful
        /// Says that it has no room.
        case full
    }

    struct State: Sendable {
        var mode = Mode.answering
        /// The next block's time at least, ms since 1970.
        var clock: UInt64
        var values = MemoryValues()
        var nodes = MemoryNodes()
        var header: BlockHeader
        var committee: Committee
        var proofs: [[UInt8]: TransactionProof] = [:]
        var pool: [Transaction] = []
        var handovers: [Handover] = []
        var submissions = 0
        var questions = 0
    }

    let genesis: Genesis
    let channel: Channel
    private let signers: [Ed25519Signer]
    private let executor: BlockExecutor
    private let state: Mutex<State>

    /// - Parameters:
    ///   - authority: whose certificates the chain accepts.
    ///   - clock: ms since 1970.
    ///   - parameters: of the chain, ascending by name.
    ///   - channel: which one this is.
    /// - Throws: when the genesis cannot be made.
    init(
        authority: CertificateIssuer,
        clock: UInt64,
        parameters: [(name: String, value: UInt64)] = [],
        channel: Channel = .index
    ) throws {
        self.channel = channel
        let signers = (1...5).compactMap { number in
            let seed = [UInt8](repeating: UInt8(number), count: 32)
            return Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff })
        }
        guard let committee = Self.committee(0, signers, [1, 2, 3, 4]), let governor = PartyName("ward:operator:o")
        else { throw UplinkSite.NoSuchParty() }
        self.signers = signers
        self.genesis = try Genesis(
            chain: "anchors",
            time: clock - 1_000,
            committee: committee,
            validators: (1...4).compactMap { number in
                PartyName("ward:validator:v\(number)").map { Genesis.Validator(id: ReplicaID(number), name: $0) }
            },
            issuers: [TrustedIssuer(kind: .authority, issuer: authority)],
            governors: [governor],
            governorThreshold: 1,
            parameters: parameters
        )
        self.executor = BlockExecutor(
            chain: Array(self.genesis.chain.utf8),
            channel: channel,
            logic: LogicWithElections(next: Self.committee(1, signers, [2, 3, 4, 5]))
        )
        let first = try self.executor.genesis(self.genesis)
        var state = State(clock: clock, header: first.block.header, committee: committee)
        Self.keep(first, in: &state)
        self.state = Mutex(state)
    }

    private init(_ other: AnchorLedger) {
        self.genesis = other.genesis
        self.channel = other.channel
        self.signers = other.signers
        self.executor = other.executor
        self.state = Mutex(other.state.withLock { $0 })
    }

    /// The chain as it is now, to go on in two ways.
    func fork() -> AnchorLedger { AnchorLedger(self) }

    func set(_ mode: Mode) { self.state.withLock { $0.mode = mode } }

    func set(clock: UInt64) { self.state.withLock { $0.clock = clock } }

    var submissions: Int { self.state.withLock { $0.submissions } }

    /// Anchors that took effect, in no order.
    func anchors() throws -> [Anchor] {
        let proofs = self.state.withLock { Array($0.proofs.values) }
        return try proofs.filter { $0.receipt.code == 0 && $0.transaction.body.method == Anchor.method }
            .map { try Anchor(bytes: $0.transaction.body.arguments) }
    }

    func record(_ gateway: PartyName, _ window: UInt64) throws -> AnchorRecord? {
        let value = self.state.withLock { $0.values.values[Contracts.IndexKey.anchor(gateway, window)] }
        return try value.map { try AnchorRecord(bytes: $0) }
    }

    /// Puts what waits into blocks, one each.
    func commitPool() {
        self.state.withLock { state in
            let pool = state.pool
            state.pool = []
            for transaction in pool { _ = try? self.commit(transaction, in: &state) }
        }
    }

    /// Commits a transaction of somebody else.
    @discardableResult
    func commit(_ transaction: Transaction) throws -> TransactionProof {
        try self.state.withLock { try self.commit(transaction, in: &$0) }
    }

    // MARK: - What gateways see

    func submit(_ transaction: Transaction) async throws(UplinkFailure) -> TransactionProof? {
        try self.state.withLock { (state) throws(UplinkFailure) in
            state.submissions += 1
            switch state.mode {
            case .away: throw .unreachable("nobody answers")
            case .full: throw .refused(status: 429, code: "pool-full", detail: "", retryAfterSeconds: 1)
            case .slow:
                if let known = state.proofs[transaction.id] { return known }
                if !state.pool.contains(transaction) { state.pool.append(transaction) }
                return nil
            case .answering: return try self.commit(transaction, in: &state)
            case .forgetful:
                _ = try self.commit(transaction, in: &state)
                throw .unreachable("the answer is lost")
            }
        }
    }

    func proof(of id: [UInt8]) async throws(UplinkFailure) -> TransactionProof? {
        try self.state.withLock { (state) throws(UplinkFailure) in
            state.questions += 1
            if state.mode == .away { throw .unreachable("nobody answers") }
            return state.proofs[id]
        }
    }

    func proof(of id: [UInt8], on channel: Channel) async throws(UplinkFailure) -> TransactionProof? {
        try await self.proof(of: id)
    }

    func newestNonce(of signer: [UInt8]) async throws(UplinkFailure) -> UInt64 {
        try await self.nonces(of: signer, on: self.channel).recent.last ?? 0
    }

    func nonces(of signer: [UInt8], on channel: Channel) async throws(UplinkFailure) -> UsedNonces {
        try self.state.withLock { (state) throws(UplinkFailure) in
            if state.mode == .away { throw .unreachable("nobody answers") }
            do throws(ProtocolFailure) {
                let window = try NonceWindow(bytes: state.values.values[StateKey.nonces(of: signer)])
                return UsedNonces(time: state.header.time, recent: window.recent)
            } catch { throw .malformed("\(error)") }
        }
    }

    /// Forgets what waits for a block.
    func dropPool() { self.state.withLock { $0.pool = [] } }

    func handovers(after epoch: CommitteeEpoch) async throws(UplinkFailure) -> [Handover] {
        try self.state.withLock { (state) throws(UplinkFailure) in
            if state.mode == .away { throw .unreachable("nobody answers") }
            return state.handovers.filter { $0.next.epoch > epoch }
        }
    }

    // MARK: - Blocks

    private func commit(_ transaction: Transaction, in state: inout State) throws(UplinkFailure) -> TransactionProof {
        if let known = state.proofs[transaction.id] { return known }
        let result: (block: ExecutedBlock?, refused: [(VerifiedTransaction, AdmissionFailure)])
        do throws(ProtocolFailure) { result = try self.build(transaction, on: state) } catch {
            throw .refused(status: 422, code: "\(error.code)", detail: error.detail, retryAfterSeconds: nil)
        }
        if let (_, failure) = result.refused.first {
            let status = failure == .replayed ? 409 : failure == .revoked ? 403 : 422
            throw .refused(status: status, code: failure.code, detail: "", retryAfterSeconds: nil)
        }
        guard let executed = result.block else {
            throw .refused(status: 503, code: "not-ready", detail: "", retryAfterSeconds: nil)
        }
        let (block, certificate) = (executed.block, self.certify(executed.block.header, by: state.committee))
        guard let proof = TransactionProof(0, of: block, receipts: executed.receipts, certificate: certificate) else {
            throw .malformed("no proof of an own block")
        }
        if let next = block.nextCommittee {
            state.handovers.append(Handover(header: block.header, certificate: certificate, next: next))
        }
        Self.keep(executed, in: &state)
        state.proofs[transaction.id] = proof
        return proof
    }

    private func build(
        _ transaction: Transaction,
        on state: State
    ) throws(ProtocolFailure) -> (block: ExecutedBlock?, refused: [(VerifiedTransaction, AdmissionFailure)]) {
        let verifier = TransactionVerifier(
            chain: Array(self.genesis.chain.utf8),
            issuers: try state.values.issuers()
        )
        let parent = ParentState(
            header: state.header,
            hash: state.header.hash,
            values: state.values,
            nodes: state.nodes,
            committee: state.committee
        )
        return try self.executor.build([try verifier.verify(transaction)], on: parent, time: state.clock)
    }

    private static func keep(_ executed: ExecutedBlock, in state: inout State) {
        for change in executed.changes { state.values.values[change.key] = change.value }
        state.nodes.apply(executed.update)
        state.header = executed.block.header
        state.committee = executed.block.nextCommittee ?? state.committee
    }

    private static func committee(_ epoch: CommitteeEpoch, _ signers: [Ed25519Signer], _ ids: [UInt16]) -> Committee? {
        Committee(epoch: epoch, members: ids.map { signers[Int($0) - 1].member(ReplicaID($0)) })
    }

    private func certify(_ header: BlockHeader, by committee: Committee) -> QuorumCertificate {
        let message = self.genesis.context(of: self.channel).commitMessage(
            epoch: header.epoch,
            view: 0,
            height: header.height,
            block: header.hash
        )
        let quorum = committee.members.prefix(committee.quorum)
        return QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: header.epoch,
            view: 0,
            height: header.height,
            block: header.hash,
            signers: [UInt8((1 << quorum.count) - 1)],
            proof: Ed25519Scheme().combine(quorum.map { self.signers[Int($0.id.number) - 1].signShare(message) })
        )
    }
}

/// The consortium's contracts and one more, `election.hold`, which names the next committee without the access channel.
private struct LogicWithElections: ContractLogic {
    private let contracts = ConsortiumContracts(scheme: Ed25519Scheme())
    let next: Committee?

    init(next: Committee?) { self.next = next }

    func genesisState(of channel: Channel, _ genesis: Genesis) -> [StateChange] {
        self.contracts.genesisState(of: channel, genesis)
    }

    func execute(_ call: ContractCall) throws(ContractFailure) {
        guard call.transaction.body.contract == "election" else { return try self.contracts.execute(call) }
        guard let next = self.next else { throw .rejected(.notAllowed, "nobody to elect") }
        try call.changeCommittee(to: next)
    }
}
