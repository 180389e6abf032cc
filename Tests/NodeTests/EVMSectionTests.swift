import Attesting
import ChainReading
import EVMAdapter
import EVMProofs
import Gateway
import Relaying
import SecureHTTP
import StrictYAML
import Testing

@testable import Node

/// Sections of chains with an EVM.
@Suite struct EVMSectionTests {
    private static let broker = "0x" + String(repeating: "b0", count: 20)
    private static let chain = "url: 'http://127.0.0.1:8545', chain_id: 1337, broker: '\(broker)', depth: 12"

    private static func attester(_ chain: String = Self.chain, more: String = "") -> String {
        """
        version: 1
        attester:
          identity: i
          directory: d
          key_file: node.key
          node: evm.v1
          name: evm
          evm: {\(chain), key_file: account.key}
          hub: {genesis: hub.wlg, validators: ['https://v1:7401']}
        \(more)
        """
    }

    private static func relay(_ chain: String = Self.chain, more: String = "") -> String {
        """
        version: 1
        relay:
          identity: i
          directory: d
          name: evm
          application:
            evm: {\(chain), key_file: payer.key\(more)}
            attesters: ['https://a1:7411']
          hub: {genesis: hub.wlg, validators: ['https://v1:7401'], attesters: ['https://a2:7411']}
        """
    }

    private static func parse(_ text: String) throws -> NodeConfiguration {
        try NodeConfiguration(parsing: text, file: "node.yaml")
    }

    @Test("an attester of a chain with an EVM has a node of that chain in place of validators")
    func attester() throws {
        let configuration = try Self.parse(Self.attester())
        let attester = try #require(configuration.evmAttester)
        #expect(configuration.attester == nil && configuration.roles.map(\.name) == ["attester"])
        #expect(attester.evm.chainID == 1_337 && attester.evm.finality == .depth(12))
        #expect(attester.evm.broker == (try EVMAddress(text: Self.broker)))
        #expect(attester.keyFile == "node.key" && attester.accountFile == "account.key")
        #expect(attester.relay.genesisFile == "hub.wlg" && attester.port == 7411)
        let tagged = try Self.parse(Self.attester(Self.chain.replacing("depth: 12", with: "depth: finalized")))
        #expect(tagged.evmAttester?.evm.finality == .tagged)
    }

    @Test("a gateway of a chain with an EVM has an account that pays")
    func relay() throws {
        let configuration = try Self.parse(Self.relay(more: ", fee_gwei_max: 3, gas_max: 200000, start_height: 9"))
        let relay = try #require(configuration.evmRelay)
        #expect(configuration.relay == nil && configuration.roles.map(\.name) == ["relay"])
        #expect(relay.accountFile == "payer.key" && relay.attesters == ["https://a1:7411"])
        #expect(relay.feeMax == 3_000_000_000 && relay.gasMax == 200_000 && relay.evm.startHeight == 9)
        #expect(relay.relay.identityDirectory == "i" && relay.relay.attesters == ["https://a2:7411"])
    }

    @Test(
        "what cannot be is refused where it stands",
        arguments: [
            ("http://127.0.0.1:8545", "http://node.example:8545", "evm.url"),
            ("chain_id: 1337", "chain_id: 0", "chain_id"),
            (Self.broker, "0xb0", "broker"), ("depth: 12", "depth: 0", "depth"), ("depth: 12", "depth: many", "depth"),
            (", depth: 12", "", "depth"), ("depth: 12", "depth: 12, page_blocks: 0", "page_blocks"),
            ("depth: 12", "depth: 12, unknown: 1", "unknown"),
        ]
    )
    func refusals(part: String, other: String, field: String) throws {
        for text in [Self.attester(), Self.relay()] {
            let changed = text.replacing(part, with: other)
            let problem = #expect(throws: YAMLProblem.self) { try Self.parse(changed) }
            #expect(problem?.description.contains(field) == true, "\(problem?.description ?? "")")
        }
    }

    @Test("a verification node may be named as the party whose deposit answers for it")
    func nodeNames() throws {
        let text = Self.attester().replacing("node: evm.v1", with: "node: 'hub-alliance:relay:attester-1'")
        #expect(try Self.parse(text).evmAttester?.node == "hub-alliance:relay:attester-1")
        let long = Self.attester().replacing("node: evm.v1", with: "node: \(String(repeating: "a", count: 65))")
        #expect(throws: YAMLProblem.self) { try Self.parse(long) }
    }

    @Test("an attester has one chain only")
    func twoChains() throws {
        let both = Self.attester(more: "  chain: {genesis: g.wlg, validators: ['https://v1:7401']}")
        #expect(throws: YAMLProblem.self) { try Self.parse(both) }
        #expect(throws: YAMLProblem.self) { try Self.parse(Self.attester().replacing("  hub:", with: "  other:")) }
    }
}

/// The file of an account, for people.
@Suite struct EVMAccountConfigurationTests {
    private static let text = """
        version: 1
        hub: hub
        name: evm
        evm:
          url: 'http://127.0.0.1:8545'
          chain_id: 1337
          broker: '0x\(String(repeating: "b0", count: 20))'
          depth: 12
          key_file: account.key
        """

    @Test("an account's file names the relay chain, the chain and the key")
    func whole() throws {
        let account = try #require(try EVMAccountConfiguration.parse(Self.text, file: "account.yaml"))
        #expect(account.chain == "hub:evm" && account.keyFile == "account.key" && account.evm.finality == .depth(12))
    }

    @Test("a consortium's file is not taken for one, and what is unknown is refused")
    func others() throws {
        #expect(try EVMAccountConfiguration.parse("version: 1\ngenesis: g.wlg\n", file: "c.yaml") == nil)
        for (part, other) in [("version: 1", "version: 2"), ("hub: hub", "hub: 'a b'"), ("name: evm", "names: evm")] {
            let changed = Self.text.replacing(part, with: other)
            #expect(throws: YAMLProblem.self) { try EVMAccountConfiguration.parse(changed, file: "account.yaml") }
        }
    }
}
