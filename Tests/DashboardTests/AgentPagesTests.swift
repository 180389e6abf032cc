import Foundation
import Testing

@testable import Dashboard

@Suite("Pages of an agent")
struct AgentPagesTests {
    private static let now: Int64 = 1_795_000_000_000
    private static let viewer = PageRequest(session: .init(name: "v", role: .viewer, means: .token, formToken: "f1"))
    private static let engineer = PageRequest(
        session: .init(name: "e", role: .engineer, means: .token, formToken: "f2")
    )

    private static func reading(_ name: String, _ short: String?, _ text: String) -> ReadingView {
        ReadingView(
            name: name,
            short: short,
            text: text,
            unit: "/min",
            trend: [1, 2, 3],
            time: Self.now - 1_000,
            observation: "0123456789abcdef0123456789abcdef",
            device: "M<1>",
            profile: "monitor@1.0.0",
            flags: ["questionable"]
        )
    }

    private static func bed(newest: Int64) -> BedView {
        BedView(
            handle: "a1b2",
            name: "icu/3 <b>",
            isBed: true,
            newest: newest,
            observations: 12,
            readings: [Self.reading("Heart rate", "HR", "71"), Self.reading("Step count", nil, "9")],
            waves: [
                WaveView(name: "ECG", unit: "mV", samples: [1, nil, 3], seconds: 3, until: Self.now, observation: "ff")
            ]
        )
    }

    @Test("what stands for no value is no figure")
    func reasons() {
        var bed = Self.bed(newest: Self.now)
        bed.readings = [Self.reading("Oxygen saturation", "SpO2", "(not performed)")]
        let html = WardPage.content(WardView(now: Self.now, beds: [bed])).nodes.html
        #expect(html.contains("<span class=\"reason\">(not performed)</span>") && !html.contains("class=\"value\""))
    }

    @Test("a card shows vital signs and a strip, with no markup from outside and no Observation in an address")
    func ward() {
        let page = WardPage.content(WardView(now: Self.now, beds: [Self.bed(newest: Self.now - 5_000)]))
        let html = page.nodes.html
        #expect(html.contains("Bed icu/3 &lt;b&gt;") && !html.contains("<b>"))
        #expect(html.contains("href=\"/beds/a1b2\"") && html.contains("5 s ago"))
        #expect(html.contains("<span class=\"value\">71</span>") && html.contains("class=\"spark\""))
        #expect(html.contains("role=\"img\"") && html.contains("aria-label=\"ECG, the last 3 seconds"))
        #expect(!html.contains("Step count") && !html.contains("0123456789abcdef"))
        #expect(LiveRegions(page.nodes).keys == ["summary", "a1b2-age", "a1b2-vitals"])
    }

    @Test("a silent bed is marked as silent")
    func silent() {
        let page = WardPage.content(WardView(now: Self.now, beds: [Self.bed(newest: Self.now - 600_000)]))
        #expect(page.nodes.html.contains("badge warn\">10 min ago"))
        #expect(page.nodes.html.contains("1 silent for more than two minutes"))
    }

    @Test("a bed's page traces each reading by a form, never by an address")
    func bedPage() {
        let html = BedPage.content(Self.bed(newest: Self.now), at: Self.now, Self.viewer).nodes.html
        #expect(html.contains("Step count") && html.contains("questionable"))
        #expect(html.contains("method=\"post\" action=\"/trace\""))
        #expect(html.contains("value=\"0123456789abcdef0123456789abcdef\""))
        for href in html.components(separatedBy: "href=\"").dropFirst() { #expect(!href.hasPrefix("/trace/")) }
    }

    @Test("devices are marked when silent, off in time or low")
    func fleet() {
        let devices = [
            DeviceView(name: "M1", lastSeen: Self.now - 1_000, offsetSeconds: 0.25, batteryPercent: 80),
            DeviceView(name: "M2", lastSeen: Self.now - 3_600_000, offsetSeconds: -75, jumps: 2, batteryPercent: 9.5),
            DeviceView(name: "M3"),
        ]
        let html = FleetPage.content(FleetView(now: Self.now, devices: devices)).nodes.html
        #expect(html.contains("0.25 s") && html.contains("80 %") && html.contains("badge warn\">60 min ago"))
        #expect(html.contains("badge warn\">-75.0 s") && html.contains("badge bad\">9.5 %") && html.contains("2 times"))
        #expect(html.contains("no clock"))
    }

    @Test("the pipeline says what keeps data from flowing, and what is not configured")
    func pipeline() {
        var view = PipelineView(now: Self.now)
        let ready = PipelinePage.content(view).nodes.html
        #expect(ready.contains("nothing keeps data from flowing") && ready.contains("No uplink is configured"))
        view.obstacles = ["mqtt <x>: not connected"]
        view.received = PipelineView.Flow(1_234_567, perSecond: 12.25)
        view.deadLetters = 3
        var upload = PipelineView.Upload()
        upload.oldest = Self.now - 65_000
        upload.centers = [("demo:privacy-center:one", "refused: <why>")]
        view.upload = upload
        view.anchoring = PipelineView.Anchoring()
        let html = PipelinePage.content(view).nodes.html
        #expect(html.contains("mqtt &lt;x&gt;: not connected") && !html.contains("nothing keeps"))
        #expect(html.contains("1\u{202F}234\u{202F}567") && html.contains("12.3/s") && html.contains("65 s"))
        #expect(html.contains("refused: &lt;why&gt;") && html.contains("Anchor lag"))
    }

    @Test("dead letters are replayed by engineers only")
    func deadLetters() {
        let view = DeadLettersView(
            now: Self.now,
            groups: [.init(profile: "-", reason: "no-profile", letters: 2, messages: 5)],
            letters: [
                .init(
                    id: 7,
                    topic: "ward/<i>",
                    profile: "-",
                    reason: "no-profile",
                    explanation: "nothing reads it",
                    count: 3,
                    lastSeen: Self.now,
                    bytes: 12
                )
            ]
        )
        let mine = DeadLettersPage.content(view, Self.engineer).nodes.html
        #expect(mine.contains("ward/&lt;i&gt;") && mine.contains("Replay letter 7") && mine.contains("value=\"f2\""))
        #expect(!DeadLettersPage.content(view, Self.viewer).nodes.html.contains("<form"))
        let none = DeadLettersView(now: Self.now, groups: [], letters: [])
        #expect(DeadLettersPage.content(none, Self.engineer).nodes.html.contains("no open dead letters"))
        #expect(
            DeadLettersPage.sentence(ReplayView(tried: 2, resolved: 1, observations: 4))
                == "1 of 2 dead letters resolved, 4 new Observations."
        )
    }

    @Test(
        "a report says at its head whether one may rely on it",
        arguments: [
            ([TraceView.State.verified, .noted, .off], "Nothing is missing: one step was checked and holds"),
            ([.verified, .missing], "one step is not there"), ([.verified, .missing, .failed], "Do not rely on this"),
        ]
    )
    func trace(_ states: [TraceView.State], _ sentence: String) {
        let view = TraceView(
            subject: "0123456789abcdef0123456789abcdef",
            checkedAt: Self.now,
            agent: "gw-1",
            reading: .init(
                name: "Heart rate",
                value: "71 /min",
                effective: "2026-11-21T06:00:01Z",
                issued: "2026-11-21T06:00:02Z",
                correction: nil,
                device: "M1",
                flags: []
            ),
            steps: states.map {
                .init(name: "block", state: $0, text: "<found>", facts: [("height", "7"), ("odd", "1")])
            }
        )
        let html = TracePage.content(view, Self.viewer).nodes.html
        #expect(html.contains(sentence))
        #expect(
            html.contains("Written on the chain") && html.contains("&lt;found&gt;") && html.contains("Block number")
        )
        #expect(html.contains("It does not show that the sensor measured rightly"))
    }

    @Test("moments of any year can be shown", arguments: [Int64.min, -1, 0, 1, 1_795_000_000_000, .max])
    func moments(_ milliseconds: Int64) {
        #expect(!Wording.moment(milliseconds).isEmpty)
        #expect(!Sparkline.tenths(Double(milliseconds)).isEmpty)
        #expect(Sparkline.tenths(.infinity) == "0" && Sparkline.tenths(.nan) == "0")
    }

    @Test("every step that a trace can have is explained")
    func words() {
        for name in ["raw-message", "profile", "observation", "envelope", "receipts", "window", "index-page", "block"] {
            #expect(!TraceWording.words(for: name).meaning.isEmpty)
        }
    }
}
