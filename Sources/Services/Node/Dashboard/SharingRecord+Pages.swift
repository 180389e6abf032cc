internal import AuditTrail
internal import CanonicalBytes
internal import Contracts
internal import Dashboard
internal import Foundation
internal import Ledger

/// Pages about sharing out of what was read.
extension SharingRecord: SharingRecordSource {
    /// Rows of a page.
    private static let rowsMax = 50

    func audit(_ filter: ChainFilter) async throws -> AuditView {
        try await self.advance()
        let found = AuditQuery(filter).entries(among: self.entries, of: self.history)
        let (page, pages, rows) = Self.page(filter.page, of: found.reversed())
        return AuditView(
            chain: self.shelf.chainName,
            reading: self.view(),
            entries: rows.map(self.entry),
            total: found.count,
            page: page,
            pages: pages
        )
    }

    func auditEvents(_ filter: ChainFilter) async throws -> [UInt8] {
        try await self.advance()
        let found = AuditQuery(filter).entries(among: self.entries, of: self.history)
        var bytes: [UInt8] = []
        for entry in found.suffix(AuditPage.eventsMax) {
            let line = try FHIRAuditEvent.json(entry, of: self.history, chain: self.shelf.chainName)
            bytes += line.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    func consents(_ filter: ChainFilter) async throws -> ConsentsView {
        try await self.advance()
        let now = UInt64(max(0, Date().timeIntervalSince1970 * 1_000))
        let found = self.consents.notes.filter { filter.takes($0, of: self.history, at: now) }.flatMap { note in
            Self.statements(of: note, filter, at: now)
        }
        let ordered = found.enumerated().sorted { a, b in
            let (first, second) = (a.element, b.element)
            if first.organization != second.organization { return first.organization < second.organization }
            return (first.scope, a.offset) < (second.scope, b.offset)
        }
        let (page, pages, rows) = Self.page(filter.page, of: ordered.map(\.element))
        return ConsentsView(
            chain: self.shelf.chainName,
            reading: self.view(),
            statements: Array(rows),
            total: found.count,
            standing: found.count { $0.state == .stands },
            page: page,
            pages: pages
        )
    }

    /// The page that is asked for, or the last one; how many there are; and its rows.
    private static func page<Row>(_ asked: Int, of all: [Row]) -> (page: Int, pages: Int, rows: ArraySlice<Row>) {
        let pages = max(1, (all.count + self.rowsMax - 1) / self.rowsMax)
        let page = min(max(0, asked), pages - 1)
        return (page, pages, all.dropFirst(page * self.rowsMax).prefix(self.rowsMax))
    }

    // MARK: - The audit

    private func entry(_ entry: AuditEntry) -> AuditView.Entry {
        AuditView.Entry(
            time: Int64(clamping: entry.time),
            what: entry.what,
            isSuccess: entry.isSuccess,
            isEmergency: entry.isOfEmergency,
            by: Self.text(of: entry.actor),
            receiver: entry.receiver.isEmpty
                ? "" : self.history.party(certified: entry.receiver) ?? "certificate \(Self.short(entry.receiver))",
            organization: entry.organization,
            scopes: entry.scopes.map(\.hex),
            policy: self.history.policies[entry.policy]
                ?? (entry.policy.contains { $0 != 0 } ? Self.short(entry.policy) : ""),
            purpose: entry.purpose,
            channel: entry.channel.name,
            height: entry.height
        )
    }

    private static func text(of actor: AuditActor) -> String {
        if case .pseudonym(let digest) = actor { return "pseudonym \(self.short(digest))" }
        return actor.text
    }

    private static func short(_ digest: [UInt8]) -> String { "\(digest.prefix(8).hex)…" }

    // MARK: - Consents

    /// One row for each scope that the statement is about, and that is asked for.
    private static func statements(
        of note: ConsentNote,
        _ filter: ChainFilter,
        at now: UInt64
    ) -> [ConsentsView.Statement] {
        let (kind, detail) = self.kind(of: note)
        let scopes = note.scopes.map(\.hex).filter { note.isOfLabel || $0.hasPrefix(filter.scope) }
        return scopes.map { scope in
            ConsentsView.Statement(
                scope: scope,
                organization: note.organization,
                kind: kind,
                state: note.ended.map { .revoked(Int64(clamping: $0)) } ?? (note.stands(at: now) ? .stands : .over),
                detail: detail,
                purpose: note.purpose,
                by: note.author,
                stated: Int64(clamping: note.stated),
                until: Int64(clamping: note.validUntil),
                isOfLabel: note.isOfLabel
            )
        }
    }

    private static func kind(of note: ConsentNote) -> (kind: ConsentsView.Kind, detail: String) {
        switch note.kind {
        case .required: (.required, "")
        case .granted(let request): (.granted, request.map { "request \(self.short($0))" } ?? "")
        case .forbidden: (.forbidden, "")
        case .offered(let grantee): (.offered, "to \(grantee)")
        case .emergency(let reason): (.breakGlass, "reason: \(reason)")
        }
    }
}

extension ChainFilter {
    /// Whether a statement is asked for, as far as it is one for all its scopes.
    fileprivate func takes(_ note: ConsentNote, of history: SharingHistory, at now: UInt64) -> Bool {
        if !self.scope.isEmpty {
            let ofLabel = note.isOfLabel ? note.scopes.flatMap(history.scopes(ofLabel:)) : []
            guard (note.scopes + ofLabel).contains(where: { $0.hex.hasPrefix(self.scope) }) else { return false }
        }
        if !self.institution.isEmpty, !note.organization.utf8.elementsEqual(self.institution.utf8) { return false }
        guard (self.from...self.to).contains(note.stated) else { return false }
        return !self.isNarrow || note.stands(at: now)
    }
}

extension AuditQuery {
    fileprivate init(_ filter: ChainFilter) {
        self.init()
        self.scope = filter.scope.isEmpty ? nil : [UInt8](hex: filter.scope)
        self.institution = filter.institution.isEmpty ? nil : filter.institution
        (self.from, self.to) = (filter.from, filter.to)
        self.isOfDeliveries = filter.isNarrow
    }
}

extension AuditEntry {
    /// Whether it belongs to access that somebody took in an emergency.
    fileprivate var isOfEmergency: Bool {
        switch self.action {
        case .emergency, .permitted(.emergency): true
        default: self.purpose.utf8.elementsEqual(EmergencyAccess.purpose.utf8)
        }
    }
}
