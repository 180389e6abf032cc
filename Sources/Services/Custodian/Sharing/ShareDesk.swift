internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Credentials
internal import Ledger
internal import Logging
internal import Signcryption

/// What a custodian does with requests and permissions of its organization, step by step.
///
/// Everything that was decided or made is on the disk before anybody hears of it, and every step may be taken again: a
/// desk that is killed anywhere goes on with the same grant.
struct ShareDesk: Sendable {
    struct Settings: Sendable {
        /// Addresses of the privacy centers that grants go through.
        var centers: [String]
        /// Centers that must take part in opening an envelope; nil for all.
        var threshold: Int?
        /// Issuers of requesters' certificates, of the genesis.
        var issuers: [TrustedIssuer]
        /// Of a permission that a steward gives without naming days.
        var daysDefault: UInt64 = 30
    }

    static let itemsPerRound = 256
    static let stepsAtOnce = 64
    private static let proofsAtOnce = 16
    private static let backoffMax: UInt64 = 60_000

    let custodian: Custodian
    let store: ShareStore
    let chain: any SharingChain
    let post: any GrantPost
    let rules: RulesFile
    let notice: EmergencyNotice
    let settings: Settings
    let waiters: GrantWaiters
    let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64

    var organization: String { self.custodian.identity.name.organization }

    // MARK: Following

    /// Reads what is new on the chain into the queue.
    ///
    /// - Returns: how many items are new.
    @discardableResult
    func follow() async throws -> Int {
        var count = 0
        var place = try self.store.place("followed")
        while true {
            let entries = try await self.chain.entries(after: place)
            let (items, reached) = try await self.read(entries)
            guard let reached, place.map({ $0 < reached }) ?? true else { return count }
            count += try self.store.take(items, upTo: reached).count
            place = reached
        }
    }

    /// Looks again at what the chain said since the last such look: a validator that lagged may have left something out.
    func lookAgain() async throws {
        guard let upTo = try self.store.place("followed") else { return }
        var place = try self.store.place("looked-again")
        while true {
            let entries = try await self.chain.entries(after: place)
            guard let last = entries.last?.place, place.map({ $0 < last }) ?? true else { break }
            let (items, _) = try await self.read(entries)
            _ = try self.store.take(items, upTo: nil)
            place = last
            if last >= upTo { break }
        }
        try self.store.keep(upTo, as: "looked-again")
    }

    /// The items behind entries, and the place up to which all of them are proven.
    private func read(_ entries: [ChainEntry]) async throws -> (items: [ShareItem], place: ChainPlace?) {
        var items: [ShareItem] = []
        var place: ChainPlace?
        var start = 0
        while start < entries.count {
            let chunk = Array(entries[start..<min(start + Self.proofsAtOnce, entries.count)])
            start += chunk.count
            let proofs = try await self.proofs(for: chunk)
            for entry in chunk {
                switch proofs[entry.transaction] {
                case .known: break
                // An entry that nobody proves is one validator's invention, or too new: it moves nothing on.
                case .unproven, nil: continue
                case .proven(let proven):
                    guard proven.height == entry.place.height else { continue }
                    if let item = try await self.item(proven), !items.contains(where: { $0.id == item.id }) {
                        items.append(item)
                    }
                }
                place = entry.place
            }
        }
        return (items, place)
    }

    private enum EntryProof: Sendable {
        /// An item came from the transaction before.
        case known
        case unproven
        case proven(ProvenTransaction)
    }

    private func proofs(for entries: [ChainEntry]) async throws -> [[UInt8]: EntryProof] {
        var proofs: [[UInt8]: EntryProof] = [:]
        try await withThrowingTaskGroup(of: ([UInt8], EntryProof).self) { group in
            for id in Set(entries.map(\.transaction)) {
                guard try !self.store.knows(transaction: id) else {
                    proofs[id] = .known
                    continue
                }
                group.addTask {
                    guard let proven = try await self.chain.transaction(id) else { return (id, .unproven) }
                    return (id, .proven(proven))
                }
            }
            for try await (id, proof) in group { proofs[id] = proof }
        }
        return proofs
    }

    private func item(_ proven: ProvenTransaction) async throws -> ShareItem? {
        do {
            return try await proven.item(in: self.organization) { try await self.requester(of: $0) }
        } catch {
            guard error is ProtocolFailure else { throw error }
            self.logger.error(
                "passed over a transaction that this version cannot read",
                metadata: ["transaction": "\(proven.transaction.id.hex)", "why": "\(error)"]
            )
            return nil
        }
    }

    /// Who signed the request that somebody else permitted.
    private func requester(of permission: Permission) async throws -> (certificate: [UInt8], name: String) {
        if let known = try self.store.item(permission.request) { return (known.certificate, known.requester) }
        guard let proven = try await self.chain.transaction(ofRequest: permission.request),
            let signer = proven.signer, signer.digest == permission.requester
        else { throw ChainReadingError(.chainUnavailable, "nobody proves the request that was permitted") }
        return (signer.bytes, signer.fields.subject)
    }

    // MARK: Working

    /// Takes the steps of everything that is due, one after another.
    ///
    /// - Returns: how many items moved on.
    @discardableResult
    func work() async throws -> Int {
        var moved = 0
        for item in try self.store.due(at: self.clock(), limit: Self.itemsPerRound) where await self.step(item) {
            moved += 1
        }
        return moved
    }

    /// Takes one item's steps until it rests, and writes after each where it stands.
    func step(_ item: ShareItem) async -> Bool {
        var item = item
        var hasMoved = false
        while true {
            let next = await self.next(item)
            guard next != item else { return hasMoved }
            do {
                guard try self.store.update(next, from: item.state) else { return hasMoved }
            } catch {
                self.logger.error("cannot write the queue of shares", metadata: ["why": "\(error)"])
                return hasMoved
            }
            self.waiters.tell(item.id)
            guard next.state != item.state || next.isTold != item.isTold else { return hasMoved }
            hasMoved = true
            item = next
        }
    }

    /// What becomes of an item, with the reason when it has to wait.
    private func next(_ item: ShareItem) async -> ShareItem {
        do { return try await self.advance(item) } catch { return self.outcome(of: item, after: error) }
    }

    private func outcome(of item: ShareItem, after error: any Error) -> ShareItem {
        // What is being refused or revoked is not refused once more: it is tried until it works.
        let mayRefuse = [.seen, .approved, .granted, .permitting].contains(item.state)
        if mayRefuse, let refusal = ShareRefusal(error) { return self.refused(item, refusal) }
        var later = item
        later.attempts += 1
        later.reason = String("\(error)".prefix(500))
        later.nextTry = self.clock() + min(Self.backoffMax, 500 << UInt64(min(item.attempts, 8)))
        return later
    }

    private func refused(_ item: ShareItem, _ refusal: ShareRefusal) -> ShareItem {
        var item = item.moved(to: item.subject == .permission ? .refusing : .denying)
        item.code = String(refusal.code.prefix(64))
        item.reason = String(refusal.detail.prefix(500))
        return item
    }
}

extension ShareRefusal {
    /// Nil for an error that may pass.
    fileprivate init?(_ error: any Error) {
        switch error {
        case let refusal as ShareRefusal: self = refusal
        case let error as ChainReadingError where error.reason != .chainUnavailable:
            self.init(code: error.reason.rawValue, detail: error.detail)
        case let failure as ProtocolFailure: self.init(code: "certificate-unusable", detail: "\(failure)")
        case let error as ChainSubmissionError:
            // The chain's word on a permission or its window is final; all other rejections may pass.
            let final: [RejectionCode] = [
                .permissionExpired, .permissionRevoked, .grantTimeOutOfRange, .requestExpired, .noSuchRequest,
            ]
            guard let code = final.first(where: { $0.number == error.code }) else { return nil }
            self.init(code: code.name, detail: "the chain rejected it")
        default: return nil
        }
    }
}
