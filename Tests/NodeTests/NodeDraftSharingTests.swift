import AttributeIssuing
import Authority
import Certificates
import ChainReading
import Custodian
import IdentityEncryption
import KeyIssuing
import Pseudonymity
import StrictYAML
import Testing

@testable import Node

/// Drafts of the parties that are added to a consortium when it begins to share.
@Suite struct NodeDraftSharingTests {
    private static func draft(_ role: NodeDraft.Role) -> NodeDraft {
        var draft = NodeDraft(roles: [role])
        draft.genesis = "/etc/wardline/genesis.wlg"
        draft.validators = ["https://v1:7401", "https://v2:7401", "https://v3:7401"]
        return draft
    }

    private static func parsed(_ draft: NodeDraft) throws -> NodeConfiguration {
        try NodeConfiguration(parsing: try draft.checked(file: "node.yaml"), file: "node.yaml")
    }

    @Test("Issuing parties stand in their order, with the epoch of their key")
    func issuing() throws {
        var draft = Self.draft(.keyIssuing)
        draft.issuingParties = [
            ("clinic:kgc:kgc", "https://kgc:7408"), ("lab:privacy-center:issuing", "https://issuing:7408"),
        ]
        draft.parameterEpoch = 2_970
        draft.ports = ["key_issuing": 17_408]
        let section = try #require(try Self.parsed(draft).keyIssuing)
        #expect(section.sets.map(\.epoch) == [2_970])
        #expect(section.sets.first?.parties.map(\.name.description) == draft.issuingParties.map(\.name))
        #expect(section.sets.first?.parties.map(\.url) == draft.issuingParties.map(\.url))
        #expect(section.sealingKeyFile == "/var/lib/wardline-node/sealing.key" && section.port == 17_408)
        #expect(section.validators == draft.validators)
        draft.issuingParties.reverse()
        let problem = #expect(throws: YAMLProblem.self) { try draft.checked(file: "node.yaml") }
        #expect(problem?.reason.contains("the KGC stands first") == true)
    }

    @Test(
        "A party that is told nothing of those it works with is refused",
        arguments: [NodeDraft.Role.keyIssuing, .registrationAuthority, .pseudonymAuthority]
    )
    func alone(_ role: NodeDraft.Role) {
        #expect(throws: YAMLProblem.self) { try Self.draft(role).checked(file: "node.yaml") }
    }

    @Test("The two authorities of pseudonyms know each other, and are never one node")
    func pseudonyms() throws {
        var registration = Self.draft(.registrationAuthority)
        registration.pseudonymAuthority = "https://pca:7412"
        let section = try #require(try Self.parsed(registration).registrationAuthority)
        #expect(section.base.directory == "/var/lib/wardline-node/registration" && section.base.port == 7411)
        var authority = Self.draft(.pseudonymAuthority)
        authority.registrationAuthorities = ["south:registration-authority:ra"]
        let other = try #require(try Self.parsed(authority).pseudonymAuthority)
        #expect(other.registrationAuthorities.map(\.description) == authority.registrationAuthorities)
        #expect(other.base.directory == "/var/lib/wardline-node/pseudonyms")
        authority.roles.append(.registrationAuthority)
        authority.pseudonymAuthority = "https://pca:7412"
        let problem = #expect(throws: YAMLProblem.self) { try authority.checked(file: "node.yaml") }
        #expect(problem?.reason.contains("would know under which pseudonym") == true)
    }

    @Test("An authority that is told of the chain gives credentials; before there is a chain it gives none")
    func credentials() throws {
        let authority = try #require(try Self.parsed(Self.draft(.authority)).authority)
        #expect(authority.credentials?.validators.count == 3)
        let early = try #require(try Self.parsed(NodeDraft(roles: [.authority])).authority)
        #expect(early.credentials == nil)
    }

    @Test("A custodian that shares says by which rules, and whose attribute keys open its index keys")
    func custodian() throws {
        var draft = Self.draft(.custodian)
        draft.privacyCenters = ["https://c1:7402"]
        draft.isSharing = true
        let plain = try #require(try Self.parsed(draft).custodian?.sharing)
        #expect(plain.rulesFile == nil && plain.attributeAuthority == nil)
        draft.rulesFile = "/etc/wardline/rules.yaml"
        draft.attributeAuthority = "north:attribute-authority:attributes"
        let sharing = try #require(try Self.parsed(draft).custodian?.sharing)
        #expect(sharing.rulesFile == draft.rulesFile)
        #expect(sharing.attributeAuthority?.description == draft.attributeAuthority)
    }

    @Test("The steps make the key under which the secret is sealed, where the file looks for it")
    func steps() throws {
        for role in [NodeDraft.Role.keyIssuing, .attributeAuthority, .registrationAuthority, .pseudonymAuthority] {
            var draft = Self.draft(role)
            draft.stateDirectory = "/srv/party"
            let steps = draft.nextSteps(file: "f", host: "h")
            let token = try #require(role.partyRole)
            #expect(steps.first?.contains("--role \(token) ") == true)
            #expect(steps.contains { $0.hasSuffix(" keygen --output /srv/party/sealing.key") }, "\(steps)")
        }
    }
}
