import Certificates
import Ledger
import Testing

@testable import Contracts

/// What a patient said about a scope and about its label, and what somebody wants.
struct JudgementCase: Sendable, CustomTestStringConvertible {
    /// `mode`, the purpose of an allowing one, and the author's name.
    typealias Saying = (mode: ConsentMode, purpose: String, author: String)

    let testDescription: String
    let scope: [Saying]
    let label: [Saying]
    let kind: Permission.Kind
    let expected: RejectionCode?

    init(
        _ name: String,
        scope: [Saying] = [],
        label: [Saying] = [],
        kind: Permission.Kind = .decided,
        _ expected: RejectionCode?
    ) {
        self.testDescription = name
        self.scope = scope
        self.label = label
        self.kind = kind
        self.expected = expected
    }
}

@Suite("What consents about scopes and labels say together") struct ConsentJudgementTests {
    private static let ada = "north:patient:ada"
    private static let officer = "north:custodian:officer"
    private static let now: UInt64 = 1_000

    /// Statements of scope or label: each stands until ``now``.
    private static func consents(
        _ sayings: [JudgementCase.Saying],
        label: [UInt8]? = nil,
        until: UInt64 = Self.now
    ) throws -> ScopeConsents {
        var consents = ScopeConsents()
        for (place, saying) in sayings.enumerated() {
            let entry = ScopeConsents.Entry(
                // The first statement has the identifier of the permission's offer.
                consent: id(UInt8(place) + 1),
                mode: saying.mode,
                request: SetConsent.anyRequest,
                purpose: saying.purpose,
                validUntil: until,
                author: try #require(PartyName(saying.author))
            )
            let isAdded = consents.add(entry, at: 0)
            #expect(isAdded)
        }
        consents.label = label
        return consents
    }

    private static func ground(_ kind: Permission.Kind) -> PermissionGround {
        PermissionGround(request: id(50), purpose: "STUDY", kind: kind, basis: id(1))
    }

    static let cases = [
        JudgementCase("nothing said", nil),
        JudgementCase("label forbids", label: [(.forbid, "", Self.ada)], .labelForbids),
        JudgementCase("scope forbids", scope: [(.forbid, "", Self.ada)], .consentForbids),
        JudgementCase(
            "both forbid: the scope's own word is told",
            scope: [(.forbid, "", Self.ada)],
            label: [(.forbid, "", Self.ada)],
            .consentForbids
        ),
        JudgementCase(
            "label forbids, scope allows the purpose: the label is obeyed",
            scope: [(.allow, "STUDY", Self.ada)],
            label: [(.forbid, "", Self.ada)],
            .labelForbids
        ),
        JudgementCase(
            "scope forbids, label allows the purpose: the scope is obeyed",
            scope: [(.forbid, "", Self.ada)],
            label: [(.allow, "STUDY", Self.ada)],
            .consentForbids
        ),
        JudgementCase("label requires", label: [(.require, "", Self.ada)], .labelConsentRequired),
        JudgementCase(
            "label requires and allows the purpose",
            label: [(.require, "", Self.ada), (.allow, "STUDY", Self.ada)],
            nil
        ),
        JudgementCase(
            "label requires and allows another purpose",
            label: [(.require, "", Self.ada), (.allow, "TREAT", Self.ada)],
            .labelConsentRequired
        ),
        JudgementCase(
            "label requires, scope allows: enough for this scope",
            scope: [(.allow, "STUDY", Self.ada)],
            label: [(.require, "", Self.ada)],
            nil
        ),
        JudgementCase(
            "scope requires, label allows: the scope asks for a word of its own",
            scope: [(.require, "", Self.ada)],
            label: [(.allow, "STUDY", Self.ada)],
            .consentRequired
        ),
        JudgementCase(
            "both require, label allows",
            scope: [(.require, "", Self.ada)],
            label: [(.require, "", Self.ada), (.allow, "STUDY", Self.ada)],
            .consentRequired
        ),
        JudgementCase(
            "both require, scope allows",
            scope: [(.require, "", Self.ada), (.allow, "STUDY", Self.ada)],
            label: [(.require, "", Self.ada)],
            nil
        ),
        JudgementCase(
            "label requires, somebody else allows",
            scope: [(.allow, "STUDY", Self.officer)],
            label: [(.require, "", Self.ada), (.allow, "STUDY", Self.officer)],
            .labelConsentRequired
        ),
        JudgementCase("an offer of the scope", scope: [(.offer, "STUDY", Self.ada)], kind: .offered, nil),
        JudgementCase(
            "an offer of the scope by who requires consent for the label",
            scope: [(.offer, "STUDY", Self.ada)],
            label: [(.require, "", Self.ada)],
            kind: .offered,
            nil
        ),
        JudgementCase(
            "an offer of the scope, and another requires consent for the label",
            scope: [(.offer, "STUDY", Self.ada)],
            label: [(.require, "", Self.officer)],
            kind: .offered,
            .labelConsentRequired
        ),
        JudgementCase(
            "an offer of the scope whose label is forbidden",
            scope: [(.offer, "STUDY", Self.ada)],
            label: [(.forbid, "", Self.ada)],
            kind: .offered,
            .labelForbids
        ),
        JudgementCase(
            "an offer that stands at the label alone",
            label: [(.offer, "STUDY", Self.ada)],
            kind: .offered,
            .offerWithdrawn
        ),
        JudgementCase(
            "an emergency",
            scope: [(.forbid, "", Self.ada)],
            label: [(.forbid, "", Self.ada)],
            kind: .emergency,
            nil
        ),
        JudgementCase(
            "a proof under a label that forbids",
            label: [(.forbid, "", Self.ada)],
            kind: .proven,
            .labelForbids
        ),
    ]

    @Test("the reading that protects counts", arguments: Self.cases)
    func together(_ item: JudgementCase) throws {
        let scope = try Self.consents(item.scope, label: id(9))
        let judgement = ConsentJudgement(scope: scope, label: try Self.consents(item.label))
        #expect(judgement.objection(to: Self.ground(item.kind), at: Self.now) == item.expected)
    }

    @Test("what is over says nothing, of a scope or of a label")
    func over() throws {
        let forbidding = try Self.consents([(.forbid, "", Self.ada), (.require, "", Self.ada)])
        let scope = try Self.consents([], label: id(9))
        let later = ConsentJudgement(scope: scope, label: forbidding)
        #expect(later.objection(to: Self.ground(.decided), at: Self.now + 1) == nil)
        let allowed = try Self.consents([(.allow, "STUDY", Self.ada)])
        let required = try Self.consents([(.require, "", Self.ada)], until: .max)
        var both = allowed
        both.label = id(9)
        let judgement = ConsentJudgement(scope: both, label: required)
        #expect(judgement.objection(to: Self.ground(.decided), at: Self.now) == nil)
        #expect(judgement.objection(to: Self.ground(.decided), at: Self.now + 1) == .labelConsentRequired)
    }

    @Test("a label that the scope's record does not name binds it in nothing")
    func unnamed() throws {
        let forbidding = try Self.consents([(.forbid, "", Self.ada)])
        let judgement = ConsentJudgement(scope: ScopeConsents(), label: forbidding)
        #expect(judgement.objection(to: Self.ground(.decided), at: 0) == nil && judgement.count == 0)
    }
}
