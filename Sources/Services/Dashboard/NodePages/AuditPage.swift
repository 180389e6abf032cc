extension DashboardPart {
    /// The record of sharing of a node that has the chain: consents, and who was given what.
    ///
    /// - Parameter source: tells what is shown.
    /// - Returns: its pages and actions.
    package static func sharingRecord(_ source: any SharingRecordSource) -> DashboardPart {
        DashboardPart(
            pages: [
                DashboardPage("/consents", menu: "Consents", liveSeconds: 5, for: .review) { request in
                    ConsentsPage.content(try await source.consents(ChainFilter()), ChainFilter(), request)
                },
                DashboardPage("/audit", menu: "Audit", liveSeconds: 5, for: .review) { request in
                    AuditPage.content(try await source.audit(ChainFilter()), ChainFilter(), request)
                },
            ],
            actions: [
                DashboardAction("/consents/find", for: .review) { request, fields in
                    switch Self.filter(fields) {
                    case .success(let filter):
                        return .show(ConsentsPage.content(try await source.consents(filter), filter, request))
                    case .failure(let mistake): return .show(ConsentsPage.asking(request, mistake.text))
                    }
                },
                DashboardAction("/audit/find", for: .review) { request, fields in
                    switch Self.filter(fields) {
                    case .success(let filter):
                        return .show(AuditPage.content(try await source.audit(filter), filter, request))
                    case .failure(let mistake): return .show(AuditPage.asking(request, mistake.text))
                    }
                },
                DashboardAction("/audit/events", for: .review) { request, fields in
                    switch Self.filter(fields) {
                    case .success(let filter):
                        let bytes = try await source.auditEvents(filter)
                        return .keep(
                            DashboardFile(name: "audit-events.ndjson", type: "application/fhir+ndjson", bytes: bytes)
                        )
                    case .failure(let mistake): return .show(AuditPage.asking(request, mistake.text))
                    }
                },
            ]
        )
    }

    private static func filter(_ fields: FormFields) -> Result<ChainFilter, ChainFilter.Mistake> {
        do throws(ChainFilter.Mistake) { return .success(try ChainFilter(fields)) } catch { return .failure(error) }
    }
}

/// Who was given what under which policy, over time.
package enum AuditPage {
    /// Events of one download.
    package static let eventsMax = 10_000
    private static let narrow = "Deliveries only"

    static func content(_ view: AuditView, _ filter: ChainFilter, _ request: PageRequest) -> PageContent {
        let filter = filter.turned(to: view.page)
        return PageContent("Audit") {
            HTMLTag.h1 { "Who was given what" }
            HTMLTag.p {
                "Requests, permissions and refusals, grants, deliveries, consents and emergencies, out of the blocks of "
                    + "\(view.chain) that this node has verified, and out of nothing else. Patients are not named."
            }
            HTMLTag.div(.live("reading")) { view.reading.notices() }
            filter.form(to: "/audit/find", narrow: Self.narrow, request)
            HTMLTag.div(.live("entries")) { Self.list(view, filter) }
            HTMLTag.div(.live("turning")) {
                filter.turning("/audit/find", pages: view.pages, words: ("Newer", "Older"), request)
            }
            if filter.turned(to: 0) != ChainFilter() {
                HTMLTag.p { HTMLTag.a(.href("/audit")) { "Show everything" } }
            }
            Self.download(view, filter, request)
        }
    }

    /// Asks again, after a selection that nobody can answer.
    static func asking(_ request: PageRequest, _ refusal: String) -> PageContent {
        PageContent("Audit") {
            HTMLTag.h1 { "Who was given what" }
            HTMLTag.p(.class("notice bad"), HTMLAttribute("role", "alert")) { refusal }
            ChainFilter().form(to: "/audit/find", narrow: Self.narrow, request)
            HTMLTag.p { HTMLTag.a(.href("/audit")) { "Show everything" } }
        }
    }

    @HTMLBuilder private static func list(_ view: AuditView, _ filter: ChainFilter) -> [HTMLNode] {
        if view.entries.isEmpty {
            HTMLTag.p(.class("notice")) { "Nothing of this kind stands in the blocks that were read." }
        } else {
            Piece.table(
                "\(Wording.counted(Int64(view.total), "entry", "entries")), newest first",
                columns: ["Time", "What", "By", "For", "Whose data", "Scope", "Policy", "Purpose", "Block"]
            ) {
                for entry in view.entries { Self.row(entry, filter) }
            }
        }
    }

    private static func row(_ entry: AuditView.Entry, _ filter: ChainFilter) -> HTMLNode {
        HTMLTag.tr {
            HTMLTag.td { Wording.moment(entry.time) }
            HTMLTag.th(.row) {
                Piece.badge(entry.what, entry.isSuccess ? .plain : .bad)
                if entry.isEmergency {
                    " "
                    Piece.badge("break-glass", .bad)
                }
            }
            HTMLTag.td { entry.by }
            HTMLTag.td { entry.receiver.isEmpty ? "–" : entry.receiver }
            HTMLTag.td { entry.organization.isEmpty ? "–" : entry.organization }
            HTMLTag.td { Piece.scopes(entry.scopes, selected: filter.scope) }
            HTMLTag.td { if entry.policy.isEmpty { "–" } else { HTMLTag.code { entry.policy } } }
            HTMLTag.td { entry.purpose.isEmpty ? "–" : entry.purpose }
            HTMLTag.td {
                HTMLTag.a(.href("/blocks/\(entry.channel)/\(entry.height)")) { "\(entry.channel) \(entry.height)" }
            }
        }
    }

    @HTMLBuilder private static func download(
        _ view: AuditView,
        _ filter: ChainFilter,
        _ request: PageRequest
    ) -> [HTMLNode] {
        HTMLTag.h2 { "To keep" }
        HTMLTag.p {
            "This selection as FHIR R4 AuditEvents, one a line, oldest first"
                + (view.total > Self.eventsMax
                    ? ": the newest \(Wording.count(Int64(Self.eventsMax))) of it." : ".")
                + " A file proves nothing by itself: wardline audit --fhir computes it again from the chain."
        }
        Piece.button("Download AuditEvents", to: "/audit/events", request, fields: filter.turned(to: 0).fields)
    }
}

extension Piece {
    /// The first digits of scopes, which are enough to ask for one of them; of several, the one that was selected.
    static func scopes(_ scopes: [String], selected: String = "") -> [HTMLNode] {
        guard let first = scopes.first(where: { $0.hasPrefix(selected) }) ?? scopes.first else { return [.text("–")] }
        let more = scopes.count > 1 ? " and \(scopes.count - 1) more" : ""
        return [HTMLTag.code { "\(first.prefix(16))…" }, .text(more)]
    }
}
