import Foundation
import Testing

@testable import Credentials

/// Keys that rest encrypted to the machine, with the real `systemd-creds`.
@Suite struct SystemdCredentialTests {
    private static let secret = Array((String(repeating: "5a", count: 32) + "\n").utf8)

    /// Why systemd-creds cannot encrypt here; nil when it can.
    ///
    /// It needs root, and a TPM or the host key.
    private static let obstacle: String? = {
        do {
            _ = try SystemdCredential.seal([1], name: "probe")
            return nil
        } catch { return "\(error)" }
    }()

    private static func isUsable() -> Bool {
        if let obstacle { print("skipped: \(obstacle)") }
        return obstacle == nil
    }

    private let directory: TestDirectory

    init() throws { self.directory = try TestDirectory() }

    /// Does what systemd does for `LoadCredentialEncrypted=`: decrypts into a directory of the service.
    private func credentialsDirectory(_ name: String, mode: Int = 0o400) throws -> String {
        let folder = "\(self.directory.path)/credentials"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let plain = try SystemdCredential.open("\(self.directory.path)/\(name).cred", name: "wardline.\(name)")
        try Data(plain).write(to: URL(filePath: "\(folder)/wardline.\(name)"))
        try self.directory.setMode(mode, of: "credentials/wardline.\(name)")
        return folder
    }

    @Test(.enabled(if: isUsable())) func `a key encrypted to this machine is read back, and rests encrypted`() throws {
        try KeyFile.write(Self.secret, name: "ecqv.key", in: self.directory.path, .systemdCredential)
        let names = try FileManager.default.contentsOfDirectory(atPath: self.directory.path)
        #expect(names == ["ecqv.key.cred"])
        let sealed = try Data(contentsOf: URL(filePath: "\(self.directory.path)/ecqv.key.cred"))
        #expect(sealed.range(of: Data(Self.secret.prefix(16))) == nil)
        #expect(try self.directory.mode("ecqv.key.cred") == 0o600)
        #expect(KeyFile.protection(name: "ecqv.key", in: self.directory.path) == .systemdCredential)
        #expect(try KeyFile.read(name: "ecqv.key", in: self.directory.path, credentials: nil) == Self.secret)
    }

    @Test(.enabled(if: isUsable()), arguments: [0o400, 0o440])
    func `what systemd decrypted for the service is taken, with the mode that its ACL shows`(mode: Int) throws {
        try KeyFile.write(Self.secret, name: "ecqv.key", in: self.directory.path, .systemdCredential)
        let folder = try self.credentialsDirectory("ecqv.key", mode: mode)
        // A file that nobody could decrypt shows that the key came out of the credentials directory.
        try PrivateFile.write(Array("damaged".utf8), to: "\(self.directory.path)/ecqv.key.cred")
        #expect(try KeyFile.read(name: "ecqv.key", in: self.directory.path, credentials: folder) == Self.secret)
        #expect(throws: CredentialsError.self) {
            try KeyFile.read(name: "ecqv.key", in: self.directory.path, credentials: nil)
        }
    }

    @Test(.enabled(if: isUsable())) func `a credential of another name does not open`() throws {
        try KeyFile.write(Self.secret, name: "ecqv.key", in: self.directory.path, .systemdCredential)
        #expect(throws: CredentialsError.self) {
            try SystemdCredential.open("\(self.directory.path)/ecqv.key.cred", name: "wardline.tls.key")
        }
    }

    @Test(.enabled(if: isUsable())) func `a credentials directory without the key leads to the file itself`() throws {
        try KeyFile.write(Self.secret, name: "tls.key", in: self.directory.path, .systemdCredential)
        let empty = "\(self.directory.path)/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        #expect(try KeyFile.read(name: "tls.key", in: self.directory.path, credentials: empty) == Self.secret)
    }
}
