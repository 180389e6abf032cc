import Attesting
import ChainReading
import Gateway
import StrictYAML
import Testing

@testable import Node

/// Sections of gateways and verification nodes of a chain with several relay chains.
@Suite struct RelaySectionTests {
    private static let hub = "{genesis: hub.wlg, validators: ['https://h1:7401']}"

    private static func attester(_ more: String) throws -> AttesterConfiguration? {
        let text = """
            version: 1
            attester:
              identity: i
              directory: d
              key_file: node.key
              node: alpha.v1
              name: alpha
              chain: {genesis: alpha.wlg, validators: ['https://v1:7401']}
              hub: \(Self.hub)
            \(more)
            """
        return try NodeConfiguration(parsing: text, file: "node.yaml").attester
    }

    private static func relay(_ more: String) throws -> GatewayConfiguration? {
        let text = """
            version: 1
            relay:
              identity: i
              directory: d
              name: alpha
              application: {genesis: alpha.wlg, validators: ['https://v1:7401']}
              hub: \(Self.hub)
            \(more)
            """
        return try NodeConfiguration(parsing: text, file: "node.yaml").relay
    }

    @Test("a verification node reads the registries of the relay chains that are named")
    func registries() throws {
        #expect(try Self.attester("")?.otherRelays.isEmpty == true)
        let port = "{genesis: port.wlg, validators: ['https://p1:7401', 'https://p2:7401']}"
        let attester = try #require(try Self.attester("  other_hubs: [\(port)]"))
        #expect(attester.otherRelays.map(\.genesisFile) == ["port.wlg"])
        #expect(attester.otherRelays.first?.validators.count == 2)
        #expect(attester.relay?.genesisFile == "hub.wlg")
    }

    @Test("a gateway shows newer headers as often as it is told, within a day")
    func headers() throws {
        #expect(try Self.relay("")?.headerSeconds == 0)
        #expect(try Self.relay("  header_seconds: 600")?.headerSeconds == 600)
        #expect(throws: (any Error).self) { try Self.relay("  header_seconds: 86401") }
        #expect(throws: (any Error).self) { try Self.relay("  header_seconds: -1") }
    }

    @Test("how fast a backlog goes beside fresh requests is the operator's")
    func backlogPace() throws {
        #expect(try Self.relay("")?.backlogMilliseconds == 1_000)
        #expect(try Self.relay("  backlog_ms: 0")?.backlogMilliseconds == 0)
        #expect(throws: (any Error).self) { try Self.relay("  backlog_ms: 60001") }
        #expect(throws: (any Error).self) { try Self.relay("  backlog_ms: soon") }
    }
}
