/// Small files of every role, of agents and of stewards; all names are invented.
enum ConfigurationSeeds {
    static func texts(_ family: SeedFamily) -> [String] {
        switch family {
        case .nodeFiles: self.nodes.map { "version: 1\n" + $0 + "\n" }
        case .agentFiles: self.agents
        case .ruleFiles: self.rules
        case .accountFiles: [self.account]
        case .readMes: [self.readMe]
        case .templates: self.templates
        default: []
        }
    }

    private static let files = "identity: i\n  directory: d\n  sealing_key_file: k"
    private static let chain = "{genesis: g.wlg, validators: ['https://v1.example:7401', 'https://v2.example:7401']}"
    private static let evm =
        "url: 'http://127.0.0.1:8545', chain_id: 1337, broker: '0x\(String(repeating: "b0", count: 20))', depth: 12"

    private static let nodes = [
        "authority:\n  directory: d\n  listen: 0.0.0.0:7403\n  credentials: {genesis: g, validators: ['https://v1:1'], numbers: [age]}",
        """
        privacy_center:
          identity: /var/lib/wardline-node/identity
          listen: "[::1]:7402"
          store: {sqlite: /var/lib/wardline-node/store}
          chain: \(Self.chain)
          head_seconds_max: 10
          limits: {envelope_bytes_max: 4MiB, bodies_bytes_max: 64MiB, connections_max: 1024, requests_per_second: 2000}
        log: {level: info, format: json}
        """,
        """
        custodian:
          identity: i
          directory: d
          privacy_centers: ['https://one.example:7402', 'https://two.example:7402']
          chain: \(Self.chain)
          sharing: {rules: r.yaml, threshold: 2, attribute_authority: 'north:attribute-authority:a', notify_command: [/bin/page, --now]}
        dashboard:
          listen: 127.0.0.1:7480
          identity: i
          directory: d
          people: [{party: "north:steward:s1", role: steward}]
          idle_minutes: 30
        """,
        """
        validator:
          identity: i
          directory: d
          genesis: g.wlg
          listen: '0.0.0.0:7401'
          peers_listen: '0.0.0.0:7400'
          peers: [{number: 2, name: 'lab:validator:v2', address: 'v2.lab.example:7400'}]
          block_interval_ms: 50
        """,
        """
        key_issuing:
          \(Self.files)
          chain: \(Self.chain)
          parameters:
            - epoch: 12
              parties:
                - {name: 'clinic:kgc:kgc', url: 'https://kgc.example:7408'}
                - {name: 'cloud:privacy-center:one', url: 'https://one.example:7408'}
        """,
        "attribute_authority:\n  \(Self.files)\n  chain: \(Self.chain)\n  numbers: [age]\n  retention_days: 90",
        "registration_authority:\n  \(Self.files)\n  pseudonym_authority: https://pca.example:7412",
        "pseudonym_authority:\n  \(Self.files)\n  registration_authorities: ['lab:registration-authority:ra']",
        """
        attester:
          identity: i
          directory: d
          key_file: k
          node: clinic.v1
          name: clinic
          chain: \(Self.chain)
          hub: \(Self.chain)
        """,
        """
        attester: {identity: i, directory: d, key_file: k, node: evm.v1, name: evm, evm: {\(Self.evm), key_file: a}, hub: \(Self.chain)}
        """,
        """
        relay:
          identity: i
          directory: d
          name: clinic
          application: {genesis: c.wlg, validators: ['https://v1:7401'], attesters: ['https://a1:7411']}
          hub: {genesis: hub.wlg, validators: ['https://v1:7401'], attesters: ['https://a2:7411']}
          lease_seconds: 60
        """,
        """
        relay:
          identity: i
          directory: d
          name: evm
          application: {evm: {\(Self.evm), key_file: p}, attesters: ['https://a1:7411']}
          hub: {genesis: hub.wlg, validators: ['https://v1:7401'], attesters: ['https://a2:7411']}
        """,
    ]

    private static let agents = [
        """
        version: 1
        agent: {id: gw-icu-1}
        state_directory: /var/lib/wardline
        spool: {master_key_file: credential:spool.key, bytes_max: 10GiB, free_bytes_min: 64MiB, retention_hours: 72}
        devices: [/usr/share/wardline/devices, /etc/wardline/devices]
        brokers:
          - host: 127.0.0.1
            port: 8883
            protocol: 5
            client_id: gw
            tls: {ca_file: ca.crt, certificate_file: a.crt, key_file: credential:mqtt.key}
            subscriptions: [{filter: "ward/#", qos: 1}]
            receive_maximum: 1024
        sinks:
          - {type: ndjson, name: observations, path: /var/lib/wardline/o.ndjson}
        uplink:
          identity: /var/lib/wardline/identity
          custodian: https://custodian.example:7404
          privacy_centers: [{name: "center-1:privacy-center:store", url: "https://center.example:7402"}]
          copies: 1
          policy: "role:researcher and purpose:study"
        chain: {genesis: g.wlg, validators: ["https://v1.example:7401", "https://v2.example:7401"]}
        share: {listen: "127.0.0.1:7417", requests_max: 5, bytes_max: 1MiB, retention_days: 1}
        http: {listen: "127.0.0.1:7407"}
        log: {level: info, format: text}

        """,
        """
        version: 1
        agent: {id: gw-2}
        state_directory: s
        spool: {master_key_file: k}
        devices: d
        patients: {pseudonym_key_file: credential:pseudonym.key}
        adt: {time_zone: Europe/Berlin, bed: "{point_of_care}/{bed}"}
        mllp:
          - name: monitors
            listen: "0.0.0.0:2575"
            topic: hl7/mindray/gateway-1
            tls: {certificate_file: c.crt, key_file: credential:mllp.key, client_ca_file: ca.crt}

        """,
    ]

    private static let rules = [
        """
        version: 1
        rules:
          - {name: vitals, scopes: ['*.vitals'], purposes: [study, 'research-*'], kinds: [proven], action: grant, days_max: 30}
          - {name: psychiatry, scopes: ['psy-*.*', 'a*b*a*b*c'], action: queue, approvals: 2}
          - {name: the rest, kinds: [proven, emergency], action: refuse}

        """,
        "version: 1\nrules: []\n",
    ]

    private static let account = """
        version: 1
        hub: hub
        name: evm
        evm: {\(Self.evm), key_file: account.key}

        """

    private static let readMe = """
        # A monitor that does not exist

        Kind: device

        ## Source

        A document.

        ## Test cases

        | case | what it shows | origin | licence |
        |---|---|---|---|
        | `rest` | Two values. | recorded message | CC0 |
        | `torn` | None. | constructed | CC0 |

        """

    /// Templates of both languages, and the mapping of what they measure.
    private static let templates = [
        """
        {"templateType": "CollectionContent", "template": [
         {"templateType": "JsonPathContent", "template": {"typeName": "hr",
          "typeMatchExpression": "$..[?(@pulse && @unit == 'x' || !(@a.b[0] <= 2))]",
          "deviceIdExpression": "$.SystemProperties.iothub-connection-device-id", "timestampExpression": "$.at",
          "values": [{"required": "true", "valueExpression": "$.pulse", "valueName": "v"}]}},
         {"templateType": "CalculatedContent", "template": {"typeName": "hr", "defaultExpressionLanguage": "JmesPath",
          "typeMatchExpression": "to_array(@)[?Body.items && kind=='p']",
          "deviceIdExpression": "insertString(dev, '-', `2`) || not_null(Body.dev, 'none')",
          "timestampExpression": "fromUnixTimestampMs(matchedToken.at)",
          "values": [{"valueName": "v", "valueExpression": "multiply(to_number(matchedToken.pulse), `1.5`)"}]}}]}
        """,
        """
        {"templateType": "CollectionFhir", "template": [{"templateType": "CodeValueFhir", "template": {"typeName": "hr",
         "codes": [{"code": "8867-4", "system": "http://loinc.org", "display": "Heart rate"}],
         "value": {"valueName": "v", "valueType": "Quantity", "unit": "/min"}}}]}
        """,
    ]
}
