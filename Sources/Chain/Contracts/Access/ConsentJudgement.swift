internal import CanonicalBytes
package import Ledger

/// What is said about one scope and about its whole label, and what follows from it: the one place where consents are
/// judged, by contracts, custodians, issuers of keys, privacy centers and receivers alike.
///
/// A statement about a label is one about each of its scopes, those of later weeks too. Where both speak, the reading
/// that protects counts:
///
/// 1. Whoever forbids, the scope or its label, is obeyed; no allowing consent outweighs it, however narrow or young.
/// 2. A permission on an offer needs that offer among what is said of the scope itself.
/// 3. Who requires consent for the scope has to allow it for the scope: what was allowed for the whole label does not
///    count.
/// 4. Who requires consent for the label may allow it for the label, or for this one scope alone.
///
/// To withdraw a statement takes back that statement and nothing else.
package struct ConsentJudgement: Hashable, Sendable {
    package let scope: ScopeConsents
    /// About the label that the scope's record names; without entries when it names none.
    package let label: ScopeConsents

    /// - Parameters:
    ///   - scope: of the scope.
    ///   - label: of the label that `scope` names; nil when there is no record of it.
    package init(scope: ScopeConsents, label: ScopeConsents?) {
        self.scope = scope
        self.label = scope.label == nil ? ScopeConsents() : label ?? ScopeConsents()
    }

    /// Statements that were read, about the scope and about its label; over ones may be among them.
    package var count: Int { self.scope.entries.count + self.label.entries.count }

    /// Why nobody may act on a permission at a time, milliseconds since 1970, as far as consents say; nil when they do
    /// not object.
    ///
    /// Revocation and time are the permission's own (``Permission/isValid(at:)``).
    package func objection(to permission: Permission, at time: UInt64) -> RejectionCode? {
        self.objection(to: permission.ground, at: time)
    }

    /// Why a permission may not be given, or not be acted on, at a time, milliseconds since 1970; nil when consents do
    /// not object.
    ///
    /// - Returns: `consent-forbids`, `label-forbids`, `offer-withdrawn`, `consent-required` or `label-consent-required`:
    ///   the first of these that holds.
    package func objection(to ground: PermissionGround, at time: UInt64) -> RejectionCode? {
        // An emergency does not wait for anybody's consent; it is told to everybody instead.
        guard ground.kind != .emergency else { return nil }
        let ofScope = self.scope.entries.filter { $0.validUntil >= time }
        let ofLabel = self.label.entries.filter { $0.validUntil >= time }
        if ofScope.contains(where: { $0.mode == .forbid }) { return .consentForbids }
        if ofLabel.contains(where: { $0.mode == .forbid }) { return .labelForbids }
        var offer: ScopeConsents.Entry?
        if ground.kind == .offered {
            offer = ofScope.first { $0.mode == .offer && $0.consent == ground.basis }
            guard offer != nil else { return .offerWithdrawn }
        }
        func isMissing(_ entry: ScopeConsents.Entry, among entries: [ScopeConsents.Entry]) -> Bool {
            // Whoever offered has consented.
            entry.mode == .require && entry.author != offer?.author
                && !entries.contains { $0.author == entry.author && $0.allows(ground) }
        }
        if ofScope.contains(where: { isMissing($0, among: ofScope) }) { return .consentRequired }
        return ofLabel.contains { isMissing($0, among: ofLabel + ofScope) } ? .labelConsentRequired : nil
    }
}

extension RejectionCode {
    /// Whether a consent forbids, of the scope or of its label.
    var isForbidding: Bool { self == .consentForbids || self == .labelForbids }
}

extension ScopeConsents.Entry {
    /// Whether it allows this very request, or its purpose.
    fileprivate func allows(_ ground: PermissionGround) -> Bool {
        guard self.mode == .allow else { return false }
        guard self.request == SetConsent.anyRequest else { return self.request == ground.request }
        return !self.purpose.isEmpty && self.purpose.isSame(as: ground.purpose)
    }
}

extension ContractCall {
    /// What the access channel holds about an organization's scope and its label.
    func judgement(of scope: [UInt8], _ organization: String) throws(ContractFailure) -> ConsentJudgement {
        let key = AccessKey.consents(of: scope, organization)
        let consents = try self.record(ScopeConsents.self, at: key) ?? ScopeConsents()
        guard let label = consents.label else { return ConsentJudgement(scope: consents, label: nil) }
        let about = try self.record(ScopeConsents.self, at: AccessKey.consents(of: label, organization))
        return ConsentJudgement(scope: consents, label: about)
    }
}
