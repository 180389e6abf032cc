extension DashboardPart {
    /// What a gateway between chains carries.
    ///
    /// - Parameter source: tells what is shown.
    /// - Returns: its page.
    package static func relay(_ source: @escaping @Sendable () -> RelayView) -> DashboardPart {
        DashboardPart(pages: [
            DashboardPage("/relay", menu: "Relay", liveSeconds: 2) { _ in RelayPage.content(source()) }
        ])
    }
}

/// Chains, messages in flight, and who signs for them.
enum RelayPage {
    /// A chain that was not reached for so long is away.
    private static let awayMilliseconds: Int64 = 60_000

    static func content(_ view: RelayView) -> PageContent {
        PageContent("Relay") {
            HTMLTag.h1 { "Between \(view.chains.map(\.name).joined(separator: " and "))" }
            HTMLTag.p(.class("soft")) { "Carried in the name of \(view.account)." }
            HTMLTag.div(.live("state")) { Self.state(view) }
            HTMLTag.h2 { "In flight" }
            HTMLTag.div(.live("flight")) { Self.flight(view) }
            HTMLTag.h2 { "Route" }
            HTMLTag.div(.live("chains")) { Self.chains(view) }
            HTMLTag.h2 { "Who signs for messages" }
            HTMLTag.p(.class("soft")) {
                "A message goes on when each subgroup of its chain's verification nodes has signed to its threshold."
            }
            HTMLTag.div(.live("attesters")) { Self.attesters(view) }
            HTMLTag.h2 { "Credibility of the path" }
            HTMLTag.p(.class("soft")) {
                "A message's path has one hop for each chain that it leaves, certified by that chain's list. The relay chain "
                    + "computes a node's credibility from what it certified, what it missed and what it was convicted of; it "
                    + "decides who stays in a list, and never stands in for a signature."
            }
            HTMLTag.div(.live("credibility")) { view.credibility.content() }
            HTMLTag.h2 { "What failed" }
            HTMLTag.div(.live("troubles")) { Self.troubles(view) }
        }
    }

    @HTMLBuilder private static func state(_ view: RelayView) -> [HTMLNode] {
        let away = view.chains.filter { $0.reached + Self.awayMilliseconds < view.now }
        for chain in away {
            HTMLTag.p(.class("notice bad")) {
                chain.reached > 0
                    ? "\(chain.name) was not reached for \(Wording.age(of: chain.reached, at: view.now))."
                    : "\(chain.name) was not reached since the start."
            }
        }
        if view.abandoned > 0 {
            HTMLTag.p(.class("notice bad")) {
                "\(Wording.counted(Int64(clamping: view.abandoned), "message was", "messages were")) given up since the start: "
                    + "a contract refuses them for good."
            }
        }
        if away.isEmpty, view.abandoned == 0 {
            HTMLTag.p(.class("notice")) {
                switch view.lease {
                case "mine": view.isQuiet ? "Nothing is left to carry." : "This gateway carries."
                case "another": "Another gateway carries; this one steps in when it does not."
                default: view.isQuiet ? "Nothing is left to carry." : "Whichever gateway is first carries."
                }
            }
        }
    }

    private static func flight(_ view: RelayView) -> HTMLNode {
        Piece.figures {
            Piece.figure("On their way", Wording.count(Int64(view.held)), note: "\(view.fresh) not tried yet")
            Piece.figure("Waiting for an answer", Wording.count(Int64(view.underWay)))
            Piece.figure("Refused for now", Wording.count(Int64(view.refused)), isBad: view.refused > 0)
            Piece.figure("Brought", Wording.count(Int64(clamping: view.accepted)), note: "since the start")
            Piece.figure("Brought by others", Wording.count(Int64(clamping: view.found)), note: "since the start")
            Piece.figure(
                "Given up",
                Wording.count(Int64(clamping: view.abandoned)),
                note: "since the start",
                isBad: view.abandoned > 0
            )
        }
    }

    private static func chains(_ view: RelayView) -> HTMLNode {
        Piece.table(
            "Chains",
            columns: ["Chain", "Last block", "Not read yet", "Carried up to", "Reached", "Committee", "Trust"]
        ) {
            for chain in view.chains {
                HTMLTag.tr {
                    HTMLTag.th(.row) { chain.name }
                    HTMLTag.td(.class("number")) { Wording.count(Int64(clamping: chain.height)) }
                    HTMLTag.td(.class("number")) { Wording.count(Int64(clamping: chain.behind)) }
                    HTMLTag.td(.class("number")) { Wording.count(Int64(clamping: chain.settled)) }
                    HTMLTag.td { chain.reached > 0 ? "\(Wording.age(of: chain.reached, at: view.now)) ago" : "never" }
                    HTMLTag.td { Self.committee(chain) }
                    HTMLTag.td {
                        Piece.badge(chain.isTrustOld ? "to be renewed" : "fresh", chain.isTrustOld ? .warn : .good)
                    }
                }
            }
        }
    }

    private static func committee(_ chain: RelayView.Chain) -> HTMLNode {
        guard let newest = chain.committee else { return .text("not read yet") }
        guard chain.committeeKnown == newest else {
            let known = chain.committeeKnown.map { "\($0)" } ?? "none"
            return Piece.badge("epoch \(newest), the other chain knows \(known)", .warn)
        }
        return .text("epoch \(newest)")
    }

    private static func attesters(_ view: RelayView) -> HTMLNode {
        guard !view.attesters.isEmpty else { return HTMLTag.p { "No verification node is asked." } }
        return Piece.table("Verification nodes", columns: ["Node", "Address", "Last answer"]) {
            for attester in view.attesters {
                HTMLTag.tr {
                    HTMLTag.th(.row) { attester.node ?? "not reached" }
                    HTMLTag.td { HTMLTag.code { attester.address } }
                    HTMLTag.td {
                        if attester.node == nil, attester.trouble.isEmpty {
                            Piece.badge("not asked yet", .plain)
                        } else {
                            Piece.badge(
                                attester.trouble.isEmpty ? "signed" : attester.trouble,
                                attester.trouble.isEmpty ? .good : .bad
                            )
                        }
                    }
                }
            }
        }
    }

    @HTMLBuilder private static func troubles(_ view: RelayView) -> [HTMLNode] {
        if view.troubles.isEmpty, view.abandonedMessages.isEmpty { HTMLTag.p { "Nothing." } }
        if !view.troubles.isEmpty {
            Piece.table("By step, since the start", columns: ["Step", "Last reason", "Times", "Last"]) {
                for trouble in view.troubles {
                    HTMLTag.tr {
                        HTMLTag.th(.row) { trouble.step }
                        HTMLTag.td { trouble.text }
                        HTMLTag.td(.class("number")) { Wording.count(Int64(clamping: trouble.count)) }
                        HTMLTag.td { "\(Wording.age(of: trouble.time, at: view.now)) ago" }
                    }
                }
            }
        }
        if !view.abandonedMessages.isEmpty {
            HTMLTag.h3 { "Given up" }
            HTMLTag.ul { for message in view.abandonedMessages { HTMLTag.li { HTMLTag.code { message } } } }
        }
    }
}
