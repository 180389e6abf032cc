package import CanonicalBytes
package import FiniteFields
package import PolicyProofs

/// Where a credential's leaf is in the tree of one moment: public.
///
/// JSON with `version`, `index`, `leaf`, `siblings` (from the leaf upwards) and `root`.
package struct CredentialPathFile: Sendable, Equatable {
    package let index: UInt32
    package let leaf: Fr
    package let path: CredentialPath
    package let root: Fr

    /// The path of a leaf as the tree is now.
    ///
    /// - Throws: `CONTEXT` for a place without leaf, and for a leaf that was revoked.
    package init(_ tree: CredentialTree, index: Int) throws(ProtocolFailure) {
        self.path = try tree.path(of: index)
        self.leaf = tree.leaves[index]
        try require(!self.leaf.isZero, .context, "the credential at place \(index) was revoked")
        self.index = UInt32(index)
        self.root = tree.root
    }

    /// Decodes a path and checks that it leads from the leaf to the root.
    ///
    /// - Throws: `FORMAT`, `SCALAR`, `CONTEXT`.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        let fields = try JSONFields(bytes, required: ["version", "index", "leaf", "siblings", "root"])
        try fields.requireVersion()
        let index = UInt32(try fields.integer("index", upTo: UInt64(UInt32.max)))
        try IssuedCredential.check(index: UInt64(index))
        self.index = index
        self.leaf = try fields.scalar("leaf")
        self.root = try fields.scalar("root")
        self.path = CredentialPath(
            siblings: try fields.scalars("siblings", count: CredentialTree.depth),
            isRight: (0..<CredentialTree.depth).map { index >> $0 & 1 == 1 }
        )
        try require(
            self.path.root(above: self.leaf) == self.root,
            .context,
            "the path does not lead from its leaf to its root"
        )
    }

    package var bytes: [UInt8] {
        JSONValue.object([
            ("version", .integer(1)),
            ("index", .integer(UInt64(self.index))),
            ("leaf", .text(self.leaf.bytes.hex)),
            ("siblings", .list(self.path.siblings.map { .text($0.bytes.hex) })),
            ("root", .text(self.root.bytes.hex)),
        ]).bytes
    }
}
