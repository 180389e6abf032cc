import Foundation
import Testing

@testable import Dashboard

/// A chain of one block in one channel.
private struct TestChainSource: ChainDashboardSource {
    static let transaction = String(repeating: "ab", count: 32)
    static let block = BlockView(
        channel: "index",
        height: 7,
        hash: String(repeating: "0f", count: 32),
        parent: String(repeating: "0e", count: 32),
        time: 1_795_000_000_000,
        epoch: 1,
        view: 4,
        signers: 3,
        signerNames: ["dev:validator:validator-1", "dev:validator:<b>"],
        roots: [("Transactions", "11"), ("State", "22")],
        transactions: [
            .init(
                id: Self.transaction,
                kind: "anchors.record",
                caller: "a:gateway:g",
                rejection: "",
                cost: 9,
                bytes: 300,
                events: ["anchored"]
            ),
            .init(
                id: "cd",
                kind: "access.request",
                caller: "nobody",
                rejection: "no such scope",
                cost: 1,
                bytes: 20,
                events: []
            ),
        ]
    )

    var margin = 1

    func chain() async throws -> ChainView {
        ChainView(
            now: 1_795_000_003_000,
            chain: "dev <chain>",
            number: 2,
            name: "dev:validator:validator-2",
            obstacles: self.margin < 0 ? ["two validators are away"] : [],
            channels: [
                .init(
                    name: "index",
                    height: 7,
                    time: 1_795_000_000_000,
                    epoch: 1,
                    view: 4,
                    isChangingView: self.margin < 0,
                    leader: 1,
                    members: 4,
                    reachable: 3 + self.margin,
                    margin: self.margin,
                    poolCount: 0,
                    transactions: 12,
                    viewChanges: 1,
                    evidence: 0,
                    blocks: [Self.block]
                )
            ],
            others: [.init(number: 1, name: "dev:validator:validator-1", isConnected: false, score: 0.5)]
        )
    }

    func block(_ height: UInt64, on channel: String) async throws -> BlockView? {
        height == 7 && channel == "index" ? Self.block : nil
    }

    func place(ofTransaction id: String) async throws -> (channel: String, height: UInt64)? {
        id == Self.transaction ? ("index", 7) : nil
    }
}

@Suite("The chain explorer", .timeLimit(.minutes(5)))
struct ChainPagesTests {
    private static let request = PageRequest(session: .init(name: "v", role: .viewer, means: .token, formToken: "f1"))

    @Test("the first page shows channels, blocks by kind and validators, escaped")
    func chain() async throws {
        let html = ChainPage.content(try await TestChainSource().chain(), Self.request).nodes.html
        #expect(html.contains("Chain dev &lt;chain&gt;") && html.contains("3 s ago"))
        #expect(html.contains("href=\"/blocks/index/7\"") && html.contains("anchors.record 1"))
        #expect(html.contains("4 of 4") && html.contains("not connected"))
        #expect(html.contains("Nothing keeps this validator from serving."))
    }

    @Test("a chain that stands still says why")
    func obstacles() async throws {
        let html = ChainPage.content(try await TestChainSource(margin: -1).chain(), Self.request).nodes.html
        #expect(html.contains("notice bad\">two validators are away") && html.contains("4 (changing)"))
        #expect(html.contains("badge bad\">-1"))
    }

    @Test("a block shows its certificate, its roots and what became of each transaction")
    func block() {
        let html = BlockPage.content(TestChainSource.block).nodes.html
        #expect(html.contains("view 4, signed by 3 validators: dev:validator:validator-1, dev:validator:&lt;b&gt;"))
        #expect(html.contains("badge good\">executed") && html.contains("badge bad\">no such scope"))
        #expect(html.contains("href=\"/blocks/index/6\"") && html.contains("href=\"/blocks/index/8\""))
        #expect(html.contains(TestChainSource.transaction))
    }

    @Test(
        "a block or a transaction is found by a form; another host is never gone to",
        arguments: [
            ("what=7&channel=index", "/blocks/index/7"), ("what=%20\(TestChainSource.transaction)", "/blocks/index/7"),
            ("what=\(String(repeating: "ee", count: 32))", "/chain"), ("what=x", "/chain"),
            ("what=7&channel=//evil.example", "/blocks///evil.example/7"),
        ]
    )
    func find(_ form: String, _ location: String) async throws {
        let dashboard = try TestDashboard()
        let parts = DashboardParts()
        parts.add(.chain(TestChainSource()))
        let site = try #require(parts.site(name: "node validator-2"))
        try await dashboard.browse(site) { browser in
            let token = try dashboard.token(.viewer)
            let cookie = try #require(try await browser.post("/sign-in/token", "token=\(token)").cookie)
            let page = try await browser.get("/chain", cookie: cookie)
            #expect(page.status == 200)
            let secret = try #require(page.formToken)
            let answer = try await browser.post("/chain/find", "form_token=\(secret)&\(form)", cookie: cookie)
            #expect(answer.status == 303 && answer.location == location)
            #expect(try await browser.get("/blocks/index/7", cookie: cookie).status == 200)
            for path in ["/blocks/index/8", "/blocks/none/7", "/blocks/index/x", "/blocks/index/-1"] {
                #expect(try await browser.get(path, cookie: cookie).status == 404)
            }
        }
    }
}
