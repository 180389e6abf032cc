import Testing

@testable import Dashboard

@Suite("The page of a gateway between chains")
struct RelayPageTests {
    private static let now: Int64 = 1_795_000_003_000

    private static func view(_ change: (inout RelayView) -> Void = { _ in }) -> RelayView {
        var view = RelayView(
            now: Self.now,
            account: "clinic:relay:<g>",
            lease: "mine",
            isQuiet: false,
            held: 3,
            fresh: 1,
            underWay: 2,
            refused: 0,
            accepted: 1_234,
            found: 5,
            abandoned: 0,
            chains: [
                .init(
                    name: "clinic",
                    height: 70,
                    behind: 4,
                    settled: 60,
                    reached: Self.now - 3_000,
                    committee: 2,
                    committeeKnown: 1,
                    isTrustOld: false
                ),
                .init(
                    name: "hub",
                    height: 9,
                    behind: 0,
                    settled: 9,
                    reached: Self.now,
                    committee: nil,
                    committeeKnown: nil,
                    isTrustOld: true
                ),
            ],
            attesters: [
                .init(address: "https://a1:7411", node: "clinic.v1", trouble: ""),
                .init(address: "https://a2:7411", node: nil, trouble: "it does not answer"),
                .init(address: "https://a3:7411", node: nil, trouble: ""),
            ],
            troubles: [.init(step: "follow", text: "no <committee>", count: 2, time: Self.now - 60_000)],
            abandonedMessages: [],
            credibility: NodeCredibilityView(
                lists: [
                    .init(
                        chain: "clinic",
                        epoch: 3,
                        needed: 2,
                        seats: 2,
                        leavesBelow: 300_000,
                        nodes: [
                            .init(
                                name: "clinic.v1",
                                organization: "clinic",
                                subgroup: "core",
                                credibility: 912_345,
                                standing: "active",
                                isSeated: true
                            ),
                            .init(
                                name: "clinic.<v2>",
                                organization: "clinic",
                                subgroup: "ethics",
                                credibility: 299_999,
                                standing: "jailed",
                                isSeated: true
                            ),
                            .init(
                                name: "clinic.v3",
                                organization: "clinic",
                                subgroup: "core",
                                credibility: 1,
                                standing: "left",
                                isSeated: false
                            ),
                        ]
                    )
                ],
                trouble: ""
            )
        )
        change(&view)
        return view
    }

    @Test("it shows chains, messages in flight, who signs and what failed, escaped")
    func content() {
        let html = RelayPage.content(Self.view()).nodes.html
        #expect(html.contains("Between clinic and hub") && html.contains("clinic:relay:&lt;g&gt;"))
        #expect(html.contains("This gateway carries.") && html.contains("1 not tried yet"))
        #expect(html.contains("badge warn\">epoch 2, the other chain knows 1") && html.contains("not read yet"))
        #expect(html.contains("badge good\">fresh") && html.contains("badge warn\">to be renewed"))
        #expect(html.contains("badge good\">signed") && html.contains("badge bad\">it does not answer"))
        #expect(html.contains("badge plain\">not asked yet") && html.contains("no &lt;committee&gt;"))
        #expect(!html.contains("notice bad"))
    }

    @Test("credibility is shown for each node of a list; the least credible one with a seat is named")
    func credibility() {
        let html = RelayPage.content(Self.view()).nodes.html
        #expect(html.contains("List of clinic, epoch 3: 2 signatures of 2 seats"))
        #expect(
            html.contains(">91.23 %<") && html.contains("badge bad\">29.99 %") && html.contains("badge bad\">jailed")
        )
        #expect(html.contains("The least credible node with a seat is clinic.&lt;v2&gt;, 29.99 %."))
        let none = RelayPage.content(Self.view { $0.credibility = NodeCredibilityView(lists: [], trouble: "") })
        #expect(none.nodes.html.contains("The lists are being read."))
        let failed = RelayPage.content(
            Self.view { $0.credibility = NodeCredibilityView(lists: [], trouble: "no <quorum>") }
        )
        #expect(failed.nodes.html.contains("The lists cannot be read: no &lt;quorum&gt;"))
    }

    @Test("a chain that is away, and what was given up, stand at the top")
    func troubles() {
        let html = RelayPage.content(
            Self.view {
                $0.chains[0].reached = Self.now - 600_000
                $0.chains[1].reached = 0
                $0.abandoned = 1
                $0.abandonedMessages = ["hub:clinic:share-<7>"]
            }
        ).nodes.html
        #expect(
            html.contains("clinic was not reached for 10 min.") && html.contains("hub was not reached since the start.")
        )
        #expect(html.contains("one message was given up") && html.contains("share-&lt;7&gt;"))
        #expect(!html.contains("This gateway carries."))
    }

    @Test(
        "who has the lease is said",
        arguments: [
            ("mine", true, "Nothing is left to carry."), ("another", false, "Another gateway carries"),
            ("none", false, "Whichever gateway is first carries."),
        ]
    )
    func lease(_ lease: String, _ isQuiet: Bool, _ words: String) {
        let html = RelayPage.content(
            Self.view {
                $0.lease = lease
                $0.isQuiet = isQuiet
            }
        ).nodes.html
        #expect(html.contains(words))
    }

    @Test("a site with a relay alone has its page in the menu")
    func site() {
        let parts = DashboardParts()
        parts.add(.relay { Self.view() })
        #expect(parts.site(name: "node")?.pages.map(\.path) == ["/relay"])
    }
}
