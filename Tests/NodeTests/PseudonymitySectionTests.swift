import Certificates
import Node
import Pseudonymity
import SecureHTTP
import StrictYAML
import Testing

@Suite struct PseudonymitySectionTests {
    private static let registration = """
        registration_authority:
          identity: i
          directory: d
          sealing_key_file: k
          pseudonym_authority: https://pca:7412
        """
    private static let pseudonyms = """
        pseudonym_authority:
          identity: i
          directory: d
          sealing_key_file: k
          registration_authorities: ['lab:registration-authority:ra']
        """

    private static func parse(_ sections: String...) throws(YAMLProblem) -> NodeConfiguration {
        try NodeConfiguration(parsing: "version: 1\n" + sections.joined(separator: "\n") + "\n", file: "node.yaml")
    }

    @Test("Each authority needs identity, directory, sealing key and its counterpart; the rest has defaults")
    func defaults() throws {
        let registration = try #require(try Self.parse(Self.registration).registrationAuthority)
        #expect(registration.base.port == 7411)
        #expect(registration.pseudonymAuthority == "https://pca:7412")
        #expect(registration.countPerEpoch == 256 && registration.batchUsersMin == 8)
        #expect(registration.base.chain == nil && registration.base.epochSeconds == nil)
        let pseudonyms = try #require(try Self.parse(Self.pseudonyms).pseudonymAuthority)
        #expect(pseudonyms.base.port == 7412)
        #expect(pseudonyms.registrationAuthorities.map(\.description) == ["lab:registration-authority:ra"])
        #expect(try Self.parse(Self.pseudonyms).roles.map(\.name) == ["pseudonym_authority"])
    }

    @Test("Everything is read, and attributes are put in order")
    func values() throws {
        let more = """

              count_per_epoch: 10
              batch_users_min: 2
              batch_seconds_max: 0
              epoch_seconds: 3600
              trace_epochs: 9
              limits: {requests_per_second: 7, connections_max: 5}
            """.replacing("      ", with: "  ")
        let registration = try #require(try Self.parse(Self.registration + more).registrationAuthority)
        #expect(registration.countPerEpoch == 10 && registration.batchUsersMin == 2)
        #expect(registration.batchSecondsMax == 0 && registration.base.epochSeconds == 3600)
        #expect(registration.base.traceEpochs == 9 && registration.base.requestsPerSecond == 7)
        #expect(registration.base.server.connectionsMax == 5)
        let attributes = "\n  attributes: ['study:b', 'role:researcher']"
        let pseudonyms = try #require(try Self.parse(Self.pseudonyms + attributes).pseudonymAuthority)
        #expect(pseudonyms.attributes == ["role:researcher", "study:b"])
    }

    @Test(
        "What contradicts itself or is out of form is refused",
        arguments: [
            "count_per_epoch: 0", "count_per_epoch: 4097", "epoch_seconds: 59", "batch_users_min: 0",
            "attributes: ['role:x']",
            "epoch_seconds: 3600\n  chain: {genesis: g, validators: ['https://v:1']}",
        ]
    )
    func refused(_ line: String) {
        #expect(throws: YAMLProblem.self) { try Self.parse(Self.registration + "\n  " + line) }
    }

    @Test("Who knows the users and who makes the certificates are two operators, outside of development")
    func separation() throws {
        #expect(throws: YAMLProblem.self) { try Self.parse(Self.registration, Self.pseudonyms) }
        #expect(throws: YAMLProblem.self) { try Self.parse(Self.pseudonyms, "authority: {directory: a}") }
        let both = try Self.parse("development: true", Self.registration, Self.pseudonyms)
        #expect(both.roles.map(\.name) == ["registration_authority", "pseudonym_authority"])
    }
}
