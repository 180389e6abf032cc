internal import CanonicalBytes
internal import Certificates
internal import Credentials
package import Ledger
internal import StrictYAML
package import Uplink

/// `consortium.yaml`: where the servers of a consortium are, for those who ask them.
///
/// Nothing in it is secret, and nothing in it is believed but the genesis: what servers answer is verified with it.
/// Paths are relative to the file.
package struct ConsortiumFile: Sendable {
    /// Servers of one kind at most.
    private static let countMax = 128
    private static let bytesMax = 1 << 20
    private static let genesisBytesMax = 64 << 20

    package let genesis: Genesis
    package let genesisPath: String
    package let validators: [ServiceURL]
    /// Privacy centers that store envelopes.
    package let centers: [NamedService]
    /// Custodians, and institutions that are their own.
    package let custodians: [NamedService]
    package let attributeAuthority: NamedService?
    package let registrationAuthority: NamedService?
    /// Files of the public parameters of identity keys.
    package let identityParameterPaths: [String]
    /// The folder with the keys of policy proofs.
    package let proofKeys: String?

    /// Reads and checks the file and the genesis that it names.
    ///
    /// - Throws: `YAMLProblem` with file, line and field; `CredentialsError` for a file that cannot be read.
    package init(path: String) throws {
        let bytes = try PrivateFile.read(path, upTo: Self.bytesMax, isSecret: false)
        let root = try YAMLField(parsing: String(decoding: bytes, as: UTF8.self), file: path)
        let map = try root.mapping([
            "version", "genesis", "validators", "privacy_centers", "identity_keys", "attribute_authority",
            "registration_authority", "custodians", "proof_keys",
        ])
        let version = try map.required("version")
        guard try version.text() == "1" else { throw version.problem("must be 1") }
        let folder = Self.folder(of: path)
        self.genesisPath = Self.resolve(try map.required("genesis").word(), in: folder)
        self.genesis = try Self.genesis(self.genesisPath, named: map.required("genesis"))
        self.validators = try map.required("validators")
            .distinct(1...Self.countMax) { (field) throws(YAMLProblem) in try field.serviceURL() }
        self.centers = try Self.services(map["privacy_centers"], [.privacyCenter])
        self.custodians = try Self.services(map["custodians"], [.custodian, .institution])
        self.attributeAuthority = try map["attribute_authority"]
            .map { try NamedService(parsing: $0, roles: [.attributeAuthority]) }
        self.registrationAuthority = try map["registration_authority"]
            .map { try NamedService(parsing: $0, roles: [.registrationAuthority]) }
        self.identityParameterPaths =
            try map["identity_keys"]?
            .distinct(0...Self.countMax) { (field) throws(YAMLProblem) in Self.resolve(try field.word(), in: folder) }
            ?? []
        self.proofKeys = try map["proof_keys"].map { Self.resolve(try $0.word(), in: folder) }
    }

    /// The custodian of an organization; nil when the file names none.
    package func custodian(of organization: String) -> NamedService? {
        self.custodians.first { $0.name.organization.utf8.elementsEqual(organization.utf8) }
    }

    private static func services(_ field: YAMLField?, _ roles: [PartyRole]) throws(YAMLProblem) -> [NamedService] {
        guard let field else { return [] }
        return try field.distinct(0...Self.countMax) { (element) throws(YAMLProblem) in
            try NamedService(parsing: element, roles: roles)
        }
    }

    private static func genesis(_ path: String, named field: YAMLField) throws -> Genesis {
        let bytes = try PrivateFile.read(path, upTo: self.genesisBytesMax, isSecret: false)
        do throws(ProtocolFailure) { return try Genesis(bytes: bytes) } catch {
            throw field.problem("names \(path), which is no genesis: \(error)")
        }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func resolve(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}
