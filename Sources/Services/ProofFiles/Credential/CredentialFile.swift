package import CanonicalBytes
package import FiniteFields
package import PolicyProofs
package import SecretSharing
internal import Transcripts

/// A holder's credential as it is kept: the secret, and what the issuer has sent.
///
/// `"WLCR" || u8 isIssued || secret (32) || (salt (32) || u32 index || u8 n || n × LP(attribute))`, the last part if it
/// is issued. The file has mode 0600.
package struct CredentialFile: Sendable {
    /// What a credential has from its issuer on.
    package struct Issue: Sendable {
        /// The credential, with the holder's secret.
        package let credential: Credential
        /// The leaf's place in the credential tree.
        package let index: UInt32
    }

    /// Bytes of the longest file.
    package static let bytesMax = 4096

    package let secret: SecretFr
    /// Nil until the issuer has answered.
    package let issue: Issue?

    /// What the issuer gets to know of the secret.
    package var holder: Fr { Credential.holder(of: self.secret) }

    /// A new secret of the system's generator.
    package static func new() -> CredentialFile { CredentialFile(secret: .random(), issue: nil) }

    private init(secret: SecretFr, issue: Issue?) {
        self.secret = secret
        self.issue = issue
    }

    /// Decodes a file; the caller wipes its bytes.
    ///
    /// - Throws: `FORMAT`; `SCALAR` for a secret or salt of zero or not below the group order; `DUPLICATE` for two
    ///   values of one number.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "\(bytes.count) bytes are no credential")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLCR")
        let isIssued = try reader.u8()
        try require(isIssued <= 1, .format, "a credential in state \(isIssued)")
        self.secret = try Self.secret(&reader)
        if isIssued == 1 {
            let salt = try Self.secret(&reader)
            let index = try reader.u32()
            try IssuedCredential.check(index: UInt64(index))
            var texts: [String] = []
            for _ in 0..<(try reader.u8()) { texts.append(try reader.text()) }
            self.issue = Issue(
                credential: Credential(secret: self.secret, salt: salt, attributes: try CredentialAttributes(texts)),
                index: index
            )
        } else {
            self.issue = nil
        }
        try reader.finish()
    }

    /// The file's bytes, which hold the secret: the caller wipes them.
    package func encoded() -> [UInt8] {
        // Room for all of it, so that the secret is not left behind where the array was before it grew.
        var writer = CanonicalWriter(capacity: Self.bytesMax)
        writer.magic("WLCR")
        writer.u8(self.issue == nil ? 0 : 1)
        Self.append(self.secret, to: &writer)
        if let issue = self.issue {
            Self.append(issue.credential.salt, to: &writer)
            writer.u32(issue.index)
            writer.u8(UInt8(issue.credential.attributes.texts.count))
            for text in issue.credential.attributes.texts { writer.lengthPrefixed(text) }
        }
        return writer.bytes
    }

    /// The credential with what the issuer has sent.
    ///
    /// - Throws: `CONTEXT` for what was issued to another holder, or whose leaf does not hold these attributes.
    package func completed(by issued: IssuedCredential) throws(ProtocolFailure) -> CredentialFile {
        try require(issued.holder == self.holder, .context, "it was issued to another holder commitment")
        let credential = Credential(secret: self.secret, salt: issued.salt, attributes: issued.attributes)
        try require(
            credential.leaf == issued.leaf,
            .context,
            "the leaf does not follow from the salt and the attributes: the issuer inserted something else"
        )
        return CredentialFile(secret: self.secret, issue: Issue(credential: credential, index: issued.index))
    }

    private static func secret(_ reader: inout CanonicalReader) throws(ProtocolFailure) -> SecretFr {
        var bytes = try reader.take(Fr.byteCount)
        defer { bytes.wipe() }
        return try SecretFr(bytes: bytes)
    }

    private static func append(_ secret: SecretFr, to writer: inout CanonicalWriter) {
        var bytes = secret.secretBytes()
        writer.raw(bytes)
        bytes.wipe()
    }
}
