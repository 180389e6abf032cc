internal import Attesting
internal import CanonicalBytes
internal import Contracts
internal import EVMAdapter
internal import EVMProofs
internal import IBTP
internal import Ledger
internal import Records
internal import Relaying
internal import Synchronization
internal import Uplink

/// Brings to a broker what the relay chain tells its chain, and watches until that is final.
final class EVMDeliveries: Sendable {
    /// What attesters have signed.
    private struct Prepared {
        let statement: BrokerStatement
        let notice: ExchangeNotice
        let signatures: [[UInt8]]
    }

    /// What is in a block that may still go away.
    private struct Watched {
        let prepared: Prepared
        /// When this block is final, the delivery is, or it is gone.
        var height: UInt64
    }

    private struct State {
        var prepared: [LeafPlace: Prepared] = [:]
        var watched: [LeafPlace: Watched] = [:]
    }

    private let evm: EVMShore
    private let relay: ShoreClient
    private let panel: EVMStatementPanel
    private let board: GatewayBoard
    private let state = Mutex(State())

    init(evm: EVMShore, relay: ShoreClient, panel: EVMStatementPanel, board: GatewayBoard) {
        self.evm = evm
        self.relay = relay
        self.panel = panel
        self.board = board
    }

    /// Has the attesters sign what a leaf says.
    ///
    /// - Parameter work: with proof, and with the path where one is needed.
    /// - Returns: who is missing; empty when enough have signed.
    /// - Throws: when a chain does not say what is needed.
    func prepare(_ work: LeafBook.Work) async throws -> [String] {
        guard let proof = work.proof, case .notice(let notice) = work.record.leaf else { return ["no proof"] }
        var request: InterchainMessage?
        if notice.message == nil, notice.side == .destination {
            request = try await self.request(of: notice, work.record)
            guard request != nil else { return ["the relay chain does not show the request of \(notice.id)"] }
        }
        let statement = try BrokerStatement(notice, request: request)
        let epoch = try await self.evm.reach().attesterEpoch()
        let question = EVMStatementQuestion(epoch: epoch, proof: proof, path: work.path, request: request)
        let answers = await self.panel.collect(question)
        let tally = try await self.evm.reach().tally(answers.signatures, of: statement, epoch: epoch)
        guard tally.shortage.isEmpty else { return tally.shortage + answers.missing }
        let prepared = Prepared(statement: statement, notice: notice, signatures: tally.signatures)
        self.state.withLock { $0.prepared[work.record.place] = prepared }
        return []
    }

    /// The request that a destination is told to undo; the relay chain's own blocks show it.
    private func request(of notice: ExchangeNotice, _ record: LeafRecord) async throws -> InterchainMessage? {
        if let found = try await self.request(in: record.transaction, notice) { return found }
        let subject = EventSubjects.exchange(notice.id)
        var asked: Set<[UInt8]> = [record.transaction]
        for entry in try await self.relay.chain.events(of: subject, after: nil, on: .access)
        where asked.insert(entry.transaction).inserted {
            if let found = try await self.request(in: entry.transaction, notice) { return found }
        }
        return nil
    }

    private func request(in transaction: [UInt8], _ notice: ExchangeNotice) async throws -> InterchainMessage? {
        guard let proof = try await self.relay.chain.proof(of: transaction, on: .access), proof.receipt.code == 0
        else { return nil }
        let body = proof.transaction.body
        guard body.contract.utf8.elementsEqual(RelayMessage.contract.utf8),
            body.method.utf8.elementsEqual(RelayMessage.method.utf8),
            let call = try? RelayMessage(bytes: body.arguments),
            call.message.hash.bytes == notice.requestHash, (try? call.message.id) == notice.id
        else { return nil }
        var message = call.message
        message.proof = []
        return message
    }

    // MARK: - Bringing

    /// Brings what was prepared for a leaf.
    func bring(_ place: LeafPlace) async -> SubmissionOutcome {
        guard let prepared = self.state.withLock({ $0.prepared[place] }) else { return .stale }
        do {
            let outcome = try await self.bring(prepared)
            switch outcome {
            case .delivered, .alreadyThere:
                let head = try await self.evm.reach().head()
                self.state.withLock { $0.watched[place] = Watched(prepared: prepared, height: head.height) }
                if case .delivered = outcome { return .accepted }
                return .alreadyThere
            case .gap: return .gap
            case .stale: return .stale
            case .refused(let why):
                self.board.note(.submit, "\(prepared.notice.id): \(why)")
                return .refused(Self.refusedCode)
            }
        } catch {
            self.board.note(.submit, "\(prepared.notice.id): \(error)")
            return .open
        }
    }

    /// In place of a contract's code: the broker says no.
    static let refusedCode: UInt16 = 1

    private func bring(_ prepared: Prepared) async throws(ChainAdapterFailure) -> Relaying.DeliveryOutcome {
        let statement = prepared.statement
        let delivery = InboundDelivery(
            message: statement.message,
            status: statement.status,
            requestHash: statement.requestHash,
            evidence: RelayAttestation(status: statement.status, signatures: prepared.signatures).bytes
        )
        return try await self.evm.reach().deliver(delivery)
    }

    /// Whether a notice needs no bringing, by the newest final block.
    func isDone(_ notice: ExchangeNotice) async throws(ChainAdapterFailure) -> Bool {
        let standing = try await self.evm.reach().standing(of: notice.id, at: notice.side)
        switch (notice.side, notice.status, standing) {
        case (.source, _, .succeeded), (.source, _, .failed), (.source, _, .undone): return true
        case (.source, _, _): return false
        case (.destination, .begin, _): return standing != .unknown
        case (.destination, _, _): return standing == .undone
        }
    }

    // MARK: - Until it is final

    /// The lowest block of the relay chain with a leaf whose delivery may still go away; nil when there is none.
    var lowestWatched: UInt64? { self.state.withLock { $0.watched.keys.map(\.height).min() } }

    /// Looks after deliveries whose blocks should be final by now, and brings again what is gone with its block.
    func settle(through final: UInt64) async {
        let due = self.state.withLock { state in
            state.watched.filter { $0.value.height <= final }.sorted { $0.key < $1.key }
        }
        for (place, watched) in due {
            do {
                if try await self.isDone(watched.prepared.notice) {
                    self.state.withLock { $0.watched[place] = nil }
                    continue
                }
                self.board.note(.submit, "\(watched.prepared.notice.id): its block is gone; it is brought again")
                _ = try await self.bring(watched.prepared)
                let head = try await self.evm.reach().head()
                self.state.withLock { $0.watched[place]?.height = head.height }
            } catch { self.board.note(.submit, "\(watched.prepared.notice.id): \(error)") }
        }
    }

    /// What is kept of a leaf for bringing it is needed no more; what is watched stays.
    func forget(_ place: LeafPlace) { self.state.withLock { $0.prepared[place] = nil } }
}
