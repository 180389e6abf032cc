internal import Credentials
package import IdentityEncryption
package import SecretSharing

/// A party's share as its directory or a backup of it holds it.
package enum StoredShare {
    /// Opens the share of the parameters' round with the party's sealing key.
    ///
    /// - Parameters:
    ///   - directory: the party's state directory.
    ///   - file: the parameters; not verified here.
    ///   - place: the party's in the set, 0 for the KGC.
    ///   - sealingKeyFile: as the party's configuration names it.
    /// - Returns: the share.
    /// - Throws: `CredentialsError` for a missing file, another key, or a folder of another set.
    package static func open(
        in directory: String,
        of file: ParametersFile,
        place: UInt8,
        sealingKeyFile: String
    ) throws -> SecretFr {
        let folder = try SetFolder(directory, file.plan, place: place, key: SealingKey(path: sealingKeyFile))
        guard let share = try folder.share(file.round) else {
            throw CredentialsError.unreadable("\(folder.path) holds no share of round \(file.round)")
        }
        return share
    }
}
