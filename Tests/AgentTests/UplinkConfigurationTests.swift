import AccessPolicies
import StrictYAML
import Testing
import Uplink

@testable import Agent

@Suite struct UplinkConfigurationTests {
    private static func parse(_ uplink: String, sinks: String = "[]") throws -> AgentConfiguration {
        try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: /tmp/x
                spool: {master_key_file: /tmp/x/spool.key}
                devices: /tmp/x/devices
                brokers: [{host: 127.0.0.1}]
                sinks: \(sinks)
                uplink:
                  identity: /tmp/x/identity
                  custodian: https://custodian.ward:7404
                  \(uplink)
                """,
            file: "agent.yaml"
        )
    }

    private static let centers = """
        privacy_centers:
            - {name: "cloud:privacy-center:one", url: "https://one.cloud:7402"}
            - {name: "cloud:privacy-center:two", url: "https://two.cloud:7402/"}
        """

    @Test("identity parameters are one file or several; a missing one is found before the start")
    func identityParameters() throws {
        func parse(_ value: String) throws -> AgentConfiguration {
            try Self.parse("policy: \"role:researcher\"\n  identity_parameters: \(value)\n  \(Self.centers)")
        }
        #expect(try parse("/a.wly").uplink?.identityParameterFiles == ["/a.wly"])
        #expect(try parse("[/a.wly, /b.wly]").uplink?.identityParameterFiles == ["/a.wly", "/b.wly"])
        let problem = #expect(throws: YAMLProblem.self) { try parse("{a: b}") }
        #expect(problem?.field == "uplink.identity_parameters")
        let site = try UplinkSite()
        let missing = try site.configuration(identityParameters: ["/nowhere/a.wly"])
        let problems = AgentCheck.problems(of: missing)
        #expect(problems.contains("uplink: cannot read the identity parameters /nowhere/a.wly"))
        let parameters = try IssuingParties(site).publish(from: 1)
        let sound = try site.configuration(identityParameters: [parameters.path])
        #expect(!AgentCheck.problems(of: sound).contains { $0.hasPrefix("uplink") })
    }

    @Test("the policy may name dates; a mistake is told with its column")
    func policy() throws {
        func parse(_ policy: String) throws -> AgentConfiguration {
            try Self.parse("policy: \"\(policy)\"\n  \(Self.centers)")
        }
        let policy = try parse("role:researcher and until >= 2026-11-21").uplink?.policy
        #expect(policy?.text == "(role:researcher and until >= 20778)")
        let problem = #expect(throws: (any Error).self) { try parse("role:researcher AND purpose:study") }
        let text = problem.map { "\($0)" } ?? ""
        #expect(text.contains("line 1, column 17: expected `and`, `or` or the end of the policy, found `AND`"))
    }

    @Test("an uplink has sensible defaults, and every key is read")
    func keys() throws {
        let usual = try #require(try Self.parse("policy: \"role:researcher\"\n  \(Self.centers)").uplink)
        #expect(usual.copies == 1)
        #expect(usual.identityParameterFiles == [])
        #expect(usual.limits == EnvelopeLimits(ageMillisecondsMax: 10_000, readingsMax: 200, bytesMax: 512 << 10))
        #expect(usual.receiptRetentionSeconds == 90 * 86_400)
        #expect(usual.centers.map(\.url.description) == ["https://one.cloud:7402", "https://two.cloud:7402"])
        let all = try #require(
            try Self.parse(
                """
                policy: "role:researcher"
                  copies: 2
                  envelope: {age_seconds_max: 3, readings_max: 50, bytes_max: 64KiB}
                  receipt_retention_days: 7
                  in_flight_max: 4
                  audit_seconds: 60
                  \(Self.centers)
                """
            ).uplink
        )
        #expect(all.copies == 2 && all.inFlightMax == 4 && all.auditSeconds == 60)
        #expect(all.limits == EnvelopeLimits(ageMillisecondsMax: 3_000, readingsMax: 50, bytesMax: 64 << 10))
        #expect(all.receiptRetentionSeconds == 7 * 86_400)
        #expect(all.policy.digest == usual.policy.digest)
    }

    @Test(
        "what cannot work is refused",
        arguments: [
            "policy: \"role:researcher\"",
            "policy: \"role:\"\n  \(centers)",
            "policy: \"role:researcher\"\n  copies: 3\n  \(centers)",
            "policy: \"role:researcher\"\n  unknown: 1\n  \(centers)",
            "policy: \"role:researcher\"\n  privacy_centers: []",
            "policy: \"role:researcher\"\n  privacy_centers: [{name: one, url: \"https://x\"}]",
            "policy: \"role:researcher\"\n  privacy_centers: [{name: \"a:gateway:b\", url: \"https://x\"}]",
            "policy: \"role:researcher\"\n  privacy_centers: [{name: \"a:privacy-center:b\", url: \"http://x\"}]",
            "policy: \"role:researcher\"\n  envelope: {bytes_max: 16MiB}\n  \(centers)",
        ]
    )
    func refusals(uplink: String) {
        let problem = #expect(throws: YAMLProblem.self) { try Self.parse(uplink) }
        #expect(problem?.field.hasPrefix("uplink") == true)
    }

    @Test("no sink may have the name under which the uplink stands in the spool")
    func name() throws {
        let sinks = "[{type: ndjson, name: uplink, path: /tmp/x/o}]"
        let problem = #expect(throws: YAMLProblem.self) {
            try Self.parse("policy: \"role:researcher\"\n  \(Self.centers)", sinks: sinks)
        }
        #expect(problem?.reason.contains("a sink cannot be called uplink") == true)
    }
}
