package import CanonicalBytes

extension VerificationNodeList {
    /// Requires that this list may follow another, as far as that shows without the record of conduct; so a chain that
    /// only follows the lists notices when a committee certifies more change than it may.
    ///
    /// - Throws: `CONTEXT` for another chain, epoch or policy, a node that changed what it may not change, vanished
    ///   without a reason or came without what it needs; `THRESHOLD` for more changes than the bounds allow.
    package func requireLawful(after old: VerificationNodeList) throws(ProtocolFailure) {
        let follows = self.chain.hasBytes(of: old.chain) && self.epoch == old.epoch + 1 && self.policy == old.policy
        try require(follows, .context, "a list of another chain, epoch or policy")
        var budget = ChangeBudget(of: old)
        // Departures first, as the rules have it: an entry may not lend them its seat.
        for node in old.nodes where node.isSeated(in: old.epoch) {
            guard let new = self.node(node.name) else { throw ProtocolFailure(.context, "a node vanished") }
            try self.check(new, continues: node)
            guard !new.isSeated(in: self.epoch), let place = self.policy.place(of: node.subgroup) else { continue }
            try require(budget.vacate(place), .threshold, "more nodes leave than may")
        }
        for node in self.nodes where old.node(node.name)?.isSeated(in: old.epoch) != true {
            try self.check(entry: node, after: old)
            guard let place = self.policy.place(of: node.subgroup) else { continue }
            try require(budget.occupy(place), .threshold, "more nodes enter than may")
        }
    }

    private func check(
        _ new: VerificationNode,
        continues node: VerificationNode
    ) throws(ProtocolFailure) {
        let isSame =
            new.organization.hasBytes(of: node.organization) && new.subgroup.hasBytes(of: node.subgroup)
            && new.keys == node.keys && new.deposit == node.deposit
            && new.validity.lowerBound == node.validity.lowerBound
        try require(isSame, .context, "a node changed what it may not change")
        let mayEnd = [node.validity.upperBound, self.epoch, self.extended(node)].contains(new.validity.upperBound)
        try require(mayEnd, .context, "a node's validity changed")
        let staysJailed = node.status != .jailed || new.status == .jailed
        try require(staysJailed, .context, "a jailed node was let go")
        let isFaulty = new.status == .jailed
        let best = isFaulty ? node.credibility : node.credibility.afterWork(Credibility.workMax)
        let isNewlyFaulty = isFaulty && node.status != .jailed
        let bound = isNewlyFaulty ? best.afterFaults(1) : best
        try require(new.credibility <= bound, .context, "a node's credibility rose more than it can")
    }

    /// Where a node's validity ends that should have gone and could not.
    private func extended(_ node: VerificationNode) -> UInt64 { max(node.validity.upperBound, self.epoch + 1) }

    private func check(
        entry node: VerificationNode,
        after old: VerificationNodeList
    ) throws(ProtocolFailure) {
        try require(old.node(node.name) == nil, .context, "a node that had left came back at once")
        let obstacle = EntryRule(self.policy, self.epoch).obstacle(node)
        try require(obstacle == nil, .context, "a node entered in spite of: \(obstacle?.rawValue ?? "")")
        let seats = self.nodes.count {
            $0.isSeated(in: self.epoch) && $0.organization.hasBytes(of: node.organization)
        }
        let isWithin = seats <= Int(self.policy.organizationSeatsMax)
        try require(isWithin, .context, "an organization with too many seats")
    }
}
