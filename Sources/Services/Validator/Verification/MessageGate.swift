internal import CanonicalBytes
internal import Consensus
internal import Ledger
internal import PeerTransport
internal import Synchronization

/// Lets in what peers and clients send: decodes it and checks signatures on the worker threads, so that the core meets
/// only what holds.
final class MessageGate: Sendable {
    /// Transactions that one job checks.
    static let run = 16

    private struct Verifiers: Sendable {
        var messages: [Channel: MessageVerifier] = [:]
        var transactions: [Channel: TransactionVerifier] = [:]
        var heights: [Channel: Height] = [:]
    }

    let workers: WorkerPool
    /// For what nobody waits for.
    let background: WorkerPool
    let known: VerifiedTransactions
    let parsed: ParsedBlocks
    private let chain: [UInt8]
    private let inbox: Inbox
    private let network: any PeerNetwork
    private let verifiers = Mutex(Verifiers())
    private let budget = Mutex(RequestBudget())

    init(chain: [UInt8], inbox: Inbox, network: any PeerNetwork, threads: Int) {
        self.chain = chain
        self.inbox = inbox
        self.network = network
        self.workers = WorkerPool(threads: threads)
        self.background = WorkerPool(threads: 1)
        self.known = VerifiedTransactions()
        self.parsed = ParsedBlocks()
    }

    func reader(_ channel: Channel) -> RememberingBlockReader {
        RememberingBlockReader(chain: self.chain, channel: channel, parsed: self.parsed, known: self.known) {
            [weak self] in
            self?.verifiers.withLock { $0.messages[channel]?.committees.current }
        }
    }

    /// Takes what checks messages from now on: after every change of the committee.
    func use(_ verifier: MessageVerifier, in channel: Channel) {
        self.verifiers.withLock { $0.messages[channel] = verifier }
    }

    /// Takes what checks transactions from now on: after every change of the issuers.
    func use(_ verifier: TransactionVerifier, in channel: Channel) {
        self.verifiers.withLock { $0.transactions[channel] = verifier }
    }

    /// Votes on blocks up to this height are of no use any more.
    func passed(_ height: Height, in channel: Channel) { self.verifiers.withLock { $0.heights[channel] = height } }

    // MARK: - Frames

    /// Takes a frame; called on the network's thread.
    func receive(_ frame: PeerFrame) {
        switch frame.kind {
        case FrameKind.vote, FrameKind.proposal, FrameKind.blocks:
            self.workers.run(lane: Int(frame.from)) { self.admit(message: frame) }
        case FrameKind.transactions: self.workers.run(isUrgent: false) { self.admit(transactions: frame) }
        case FrameKind.snapshot: self.workers.run(isUrgent: false) { self.admit(snapshot: frame) }
        default: self.refuse(frame, .malformed)
        }
    }

    private func drop(_ frame: PeerFrame) { self.network.release(from: frame.from, bytes: frame.cost) }

    private func refuse(_ frame: PeerFrame, _ misbehaviour: Misbehaviour, weight: Int? = nil) {
        self.network.report(peer: frame.from, misbehaviour: misbehaviour, weight: weight)
        self.drop(frame)
    }

    private func admit(message frame: PeerFrame) {
        let (channel, message): (Channel, Message)
        do throws(ProtocolFailure) {
            (channel, message) = try PeerMessage.read(frame.bytes) { self.reader($0) }
        } catch { return self.refuse(frame, .malformed) }
        guard message.frame.kind == frame.kind else { return self.refuse(frame, .malformed) }
        guard self.isAffordable(message, frame.from) else { return self.refuse(frame, .flood, weight: 1) }
        let (verifier, height) = self.verifiers.withLock { ($0.messages[channel], $0.heights[channel] ?? 0) }
        guard let verifier, let news = message.news(above: height) else { return self.drop(frame) }
        do throws(VerificationFailure) {
            let verified = try verifier.verify(news, from: ReplicaID(frame.from))
            let isTaken = self.inbox.push(
                .message(
                    channel,
                    verified,
                    peer: frame.from,
                    cost: frame.cost,
                    contents: self.contents(of: verified.message, channel, above: height)
                )
            )
            if !isTaken { self.drop(frame) }
        } catch {
            switch error {
            case .otherEpoch: self.drop(frame)
            case .notAMember, .badSignature, .badCertificate, .badStructure: self.refuse(frame, .badSignature)
            }
        }
    }

    private func isAffordable(_ message: Message, _ peer: UInt16) -> Bool {
        let kind: RequestBudget.Kind
        switch message {
        case .status: kind = .status
        case .blockRequest: kind = .blocks
        case .bodyRequest: kind = .body
        default: return true
        }
        return self.budget.withLock { $0.take(kind, of: peer, at: .now) }
    }

    private func admit(snapshot frame: PeerFrame) {
        do throws(ProtocolFailure) {
            let message = try SnapshotMessage(bytes: frame.bytes)
            if message.isRequest {
                let isAffordable = self.budget.withLock { $0.take(.snapshot, of: frame.from, at: .now) }
                guard isAffordable else { return self.refuse(frame, .flood, weight: 1) }
            }
            guard self.inbox.push(.snapshot(message, peer: frame.from, cost: frame.cost)) else {
                return self.drop(frame)
            }
        } catch { self.refuse(frame, .malformed) }
    }

    /// Checks the transactions of certified blocks, so that the core need not when it executes them.
    private func contents(of message: Message, _ channel: Channel, above height: Height) -> [CheckedBlock] {
        guard case .blocks(let blocks) = message else { return [] }
        return blocks.filter { $0.block.height > height }.compactMap { certified in
            guard let content = try? self.parsed.content(of: certified.block) else { return nil }
            let verified = self.check(content.transactions, in: channel)
            return CheckedBlock(hash: certified.block.hash, content: content, verified: verified)
        }
    }

    // MARK: - Transactions

    private func admit(transactions frame: PeerFrame) {
        let transactions: [Transaction]
        do throws(ProtocolFailure) { transactions = try TransactionBatch.read(frame.bytes) } catch {
            return self.refuse(frame, .malformed)
        }
        let runs = stride(from: 0, to: transactions.count, by: Self.run).map {
            Array(transactions[$0..<min(transactions.count, $0 + Self.run)])
        }
        guard let last = runs.indices.last else { return self.refuse(frame, .malformed) }
        for (index, run) in runs.enumerated() {
            self.workers.run(isUrgent: false) { self.admit(run, of: frame, isLast: index == last) }
        }
    }

    private func admit(_ transactions: [Transaction], of frame: PeerFrame, isLast: Bool) {
        var good: [VerifiedTransaction] = []
        for channel in Channel.allCases {
            let own = transactions.filter { $0.channel == channel }
            good += self.check(own, in: channel).compactMap(\.self)
        }
        // Whoever passes a transaction on has checked it.
        let bad = transactions.count - good.count
        if bad > 0 { self.network.report(peer: frame.from, misbehaviour: .badSignature, weight: bad) }
        let cost = isLast ? frame.cost : 0
        if !self.inbox.push(.passedOn(good, peer: frame.from, cost: cost)), isLast { self.drop(frame) }
    }

    /// Checks signatures as of the final state; nil where one does not hold.
    func check(_ transactions: [Transaction], in channel: Channel) -> [VerifiedTransaction?] {
        guard let verifier = self.verifiers.withLock({ $0.transactions[channel] }) else {
            return transactions.map { _ in nil }
        }
        return self.check(transactions, verifier)
    }

    /// Checks signatures, those apart that are known to hold.
    func check(_ transactions: [Transaction], _ verifier: TransactionVerifier) -> [VerifiedTransaction?] {
        var results = self.known.find(transactions.map(\.id))
        var new: [VerifiedTransaction] = []
        for (place, transaction) in transactions.enumerated() where results[place] == nil {
            guard let verified = try? verifier.verify(transaction) else { continue }
            results[place] = verified
            new.append(verified)
        }
        if !new.isEmpty { self.known.insert(new) }
        return results
    }

    /// Reads and checks transactions that a client handed in together.
    ///
    /// - Returns: in their order; the failures are ``SubmissionFailure/malformed(_:)`` and
    ///   ``SubmissionFailure/badSignature(_:)``.
    func check(offered encodings: [[UInt8]]) -> [Result<VerifiedTransaction, SubmissionFailure>] {
        encodings.map { bytes in
            let transaction: Transaction
            do throws(ProtocolFailure) { transaction = try Transaction(bytes: bytes) } catch {
                return .failure(.malformed(error.detail))
            }
            do throws(ProtocolFailure) { return .success(try self.check(transaction)) } catch {
                return .failure(.badSignature(error.detail))
            }
        }
    }

    /// Checks a client's transaction.
    ///
    /// - Throws: as ``TransactionVerifier/verify(_:)``.
    func check(_ transaction: Transaction) throws(ProtocolFailure) -> VerifiedTransaction {
        if let known = self.known[transaction.id] { return known }
        guard let verifier = self.verifiers.withLock({ $0.transactions[transaction.channel] }) else {
            throw ProtocolFailure(.context, "the channel is not open")
        }
        let verified = try verifier.verify(transaction)
        self.known.insert([verified])
        return verified
    }
}
