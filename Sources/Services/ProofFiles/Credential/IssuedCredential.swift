package import CanonicalBytes
package import FiniteFields
package import PolicyProofs
package import SecretSharing

/// An issuer's answer to a holder: what it inserted into the credential tree, and with which salt.
///
/// JSON with `version`, `holder`, `salt`, `attributes`, `index` and `leaf`. Whoever reads it can tell which leaf is whose:
/// the file has mode 0600 and goes to the holder over a connection with both certificates.
package struct IssuedCredential: Sendable {
    /// The holder's commitment.
    package let holder: Fr
    package let salt: SecretFr
    package let attributes: CredentialAttributes
    /// The leaf's place in the tree.
    package let index: UInt32
    package let leaf: Fr

    /// Issues to a holder, with a new salt.
    ///
    /// - Throws: `CONTEXT` for a place beyond the tree.
    package init(holder: Fr, attributes: CredentialAttributes, index: Int) throws(ProtocolFailure) {
        try Self.check(index: UInt64(clamping: index))
        let salt = SecretFr.random()
        self.holder = holder
        self.salt = salt
        self.attributes = attributes
        self.index = UInt32(index)
        self.leaf = Credential.leaf(holder: holder, salt: salt, attributes: attributes)
    }

    /// Decodes an answer without checking that the leaf fits.
    ///
    /// - Throws: `FORMAT`, `SCALAR`, `DUPLICATE`, `CONTEXT`.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        let fields = try JSONFields(
            bytes,
            required: ["version", "holder", "salt", "attributes", "index", "leaf"]
        )
        try fields.requireVersion()
        self.holder = try fields.scalar("holder")
        self.salt = try SecretFr(bytes: fields.bytes("salt", 32...32))
        self.attributes = try CredentialAttributes(
            fields.texts("attributes", upTo: CredentialAttributes.slotCount, 1...255)
        )
        self.index = UInt32(try fields.integer("index", upTo: UInt64(UInt32.max)))
        self.leaf = try fields.scalar("leaf")
        try Self.check(index: UInt64(self.index))
    }

    /// The file's bytes, with the salt: the caller keeps them private.
    package func encoded() -> [UInt8] {
        JSONValue.object([
            ("version", .integer(1)),
            ("holder", .text(self.holder.bytes.hex)),
            ("salt", .text(self.salt.withValue { $0.bytes.hex })),
            ("attributes", .list(self.attributes.texts.map(JSONValue.text))),
            ("index", .integer(UInt64(self.index))),
            ("leaf", .text(self.leaf.bytes.hex)),
        ]).bytes
    }

    static func check(index: UInt64) throws(ProtocolFailure) {
        try require(index < 1 << CredentialTree.depth, .context, "the tree has no place \(index)")
    }
}
