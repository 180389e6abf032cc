import IdentityEncryption
import KeyIssuing
import Node
import StrictYAML
import Testing

@Suite struct KeyIssuingSectionTests {
    private static func section(
        parties: String = """
        - {name: 'clinic:kgc:kgc', url: 'https://kgc.example:7408'}
                - {name: 'cloud:privacy-center:one', url: 'https://one.example:7408'}
        """,
        more: String = ""
    ) -> String {
        """
        version: 1
        key_issuing:
          identity: /i
          directory: /d
          sealing_key_file: /k
          chain: {genesis: /g, validators: ['https://v1.example:7401']}
          parameters:
            - epoch: 12
              parties:
                \(parties)
        \(more)
        """
    }

    private static func parse(_ text: String) throws -> NodeConfiguration {
        try NodeConfiguration(parsing: text, file: "node.yaml")
    }

    @Test("A section names identity, files, chain and sets")
    func values() throws {
        let issuing = try #require(try Self.parse(Self.section(more: "  refresh_seconds_min: 60")).keyIssuing)
        #expect(issuing.identityDirectory == "/i" && issuing.directory == "/d" && issuing.sealingKeyFile == "/k")
        #expect(issuing.port == 7_408 && issuing.genesisFile == "/g" && issuing.refreshSecondsMin == 60)
        #expect(issuing.sets.map(\.epoch) == [12])
        #expect(issuing.sets.first?.parties.map { "\($0.name)" } == ["clinic:kgc:kgc", "cloud:privacy-center:one"])
    }

    @Test(
        "Sets without a KGC in front, with one party alone, or with one twice are refused at their line",
        arguments: [
            ("- {name: 'cloud:privacy-center:one', url: 'https://one.example'}", "the KGC stands first"),
            ("- {name: 'clinic:kgc:kgc', url: 'https://kgc.example'}", "1 to 63 privacy centers"),
            (
                """
                - {name: 'clinic:kgc:kgc', url: 'https://kgc.example'}
                        - {name: 'c:privacy-center:o', url: 'https://one.example'}
                        - {name: 'c:privacy-center:o', url: 'https://two.example'}
                """, "a second time"
            ),
            ("- {name: 'clinic:kgc:kgc', url: 'http://kgc.example'}", "https://"),
        ]
    )
    func refusals(_ parties: String, _ words: String) {
        let problem = #expect(throws: YAMLProblem.self) { try Self.parse(Self.section(parties: parties)) }
        #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
    }

    @Test("A privacy center may issue keys too; an authority, a custodian or a validator may not")
    func separation() throws {
        let center = "privacy_center: {identity: /i, store: {sqlite: /s}, chain: none}"
        #expect(try Self.parse(Self.section(more: center)).keyIssuing != nil)
        for other in ["authority: {directory: /a}", "custodian: {identity: /i, directory: /c}"] {
            #expect(throws: YAMLProblem.self) { try Self.parse(Self.section(more: other)) }
            #expect(try Self.parse(Self.section(more: other + "\ndevelopment: true")).keyIssuing != nil)
        }
    }
}
