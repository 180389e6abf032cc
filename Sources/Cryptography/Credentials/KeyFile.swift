@preconcurrency internal import Glibc
internal import Transcripts

/// How a secret key rests on the disk.
package enum KeyProtection: String, Sendable, Codable {
    /// A file of mode 0600.
    case file
    /// Encrypted by `systemd-creds` to this machine (its TPM where it has one).
    case systemdCredential = "systemd-credential"
}

/// One secret key in a generation's folder: `NAME`, or `NAME.cred` when it is a systemd credential.
enum KeyFile {
    static func write(
        _ secret: [UInt8],
        name: String,
        in folder: String,
        _ protection: KeyProtection
    ) throws(CredentialsError) {
        switch protection {
        case .file: try PrivateFile.write(secret, to: "\(folder)/\(name)")
        case .systemdCredential:
            let sealed = try SystemdCredential.seal(secret, name: self.credential(name))
            try PrivateFile.write(sealed, to: "\(folder)/\(name).cred")
        }
    }

    /// Reads the file, or what systemd decrypted for this service, or decrypts it now.
    ///
    /// - Parameters:
    ///   - name: of the key file.
    ///   - folder: of the generation.
    ///   - credentials: where systemd puts what it decrypts; nil outside of a service.
    /// - Returns: the file's text, which the caller wipes.
    /// - Throws: ``CredentialsError``.
    static func read(
        name: String,
        in folder: String,
        credentials: String? = getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }
    ) throws(CredentialsError) -> [UInt8] {
        let sealed = "\(folder)/\(name).cred"
        guard !PrivateFile.exists("\(folder)/\(name)"), PrivateFile.exists(sealed) else {
            return try PrivateFile.read("\(folder)/\(name)", upTo: 65_536)
        }
        if let credentials {
            let path = "\(credentials)/\(self.credential(name))"
            // systemd grants a service's user access by an ACL, which shows as group permission.
            if PrivateFile.exists(path) { return try PrivateFile.read(path, upTo: 65_536, isSecret: false) }
        }
        return try SystemdCredential.open(sealed, name: self.credential(name))
    }

    static func protection(name: String, in folder: String) -> KeyProtection {
        PrivateFile.exists("\(folder)/\(name).cred") ? .systemdCredential : .file
    }

    private static func credential(_ name: String) -> String { "wardline.\(name)" }
}
