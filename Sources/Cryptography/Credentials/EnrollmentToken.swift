internal import Foundation
internal import Transcripts

/// A one-time permission to enrol: `wl1.<secret>.<SHA-256 of the root certificate>`, both parts in base64url.
///
/// It pins the authority's root, so that the first connection needs no other trust. The authority keeps the secret's hash
/// alone.
package struct EnrollmentToken: Sendable, CustomStringConvertible {
    /// 32 random bytes.
    package let secret: [UInt8]
    /// SHA-256 of the root certificate's DER encoding.
    package let rootFingerprint: [UInt8]

    package init(secret: [UInt8], rootFingerprint: [UInt8]) {
        self.secret = secret
        self.rootFingerprint = rootFingerprint
    }

    /// A new token of an authority.
    package init(rootFingerprint: [UInt8]) {
        self.init(secret: SecureRandom.bytes(32), rootFingerprint: rootFingerprint)
    }

    /// Parses the text; white space around it is allowed.
    ///
    /// - Throws: ``CredentialsError/malformed(_:)``, which does not quote the text.
    package init(text: [UInt8]) throws(CredentialsError) {
        let trimmed = String(decoding: text.prefix(1_024), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let parts = trimmed.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "wl1", let secret = Self.bytes(parts[1]), let root = Self.bytes(parts[2]),
            secret.count == 32, root.count == 32
        else {
            throw .malformed("this is no enrolment token; `wardline ca token` at the authority prints one")
        }
        self.init(secret: secret, rootFingerprint: root)
    }

    /// Reads a token file of mode 0600.
    package init(file path: String) throws(CredentialsError) {
        try self.init(text: try PrivateFile.read(path, upTo: 1_024))
    }

    /// What is handed to the party; as secret as a password.
    package var text: String { "wl1.\(Self.text(self.secret)).\(Self.text(self.rootFingerprint))" }

    /// Never shows the secret.
    package var description: String { "enrolment token" }

    private static func text(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let standard = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        return Data(base64Encoded: standard + padding).map(Array.init)
    }
}
