import Certificates
import Credentials
import Foundation
import NIOHTTP1
import Synchronization
import Testing

@testable import Dashboard

/// Requests of one hospital; keeps what was decided, and by whom.
private final class TestSharing: SharingDashboardSource {
    struct Decided: Equatable {
        let decision: SharingDecision
        let id: String
        let steward: String
    }

    static let waiting = TestSharing.item("aa", state: "waiting", isOpen: true)
    static let standing = TestSharing.item("bb", state: "recorded", isStanding: true)

    let decided = Mutex<[Decided]>([])

    static func item(_ byte: String, state: String, isOpen: Bool = false, isStanding: Bool = false) -> SharingView.Item
    {
        SharingView.Item(
            id: String(repeating: byte, count: 32),
            state: state,
            isOpen: isOpen,
            isStanding: isStanding,
            kind: "proven permission",
            purpose: "study <1>",
            requester: "south:researcher:ada",
            attributes: ["purpose:study"],
            scope: "0a1b.vitals, epoch 2970",
            time: 1_795_000_000_000,
            ends: 1_795_000_600_000,
            rule: "two",
            approvals: ["north:steward:dan"],
            approvalsNeeded: 2,
            reason: ""
        )
    }

    func sharing() async throws -> SharingView {
        SharingView(
            now: 1_795_000_060_000,
            organization: "north",
            rulesProblem: nil,
            waiting: [Self.waiting],
            items: [Self.standing, Self.waiting],
            datasets: [
                .init(id: "cc", state: "published", policy: "role:researcher", scopes: 3, keywords: 2, reason: "")
            ]
        )
    }

    func decide(_ decision: SharingDecision, on id: String, by steward: PartyName) async throws -> String {
        self.decided.withLock { $0.append(Decided(decision: decision, id: id, steward: steward.description)) }
        return "done <so>"
    }
}

@Suite("Requests and who decides about them", .timeLimit(.minutes(5)))
struct SharingPagesTests {
    private static func site(_ source: TestSharing) throws -> DashboardSite {
        let parts = DashboardParts()
        parts.add(.sharing(source))
        return try #require(parts.site(name: "node custodian"))
    }

    private static func signIn(_ browser: Browser, _ token: String) async throws -> String {
        try #require(try await browser.post("/sign-in/token", "token=\(token)").cookie)
    }

    @Test("a card says who asks for what and why, escaped, and offers nothing to who may not decide")
    func pages() async throws {
        let view = try await TestSharing().sharing()
        func html(_ role: DashboardRole) -> String {
            let session = DashboardSession(name: "north:steward:eve", role: role, means: .token, formToken: "f1")
            return SharingPage.requests(view, PageRequest(session: session)).nodes.html
        }
        let steward = html(.steward)
        #expect(steward.contains("south:researcher:ada asks for 0a1b.vitals, epoch 2970"))
        #expect(steward.contains("study &lt;1&gt;") && !steward.contains("<1>"))
        #expect(steward.contains("1 of 2: north:steward:dan"))
        for word in ["Approve", "Refuse", "Revoke"] { #expect(steward.contains(">\(word)</button>")) }
        #expect(!steward.contains("name=\"steward\""))
        for role in [DashboardRole.viewer, .engineer] {
            #expect(!html(role).contains("/requests/decide") && html(role).contains("study &lt;1&gt;"))
        }
        #expect(SharingPage.catalog(view).nodes.html.contains("role:researcher"))
    }

    @Test("a node without a role that shows something has no site")
    func empty() { #expect(DashboardParts().site(name: "node x") == nil) }

    @Test("a decision is recorded under the name that signed in, whatever the form says")
    func name() async throws {
        let dashboard = try TestDashboard()
        let source = TestSharing()
        let name = dashboard.steward.name.description
        let form = "item=\(TestSharing.waiting.id)&decision=approve&steward=clinic:steward:steward-2&name=x"
        try await dashboard.browse(Self.site(source)) { browser in
            let cookie = try await Self.signIn(browser, try dashboard.token(.steward, for: name))
            let page = try await browser.get("/requests", cookie: cookie)
            #expect(page.text.contains("Signed in as \(name) (steward)"))
            let secret = try #require(page.formToken)
            let answer = try await browser.post("/requests/decide", "form_token=\(secret)&\(form)", cookie: cookie)
            #expect(answer.status == 303 && answer.location == "/requests")
            let after = try await browser.get("/requests", cookie: cookie)
            #expect(after.text.contains("done &lt;so&gt;"))
        }
        try await dashboard.browse(Self.site(source), as: dashboard.steward) { browser in
            let cookie = try #require(try await browser.post("/sign-in/certificate", "").cookie)
            let secret = try #require(try await browser.get("/requests", cookie: cookie).formToken)
            let answer = try await browser.post("/requests/decide", "form_token=\(secret)&\(form)", cookie: cookie)
            #expect(answer.status == 303)
        }
        // By token and by certificate she is one person.
        let decided = source.decided.withLock { $0 }
        #expect(
            decided == Array(repeating: .init(decision: .approve, id: TestSharing.waiting.id, steward: name), count: 2)
        )
    }

    @Test(
        "a steward's token for a name that the operator did not list signs nobody in",
        arguments: [
            "clinic:steward:steward-2", "urn:wardline:clinic:steward:steward-1", "clinic:operator:o-1", "alice",
        ]
    )
    func invented(_ name: String) async throws {
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site(TestSharing())) { browser in
            let token = try dashboard.token(.steward, for: name)
            let answer = try await browser.post("/sign-in/token", "token=\(token)")
            #expect(answer.status == 403 && answer.cookie == nil)
            // It is used up all the same.
            #expect(try await browser.post("/sign-in/token", "token=\(token)").status == 403)
        }
    }

    @Test("viewers, engineers and other sites' pages decide nothing", arguments: [DashboardRole.viewer, .engineer])
    func refused(_ role: DashboardRole) async throws {
        let dashboard = try TestDashboard()
        let source = TestSharing()
        let form = "item=\(TestSharing.waiting.id)&decision=approve"
        try await dashboard.browse(Self.site(source)) { browser in
            let viewer = try await Self.signIn(browser, try dashboard.token(role))
            let secret = try #require(try await browser.get("/requests", cookie: viewer).formToken)
            let answer = try await browser.post("/requests/decide", "form_token=\(secret)&\(form)", cookie: viewer)
            #expect(answer.status == 403)
            let steward = try await Self.signIn(
                browser,
                try dashboard.token(.steward, for: dashboard.steward.name.description)
            )
            let own = try #require(try await browser.get("/requests", cookie: steward).formToken)
            let forged: [(String, [(String, String)]?)] = [
                (form, nil), ("form_token=\(secret)&\(form)", nil),
                ("form_token=\(own)&\(form)", [("origin", "https://evil.example")]),
                ("form_token=\(own)&\(form)", [("origin", browser.base), ("sec-fetch-site", "cross-site")]),
            ]
            for (body, headers) in forged {
                let refused = try await browser.post("/requests/decide", body, cookie: steward, headers: headers)
                #expect(refused.status == 403)
            }
            let unknown = "form_token=\(own)&item=\(TestSharing.waiting.id)&decision=delete"
            #expect(try await browser.post("/requests/decide", unknown, cookie: steward).status == 400)
            #expect(source.decided.withLock { $0.isEmpty })
        }
    }

    @Test("pages of nodes have the same strict headers", arguments: ["/requests", "/catalog"])
    func headers(_ path: String) async throws {
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site(TestSharing())) { browser in
            #expect(try await browser.get(path).status == 303)
            let cookie = try await Self.signIn(browser, try dashboard.token(.viewer))
            let answer = try await browser.get(path, cookie: cookie)
            #expect(answer.status == 200)
            #expect(answer.headers.first(name: "content-security-policy") == SecurityHeaders.contentSecurityPolicy)
            #expect(answer.headers.first(name: "cache-control") == "no-store")
            #expect(
                !answer.text.contains("<style") && !answer.text.contains("style=") && !answer.text.contains("onclick")
            )
        }
    }
}
