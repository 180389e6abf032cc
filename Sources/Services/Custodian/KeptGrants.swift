internal import CanonicalBytes
internal import Credentials
internal import Signcryption

/// A grant as its owner keeps it: with the packages, to send them again.
struct KeptGrant: Sendable, Hashable {
    let file: GrantFile
    /// One for every center, in the grant's order; encrypted to it.
    let packages: [[UInt8]]
}

/// The owner's grants, one file for each permission: `grants/<permission>` in the custodian's directory.
///
/// A grant is kept before any center gets it: a command that was interrupted goes on with the same one.
struct KeptGrants: Sendable {
    private static let bytesMax = 2 << 20
    private let directory: String

    /// Opens the folder, which is made when it does not exist.
    ///
    /// - Throws: `CredentialsError`.
    init(directory: String) throws(CredentialsError) {
        self.directory = directory + "/grants"
        try PrivateFile.makeDirectory(self.directory)
    }

    /// The grant under a permission; nil when there is none.
    func grant(under permission: [UInt8]) throws -> KeptGrant? {
        let path = self.path(permission)
        guard PrivateFile.exists(path) else { return nil }
        do { return try KeptGrant(bytes: PrivateFile.read(path, upTo: Self.bytesMax)) } catch let error
            as ProtocolFailure
        {
            throw CustodianError.file(path, "it holds no grant (\(error)); remove it to make a new one")
        }
    }

    func keep(_ grant: KeptGrant, under permission: [UInt8]) throws(CredentialsError) {
        try PrivateFile.write(grant.bytes, to: self.path(permission))
    }

    private func path(_ permission: [UInt8]) -> String { "\(self.directory)/\(permission.hex)" }
}

extension KeptGrant {
    /// `"WLGK" || LP(grant file) || u8 n || n × LP(package)`.
    fileprivate var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 4_096)
        writer.magic("WLGK")
        writer.lengthPrefixed(self.file.bytes)
        writer.u8(UInt8(truncatingIfNeeded: self.packages.count))
        for package in self.packages { writer.lengthPrefixed(package) }
        return writer.bytes
    }

    fileprivate init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLGK")
        self.file = try GrantFile(bytes: try reader.lengthPrefixed())
        var packages: [[UInt8]] = []
        for _ in 0..<(try reader.u8()) { packages.append(try reader.lengthPrefixed()) }
        self.packages = packages
        try reader.finish()
    }
}
