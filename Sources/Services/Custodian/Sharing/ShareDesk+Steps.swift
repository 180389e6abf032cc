internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Ledger
internal import Logging
internal import Signcryption

extension ShareDesk {
    /// How often an open request is looked up again, in case others decide it; ms.
    private static let lookUpAfter: UInt64 = 600_000

    /// The next step of an item.
    ///
    /// - Returns: the item after it, or as it is when there is nothing to do.
    /// - Throws: ``ShareRefusal`` and what else ends it, or an error that may pass.
    func advance(_ item: ShareItem) async throws -> ShareItem {
        switch (item.subject, item.state) {
        case (.request, .seen): try await self.decideRequest(item)
        case (.request, .waiting): try await self.waitingRequest(item)
        case (.request, .permitting): try await self.permit(item)
        case (.request, .denying): try await self.deny(item)
        case (.permission, .seen): try await self.decidePermission(item)
        case (.permission, .waiting), (.permission, .statement): self.waitingPermission(item)
        case (.permission, .approved): try await self.grant(item)
        case (.permission, .granted): try await self.record(item)
        case (.permission, .recorded): try await self.sendAgain(item)
        case (.permission, .refusing): try await self.refuse(item)
        case (.permission, .revoking): try await self.revoke(item)
        default: item
        }
    }

    // MARK: Requests

    private func decideRequest(_ item: ShareItem) async throws -> ShareItem {
        if let settled = try await self.settled(item) { return settled }
        let scope = try self.scope(item)
        let decision = self.rules.current.decision(label: scope.label, purpose: item.purpose, kind: .decided)
        switch decision.action {
        case .grant: return item.decided(decision, .permitting)
        case .queue: return self.resting(item.decided(decision, .waiting))
        case .refuse:
            var item = item.decided(decision, .denying)
            item.code = Self.ruleCode
            return item
        }
    }

    private func waitingRequest(_ item: ShareItem) async throws -> ShareItem {
        if let settled = try await self.settled(item) { return settled }
        return self.resting(item)
    }

    /// The request as somebody else, or time, has decided it; nil when it is open.
    private func settled(_ item: ShareItem) async throws -> ShareItem? {
        guard let request = try await self.chain.request(item.id) else {
            throw ChainReadingError(.chainUnavailable, "the chain does not show the request yet")
        }
        switch request.status {
        case .permitted:
            var item = item.moved(to: .permitted)
            item.outcome = request.permission
            return item
        case .denied: return item.moved(to: .denied)
        case .open: return self.clock() > item.ends ? item.moved(to: .lapsed) : nil
        }
    }

    private func permit(_ item: ShareItem) async throws -> ShareItem {
        if let settled = try await self.settled(item) { return settled }
        let days = item.daysMax ?? self.settings.daysDefault
        do { try await self.chain.permit(item.id, until: self.clock() + days * 86_400_000) } catch {
            guard let code = (error as? ChainSubmissionError)?.code, let why = Self.returned[code] else { throw error }
            // People can do something about it: they get it back.
            var item = self.resting(item.moved(to: .waiting))
            item.reason = why
            try self.store.forgetApprovals(of: item.id)
            return item
        }
        return item.moved(to: .permitted)
    }

    /// What sends a request back to the stewards.
    private static let returned: [UInt16: String] = [
        RejectionCode.accessTimeOutOfRange.number: "the consortium allows no permission of so many days",
        RejectionCode.consentForbids.number: "somebody with a say in the scope forbids it",
        RejectionCode.consentRequired.number: "the consent of somebody with a say in the scope is missing",
        RejectionCode.labelForbids.number: "somebody with a say in the scope's whole label forbids it",
        RejectionCode.labelConsentRequired.number:
            "the consent of somebody with a say in the scope's whole label is missing",
    ]

    private func deny(_ item: ShareItem) async throws -> ShareItem {
        if let settled = try await self.settled(item) { return settled }
        try await self.chain.deny(item.id)
        var denied = item.moved(to: .denied)
        denied.reason = item.reason
        return denied
    }

    // MARK: Permissions

    private func decidePermission(_ item: ShareItem) async throws -> ShareItem {
        if item.kind == .emergency, !item.isTold {
            await self.notice.tell(item)
            var told = item
            told.isTold = true
            return told
        }
        let scope = try self.scope(item)
        if let decided = try self.decidedHere(item) { return decided }
        let decision = self.rules.current.decision(label: scope.label, purpose: item.purpose, kind: item.kind)
        switch decision.action {
        case .grant where item.kind == .emergency:
            let isStated = try self.store.statement(for: item.id) != nil
            return isStated
                ? item.decided(decision, .approved) : self.resting(item.decided(decision, .statement))
        case .grant: return item.decided(decision, .approved)
        case .queue:
            try await self.requireStanding(item, scope)
            return self.resting(item.decided(decision, .waiting))
        case .refuse:
            var item = item.decided(decision, .refusing)
            item.code = Self.ruleCode
            return item
        }
    }

    /// A permission that this custodian itself gave, after its stewards or a rule agreed to the request.
    private func decidedHere(_ item: ShareItem) throws -> ShareItem? {
        guard item.kind == .decided, var request = try self.store.item(item.request), request.subject == .request
        else { return nil }
        let state = request.state
        let isOurs =
            [.permitting, .permitted].contains(state) && !request.rule.isEmpty
            && item.decider.utf8.elementsEqual(self.custodian.owner.utf8)
        request = state == .permitted ? request : request.moved(to: .permitted)
        request.outcome = item.id
        try self.store.update(request, from: state)
        guard isOurs else { return nil }
        var approved = item.moved(to: .approved)
        approved.rule = request.rule
        approved.daysMax = request.daysMax
        return approved
    }

    private func waitingPermission(_ item: ShareItem) -> ShareItem {
        guard self.clock() > item.ends else { return self.resting(item) }
        guard item.state == .statement else { return item.moved(to: .lapsed) }
        var item = item.moved(to: .refusing)
        item.code = Self.statementCode
        return item
    }

    private func grant(_ item: ShareItem) async throws -> ShareItem {
        let scope = try self.scope(item)
        guard try item.kind == .emergency || DatasetStore(queue: self.store.queue).isTold(scope) else {
            throw CustodianError.grant("the chain has to be told first whose scope this is, and of which label")
        }
        try await self.requireStanding(item, scope)
        let terms = try await self.post.keep(self.order(item, scope), at: self.clock() / 1_000)
        guard terms.notAfter * 1_000 >= self.clock() else {
            throw ShareRefusal(code: "permission-expired", detail: "the grant is over")
        }
        let refusals = try await self.post.send(under: item.id, to: terms.centers)
        guard terms.centers.count - refusals.count >= terms.threshold else {
            let first = refusals.first ?? ("", "")
            throw CustodianError.center(first.center, first.why)
        }
        var granted = item.moved(to: .granted)
        granted.outcome = terms.digest
        granted.missing = refusals.map(\.center)
        return granted
    }

    private func order(_ item: ShareItem, _ scope: RegisteredScope) throws -> GrantOrder {
        let certificate = try ImplicitCertificate(bytes: item.certificate)
        let now = self.clock() / 1_000
        return GrantOrder(
            permission: item.id,
            scope: scope,
            receiverCertificate: item.certificate,
            receiverIssuer: try TrustedParty.issuer(of: certificate, among: self.settings.issuers).trusted.issuer,
            centers: self.settings.centers,
            threshold: self.settings.threshold,
            notBefore: min(now, item.time / 1_000),
            notAfter: min(item.ends / 1_000, item.daysMax.map { now + $0 * 86_400 } ?? .max)
        )
    }

    private func record(_ item: ShareItem) async throws -> ShareItem {
        guard let terms = try self.post.kept(under: item.id) else {
            throw CustodianError.grant("the grant that was sent is gone from the directory")
        }
        try await self.chain.record(terms, under: item)
        var recorded = item.moved(to: .recorded)
        self.logger.info(
            "granted",
            metadata: ["permission": "\(item.id.hex)", "kind": "\(item.kind.rawValue)", "rule": "\(item.rule)"]
        )
        recorded.missing = item.missing
        return recorded
    }

    /// Brings a grant to centers that were away.
    private func sendAgain(_ item: ShareItem) async throws -> ShareItem {
        var item = item
        guard self.clock() <= item.ends else {
            item.missing = []
            return item
        }
        let refusals = try await self.post.send(under: item.id, to: item.missing)
        item.missing = refusals.map(\.center)
        if let first = refusals.first { throw CustodianError.center(first.center, first.why) }
        return item.moved(to: .recorded)
    }

    private func refuse(_ item: ShareItem) async throws -> ShareItem {
        try await self.chain.refuse(item.id, code: item.code)
        var refused = item.moved(to: .refused)
        refused.reason = item.reason
        self.logger.notice(
            "refused a grant",
            metadata: ["permission": "\(item.id.hex)", "code": "\(item.code)", "rule": "\(item.rule)"]
        )
        return refused
    }

    private func revoke(_ item: ShareItem) async throws -> ShareItem {
        try await self.chain.revoke(item.id, grant: item.outcome.isEmpty ? nil : item.outcome)
        let refusals = try await self.post.withdraw(under: item.id)
        if let first = refusals.first { throw CustodianError.center(first.center, first.why) }
        return item.moved(to: .revoked)
    }

    // MARK: Both

    static let ruleCode = "refused-by-rule"
    static let statementCode = "statement-missing"
    static let stewardCode = "denied-by-steward"
    /// Of a permission that a steward ended.
    static func revokedCode(_ steward: PartyName) -> String { "revoked-by:\(steward)" }

    func scope(_ item: ShareItem) throws -> RegisteredScope {
        guard let scope = try self.custodian.registry.scope(digest: item.scope) else {
            throw ShareRefusal(code: "another-scope", detail: "it is no scope of this custodian")
        }
        guard scope.isForReadings else {
            throw ShareRefusal(code: "another-scope", detail: "a scope for epoch keys or accounts is never granted")
        }
        return scope
    }

    func requireStanding(_ item: ShareItem, _ scope: RegisteredScope) async throws {
        guard self.clock() <= item.ends else {
            throw ShareRefusal(code: "permission-expired", detail: "the permission is over")
        }
        try await self.chain.requireStanding(
            item.id,
            of: ImplicitCertificate(bytes: item.certificate),
            for: ScopeDescriptor(bytes: scope.descriptor)
        )
    }

    /// The item, to be looked at again when it is over, and a request now and then before.
    private func resting(_ item: ShareItem) -> ShareItem {
        var item = item
        let over = item.ends == .max ? item.ends : item.ends + 1
        item.nextTry = item.subject == .request ? min(over, self.clock() + Self.lookUpAfter) : over
        return item
    }
}

extension ShareItem {
    fileprivate func decided(_ decision: RuleDecision, _ state: ShareState) -> ShareItem {
        var item = self.moved(to: state)
        item.rule = decision.rule
        item.approvals = decision.approvals
        item.daysMax = decision.daysMax
        return item
    }
}
