internal import Consensus
internal import Credentials
package import Ledger
package import Uplink

/// Which chain a role believes and whom it asks about it: `chain: {genesis, validators}` in `node.yaml`.
package struct ChainEndpoints: Sendable, Hashable {
    /// Path of the genesis ("WLG"), from a trusted source.
    package var genesisFile: String
    /// `https` addresses of validators, a quorum at least.
    package var validators: [String]

    package init(genesisFile: String, validators: [String]) {
        self.genesisFile = genesisFile
        self.validators = validators
    }

    /// Reads the genesis.
    ///
    /// - Throws: `CredentialsError` whose description says what is wrong.
    package func genesis() throws -> Genesis {
        let bytes = try PrivateFile.read(self.genesisFile, upTo: 64 << 20, isSecret: false)
        do { return try Genesis(bytes: bytes) } catch {
            throw CredentialsError.malformed("\(self.genesisFile) is no genesis: \(error)")
        }
    }

    /// The addresses, at least a quorum of different ones.
    ///
    /// - Throws: `CredentialsError` whose description says what is wrong.
    package func urls(of genesis: Genesis) throws -> [ServiceURL] {
        let urls = try self.validators.map { text in
            guard let url = ServiceURL(text) else {
                throw CredentialsError.malformed("\(text) is not an address of the form https://host:port")
            }
            return url
        }
        let needed = genesis.committee.quorum
        guard Set(urls).count == urls.count, urls.count >= needed else {
            throw CredentialsError.malformed(
                "addresses of \(needed) different validators are needed, and \(Set(urls).count) are named"
            )
        }
        return urls
    }
}
