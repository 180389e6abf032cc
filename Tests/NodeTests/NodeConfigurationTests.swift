import Authority
import Certificates
import ChainInterface
import ChainReading
import Mempool
import Node
import PrivacyCenter
import SecureHTTP
import StrictYAML
import Testing
import Validator

@Suite struct NodeConfigurationTests {
    private static let center = """
        version: 1
        privacy_center:
          identity: /etc/wardline/identity
          store: {sqlite: /var/lib/wardline/store}
          chain: none

        """

    @Test("A privacy center needs an identity and a store; the rest has defaults")
    func defaults() throws {
        let configuration = try NodeConfiguration(parsing: Self.center, file: "node.yaml")
        let center = try #require(configuration.privacyCenter)
        #expect(center.address == "0.0.0.0")
        #expect(center.port == 7402)
        #expect(center.store == .sqlite(directory: "/var/lib/wardline/store"))
        #expect(center.limits.envelopeBytesMax == 4 << 20)
        #expect(configuration.roles.map(\.name) == ["privacy_center"])
        #expect(!configuration.isDevelopment)
        #expect(center.chain == nil && center.headSecondsMax == 10)
        let text = Self.center.replacing("  chain: none\n", with: "") + "development: true\n"
        #expect(try NodeConfiguration(parsing: text, file: "node.yaml").privacyCenter?.chain == nil)
    }

    @Test("An authority gives credentials when it is told where the chain is")
    func credentials() throws {
        let section = "credentials: {genesis: g.wlg, validators: ['https://v1:7401'], numbers: [age]}"
        let text = "version: 1\nauthority: {directory: d, \(section)}\n"
        let authority = try #require(try NodeConfiguration(parsing: text, file: "node.yaml").authority)
        let credentials = try #require(authority.credentials)
        #expect(credentials.genesisFile == "g.wlg")
        #expect(credentials.validators == ["https://v1:7401"])
        #expect(credentials.numbers == ["age"])
        let without = try NodeConfiguration(parsing: "version: 1\nauthority: {directory: d}\n", file: "node.yaml")
        #expect(without.authority?.credentials == nil)
    }

    @Test("Every limit is read")
    func limits() throws {
        let text = """
            version: 1
            log: {level: debug, format: json}
            privacy_center:
              identity: i
              listen: "[::1]:17402"
              store: {postgres_conninfo_file: /run/secret}
              chain: {genesis: g.wlg, validators: ['https://v1:7401']}
              head_seconds_max: 5
              limits:
                envelope_bytes_max: 8MiB
                bodies_bytes_max: 128MiB
                connections_max: 300
                requests_per_second: 50
                requests_burst: 70
                header_seconds: 2
                body_seconds: 3
                idle_seconds: 4
                verification_threads: 5
            """
        let configuration = try NodeConfiguration(parsing: text, file: "node.yaml")
        let center = try #require(configuration.privacyCenter)
        #expect(configuration.logLevel == .debug)
        #expect(configuration.logFormat == .json)
        #expect(center.address == "::1")
        #expect(center.port == 17_402)
        #expect(center.store == .postgreSQL(connectionFile: "/run/secret"))
        #expect(center.limits.envelopeBytesMax == 8 << 20)
        #expect(center.server.bodyBytesMax == 8 << 20)
        #expect(center.bodyBytesHeldMax == 128 << 20)
        #expect(center.server.connectionsMax == 300)
        #expect(center.requestsPerSecond == 50)
        #expect(center.requestsBurst == 70)
        #expect(center.server.headerSeconds == 2)
        #expect(center.server.bodySeconds == 3)
        #expect(center.server.idleSeconds == 4)
        #expect(center.limits.verificationThreads == 5)
        #expect(center.chain?.genesisFile == "g.wlg" && center.chain?.validators == ["https://v1:7401"])
        #expect(center.headSecondsMax == 5)
    }

    @Test(
        "Roles of different operators run together in development only",
        arguments: [
            ("authority: {directory: a}", "custodian: {identity: i, directory: d}"),
            ("authority: {directory: a}", "privacy_center: {identity: i, store: {sqlite: s}, chain: none}"),
            (
                "custodian: {identity: i, directory: d}",
                "privacy_center: {identity: i, store: {sqlite: s}, chain: none}"
            ),
        ]
    )
    func separation(_ first: String, _ second: String) throws {
        let text = "version: 1\n\(first)\n\(second)\n"
        let problem = #expect(throws: YAMLProblem.self) { try NodeConfiguration(parsing: text, file: "node.yaml") }
        #expect(problem?.reason.contains("different operators") == true)
        #expect(problem?.line == 3)
        let development = try NodeConfiguration(parsing: text + "development: true\n", file: "node.yaml")
        #expect(development.roles.count == 2)
        #expect(throws: YAMLProblem.self) {
            try NodeConfiguration(parsing: text + "development: false\n", file: "node.yaml")
        }
    }

    @Test(
        "What is missing, misspelt or senseless is refused with its field",
        arguments: [
            ("version: 1\n", "no role"), ("version: 2\n", "must be 1"), ("privacy_center: {}\n", "version"),
            ("version: 1\nprivacy_centre: {}\n", "unknown key"),
            ("version: 1\nprivacy_center: {identity: i}\n", "store"),
            ("version: 1\nprivacy_center: {identity: i, store: {}}\n", "either"),
            ("version: 1\nprivacy_center: {identity: i, store: {sqlite: a}}\n", "needs chain"),
            ("version: 1\nprivacy_center: {identity: i, store: {sqlite: a, postgres_conninfo_file: b}}\n", "either"),
            ("version: 1\nprivacy_center: {store: {sqlite: a}, identity: i, listen: 7402}\n", "host:port"),
            ("version: 1\nprivacy_center: {store: {sqlite: a}, identity: i, listen: 'h:70000'}\n", "host:port"),
            ("version: 1\nprivacy_center: {store: {sqlite: a}, identity: i, listen: ':7402'}\n", "host:port"),
            (
                "version: 1\nprivacy_center: {store: {sqlite: a}, identity: i, chain: none, limits: {envelope_bytes_max: 4}}\n",
                "size such as"
            ),
            (
                "version: 1\nprivacy_center: {store: {sqlite: a}, identity: i, chain: none, limits: {envelope_bytes_max: 60MiB}}\n",
                "at least twice"
            ),
            ("version: 1\ncustodian: {identity: i, directory: d, privacy_centers: ['http://x']}\n", "https"),
            ("version: 1\nauthority: {listen: 'h:1'}\n", "directory"),
            ("version: 1\nauthority: {directory: d, credentials: {genesis: g, validators: []}}\n", "validators"),
            ("version: 1\nauthority: {directory: d, credentials: {genesis: g, validators: ['http://v']}}\n", "https"),
            ("version: 1\nvalidator: {identity: i, directory: d, genesis: g}\n", "peers"),
            (
                "version: 1\nvalidator: {identity: i, directory: d, genesis: g, peers: [], history: {begin_with: hope}}\n",
                "blocks, snapshot"
            ),
            (
                "version: 1\nvalidator: {identity: i, directory: d, genesis: g, peers: [], "
                    + "history: {snapshot_every: 0, blocks_kept: 10}}\n", "snapshot_every must not be 0"
            ),
            (
                "version: 1\nvalidator: {identity: i, directory: d, genesis: g, peers: [], limits: {cache_bytes: 3MiB}}\n",
                "validator.limits.cache_bytes"
            ),
            (
                "version: 1\nvalidator: {identity: i, directory: d, genesis: g, peers: [], "
                    + "limits: {cache_bytes: 17GiB}}\n", "validator.limits.cache_bytes"
            ),
            (
                "version: 1\nvalidator: {identity: i, directory: d, genesis: g, peers: [], block_interval_ms: 5}\n",
                "block_interval_ms"
            ),
            (
                "version: 1\nvalidator: {identity: i, directory: d, genesis: g, peers: [{number: 0, name: "
                    + "'a:validator:b', address: 'h:1'}]}\n", "number"
            ),
            (
                "version: 1\nvalidator: {identity: i, directory: d, genesis: g, peers: [{number: 2, name: "
                    + "'a:gateway:b', address: 'h:1'}]}\n", "validator's name"
            ),
            (
                "version: 1\nvalidator: {identity: i, directory: d, genesis: g, peers: [{number: 2, name: "
                    + "'a:validator:b', address: 'h:1'}, {number: 2, name: 'a:validator:c', address: 'h:1'}]}\n",
                "a second time"
            ),
        ]
    )
    func refusals(_ text: String, _ words: String) {
        let problem = #expect(throws: YAMLProblem.self) { try NodeConfiguration(parsing: text, file: "node.yaml") }
        #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
    }

    @Test("A validator's section says whom it knows and where it listens, and has defaults")
    func validator() throws {
        let text = """
            version: 1
            validator:
              identity: i
              directory: d
              genesis: g
              peers:
                - {number: 2, name: 'lab:validator:v2', address: 'v2.example:7400'}
                - {number: 3, name: 'lab:validator:v3', address: '[::1]:7500'}
              limits: {pool_transactions_max: 5000, event_streams_max: 9, cache_bytes: 8MiB}
            """
        let section = try #require(try NodeConfiguration(parsing: text, file: "node.yaml").validator)
        #expect(section.validator.apiPort == 7401)
        #expect(section.validator.peerPort == 7400)
        #expect(section.validator.number == nil)
        #expect(section.validator.peers.map(\.host) == ["v2.example", "::1"])
        #expect(section.peers.map(\.name.description) == ["lab:validator:v2", "lab:validator:v3"])
        #expect(section.validator.limits.pool.count == 5_000)
        #expect(section.clients.streamsMax == 9)
        #expect(section.validator.limits.caches.bytes == 8 << 20)
        #expect(!section.validator.limits.beginsWithSnapshot && section.validator.limits.blocksKept == nil)
        #expect(section.validator.limits.snapshotInterval == 10_000)
    }

    @Test("A validator's section says how much of the past is kept and what a new one begins with")
    func history() throws {
        let text = """
            version: 1
            validator:
              identity: i
              directory: d
              genesis: g
              peers: []
              history: {begin_with: snapshot, snapshot_every: 500, snapshots_kept: 3, blocks_kept: 900, block_file_bytes: 8MiB}
            """
        let limits = try #require(try NodeConfiguration(parsing: text, file: "node.yaml").validator).validator.limits
        #expect(limits.beginsWithSnapshot && limits.snapshotInterval == 500 && limits.snapshotsKept == 3)
        #expect(limits.blocksKept == 900 && limits.blockFileBytes == 8 << 20)
    }
}
