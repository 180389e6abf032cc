import ChainReading
import Custodian
import Dashboard
import PrivacyCenter
import StrictYAML
import Testing
import Validator

@testable import Node

@Suite struct NodeDraftTests {
    private static func draft(_ role: NodeDraft.Role) -> NodeDraft {
        var draft = NodeDraft(roles: [role])
        draft.genesis = "/etc/wardline/genesis.wlg"
        draft.validators = ["https://v1:7401", "https://v2:7401", "https://v3:7401"]
        draft.privacyCenters = ["https://c1:7402"]
        draft.issuingParties = [
            ("clinic:kgc:kgc", "https://kgc:7408"), ("lab:privacy-center:issuing", "https://issuing:7408"),
        ]
        draft.pseudonymAuthority = "https://pca:7412"
        draft.registrationAuthorities = ["south:registration-authority:ra"]
        draft.peers = [(2, "lab:validator:v2", "v2.lab.example:7400"), (3, "lab:validator:v3", "[fd00::3]:7400")]
        return draft
    }

    @Test("A role alone gives a configuration that a node accepts", arguments: NodeDraft.Role.allCases)
    func alone(_ role: NodeDraft.Role) throws {
        let text = try Self.draft(role).checked(file: "node.yaml")
        let configuration = try NodeConfiguration(parsing: text, file: "node.yaml")
        #expect(configuration.roles.map(\.name) == [role.rawValue])
        #expect(PortPlan(configuration).ports.contains { $0.number == role.portDefault })
    }

    @Test("What is said stands in the sections")
    func sections() throws {
        var custodian = Self.draft(.custodian)
        custodian.isSharing = true
        custodian.hasDashboard = true
        custodian.stateDirectory = "/srv/o'brien: #1"
        custodian.ports = ["custodian": 17_404]
        custodian.address = "::1"
        let configuration = try NodeConfiguration(parsing: try custodian.checked(file: "f"), file: "f")
        let section = try #require(configuration.custodian)
        #expect(section.directory == "/srv/o'brien: #1/custodian" && section.port == 17_404 && section.address == "::1")
        #expect(section.sharing != nil && section.chain?.validators.count == 3)
        #expect(configuration.dashboard?.identityDirectory == section.identityDirectory)
        let validator = try NodeConfiguration(parsing: try Self.draft(.validator).checked(file: "f"), file: "f")
        #expect(validator.validator?.peers.map(\.number) == [2, 3])
        var joining = Self.draft(.validator)
        joining.number = 5
        joining.beginsWithSnapshot = true
        let joined = try NodeConfiguration(parsing: try joining.checked(file: "f"), file: "f")
        #expect(joined.validator?.validator.number == 5 && validator.validator?.validator.number == nil)
        #expect(joined.validator?.validator.limits.beginsWithSnapshot == true)
        #expect(validator.validator?.validator.limits.beginsWithSnapshot == false)
        #expect(joining.nextSteps(file: "f", host: "h").contains { $0.hasSuffix(" --number 5") })
        var center = Self.draft(.privacyCenter)
        center.postgresFile = "/etc/wardline/postgres.conninfo"
        center.isWithoutChain = true
        let parsed = try NodeConfiguration(parsing: try center.checked(file: "f"), file: "f").privacyCenter
        #expect(parsed?.store == .postgreSQL(connectionFile: "/etc/wardline/postgres.conninfo"))
        #expect(parsed?.chain == nil)
    }

    @Test(
        "Roles of different operators are refused with the reason",
        arguments: [
            ([NodeDraft.Role.custodian, .privacyCenter], "keys that open them"),
            ([.authority, .validator], "certify itself"),
            ([.privacyCenter, .validator], "must not be the party"),
        ]
    )
    func separation(_ roles: [NodeDraft.Role], _ words: String) throws {
        var draft = Self.draft(.custodian)
        draft.roles = roles
        let problem = #expect(throws: YAMLProblem.self) { try draft.checked(file: "node.yaml") }
        #expect(problem?.reason.contains("different operators, because") == true)
        #expect(problem?.reason.contains(words) == true, "\(problem?.reason ?? "")")
        draft.isDevelopment = true
        let configuration = try NodeConfiguration(parsing: try draft.checked(file: "f"), file: "f")
        #expect(configuration.roles.map(\.name).sorted() == roles.map(\.rawValue).sorted())
        #expect(Set(configuration.dataDirectories.map(\.directory)).count == 2)
    }

    @Test(
        "Whatever a text holds, it is one value",
        arguments: ["a'b", "a\nvalidator: {}", "'}", "{", "- x", "a: b", "\"", "#"]
    )
    func quoting(_ text: String) throws {
        let read = try YAMLField(parsing: "key: \(NodeDraft.quoted(text))\n", file: "f").mapping(["key"]).required(
            "key"
        ).text()
        #expect(read == text.replacing("\n", with: " "))
    }

    @Test("Two roles do not get one port")
    func ports() throws {
        var draft = Self.draft(.validator)
        draft.peerPort = 7401
        let problem = #expect(throws: YAMLProblem.self) { try draft.checked(file: "node.yaml") }
        #expect(
            problem?.reason == "validator.peers_listen: port 7401 is that of validator.listen already; choose another"
        )
        draft.peerPort = 70_000
        #expect(throws: YAMLProblem.self) { try draft.checked(file: "node.yaml") }
    }

    @Test("A privacy center that is told of no chain has to say that it does without")
    func chain() throws {
        var draft = NodeDraft(roles: [.privacyCenter])
        #expect(throws: YAMLProblem.self) { try draft.checked(file: "node.yaml") }
        draft.isWithoutChain = true
        let text = try draft.checked(file: "node.yaml")
        #expect(text.contains("chain: none"))
    }

    @Test("The steps name the files and the host of this node")
    func steps() {
        let steps = Self.draft(.validator).nextSteps(file: "/etc/wardline/node.yaml", host: "v1.lab.example")
        #expect(steps.contains { $0.hasPrefix("wardline enroll ") && $0.hasSuffix("--host v1.lab.example") })
        #expect(steps.contains { $0.hasPrefix("wardline chain keygen ") })
        #expect(steps.suffix(2).first == "wardline node check --config /etc/wardline/node.yaml")
        let authority = NodeDraft(roles: [.authority]).nextSteps(file: "f", host: "ca.example")
        #expect(authority.first?.hasPrefix("wardline ca init ") == true)
    }
}
