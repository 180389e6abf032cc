internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Credentials
internal import IBTP
internal import Ledger
internal import Logging
internal import Records
internal import Transcripts

/// What a custodian does with requests for its data that researchers of other chains make over the relay chain.
///
/// Each comes sealed to the custodian's certificate. The desk opens it, hands the requester's own signed transaction to
/// this chain, where it is decided like any other, and then has the contract say how it ended. Nobody has to believe the
/// desk: the contract looks into its own state. What was opened is on the disk before it is acted on, and every step may
/// be taken again after a kill.
struct ExchangeDesk: Sendable {
    static let itemsPerRound = 64
    private static let stepsAtOnce = 8
    private static let proofsAtOnce = 16
    private static let backoffMax: UInt64 = 60_000

    let custodian: Custodian
    let store: ExchangeStore
    let chain: any ExchangeChain
    /// Decides about what is filed, and takes back what is undone.
    let shares: ShareDesk
    let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64

    var organization: String { self.custodian.identity.name.organization }

    // MARK: Following

    /// Reads what other chains ask this custodian.
    ///
    /// - Returns: how many requests are new.
    @discardableResult
    func follow() async throws -> Int {
        var count = 0
        var place = try self.shares.store.place(ExchangeStore.placeName)
        while true {
            let entries = try await self.chain.exchanges(after: place)
            let (items, reached) = try await self.read(entries)
            guard let reached, place.map({ $0 < reached }) ?? true else {
                // What is proven behind a gap is taken in at once; the place waits for the gap.
                return count + (try self.store.take(items, upTo: nil))
            }
            count += try self.store.take(items, upTo: reached)
            place = reached
        }
    }

    /// Looks again at what the chain said since the last such look: a validator that lagged may have left something out.
    func lookAgain() async throws {
        let store = self.shares.store
        guard let upTo = try store.place(ExchangeStore.placeName) else { return }
        var place = try store.place(ExchangeStore.lookedName)
        while true {
            let entries = try await self.chain.exchanges(after: place)
            guard let last = entries.last?.place, place.map({ $0 < last }) ?? true else { break }
            _ = try self.store.take(try await self.read(entries).items, upTo: nil)
            place = last
            if last >= upTo { break }
        }
        try store.keep(upTo, as: ExchangeStore.lookedName)
    }

    /// The items behind entries, and the place up to which all of them are proven.
    private func read(_ entries: [ChainEntry]) async throws -> (items: [ExchangeItem], place: ChainPlace?) {
        var items: [ExchangeItem] = []
        var place: ChainPlace?
        for start in stride(from: 0, to: entries.count, by: Self.proofsAtOnce) {
            let chunk = entries[start..<min(start + Self.proofsAtOnce, entries.count)]
            let proofs = try await self.proofs(of: Set(chunk.map(\.transaction)))
            for entry in chunk {
                // An entry that nobody proves is one validator's invention, or too new: it moves nothing on.
                guard let proven = proofs[entry.transaction], proven.height == entry.place.height else { continue }
                if let item = self.item(proven), !items.contains(where: { $0.id == item.id }) { items.append(item) }
                place = entry.place
            }
        }
        return (items, place)
    }

    private func proofs(of transactions: Set<[UInt8]>) async throws -> [[UInt8]: ProvenTransaction] {
        try await withThrowingTaskGroup(of: ProvenTransaction?.self) { group in
            for id in transactions { group.addTask { try await self.chain.transaction(id) } }
            var proofs: [[UInt8]: ProvenTransaction] = [:]
            for try await proven in group { if let proven { proofs[proven.transaction.id] = proven } }
            return proofs
        }
    }

    // MARK: Opening

    /// The request that a transaction delivered; nil when it is for another custodian, or for no desk of this version.
    func item(_ proven: ProvenTransaction) -> ExchangeItem? {
        guard proven.receipt.code == 0,
            let event = proven.receipt.events.first(where: { $0.topic.utf8.elementsEqual(ExchangeReceived.topic.utf8) }
            ),
            let received = try? ExchangeReceived(bytes: event.data),
            let delivered = try? DeliverMessage(bytes: proven.transaction.body.arguments),
            let message = delivered.relayed.message, let id = try? message.id, id == received.id,
            let sealed = try? SealedShareRequest(in: message), let extra = try? message.relayExtension
        else { return nil }
        let asker = ShareRequest.asker(of: id.from, certificate: extra.certificate)
        func taken(request: [UInt8], inner: [UInt8]) -> ExchangeItem {
            ExchangeItem(
                id: id.description,
                transaction: proven.transaction.id,
                share: received.share,
                asker: asker,
                expiry: extra.expiry,
                request: request,
                inner: inner,
                time: proven.time,
                state: .filing
            )
        }
        do {
            guard let inner = try self.open(sealed, received) else { return nil }
            guard let asked = inner.requestedAccess else {
                throw ShareRefusal(code: "not-a-request", detail: "what was sealed asks for no data")
            }
            let item = taken(request: asked.request, inner: inner.bytes)
            do { try self.check(inner, asked, item) } catch let refusal as ShareRefusal {
                return self.refused(item, refusal)
            }
            return item
        } catch let refusal as ShareRefusal {
            return self.refused(taken(request: received.share, inner: []), refusal)
        } catch {
            let refusal = ShareRefusal(code: "key-unreadable", detail: "\(error)")
            return self.refused(taken(request: received.share, inner: []), refusal)
        }
    }

    /// The transaction inside; nil when it is sealed to somebody else.
    ///
    /// - Throws: ``ShareRefusal``; `CredentialsError` for a key that cannot be read.
    private func open(_ sealed: SealedShareRequest, _ received: ExchangeReceived) throws -> Transaction? {
        guard let identity = try self.custodian.identity.generation(certified: sealed.receiver) else { return nil }
        do throws(ProtocolFailure) {
            return try sealed.open(with: identity.key, for: received.id.to, share: received.share)
        } catch {
            throw ShareRefusal(code: "not-opened", detail: "it does not open with the key that it names: \(error)")
        }
    }

    /// Requires that a transaction is the request that the exchange is about, and for this custodian to bring.
    private func check(_ inner: Transaction, _ asked: RequestAccess, _ item: ExchangeItem) throws {
        guard self.digest(of: asked, by: inner.body.signer, item) == item.share else {
            throw ShareRefusal(code: "another-request", detail: "the exchange is about another request")
        }
        guard asked.organization.utf8.elementsEqual(self.organization.utf8) else {
            throw ShareRefusal(code: "another-organization", detail: "it asks for data of \(asked.organization)")
        }
    }

    func digest(of asked: RequestAccess, by requester: [UInt8], _ item: ExchangeItem) -> [UInt8] {
        ShareRequest.digest(asked, by: requester, asker: item.asker)
    }

    // MARK: Working

    /// Takes the steps of everything that is due.
    func work() async throws {
        let due = try self.store.due(at: self.clock(), limit: Self.itemsPerRound)
        for start in stride(from: 0, to: due.count, by: Self.stepsAtOnce) {
            await withDiscardingTaskGroup { group in
                for item in due[start..<min(start + Self.stepsAtOnce, due.count)] {
                    group.addTask { await self.step(item) }
                }
            }
        }
    }

    /// Takes one item's steps until it rests, and writes after each where it stands.
    func step(_ item: ExchangeItem) async {
        var item = item
        while true {
            let next = await self.next(item)
            guard next != item else { return }
            do {
                guard try self.store.update(next, from: item.state) else { return }
            } catch {
                self.logger.error("cannot write the queue of exchanges", metadata: ["why": "\(error)"])
                return
            }
            guard next.state != item.state, next.state.isActive, next.nextTry == 0 else { return }
            item = next
        }
    }

    private func next(_ item: ExchangeItem) async -> ExchangeItem {
        do { return try await self.advance(item) } catch {
            if let refusal = error as? ShareRefusal { return self.refused(item, refusal) }
            var later = item
            later.attempts += 1
            later.reason = String("\(error)".prefix(500))
            later.nextTry = self.clock() + min(Self.backoffMax, 500 << UInt64(min(item.attempts, 8)))
            return later
        }
    }

    private func refused(_ item: ExchangeItem, _ refusal: ShareRefusal) -> ExchangeItem {
        self.logger.notice(
            "cannot file a request of another chain",
            metadata: ["exchange": "\(item.id)", "code": "\(refusal.code)", "why": "\(refusal.detail)"]
        )
        return item.moved(to: .refused, code: refusal.code, reason: refusal.detail)
    }
}
