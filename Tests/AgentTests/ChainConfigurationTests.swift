import Foundation
import StrictYAML
import Testing
import Uplink

@testable import Agent
@testable import Spool

@Suite("The section chain") struct ChainConfigurationTests {
    private static let uplink = """
        uplink:
          identity: /tmp/x/identity
          custodian: https://custodian.ward:7404
          policy: "role:researcher"
          privacy_centers: [{name: "cloud:privacy-center:one", url: "https://one.cloud:7402"}]
        """

    private static func parse(_ chain: String, uplink: String = uplink) throws -> AgentConfiguration {
        try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: /tmp/x
                spool: {master_key_file: /tmp/x/spool.key}
                devices: /tmp/x/devices
                brokers: [{host: 127.0.0.1}]
                \(uplink)
                \(chain)
                """,
            file: "agent.yaml"
        )
    }

    @Test("defaults are sensible, and every key is read")
    func keys() throws {
        let usual = try #require(
            try Self.parse("chain: {genesis: /etc/g.wlg, validators: [\"https://v1:7401\"]}").chain
        )
        #expect(usual.limits == AnchorLimits(ageMillisecondsMax: 10_000, envelopesMax: 256))
        #expect(usual.genesisFile == "/etc/g.wlg" && usual.validators.map(\.description) == ["https://v1:7401"])
        let all = try #require(
            try Self.parse(
                """
                chain:
                  genesis: g
                  validators: ["https://v1:7401", "https://v2:7401"]
                  window_seconds: 3600
                  window_envelopes: 1
                """
            ).chain
        )
        #expect(all.limits == AnchorLimits(ageMillisecondsMax: 3_600_000, envelopesMax: 1))
        #expect(all.validators.count == 2)
        #expect(try Self.parse("").chain == nil)
    }

    @Test(
        "what cannot work is refused with its line and field",
        arguments: [
            ("chain: {validators: [\"https://v1\"]}", "genesis"),
            ("chain: {genesis: g, validators: []}", "validators"),
            ("chain: {genesis: g, validators: [\"http://v1\"]}", "validators"),
            ("chain: {genesis: g, validators: [\"https://v1\", \"https://v1\"]}", "validators"),
            ("chain: {genesis: g, validators: [\"https://v1\"], window_seconds: 0}", "window_seconds"),
            ("chain: {genesis: g, validators: [\"https://v1\"], window_seconds: 3601}", "window_seconds"),
            ("chain: {genesis: g, validators: [\"https://v1\"], window_envelopes: 0}", "window_envelopes"),
            ("chain: {genesis: g, validators: [\"https://v1\"], window: 1}", "window"),
        ]
    )
    func refusals(chain: String, field: String) {
        let problem = #expect(throws: YAMLProblem.self) { try Self.parse(chain) }
        #expect(problem?.description.contains(field) == true)
        #expect(problem?.description.hasPrefix("agent.yaml:12") == true, "\(problem?.description ?? "")")
    }

    @Test("without an uplink there is nothing to anchor")
    func alone() {
        let problem = #expect(throws: YAMLProblem.self) {
            try Self.parse("chain: {genesis: g, validators: [\"https://v1\"]}", uplink: "")
        }
        #expect(problem?.description.contains("uplink") == true)
    }

    @Test("a genesis that cannot be read is found without starting")
    func genesis() throws {
        let folder = NSTemporaryDirectory() + "chain-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func problems() throws -> [String] {
            try #require(
                try Self.parse("chain: {genesis: \(folder)/g.wlg, validators: [\"https://v1\"]}").chain
            ).problems
        }
        #expect(try problems() == ["chain: cannot read \(folder)/g.wlg"])
        try Data("WLGN".utf8).write(to: URL(fileURLWithPath: "\(folder)/g.wlg"))
        #expect(try problems().first?.contains("is no genesis") == true)
    }

    @Test("metrics and readiness say how far the anchoring is")
    func status() {
        var status = AgentStatus(
            now: 1,
            brokers: [],
            spool: SpoolStatistics(),
            sinks: [],
            normalizerHeartbeat: 1,
            normalizerFailure: nil,
            isHoldingNormalization: false,
            profiles: 1,
            profileProblems: 0,
            clocks: []
        )
        #expect(!status.metrics.contains("anchor") && status.anchorNotes.isEmpty)
        status.anchoring = AnchorState(heartbeat: 1, problem: "nobody answers")
        status.spool.anchors.refusedWindows = 2
        status.spool.anchors.lateWindows = 3
        #expect(status.metrics.contains("wardline_anchor_refused_windows 2\n"))
        #expect(status.metrics.contains("wardline_late_anchors_total 3\n"))
        #expect(status.metrics.contains("wardline_anchoring_failing 1\n"))
        #expect(status.anchorNotes == ["chain: nobody answers", "the chain refuses 2 windows of anchors"])
        #expect(status.obstacles.isEmpty, "the spool holds what the chain lacks")
        status.now = 200_000_000_000
        #expect(status.hanging.contains("anchoring"))
    }
}
