import Certificates
import Consensus
import Foundation
import Ledger
import P256Group
import StrictYAML
import Testing
import Uplink

@testable import Consortium

@Suite struct ConsortiumFileTests {
    private static let whole = """
        version: 1
        genesis: genesis.wlg
        validators: ['https://v1.example:7401', 'https://v2.example:7401']
        privacy_centers:
          - {name: 'cloud:privacy-center:one', url: 'https://one.example:7402'}
        custodians:
          - {name: 'hospital-a:custodian:records', url: 'https://custodian.example:7404'}
        attribute_authority: {name: 'clinic:attribute-authority:aa', url: 'https://aa.example:7409'}
        registration_authority: {name: 'clinic:registration-authority:ra', url: 'https://ra.example:7410'}
        identity_keys: [parameters.wly, /etc/wardline/old.wly]
        proof_keys: proof-keys
        """

    /// Reads a text as a file beside a genesis.
    private static func read(_ text: String, genesis: [UInt8]? = nil) throws -> (ConsortiumFile, String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "consortium-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bytes = try genesis ?? self.genesis().bytes
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/genesis.wlg"))
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/consortium.yaml"))
        return (try ConsortiumFile(path: "\(folder)/consortium.yaml"), folder)
    }

    private static func genesis() throws -> Genesis {
        let ids = (1...4).map { ReplicaID(UInt16($0)) }
        let members = try ids.map { id in
            let seed = [UInt8](repeating: UInt8(id.number), count: 32)
            return try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff })).member(id)
        }
        return try Genesis(
            chain: "test",
            time: 1_000,
            committee: try #require(Committee(epoch: 0, members: members)),
            validators: try ids.map {
                .init(id: $0, name: try #require(PartyName("clinic:validator:v\($0.number)")))
            },
            issuers: [
                TrustedIssuer(
                    kind: .authority,
                    issuer: CertificateIssuer(name: "clinic-ca", publicKey: P256KeyPair.generate().publicKey)
                )
            ],
            governors: [try #require(PartyName("clinic:operator:o"))],
            governorThreshold: 1,
            parameters: []
        )
    }

    @Test("A file names servers, and paths relative to itself")
    func values() throws {
        let (file, folder) = try Self.read(Self.whole)
        #expect(file.genesis.chain == "test" && file.genesisPath == "\(folder)/genesis.wlg")
        #expect(file.validators.map(\.description) == ["https://v1.example:7401", "https://v2.example:7401"])
        #expect(file.centers.map(\.name.description) == ["cloud:privacy-center:one"])
        #expect(file.attributeAuthority?.url.description == "https://aa.example:7409")
        #expect(file.registrationAuthority?.name.description == "clinic:registration-authority:ra")
        #expect(file.identityParameterPaths == ["\(folder)/parameters.wly", "/etc/wardline/old.wly"])
        #expect(file.proofKeys == "\(folder)/proof-keys")
        #expect(file.custodian(of: "hospital-a")?.url.description == "https://custodian.example:7404")
        #expect(file.custodian(of: "hospital-b") == nil)
    }

    @Test("Only genesis and validators are needed")
    func least() throws {
        let (file, _) = try Self.read("version: 1\ngenesis: genesis.wlg\nvalidators: ['https://v.example']\n")
        #expect(file.centers.isEmpty && file.custodians.isEmpty && file.identityParameterPaths.isEmpty)
        #expect(file.attributeAuthority == nil && file.registrationAuthority == nil && file.proofKeys == nil)
    }

    @Test(
        "What cannot be meant is refused with line and field",
        arguments: [
            ("version: 1", "version: 2", 1, "must be 1"),
            ("'https://v2.example:7401'", "'https://v1.example:7401'", 3, "is there already"),
            ("'https://v2.example:7401'", "'http://v2.example:7401'", 3, "https://"),
            ("cloud:privacy-center:one", "cloud:gateway:one", 5, "must be a privacy-center"),
            ("hospital-a:custodian:records", "custodian", 7, "organization:role:name"),
            ("proof_keys: proof-keys", "proofs: here", 11, "proofs"),
        ]
    )
    func refusals(_ text: String, _ other: String, _ line: Int, _ words: String) throws {
        let changed = Self.whole.replacingOccurrences(of: text, with: other)
        let problem = #expect(throws: YAMLProblem.self) { try Self.read(changed) }
        #expect(problem?.line == line && problem?.description.contains(words) == true, "\(problem?.description ?? "")")
    }

    @Test("A file that is no genesis is refused where it is named")
    func noGenesis() throws {
        let problem = #expect(throws: YAMLProblem.self) { try Self.read(Self.whole, genesis: [1, 2, 3]) }
        #expect(problem?.line == 2 && problem?.description.contains("no genesis") == true)
    }
}
