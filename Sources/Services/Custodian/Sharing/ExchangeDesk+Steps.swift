internal import CanonicalBytes
internal import ChainReading
internal import Contracts
internal import IBTP
internal import Ledger
internal import Logging
internal import Uplink

extension ExchangeDesk {
    /// How often an open request is looked up, in case others decide it; ms.
    private static let lookUpAfter: UInt64 = 60_000
    /// Words of validators that may say otherwise in a moment: their clocks differ, or another block is newer.
    private static let passing: Set<String> = ["valid-until-too-far-ahead", "nonce-used"]

    /// The next step of an item.
    ///
    /// - Returns: the item after it, or as it is when there is nothing to do.
    /// - Throws: ``ShareRefusal`` when the request cannot be filed, or an error that may pass.
    func advance(_ item: ExchangeItem) async throws -> ExchangeItem {
        guard item.state.isActive else { return item }
        let id = try MessageID(item.id)
        switch try await self.chain.standing(of: id) {
        case nil: throw ChainReadingError(.chainUnavailable, "the chain does not show the exchange yet")
        case .pending: break
        // Whoever came first said it.
        case .success: return item.moved(to: .ended, code: "success")
        case .failure: return item.moved(to: .ended, code: item.state == .refused ? item.code : "failure")
        case .undone: return try await self.undo(item)
        }
        let request = try await self.filed(item)
        switch item.state {
        case .filing: return request == nil ? try await self.file(item) : item.moved(to: .filed)
        case .filed:
            guard let request else {
                throw ChainReadingError(.chainUnavailable, "the chain does not show the request yet")
            }
            return try await self.finish(item, id, request)
        case .refused:
            // The requester may have found another way to file it.
            return request == nil ? try await self.fail(item, id) : item.moved(to: .filed)
        case .ended, .undone: return item
        }
    }

    /// The exchange's own request as the chain has it; nil while nobody filed it.
    private func filed(_ item: ExchangeItem) async throws -> AccessRequest? {
        guard !item.inner.isEmpty, let request = try await self.chain.request(item.request) else { return nil }
        let isOurs = self.digest(of: request.arguments, by: request.requester, item) == item.share
        return isOurs ? request : nil
    }

    /// Hands the requester's transaction to the chain.
    private func file(_ item: ExchangeItem) async throws -> ExchangeItem {
        guard self.clock() / 1_000 <= item.expiry else {
            throw ShareRefusal(code: "request-expired", detail: "its time was over before it could be filed")
        }
        let receipt: TransactionReceipt?
        do { receipt = try await self.chain.file(try Transaction(bytes: item.inner)) } catch {
            guard case .refused(let failure)? = error as? ChainSubmissionError, failure.isPermanent,
                case .refused(_, let code, let detail, _) = failure, !Self.passing.contains(code)
            else { throw error }
            throw ShareRefusal(code: code.isEmpty ? "not-taken" : code, detail: detail)
        }
        guard let receipt else {
            throw ChainReadingError(.chainUnavailable, "nobody knows yet what becomes of the request")
        }
        guard receipt.code == 0 else {
            let name = RejectionCode.name(receipt.code) ?? "code-\(receipt.code)"
            throw ShareRefusal(code: name, detail: "the contract rejected it: \(RejectionCode.text(receipt.code))")
        }
        self.logger.info("filed a request of another chain", metadata: ["exchange": "\(item.id)"])
        return item.moved(to: .filed)
    }

    /// Has the contract answer when the request is decided, or over.
    private func finish(_ item: ExchangeItem, _ id: MessageID, _ request: AccessRequest) async throws -> ExchangeItem {
        let outcome: String
        switch request.status {
        case .permitted: outcome = "permitted"
        case .denied: outcome = "denied"
        case .open:
            let over = request.arguments.expires
            guard self.clock() > over else {
                return item.resting(until: min(over == .max ? over : over + 1, self.clock() + Self.lookUpAfter))
            }
            outcome = "request-expired"
        }
        try await self.chain.finish(id, request: item.request)
        self.logger.info("answered another chain", metadata: ["exchange": "\(item.id)", "outcome": "\(outcome)"])
        return item.moved(to: .ended, code: outcome)
    }

    /// Ends an exchange as failed whose request was not filed in its time.
    private func fail(_ item: ExchangeItem, _ id: MessageID) async throws -> ExchangeItem {
        let over: UInt64 = item.expiry >= UInt64.max / 1_000 - 1 ? .max : (item.expiry + 1) * 1_000
        guard self.clock() > over else {
            var later = item
            later.nextTry = min(over == .max ? over : over + 1, self.clock() + 10 * Self.lookUpAfter)
            return later
        }
        // No request has the share digest for its identifier: the contract sees that none was filed.
        try await self.chain.finish(id, request: item.share)
        self.logger.info("ended an exchange as failed", metadata: ["exchange": "\(item.id)", "code": "\(item.code)"])
        return item.moved(to: .ended, code: item.code, reason: item.reason)
    }

    /// Leaves nothing of a request whose exchange the relay chain has undone: who asked was told that nothing came of it.
    private func undo(_ item: ExchangeItem) async throws -> ExchangeItem {
        if let request = try await self.filed(item) {
            switch request.status {
            case .open: try await self.chain.deny(item.request)
            case .permitted:
                // With its item the grant is taken back at the privacy centers too.
                if (try? self.shares.undo(request.permission)) == nil {
                    try await self.chain.revoke(request.permission, grant: nil)
                }
            case .denied: break
            }
        }
        self.logger.notice("an exchange was undone", metadata: ["exchange": "\(item.id)"])
        return item.moved(to: .undone, code: "undone")
    }
}
