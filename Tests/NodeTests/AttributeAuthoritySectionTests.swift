import AttributeIssuing
import ChainReading
import Node
import StrictYAML
import Testing

@Suite struct AttributeAuthoritySectionTests {
    private static func section(more: String = "", behind: String = "") -> String {
        """
        version: 1
        attribute_authority:
          identity: /i
          directory: /d
          sealing_key_file: /k
          chain: {genesis: /g, validators: ['https://v1.example:7401']}
        \(more)
        \(behind)
        """
    }

    private static func parse(_ text: String) throws -> NodeConfiguration {
        try NodeConfiguration(parsing: text, file: "node.yaml")
    }

    @Test("A section names identity, files and chain; the rest has defaults")
    func values() throws {
        let section = try #require(try Self.parse(Self.section()).attributeAuthority)
        #expect(section.identityDirectory == "/i" && section.directory == "/d" && section.sealingKeyFile == "/k")
        #expect(section.port == 7_409 && section.chain.genesisFile == "/g")
        #expect(section.numbers.isEmpty && section.retentionDays == 180 && !section.replacesPublishedKey)
        let more = """
              listen: "127.0.0.1:1"
              numbers: [training, board]
              retention_days: 30
              replace_published_key: true
              limits: {requests_per_second: 3, requests_burst: 4}
            """
        let full = try #require(try Self.parse(Self.section(more: more)).attributeAuthority)
        #expect(full.address == "127.0.0.1" && full.port == 1 && full.numbers == ["training", "board"])
        #expect(full.retentionDays == 30 && full.replacesPublishedKey)
        #expect(full.requestsPerSecond == 3 && full.requestsBurst == 4)
    }

    @Test(
        "What is out of range or unknown is refused at its line",
        arguments: [
            ("  retention_days: 0", "retention_days"), ("  retention_days: 4000", "retention_days"),
            ("  number: [a]", "number"), ("  sealing_key_file: /k", "sealing_key_file"),
        ]
    )
    func refusals(_ more: String, _ words: String) {
        let problem = #expect(throws: YAMLProblem.self) { try Self.parse(Self.section(more: more)) }
        #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
    }

    @Test("An attribute authority shares no process with who certifies, stores or orders, but for development")
    func separation() throws {
        let authority = "authority: {directory: /a}"
        #expect(throws: YAMLProblem.self) { try Self.parse(Self.section(behind: authority)) }
        let both = try Self.parse(Self.section(behind: authority + "\ndevelopment: true"))
        #expect(both.roles.map(\.name) == ["authority", "attribute_authority"])
    }
}
