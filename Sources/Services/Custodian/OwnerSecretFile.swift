internal import CanonicalBytes
internal import Credentials
internal import Signcryption
internal import Transcripts

/// The owner secret on the disk: `owner.secret`, 64 hexadecimal digits, mode 0600.
///
/// Who has it opens every envelope of the institution, past and future; without it nobody does. Keep a copy offline.
enum OwnerSecretFile {
    static let name = "owner.secret"

    /// Reads the secret, and makes it first if there is none.
    ///
    /// - Returns: the secret, and whether it is new.
    /// - Throws: `CredentialsError` when others may read the file; ``CustodianError`` when it is damaged.
    static func readOrCreate(in directory: String) throws -> (secret: OwnerSecret, isNew: Bool) {
        let path = "\(directory)/\(self.name)"
        let isNew = !PrivateFile.exists(path)
        if isNew {
            try OwnerSecret.generate().withBytes {
                var text = Array($0.hex.utf8) + [UInt8(ascii: "\n")]
                defer { text.wipe() }
                try PrivateFile.write(text, to: path)
            }
        }
        var text = try PrivateFile.read(path)
        defer { text.wipe() }
        if text.last == UInt8(ascii: "\n") { text.removeLast() }
        guard var bytes = [UInt8](hex: String(decoding: text, as: UTF8.self)), bytes.count == OwnerSecret.length else {
            throw CustodianError.file(path, "it does not hold 64 hexadecimal digits; restore it from your copy")
        }
        defer { bytes.wipe() }
        return (try OwnerSecret(bytes), isNew)
    }
}
