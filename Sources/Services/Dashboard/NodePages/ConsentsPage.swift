/// What patients, and custodians for them, said about the sharing of scopes.
enum ConsentsPage {
    private static let narrow = "Only what stands now"

    static func content(_ view: ConsentsView, _ filter: ChainFilter, _ request: PageRequest) -> PageContent {
        let filter = filter.turned(to: view.page)
        return PageContent("Consents") {
            HTMLTag.h1 { "Consents on \(view.chain)" }
            HTMLTag.p {
                "What stands in the blocks that this node has verified, scope by scope. Scopes are pseudonymous and patients "
                    + "are not named; only a scope's custodian knows whose it is. Whoever hands data over asks the chain "
                    + "itself each time."
            }
            HTMLTag.div(.live("reading")) { view.reading.notices() }
            filter.form(to: "/consents/find", narrow: Self.narrow, request)
            HTMLTag.div(.live("statements")) { Self.list(view) }
            HTMLTag.div(.live("turning")) {
                filter.turning("/consents/find", pages: view.pages, words: ("Before", "Next"), request)
            }
            if filter.turned(to: 0) != ChainFilter() {
                HTMLTag.p { HTMLTag.a(.href("/consents")) { "Show everything" } }
            }
            Self.words
        }
    }

    /// Asks again, after a selection that nobody can answer.
    static func asking(_ request: PageRequest, _ refusal: String) -> PageContent {
        PageContent("Consents") {
            HTMLTag.h1 { "Consents" }
            HTMLTag.p(.class("notice bad"), HTMLAttribute("role", "alert")) { refusal }
            ChainFilter().form(to: "/consents/find", narrow: Self.narrow, request)
            HTMLTag.p { HTMLTag.a(.href("/consents")) { "Show everything" } }
        }
    }

    @HTMLBuilder private static func list(_ view: ConsentsView) -> [HTMLNode] {
        if view.statements.isEmpty {
            HTMLTag.p(.class("notice")) { "Nothing of this kind stands in the blocks that were read." }
        } else {
            Piece.table(
                "\(Wording.counted(Int64(view.total), "statement", "statements")), of which "
                    + "\(Wording.count(Int64(view.standing))) stand",
                columns: ["Scope", "Institution", "Consent", "State", "For", "Purpose", "By", "Stated", "Until"]
            ) {
                for statement in view.statements { Self.row(statement) }
            }
        }
    }

    private static func row(_ statement: ConsentsView.Statement) -> HTMLNode {
        HTMLTag.tr {
            HTMLTag.th(.row) {
                if statement.isOfLabel { "all of the label " }
                Piece.scopes([statement.scope])
            }
            HTMLTag.td { statement.organization }
            HTMLTag.td { Piece.badge(statement.kind.rawValue, Self.badge(of: statement.kind)) }
            HTMLTag.td {
                switch statement.state {
                case .stands: Piece.badge("stands", .plain)
                case .over: "over"
                case .revoked(let time): "revoked \(Wording.moment(time))"
                }
            }
            HTMLTag.td { statement.detail.isEmpty ? "–" : statement.detail }
            HTMLTag.td { statement.purpose.isEmpty ? "–" : statement.purpose }
            HTMLTag.td { statement.by }
            HTMLTag.td { Wording.moment(statement.stated) }
            HTMLTag.td { statement.until > 9_000_000_000_000 - 1 ? "no end" : Wording.moment(statement.until) }
        }
    }

    private static func badge(of kind: ConsentsView.Kind) -> Piece.BadgeKind {
        switch kind {
        case .granted, .offered: .good
        case .required: .warn
        case .forbidden, .breakGlass: .bad
        }
    }

    /// What the words of the column mean, for those who do not know them.
    private static var words: HTMLNode {
        HTMLTag.details {
            HTMLTag.summary { "What the words mean" }
            HTMLTag.dl(.class("facts")) {
                for (word, meaning) in Self.meanings {
                    HTMLTag.dt { word.rawValue }
                    HTMLTag.dd { meaning }
                }
            }
        }
    }

    private static let meanings: [(ConsentsView.Kind, String)] = [
        (.required, "nothing is shared unless the same author allows the request or its purpose"),
        (.granted, "a request, or requests with a purpose, may be permitted"),
        (.offered, "whoever is named may take it up without asking again"),
        (.forbidden, "nothing is shared, except in an emergency; permissions that exist end"),
        (.breakGlass, "a clinician took access in an emergency, without asking, and answers for it"),
    ]
}
