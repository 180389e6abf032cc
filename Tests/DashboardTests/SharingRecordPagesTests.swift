import Certificates
import Credentials
import Foundation
import NIOHTTP1
import Synchronization
import Testing

@testable import Dashboard

/// A record of two entries and three statements; keeps what was asked for.
private final class TestRecord: SharingRecordSource {
    static let scope = String(repeating: "0a", count: 32)

    let asked = Mutex<[ChainFilter]>([])
    let reading = Mutex(
        ChainReadingView(
            channels: [
                .init(name: "access", read: 7, height: 7, earliest: 1),
                .init(name: "index", read: 9, height: 9, earliest: 1),
            ],
            hasForgotten: false
        )
    )
    let pages: Int

    init(pages: Int = 1) { self.pages = pages }

    func audit(_ filter: ChainFilter) async throws -> AuditView {
        self.asked.withLock { $0.append(filter) }
        let delivered = AuditView.Entry(
            time: 1_795_000_000_000,
            what: "delivered (3 envelopes)",
            isSuccess: true,
            isEmergency: true,
            by: "cloud:privacy-center:one",
            receiver: "south:researcher:<ada>",
            organization: "north",
            scopes: [Self.scope, String(repeating: "0b", count: 32)],
            policy: "role:researcher & <x>",
            purpose: "EMERGENCY",
            channel: "index",
            height: 9
        )
        var denied = delivered
        (denied.what, denied.isSuccess, denied.isEmergency) = ("denied (consent-forbids)", false, false)
        (denied.by, denied.receiver, denied.scopes) = ("pseudonym 0f0f…", "", [])
        return AuditView(
            chain: "dev <chain>",
            reading: self.reading.withLock { $0 },
            entries: [delivered, denied],
            total: 50 * self.pages,
            page: min(filter.page, self.pages - 1),
            pages: self.pages
        )
    }

    func auditEvents(_ filter: ChainFilter) async throws -> [UInt8] {
        self.asked.withLock { $0.append(filter) }
        return Array("{\"resourceType\":\"AuditEvent\"}\n".utf8)
    }

    func consents(_ filter: ChainFilter) async throws -> ConsentsView {
        self.asked.withLock { $0.append(filter) }
        let required = ConsentsView.Statement(
            scope: Self.scope,
            organization: "north",
            kind: .required,
            state: .stands,
            detail: "",
            purpose: "",
            by: "north:patient",
            stated: 1_795_000_000_000,
            until: .max
        )
        var revoked = required
        (revoked.kind, revoked.state, revoked.detail) = (.offered, .revoked(1_795_000_060_000), "to south <all>")
        revoked.purpose = "study"
        var taken = required
        (taken.kind, taken.state, taken.isOfLabel) = (.breakGlass, .over, true)
        (taken.detail, taken.until) = ("reason: life", 1_795_000_000_000)
        return ConsentsView(
            chain: "dev",
            reading: self.reading.withLock { $0 },
            statements: [required, revoked, taken],
            total: 3,
            standing: 1,
            page: 0,
            pages: 1
        )
    }
}

@Suite("Consents, and who was given what", .timeLimit(.minutes(5)))
struct SharingRecordPagesTests {
    private static let request = PageRequest(session: .init(name: "a", role: .auditor, means: .token, formToken: "f1"))

    private static func site(_ source: TestRecord) throws -> DashboardSite {
        let parts = DashboardParts()
        parts.add(.sharingRecord(source))
        return try #require(parts.site(name: "node validator-1"))
    }

    private static func signIn(_ browser: Browser, _ token: String) async throws -> String {
        try #require(try await browser.post("/sign-in/token", "token=\(token)").cookie)
    }

    private static func filter(_ form: String) throws -> ChainFilter {
        try ChainFilter(try #require(FormFields(Array(form.utf8))))
    }

    @Test("the audit says who got what under which policy, marks refusals and emergencies, escaped")
    func audit() async throws {
        let view = try await TestRecord().audit(ChainFilter())
        let html = AuditPage.content(view, ChainFilter(), Self.request).nodes.html
        #expect(html.contains("badge plain\">delivered (3 envelopes)") && html.contains("badge bad\">break-glass"))
        #expect(html.contains("badge bad\">denied (consent-forbids)") && html.contains("pseudonym 0f0f…"))
        #expect(html.contains("south:researcher:&lt;ada&gt;") && html.contains("role:researcher &amp; &lt;x&gt;"))
        #expect(html.contains("0a0a0a0a0a0a0a0a…") && html.contains(" and 1 more"))
        #expect(html.contains("href=\"/blocks/index/9\"") && html.contains("dev &lt;chain&gt;"))
        #expect(html.components(separatedBy: "break-glass").count == 2)
        let other = AuditPage.content(view, try Self.filter("scope=0b0b0b0b"), Self.request).nodes.html
        #expect(other.contains("0b0b0b0b0b0b0b0b…"), "of several scopes the one that was asked for")
        // One page needs no buttons to others, and everything no way back to it.
        #expect(!html.contains("Older") && !html.contains("Show everything"))
    }

    @Test("consents are told by scope with kind, state, purpose and end; nobody's name stands there")
    func consents() async throws {
        let view = try await TestRecord().consents(ChainFilter())
        let html = ConsentsPage.content(view, ChainFilter(), Self.request).nodes.html
        #expect(html.contains("badge warn\">required") && html.contains("badge plain\">stands"))
        #expect(html.contains("badge good\">offered") && html.contains("revoked 2026-11-18"))
        #expect(html.contains("to south &lt;all&gt;") && html.contains("no end"))
        #expect(html.contains("badge bad\">break-glass") && html.contains("all of the label"))
        #expect(html.contains("3 statements, of which 1 stand") && html.contains("What the words mean"))
    }

    @Test("a page says when blocks are not read yet, are gone, or were too many")
    func reading() async throws {
        let source = TestRecord()
        let whole = AuditPage.content(try await source.audit(ChainFilter()), ChainFilter(), Self.request).nodes.html
        #expect(whole.contains("Read up to block 7 of access and block 9 of index."))
        source.reading.withLock {
            $0.channels[0].read = 3
            $0.channels[1].earliest = 5
            $0.hasForgotten = true
        }
        let view = try await source.consents(ChainFilter())
        let html = ConsentsPage.content(view, ChainFilter(), Self.request).nodes.html
        #expect(html.contains("access is read up to block 3 of 7") && html.contains("Blocks of index below 5"))
        #expect(html.contains("the oldest is left out") && !html.contains("Read up to block"))
    }

    @Test("a selection is read from a form: scope, institution, days, page")
    func filters() throws {
        let all = try Self.filter("")
        #expect(all == ChainFilter() && all.from == 0 && all.to == .max)
        let some = try Self.filter(
            "scope=0A0a0A0a%E2%80%A6&institution=+north+&from=1970-01-02&to=1970-01-02&narrow=yes&page=3"
        )
        #expect(some.scope == "0a0a0a0a" && some.institution == "north" && some.isNarrow && some.page == 3)
        #expect(some.from == 86_400_000 && some.to == 2 * 86_400_000 - 1)
        for (form, page) in [("page=-4", 0), ("page=x", 0), ("page=99999999999", ChainFilter.pageMax)] {
            #expect(try Self.filter(form).page == page)
        }
    }

    @Test(
        "a selection that nobody can answer is told, and asks nothing",
        arguments: [
            "scope=0a0a", "scope=0a0a0a0a0", "scope=xyzxyzxyz0", "scope=\(String(repeating: "0a", count: 33))",
            "institution=a%3Cb", "institution=\(String(repeating: "n", count: 64))", "from=2026-13-01",
            "from=2026-11-23T00:00:00Z", "to=1969-12-31", "from=2026-11-24&to=2026-11-23",
        ]
    )
    func mistakes(_ form: String) async throws {
        #expect(throws: ChainFilter.Mistake.self) { try Self.filter(form) }
        let source = TestRecord()
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site(source)) { browser in
            let cookie = try await Self.signIn(browser, try dashboard.token(.auditor))
            let secret = try #require(try await browser.get("/audit", cookie: cookie).formToken)
            let asked = source.asked.withLock { $0.count }
            for path in ["/audit/find", "/consents/find", "/audit/events"] {
                let answer = try await browser.post(path, "form_token=\(secret)&\(form)", cookie: cookie)
                #expect(answer.status == 200 && answer.text.contains("role=\"alert\""))
            }
            #expect(source.asked.withLock { $0.count } == asked)
        }
    }

    @Test("pages are turned by forms that ask for the same again; no address names a scope")
    func turning() async throws {
        let source = TestRecord(pages: 3)
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site(source)) { browser in
            let cookie = try await Self.signIn(browser, try dashboard.token(.auditor))
            let first = try await browser.get("/audit", cookie: cookie)
            #expect(first.text.contains("Page 1 of 3") && first.text.contains("Older") && !first.text.contains("Newer"))
            let secret = try #require(first.formToken)
            let form = "form_token=\(secret)&scope=0a0a0a0a&institution=north&page=1"
            let second = try await browser.post("/audit/find", form, cookie: cookie)
            #expect(second.status == 200 && second.location == nil)
            #expect(second.text.contains("Page 2 of 3") && second.text.contains("Newer"))
            #expect(second.text.contains("name=\"page\" value=\"2\"") && second.text.contains("value=\"0a0a0a0a\""))
            #expect(second.text.contains("Show everything"))
            let last = source.asked.withLock { $0.last }
            #expect(last?.scope == "0a0a0a0a" && last?.institution == "north" && last?.page == 1)
            #expect(!second.text.contains("?scope") && !second.text.contains("/0a0a"))
        }
    }

    @Test("a selection is given away as a file of AuditEvents that no browser opens")
    func download() async throws {
        let source = TestRecord()
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site(source)) { browser in
            let cookie = try await Self.signIn(browser, try dashboard.token(.auditor))
            let secret = try #require(try await browser.get("/audit", cookie: cookie).formToken)
            let form = "form_token=\(secret)&narrow=yes&page=7"
            let answer = try await browser.post("/audit/events", form, cookie: cookie)
            #expect(answer.status == 200 && answer.text == "{\"resourceType\":\"AuditEvent\"}\n")
            #expect(answer.headers.first(name: "content-type") == "application/fhir+ndjson")
            let disposition = answer.headers.first(name: "content-disposition")
            #expect(disposition == "attachment; filename=\"audit-events.ndjson\"")
            #expect(answer.headers.first(name: "cache-control") == "no-store")
            #expect(source.asked.withLock { $0.last?.isNarrow } == true)
        }
    }

    @Test("auditors and stewards see these pages; others neither see them nor find them in the menu")
    func roles() async throws {
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site(TestRecord())) { browser in
            for role in [DashboardRole.auditor, .steward] {
                let name = role == .steward ? dashboard.steward.name.description : "ida"
                let cookie = try await Self.signIn(browser, try dashboard.token(role, for: name))
                for path in ["/consents", "/audit"] {
                    let answer = try await browser.get(path, cookie: cookie)
                    #expect(answer.status == 200 && answer.text.contains("href=\"\(path)\" aria-current=\"page\""))
                    #expect(
                        answer.headers.first(name: "content-security-policy") == SecurityHeaders.contentSecurityPolicy
                    )
                }
            }
            for role in [DashboardRole.viewer, .engineer] {
                let cookie = try await Self.signIn(browser, try dashboard.token(role))
                for path in ["/consents", "/audit", "/consents/live", "/audit/live"] {
                    let answer = try await browser.get(path, cookie: cookie)
                    #expect(answer.status == 403 && !answer.text.contains("href=\"/audit\""))
                }
                let secret = try await browser.get("/audit", cookie: cookie).formToken ?? ""
                for path in ["/audit/find", "/consents/find", "/audit/events"] {
                    #expect(try await browser.post(path, "form_token=\(secret)", cookie: cookie).status == 403)
                }
            }
        }
    }

    @Test("a watched page is kept up to date")
    func live() async throws {
        let source = TestRecord()
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site(source)) { browser in
            let cookie = try await Self.signIn(browser, try dashboard.token(.auditor))
            #expect(try await browser.get("/audit", cookie: cookie).text.contains("data-watch=\"live\""))
            let text = try await browser.events("/audit/live", cookie: cookie, count: 1)
            #expect(text.contains("event: regions") && text.contains("delivered (3 envelopes)"))
        }
    }
}
