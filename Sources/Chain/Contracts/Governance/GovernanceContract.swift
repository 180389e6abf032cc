internal import CanonicalBytes
internal import Certificates
internal import Consensus
package import Ledger

extension RejectionCode {
    package static let notAGovernor = RejectionCode(401, "not-a-governor")
    package static let noSuchProposal = RejectionCode(402, "no-such-proposal")
    package static let proposalClosed = RejectionCode(403, "proposal-closed")
    package static let proposalExpired = RejectionCode(404, "proposal-expired")
    package static let votedAlready = RejectionCode(405, "voted-already")
    package static let notTheProposer = RejectionCode(406, "not-the-proposer")
    package static let proposalTimeOutOfRange = RejectionCode(407, "time-out-of-range")
    package static let unknownParameter = RejectionCode(408, "unknown-parameter")
    package static let valueOutOfRange = RejectionCode(409, "value-out-of-range")
    package static let validatorNames = RejectionCode(410, "validator-names")
    package static let validatorNumberUsed = RejectionCode(411, "validator-number-used")
    package static let validatorKeyShared = RejectionCode(412, "validator-key-shared")
    package static let issuerKnown = RejectionCode(413, "issuer-known")
    package static let issuerUnknown = RejectionCode(414, "issuer-unknown")
    package static let lastAuthority = RejectionCode(415, "last-authority")
    package static let notToBePutOff = RejectionCode(416, "not-to-be-put-off")
    package static let governorsOutOfOrder = RejectionCode(417, "governors-out-of-order")
    package static let tooManyIssuers = RejectionCode(418, "too-many-issuers")
    package static let validatorKeyUnfit = RejectionCode(419, "validator-key-unfit")
}

/// `governance`: the consortium decides about itself, by votes of its governors.
struct GovernanceContract: Sendable {
    private let tools: GovernanceTools

    init(_ tools: GovernanceTools) { self.tools = tools }

    var methods: [Method] {
        [Method(self.propose), Method(self.approve), Method(self.reject), Method(self.withdraw)]
    }

    @Sendable private func propose(_ arguments: Propose, _ call: ContractCall) throws(ContractFailure) {
        let (party, _) = try self.governor(call)
        try call.requireSoon(arguments.expires, within: .proposalSecondsMax, .proposalTimeOutOfRange)
        try Enactment(arguments.change, self.tools).check(call)
        let id = call.transaction.id
        try call.store(Proposal(arguments, by: party), at: GovernanceKey.proposal(id))
        try call.emit("governance.proposed", id + arguments.change.bytes.prefix(1))
    }

    @Sendable private func approve(_ arguments: Approve, _ call: ContractCall) throws(ContractFailure) {
        let (party, governors) = try self.governor(call)
        var proposal = try self.vote(on: arguments.proposal, by: party, call)
        proposal.approvals.append(party)
        // Votes of governors that have left since do not count.
        let count = proposal.approvals.count { governors.parties.contains($0) }
        if count >= governors.threshold {
            proposal.close(.enacted, at: call.block.height)
            try Enactment(proposal.arguments.change, self.tools).carryOut(call)
            try call.emit("governance.enacted", arguments.proposal + proposal.arguments.change.bytes)
        } else {
            try call.emit("governance.approved", arguments.proposal)
        }
        try call.store(proposal, at: GovernanceKey.proposal(arguments.proposal))
    }

    @Sendable private func reject(_ arguments: Reject, _ call: ContractCall) throws(ContractFailure) {
        let (party, governors) = try self.governor(call)
        var proposal = try self.vote(on: arguments.proposal, by: party, call)
        proposal.rejections.append(party)
        let count = proposal.rejections.count { governors.parties.contains($0) }
        // Those who are left cannot reach the threshold any more.
        if count > governors.parties.count - governors.threshold { proposal.close(.rejected, at: call.block.height) }
        try call.store(proposal, at: GovernanceKey.proposal(arguments.proposal))
        try call.emit("governance.rejected", arguments.proposal + [proposal.status.rawValue])
    }

    @Sendable private func withdraw(_ arguments: Withdraw, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party()
        var proposal = try self.open(arguments.proposal, call)
        try ensure(proposal.proposer == party, .notTheProposer, "another's proposal")
        proposal.close(.withdrawn, at: call.block.height)
        try call.store(proposal, at: GovernanceKey.proposal(arguments.proposal))
        try call.emit("governance.withdrawn", arguments.proposal)
    }

    private func governor(_ call: ContractCall) throws(ContractFailure) -> (PartyName, Governors) {
        let party = try call.party()
        let governors = try call.record(Governors.self, at: GovernanceKey.governors)
        guard let governors, governors.parties.contains(party) else {
            throw .rejected(.notAGovernor, "only governors decide")
        }
        return (party, governors)
    }

    /// The open proposal that a governor has not voted on.
    private func vote(
        on id: [UInt8],
        by party: PartyName,
        _ call: ContractCall
    ) throws(ContractFailure) -> Proposal {
        let proposal = try self.open(id, call)
        let hasVoted = proposal.approvals.contains(party) || proposal.rejections.contains(party)
        try ensure(!hasVoted, .votedAlready, "one vote each")
        return proposal
    }

    private func open(_ id: [UInt8], _ call: ContractCall) throws(ContractFailure) -> Proposal {
        guard let proposal = try call.record(Proposal.self, at: GovernanceKey.proposal(id)) else {
            throw .rejected(.noSuchProposal, "no proposal of this identifier")
        }
        try ensure(proposal.status == .open, .proposalClosed, "it is decided or withdrawn")
        try ensure(proposal.arguments.expires >= call.block.time, .proposalExpired, "its time is over")
        return proposal
    }
}
