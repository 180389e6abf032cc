import Foundation
import MQTTIngest
import StrictYAML
import Testing
import Uplink

@testable import Agent
@testable import Spool

@Suite("The section share") struct ShareConfigurationTests {
    private static let uplink = """
        uplink:
          identity: /tmp/x/identity
          custodian: https://custodian.ward:7404
          policy: "role:researcher"
          privacy_centers: [{name: "cloud:privacy-center:one", url: "https://one.cloud:7402"}]
        chain: {genesis: g, validators: ["https://v1:7401"]}
        """

    private static func parse(_ share: String, uplink: String = uplink) throws -> AgentConfiguration {
        try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: /tmp/x
                spool: {master_key_file: /tmp/x/spool.key}
                devices: /tmp/x/devices
                brokers: [{host: 127.0.0.1}]
                \(uplink)
                http: {listen: "127.0.0.1:7407"}
                \(share)
                """,
            file: "agent.yaml"
        )
    }

    @Test("defaults are sensible, and every key is read")
    func keys() throws {
        let usual = try #require(try Self.parse("share: {}").share)
        #expect(usual.listen == nil && usual.identityDirectory == "/tmp/x/identity")
        #expect(usual.requestsMax == 10_000 && usual.bytesMax == 64 << 20 && usual.retentionSeconds == 30 * 86_400)
        let all = try #require(
            try Self.parse(
                """
                share:
                  listen: "127.0.0.1:7417"
                  identity: /etc/share
                  requests_max: 5
                  bytes_max: 1MiB
                  retention_days: 1
                """
            ).share
        )
        #expect(all.listen == AgentConfiguration.Listener(host: "127.0.0.1", port: 7_417))
        #expect(all.identityDirectory == "/etc/share" && all.requestsMax == 5 && all.bytesMax == 1 << 20)
        #expect(all.retentionSeconds == 86_400)
        #expect(try Self.parse("").share == nil)
    }

    @Test(
        "what cannot work is refused",
        arguments: [
            ("share: {listen: '0.0.0.0:7417'}", "loopback"), ("share: {listen: '10.0.0.1:7417'}", "loopback"),
            ("share: {listen: 'gateway.ward:7417'}", "loopback"), ("share: {listen: '127.0.0.1'}", "host:port"),
            ("share: {listen: '127.0.0.1:7407'}", "another port"), ("share: {requests_max: 0}", "requests_max"),
            ("share: {bytes_max: 1KiB}", "bytes_max"), ("share: {retention_days: 0}", "retention_days"),
            ("share: {port: 1}", "port"),
        ]
    )
    func refusals(share: String, words: String) {
        let problem = #expect(throws: YAMLProblem.self) { try Self.parse(share) }
        #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
    }

    @Test("without a chain there is nowhere to hand in")
    func alone() {
        let problem = #expect(throws: YAMLProblem.self) { try Self.parse("share: {identity: i}", uplink: "") }
        #expect(problem?.description.contains("needs the section chain") == true)
    }

    @Test("an agent with a share outbox subscribes to its topic, also beside listed filters and within its group")
    func subscriptions() throws {
        let site = try TestSite()
        let broker = try #require(site.configuration.brokers.first)
        let filters = try broker.topicSubscriptions(profiles: site.library, takesShareRequests: true).map(\.filter)
        #expect(filters.last == "wardline/share/requests" && filters.count == 2)
        #expect(try broker.topicSubscriptions(profiles: site.library).count == 1)
        let listed = try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: /tmp/x
                spool: {master_key_file: /tmp/x/spool.key}
                devices: /tmp/x/devices
                brokers: [{host: 127.0.0.1, shared_group: g, subscriptions: [{filter: "ward/7/#"}]}]
                """,
            file: "agent.yaml"
        )
        let own = try #require(listed.brokers.first)
        let shared = try own.topicSubscriptions(profiles: site.library, takesShareRequests: true).map(\.filter)
        #expect(shared == ["$share/g/ward/7/#", "$share/g/wardline/share/requests"])
    }

    @Test("metrics count by state and name nobody; readiness says what is open and why")
    func status() {
        var spool = SpoolStatistics()
        spool.shareRequests.submitted = 2
        spool.shareRequests.expired = 1
        spool.shareRequests.openBytes = 700
        var status = AgentStatus(
            now: 600_000_000_000,
            brokers: [],
            spool: spool,
            sinks: [],
            normalizerHeartbeat: 600_000_000_000,
            normalizerFailure: nil,
            isHoldingNormalization: false,
            profiles: 1,
            profileProblems: 0,
            clocks: []
        )
        #expect(!status.metrics.contains("wardline_share_") && status.shareNotes.isEmpty)
        status.sharing = ShareState(heartbeat: 1, inFlight: 2, problem: "nobody answers")
        #expect(status.hanging == ["share outbox"])
        let metrics = status.metrics
        #expect(metrics.contains("wardline_share_requests{state=\"submitted\"} 2\n"))
        #expect(metrics.contains("wardline_share_requests{state=\"expired\"} 1\n"))
        #expect(metrics.contains("wardline_share_open_bytes 700\n"))
        #expect(metrics.contains("wardline_share_requests_in_flight 2\n"))
        #expect(metrics.contains("wardline_share_failing 1\n"))
        #expect(status.shareNotes == ["share outbox: nobody answers", "2 share requests wait for their outcome"])
    }
}
