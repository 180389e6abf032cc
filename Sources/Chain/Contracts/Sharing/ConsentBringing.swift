internal import CanonicalBytes
internal import Ledger

/// What the index channel learns of consents, and holds shares to.
struct ConsentBringing: Sendable {
    let citation: Citation

    var methods: [Method] { [Method(self.bring)] }

    /// Takes consents over that are newer than the ones known.
    ///
    /// The same consents again count: what they were meanwhile can then not be brought any more.
    @Sendable private func bring(_ arguments: BringConsents, _ call: ContractCall) throws(ContractFailure) {
        let proof = arguments.proof
        guard let (organization, scope) = AccessKey.scope(ofConsents: proof.key), let value = proof.value else {
            throw .rejected(.citesSomethingElse, "not the consents about a scope")
        }
        try self.citation.check(proof, call)
        let consents: ScopeConsents
        do throws(ProtocolFailure) { consents = try ScopeConsents(bytes: value) } catch {
            throw .rejected(.citesSomethingElse, error.description)
        }
        let key = SharingKey.consents(of: scope, organization)
        let known = try call.record(BroughtConsents.self, at: key)?.height ?? 0
        let height = proof.header.height
        try ensure(height > known, .citationOutdated, "block \(known) was cited already")
        try call.store(BroughtConsents(consents, height: height), at: key)
        try call.emit(ConsentsBrought(organization: organization, scope: scope, height: height))
    }

    /// Requires that the consents brought last, about the scope and about its label, do not object to a share.
    ///
    /// Those of before the permission were asked when it was given. A label that was told after the permission brings
    /// its consents with it, however old they are.
    ///
    /// - Throws: `consent-objects`.
    static func requireConsent(to grant: Grant, _ call: ContractCall) throws(ContractFailure) {
        let key = SharingKey.consents(of: grant.scope, grant.organization)
        let brought = try call.record(BroughtConsents.self, at: key)
        let label = try self.ofLabel(brought?.consents.label, grant.organization, call)
        guard max(brought?.height ?? 0, label?.height ?? 0) >= grant.permitted else { return }
        let judgement = ConsentJudgement(scope: brought?.consents ?? ScopeConsents(), label: label?.consents)
        if let objection = judgement.objection(to: grant.ground, at: call.block.time) {
            throw .rejected(.consentObjects, objection.name)
        }
    }

    private static func ofLabel(
        _ label: [UInt8]?,
        _ organization: String,
        _ call: ContractCall
    ) throws(ContractFailure) -> BroughtConsents? {
        guard let label else { return nil }
        return try call.record(BroughtConsents.self, at: SharingKey.consents(of: label, organization))
    }
}
