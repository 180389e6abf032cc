package import Certificates
internal import HTTPTypes
internal import SecureHTTP

/// What a custodian has shared, is asked to share, and offers.
package struct SharingView: Sendable, Equatable {
    package struct Item: Sendable, Equatable {
        /// 64 hexadecimal digits.
        package var id: String
        package var state: String
        /// Whether a steward may agree or refuse now.
        package var isOpen: Bool
        /// Whether a steward may end it now.
        package var isStanding: Bool
        package var kind: String
        package var purpose: String
        /// Empty for a pseudonym.
        package var requester: String
        package var attributes: [String]
        /// The scope's label; its digest for a scope that is none of this custodian's.
        package var scope: String
        /// ms since 1970.
        package var time: Int64
        package var ends: Int64
        package var rule: String
        package var approvals: [String]
        package var approvalsNeeded: Int
        /// Why it was refused, or what failed.
        package var reason: String

        package init(
            id: String,
            state: String,
            isOpen: Bool,
            isStanding: Bool,
            kind: String,
            purpose: String,
            requester: String,
            attributes: [String],
            scope: String,
            time: Int64,
            ends: Int64,
            rule: String,
            approvals: [String],
            approvalsNeeded: Int,
            reason: String
        ) {
            self.id = id
            self.state = state
            self.isOpen = isOpen
            self.isStanding = isStanding
            self.kind = kind
            self.purpose = purpose
            self.requester = requester
            self.attributes = attributes
            self.scope = scope
            self.time = time
            self.ends = ends
            self.rule = rule
            self.approvals = approvals
            self.approvalsNeeded = approvalsNeeded
            self.reason = reason
        }
    }

    package struct Dataset: Sendable, Equatable {
        package var id: String
        package var state: String
        package var policy: String
        package var scopes: Int
        package var keywords: Int
        package var reason: String

        package init(id: String, state: String, policy: String, scopes: Int, keywords: Int, reason: String) {
            self.id = id
            self.state = state
            self.policy = policy
            self.scopes = scopes
            self.keywords = keywords
            self.reason = reason
        }
    }

    /// ms since 1970.
    package var now: Int64
    package var organization: String
    /// Why the rules as the file has them now are not in force; nil when they are.
    package var rulesProblem: String?
    /// What waits for a steward, oldest first.
    package var waiting: [Item]
    /// The newest of all, newest first.
    package var items: [Item]
    package var datasets: [Dataset]

    package init(
        now: Int64,
        organization: String,
        rulesProblem: String?,
        waiting: [Item],
        items: [Item],
        datasets: [Dataset]
    ) {
        self.now = now
        self.organization = organization
        self.rulesProblem = rulesProblem
        self.waiting = waiting
        self.items = items
        self.datasets = datasets
    }
}

/// What a steward decides.
package enum SharingDecision: String, Sendable, CaseIterable {
    case approve
    case deny
    case revoke
}

/// What a custodian tells its dashboard.
package protocol SharingDashboardSource: Sendable {
    /// - Throws: a database error.
    func sharing() async throws -> SharingView
    /// Decides as a steward.
    ///
    /// - Parameters:
    ///   - decision: what.
    ///   - id: of the item, 64 hexadecimal digits.
    ///   - steward: whom the session signed in.
    /// - Returns: what came of it, as a sentence.
    /// - Throws: a database error.
    func decide(_ decision: SharingDecision, on id: String, by steward: PartyName) async throws -> String
}

extension DashboardPart {
    /// Requests and data sets of a custodian.
    ///
    /// - Parameter source: tells what is shown.
    /// - Returns: its pages and actions.
    package static func sharing(_ source: any SharingDashboardSource) -> DashboardPart {
        DashboardPart(
            pages: [
                DashboardPage("/requests", menu: "Requests") { request in
                    SharingPage.requests(try await source.sharing(), request)
                },
                DashboardPage("/catalog", menu: "Catalog") { _ in SharingPage.catalog(try await source.sharing()) },
            ],
            actions: [
                DashboardAction("/requests/decide", for: .decide) { request, fields in
                    guard let decision = fields["decision"].flatMap(SharingDecision.init(rawValue:)) else {
                        throw Problem(.badRequest, code: "malformed-form", detail: "the form names no decision")
                    }
                    // The form has no say in whose decision it is.
                    guard let steward = request.session.steward else {
                        throw Problem(.forbidden, code: "role-not-allowed", detail: "only a steward decides")
                    }
                    let outcome = try await source.decide(decision, on: fields["item"] ?? "", by: steward)
                    return .go(to: "/requests", notice: outcome)
                }
            ]
        )
    }
}

/// What stewards see.
enum SharingPage {
    static func requests(_ view: SharingView, _ request: PageRequest) -> PageContent {
        PageContent("Requests") {
            HTMLTag.h1 { "Requests for data of \(view.organization)" }
            if let problem = view.rulesProblem {
                HTMLTag.p(.class("notice bad")) { "The rules file is not in force as it stands: \(problem)" }
            }
            HTMLTag.h2 { "Waiting for a decision" }
            if view.waiting.isEmpty { HTMLTag.p(.class("notice")) { "Nothing waits for a steward." } }
            for item in view.waiting { Self.card(item, at: view.now, request) }
            HTMLTag.h2 { "Requests and permissions" }
            Self.table(view, request)
        }
    }

    private static func card(_ item: SharingView.Item, at now: Int64, _ request: PageRequest) -> HTMLNode {
        HTMLTag.article(.class("card")) {
            HTMLTag.h3 { "\(item.requester.isEmpty ? "A pseudonym" : item.requester) asks for \(item.scope)" }
            HTMLTag.dl(.class("facts")) {
                for (name, value) in Self.facts(item, at: now) {
                    HTMLTag.dt { name }
                    HTMLTag.dd { value }
                }
            }
            if request.session.role.may(.decide) {
                for (decision, text) in [(SharingDecision.approve, "Approve"), (.deny, "Refuse")] {
                    Self.button(text, decision, item, request)
                }
            }
        }
    }

    private static func facts(_ item: SharingView.Item, at now: Int64) -> [(String, String)] {
        [
            ("Purpose", item.purpose), ("Kind", item.kind),
            ("Certified attributes", item.attributes.isEmpty ? "none" : item.attributes.joined(separator: ", ")),
            ("Asked", "\(Wording.age(of: item.time, at: now)) ago, \(Wording.moment(item.time))"),
            ("Open until", Wording.moment(item.ends)), ("Rule", item.rule.isEmpty ? "none" : item.rule),
            (
                "Approvals",
                "\(item.approvals.count) of \(item.approvalsNeeded)"
                    + (item.approvals.isEmpty ? "" : ": " + item.approvals.joined(separator: ", "))
            ),
            ("Identifier", item.id),
        ]
    }

    private static func table(_ view: SharingView, _ request: PageRequest) -> HTMLNode {
        let mayDecide = request.session.role.may(.decide)
        return Piece.table(
            "Newest first",
            columns: ["Asked", "Requester", "Scope", "Purpose", "Kind", "State", "Why"]
                + (mayDecide ? ["Decision"] : [])
        ) {
            for item in view.items {
                HTMLTag.tr {
                    HTMLTag.td { Wording.moment(item.time) }
                    HTMLTag.th(.row) { item.requester.isEmpty ? "a pseudonym" : item.requester }
                    HTMLTag.td { HTMLTag.code { item.scope } }
                    HTMLTag.td { item.purpose }
                    HTMLTag.td { item.kind }
                    HTMLTag.td { Piece.badge(item.state, item.isOpen ? .warn : .plain) }
                    HTMLTag.td { item.reason }
                    if mayDecide {
                        HTMLTag.td { if item.isStanding { Self.button("Revoke", .revoke, item, request) } }
                    }
                }
            }
        }
    }

    private static func button(
        _ text: String,
        _ decision: SharingDecision,
        _ item: SharingView.Item,
        _ request: PageRequest
    ) -> HTMLNode {
        Piece.button(
            text,
            to: "/requests/decide",
            request,
            fields: [("item", item.id), ("decision", decision.rawValue)],
            label: "\(text) \(item.id.prefix(8))"
        )
    }

    static func catalog(_ view: SharingView) -> PageContent {
        PageContent("Catalog") {
            HTMLTag.h1 { "Catalog of \(view.organization)" }
            HTMLTag.p {
                "What the chain offers of this institution. Keywords stand there as tags, which only requesters can read."
            }
            if view.datasets.isEmpty { HTMLTag.p(.class("notice warn")) { "No data set is published." } }
            Piece.table("Data sets", columns: ["Data set", "State", "Policy", "Scopes", "Keywords", "Problem"]) {
                for dataset in view.datasets {
                    HTMLTag.tr {
                        HTMLTag.th(.row) { HTMLTag.code { String(dataset.id.prefix(16)) + "…" } }
                        HTMLTag.td { dataset.state }
                        HTMLTag.td { HTMLTag.code { dataset.policy } }
                        HTMLTag.td(.class("number")) { "\(dataset.scopes)" }
                        HTMLTag.td(.class("number")) { "\(dataset.keywords)" }
                        HTMLTag.td { dataset.reason.isEmpty ? "–" : dataset.reason }
                    }
                }
            }
        }
    }
}
