/// Messages that could not be read, and what can be done about them.
enum DeadLettersPage {
    static func content(_ view: DeadLettersView, _ request: PageRequest) -> PageContent {
        PageContent("Dead letters") {
            HTMLTag.h1 { "Dead letters" }
            HTMLTag.p {
                "Messages that no profile could read. None is lost: mend or install the profile, then replay them. "
                    + "Letters that give their readings are resolved; the others stay. Nothing is counted twice."
            }
            if view.letters.isEmpty {
                HTMLTag.p(.class("notice")) { "There are no open dead letters." }
            } else {
                Self.groups(view, request)
                Self.letters(view, request)
            }
        }
    }

    /// What a replay brought, as a sentence.
    static func sentence(_ outcome: ReplayView) -> String {
        let tried = Wording.counted(Int64(outcome.tried), "dead letter", "dead letters")
        let new = Wording.counted(Int64(outcome.observations), "new Observation", "new Observations")
        return "\(outcome.resolved) of \(tried) resolved, \(new)."
    }

    private static func groups(_ view: DeadLettersView, _ request: PageRequest) -> HTMLNode {
        let mayMend = request.session.role.may(.mend)
        return Piece.table(
            "By profile and reason",
            columns: ["Profile", "Reason", "Letters", "Messages"] + (mayMend ? ["Replay"] : [])
        ) {
            for group in view.groups {
                HTMLTag.tr {
                    HTMLTag.th(.row) { group.profile }
                    HTMLTag.td { HTMLTag.code { group.reason } }
                    HTMLTag.td(.class("number")) { Wording.count(group.letters) }
                    HTMLTag.td(.class("number")) { Wording.count(group.messages) }
                    if mayMend {
                        HTMLTag.td {
                            Piece.button(
                                "Replay all",
                                to: "/dead-letters/replay",
                                request,
                                fields: [("profile", group.profile), ("reason", group.reason)],
                                label: "Replay all of \(group.profile), \(group.reason)"
                            )
                        }
                    }
                }
            }
        }
    }

    private static func letters(_ view: DeadLettersView, _ request: PageRequest) -> HTMLNode {
        let mayMend = request.session.role.may(.mend)
        let columns = ["Letter", "Last seen", "Times", "Profile", "Topic", "Why", "Bytes"]
        return Piece.table(
            "The first \(view.letters.count)",
            columns: columns + (mayMend ? ["Replay"] : [])
        ) {
            for letter in view.letters {
                HTMLTag.tr {
                    HTMLTag.th(.row) { "\(letter.id)" }
                    HTMLTag.td { Wording.moment(letter.lastSeen) }
                    HTMLTag.td(.class("number")) { Wording.count(letter.count) }
                    HTMLTag.td { letter.profile }
                    HTMLTag.td { HTMLTag.code { letter.topic } }
                    HTMLTag.td { letter.explanation }
                    HTMLTag.td(.class("number")) { Wording.count(Int64(letter.bytes)) }
                    if mayMend {
                        HTMLTag.td {
                            Piece.button(
                                "Replay",
                                to: "/dead-letters/replay",
                                request,
                                fields: [("letter", "\(letter.id)")],
                                label: "Replay letter \(letter.id)"
                            )
                        }
                    }
                }
            }
        }
    }
}
