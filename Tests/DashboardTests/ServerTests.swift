import Foundation
import NIOHTTP1
import Synchronization
import Testing

@testable import Dashboard

@Suite("A dashboard as browsers meet it", .timeLimit(.minutes(20)))
struct ServerTests {
    /// One still page, one that counts its looks, and an action.
    private static func site(_ done: @escaping @Sendable (String) -> Void = { _ in }) -> DashboardSite {
        let looks = Mutex(0)
        return DashboardSite(
            name: "test <site>",
            pages: [
                DashboardPage("/one", menu: "One", liveSeconds: 0.01) { _ in
                    let count = looks.withLock { looks in
                        looks += 1
                        return looks
                    }
                    return PageContent("One") { HTMLTag.p(.live("count")) { "look \(count)" } }
                },
                DashboardPage("/two/{name}", menu: nil) { request in
                    PageContent("Two") {
                        request.parameters["name"] ?? ""
                        request.formToken
                    }
                },
            ],
            actions: [
                DashboardAction("/mend", for: .mend) { _, fields in
                    done(fields["what"] ?? "")
                    return .go(to: "/one", notice: "mended <it>")
                }
            ]
        )
    }

    private static func signIn(_ browser: Browser, _ token: String) async throws -> String {
        let answer = try await browser.post("/sign-in/token", "token=\(token)")
        #expect(answer.status == 303 && answer.location == "/")
        return try #require(answer.cookie)
    }

    @Test("who has not signed in sees the sign-in page and nothing else", arguments: ["/", "/one", "/two/x"])
    func outside(_ path: String) async throws {
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site()) { browser in
            let answer = try await browser.get(path)
            #expect(answer.status == 303 && answer.location == "/sign-in")
            #expect(try await browser.get("/one/live").status == 401)
            #expect(try await browser.post("/mend", "").status == 401)
            let page = try await browser.get("/sign-in")
            #expect(page.status == 200 && page.text.contains("One-time token") && !page.text.contains("<nav"))
            #expect(page.text.contains("test &lt;site&gt;"))
        }
    }

    @Test("every answer forbids what is not this server's own", arguments: ["/sign-in", "/", "/nowhere", "/one/live"])
    func headers(_ path: String) async throws {
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site()) { browser in
            let answer = try await browser.get(path)
            #expect(path != "/nowhere" || answer.status == 404)
            let policy = try #require(answer.headers.first(name: "content-security-policy"))
            #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
            #expect(!policy.contains("unsafe") && !policy.contains("*") && policy.contains("frame-ancestors 'none'"))
            #expect(answer.headers.first(name: "x-content-type-options") == "nosniff")
            #expect(answer.headers.first(name: "cache-control") == "no-store")
        }
    }

    @Test("assets have addresses of their own and may be kept")
    func assets() async throws {
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site()) { browser in
            let page = try await browser.get("/sign-in").text
            for asset in DashboardAsset.all {
                #expect(page.contains("\"\(asset.path)\""))
                let answer = try await browser.get(asset.path)
                #expect(answer.status == 200 && answer.text == asset.content)
                #expect(answer.headers.first(name: "content-type") == asset.type)
            }
            #expect(!page.contains("<style") && !page.contains("style=") && !page.contains("onclick"))
        }
    }

    @Test("a token gives a session whose cookie no script and no other site can use")
    func token() async throws {
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site()) { browser in
            let token = try dashboard.token(.viewer)
            let answer = try await browser.post("/sign-in/token", "token=\(token)")
            let header = try #require(answer.headers.first(name: "set-cookie"))
            for word in ["__Host-", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
                #expect(header.contains(word))
            }
            let cookie = try #require(answer.cookie)
            let page = try await browser.get("/one", cookie: cookie)
            #expect(page.status == 200 && page.text.contains("alice (viewer)"))
            #expect(page.text.contains("aria-current=\"page\""))
            #expect(try await browser.post("/sign-in/token", "token=\(token)").status == 403)
            #expect(try await browser.get("/one", cookie: cookie + "0").status == 303)
            let out = try await browser.post("/sign-out", "form_token=\(page.formToken ?? "")", cookie: cookie)
            #expect(out.status == 303)
            #expect(try await browser.get("/one", cookie: cookie).status == 303)
        }
    }

    @Test("a certificate signs in whom the operator listed, and nobody else")
    func certificate() async throws {
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site(), as: dashboard.steward) { browser in
            // A certificate alone shows no page: a form must ask for the session.
            #expect(try await browser.get("/one").status == 303)
            #expect(try await browser.get("/sign-in").text.contains("clinic:steward:steward-1"))
            let cookie = try #require(try await browser.post("/sign-in/certificate", "").cookie)
            #expect(try await browser.get("/one", cookie: cookie).text.contains("steward-1 (steward)"))
        }
        try await dashboard.browse(Self.site(), as: dashboard.stranger) { browser in
            let refused = try await browser.post("/sign-in/certificate", "")
            #expect(refused.status == 403)
        }
        try await dashboard.browse(Self.site()) { browser in
            let refused = try await browser.post("/sign-in/certificate", "")
            #expect(refused.status == 403)
        }
    }

    @Test("a role does what it may, once for one form, and sees what was done")
    func actions() async throws {
        let dashboard = try TestDashboard()
        let done = Mutex<[String]>([])
        try await dashboard.browse(Self.site { what in done.withLock { $0.append(what) } }) { browser in
            let cookie = try await Self.signIn(browser, try dashboard.token(.engineer))
            let form = try #require(try await browser.get("/two/x", cookie: cookie).formToken)
            let answer = try await browser.post("/mend", "form_token=\(form)&what=pump", cookie: cookie)
            #expect(answer.status == 303 && answer.location == "/one")
            #expect(done.withLock { $0 } == ["pump"])
            #expect(try await browser.get("/one", cookie: cookie).text.contains("mended &lt;it&gt;"))
            #expect(try await browser.get("/one", cookie: cookie).text.contains("mended") == false)
            let viewer = try await Self.signIn(browser, try dashboard.token(.viewer))
            let other = try #require(try await browser.get("/two/x", cookie: viewer).formToken)
            #expect(try await browser.post("/mend", "form_token=\(other)&what=x", cookie: viewer).status == 403)
            #expect(done.withLock { $0 } == ["pump"])
        }
    }

    @Test("what another site's page sends changes nothing")
    func forgery() async throws {
        let dashboard = try TestDashboard()
        let done = Mutex(0)
        try await dashboard.browse(Self.site { _ in done.withLock { $0 += 1 } }) { browser in
            let cookie = try await Self.signIn(browser, try dashboard.token(.engineer))
            let form = try #require(try await browser.get("/two/x", cookie: cookie).formToken)
            let right = "form_token=\(form)&what=x"
            let attempts: [(String, [(String, String)]?)] = [
                ("what=x", nil), ("form_token=00&what=x", nil),
                (right, [("origin", "https://evil.example")]), (right, [("origin", "null")]), (right, []),
                (right, [("origin", browser.base), ("sec-fetch-site", "cross-site")]),
                (right, [("origin", browser.base), ("sec-fetch-site", "same-site")]),
            ]
            for (body, headers) in attempts {
                let answer = try await browser.post("/mend", body, cookie: cookie, headers: headers)
                #expect(answer.status == 403)
            }
            let token = try dashboard.token(.viewer)
            let foreign = [("origin", "https://evil.example")]
            #expect(try await browser.post("/sign-in/token", "token=\(token)", headers: foreign).status == 403)
            #expect(done.withLock { $0 } == 0)
        }
    }

    @Test("a live page sends what changed, and ends with its session")
    func live() async throws {
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site()) { browser in
            let cookie = try await Self.signIn(browser, try dashboard.token(.viewer))
            #expect(try await browser.get("/one", cookie: cookie).text.contains("data-watch"))
            let text = try await browser.events("/one/live", cookie: cookie, count: 3)
            #expect(text.hasPrefix("retry: 1000\n\nevent: regions\ndata: [\"count\",\"look "))
            #expect(text.components(separatedBy: "event: regions").count > 3)
            // A page that stands still has no stream.
            #expect(try await browser.get("/two/x/live", cookie: cookie).status == 404)
        }
    }

    @Test("parameters of addresses and long forms are bounded and escaped")
    func parameters() async throws {
        let dashboard = try TestDashboard()
        try await dashboard.browse(Self.site()) { browser in
            let cookie = try await Self.signIn(browser, try dashboard.token(.viewer))
            let page = try await browser.get("/two/%3Cscript%3E", cookie: cookie).text
            #expect(page.contains("&lt;script&gt;") && !page.contains("<script>"))
            let long = String(repeating: "a", count: FormFields.bytesMax + 1)
            #expect(try await browser.post("/mend", long, cookie: cookie).status == 413)
        }
    }
}
