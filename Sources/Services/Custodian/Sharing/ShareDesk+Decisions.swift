internal import Certificates

/// Why a steward's decision does nothing.
enum ShareDecisionError: Error, Sendable, Equatable {
    /// Nothing of this identifier is known here, or not yet.
    case unknown
    /// It is in a state in which nobody can decide this.
    case notNow(ShareState)
    /// The same steward agreed before; another one must.
    case sameSteward
}

extension ShareDesk {
    /// A steward agrees.
    ///
    /// - Parameters:
    ///   - id: of a request or permission that waits, or of a permission whose refusal was no rule's.
    ///   - steward: by the certificate of the connection.
    ///   - days: from the grant to its end at most; no longer than the rule says.
    /// - Returns: the item after that.
    /// - Throws: ``ShareDecisionError``, or a database error.
    func approve(_ id: [UInt8], by steward: PartyName, days: UInt64?) throws -> ShareItem {
        let item = try self.reopened(id)
        let approvals = try self.store.approvals(of: id)
        guard !approvals.contains(where: { $0.steward.utf8.elementsEqual(steward.description.utf8) }) else {
            throw ShareDecisionError.sameSteward
        }
        var waiting = item
        if let days { waiting.daysMax = min(days, item.daysMax ?? .max) }
        // The shortest time that any of them named counts, also before all have agreed.
        if waiting != item { try self.store.update(waiting, from: item.state) }
        let moved = waiting.moved(to: item.subject == .request ? .permitting : .approved)
        let approval = ShareApproval(steward: steward.description, time: self.clock())
        let (_, hasMoved) = try self.store.approve(waiting, moving: moved, approval)
        self.waiters.wake()
        return hasMoved ? moved : try self.store.item(id) ?? waiting
    }

    /// A steward refuses; one is enough.
    ///
    /// - Throws: ``ShareDecisionError``, or a database error.
    func deny(_ id: [UInt8], by steward: PartyName) throws -> ShareItem {
        guard let item = try self.store.item(id) else { throw ShareDecisionError.unknown }
        guard item.state.isOpen else { throw ShareDecisionError.notNow(item.state) }
        var denied = item.moved(to: item.subject == .request ? .denying : .refusing)
        denied.code = Self.stewardCode
        denied.reason = "refused by \(steward)"
        guard try self.store.update(denied, from: item.state) else {
            throw ShareDecisionError.notNow(try self.store.item(id)?.state ?? item.state)
        }
        try self.store.forgetApprovals(of: id)
        self.waiters.wake()
        return denied
    }

    /// A steward ends a permission with its grant.
    ///
    /// - Parameters:
    ///   - id: of a permission.
    ///   - steward: whom the item names as the one who ended it.
    /// - Returns: the item after that.
    /// - Throws: ``ShareDecisionError``, or a database error.
    func revoke(_ id: [UInt8], by steward: PartyName) throws -> ShareItem {
        try self.revoke(id, code: Self.revokedCode(steward))
    }

    /// Ends a permission whose exchange between chains came to nothing, with its grant.
    ///
    /// - Throws: ``ShareDecisionError``, or a database error.
    func undo(_ id: [UInt8]) throws { _ = try self.revoke(id, code: "undone") }

    private func revoke(_ id: [UInt8], code: String) throws -> ShareItem {
        guard let item = try self.store.item(id), item.subject == .permission else { throw ShareDecisionError.unknown }
        guard ![.revoking, .revoked].contains(item.state) else { return item }
        var revoking = item.moved(to: .revoking)
        // In a column that later attempts do not overwrite.
        revoking.code = code
        guard try self.store.update(revoking, from: item.state) else {
            throw ShareDecisionError.notNow(try self.store.item(id)?.state ?? item.state)
        }
        self.waiters.wake()
        return revoking
    }

    /// A clinician hands in the reason of an emergency.
    ///
    /// - Parameters:
    ///   - text: the reason.
    ///   - author: the clinician.
    ///   - id: of a permission that the chain shows with this reason's digest.
    /// - Throws: a database error.
    func state(_ text: String, by author: String, for id: [UInt8]) throws {
        try self.store.keep(statement: text, of: author, for: id, at: self.clock())
        if let item = try self.store.item(id), item.state == .statement {
            try self.store.update(item.moved(to: .approved), from: .statement)
        }
        self.waiters.wake()
    }

    /// The item when somebody may agree to it.
    private func reopened(_ id: [UInt8]) throws -> ShareItem {
        guard let item = try self.store.item(id) else { throw ShareDecisionError.unknown }
        if item.state.isOpen { return item }
        let mayReopen =
            item.state == .refused && item.subject == .permission && item.code != Self.ruleCode
            && self.clock() <= item.ends
        guard mayReopen else { throw ShareDecisionError.notNow(item.state) }
        var waiting = item.moved(to: .waiting)
        waiting.code = ""
        waiting.nextTry = item.ends
        guard try self.store.update(waiting, from: .refused) else { throw ShareDecisionError.notNow(item.state) }
        try self.store.forgetApprovals(of: id)
        return waiting
    }
}
