internal import Credentials
package import EVMAdapter
package import StrictYAML

/// The file of an account of a chain with an EVM, for those who ask or answer in its name.
package struct EVMAccountConfiguration: Sendable {
    private static let bytesMax = 65_536

    /// The relay chain's name.
    package let hub: String
    /// The chain's registered name.
    package let name: String
    package let evm: EVMEndpoint
    /// Key file of the account, mode 0600.
    package let keyFile: String

    /// `hub:chain`.
    package var chain: String { "\(self.hub):\(self.name)" }

    /// Reads the file.
    ///
    /// - Returns: nil for a file that describes something else.
    /// - Throws: `YAMLProblem` with file, line and field; `CredentialsError` for a file that cannot be read.
    package static func read(_ path: String) throws -> EVMAccountConfiguration? {
        let bytes = try PrivateFile.read(path, upTo: self.bytesMax, isSecret: false)
        return try self.parse(String(decoding: bytes, as: UTF8.self), file: path)
    }

    /// Reads a document.
    ///
    /// - Returns: nil for one that describes something else.
    /// - Throws: `YAMLProblem` with file, line and field.
    package static func parse(_ text: String, file: String) throws(YAMLProblem) -> EVMAccountConfiguration? {
        let root = try YAMLField(parsing: text, file: file)
        guard try root.members().contains(where: { $0.key == "evm" }) else { return nil }
        let map = try root.mapping(["version", "hub", "name", "evm"])
        let version = try map.required("version")
        guard try version.text() == "1" else { throw version.problem("must be 1") }
        let evm = try map.required("evm").mapping(EVMEndpoint.keys + ["key_file"])
        return EVMAccountConfiguration(
            hub: try map.required("hub").relayName(),
            name: try map.required("name").relayName(),
            evm: try EVMEndpoint(parsing: evm),
            keyFile: try evm.required("key_file").secretFile()
        )
    }
}
