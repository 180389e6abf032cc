import ArgumentParser
import CanonicalBytes
import Credentials
import FiniteFields
import PolicyProofs
import ProofFiles
import Transcripts

struct CredentialTreeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "Keep a credential tree in a file, without a chain.",
        discussion: """
            For laboratories and rehearsals: the file has all leaves, and whoever may write it is the issuer. The root is \
            what statements name.
            """,
        subcommands: [Issue.self, Revoke.self, Path.self, Root.self]
    )

    struct Issue: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Certify attributes: add a leaf.")

        @Argument(help: "The tree; it is made if there is none.", completion: .file())
        var tree: String

        @Option(help: "The holder commitment, 64 hexadecimal digits.")
        var holder: String

        @Option(
            name: .customLong("attribute"),
            help: "name:value, or name=number; up to eight, each with its own --attribute."
        )
        var attributes: [String]

        @Option(help: "The answer to the holder; it gets mode 0600.", completion: .file(extensions: ["json"]))
        var output: String

        func run() throws {
            try reportingFailure {
                try ProofInputs.requireNew(self.output)
                let holder = try Fr(nonzero: ProofInputs.digest(self.holder, "--holder"))
                let texts = self.attributes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                var tree = try CredentialTreeStore.read(self.tree, orEmpty: true)
                let issued = try IssuedCredential(
                    holder: holder,
                    attributes: CredentialAttributes(texts),
                    index: tree.count
                )
                try tree.append(issued.leaf)
                var bytes = issued.encoded()
                defer { bytes.wipe() }
                try PrivateFile.write(bytes, to: self.output)
                try PublicFile.write(CredentialTreeFile.bytes(tree), to: self.tree)
                try StandardOutput.write(
                    Columns.text([
                        ["leaf", issued.leaf.bytes.hex], ["index", "\(issued.index)"], ["root", tree.root.bytes.hex],
                    ])
                )
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a leaf by zero: no new root proves it."
        )

        @Argument(help: "The tree.", completion: .file())
        var tree: String

        @Option(help: "The leaf's place.")
        var index: Int

        func run() throws {
            try reportingFailure {
                var tree = try CredentialTreeStore.read(self.tree)
                try tree.replace(at: self.index, with: .zero)
                try PublicFile.write(CredentialTreeFile.bytes(tree), to: self.tree)
                try StandardOutput.write(Columns.text([["root", tree.root.bytes.hex]]))
            }
        }
    }

    struct Path: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the path from a leaf to the root, as the tree is now."
        )

        @Argument(help: "The tree.", completion: .file())
        var tree: String

        @Option(help: "The leaf's place.")
        var index: Int

        @Option(help: "The path's file.", completion: .file(extensions: ["json"]))
        var output: String

        func run() throws {
            try reportingFailure {
                let tree = try CredentialTreeStore.read(self.tree)
                let path = try CredentialPathFile(tree, index: self.index)
                try PublicFile.write(path.bytes, to: self.output)
                try StandardOutput.write(
                    Columns.text([["leaf", path.leaf.bytes.hex], ["root", path.root.bytes.hex]])
                )
            }
        }
    }

    struct Root: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show leaves and root.")

        @Argument(help: "The tree.", completion: .file())
        var tree: String

        func run() throws {
            try reportingFailure {
                let tree = try CredentialTreeStore.read(self.tree)
                let revoked = tree.leaves.count { $0.isZero }
                try StandardOutput.write(
                    Columns.text([
                        ["leaves", "\(tree.count)"], ["revoked", "\(revoked)"], ["root", tree.root.bytes.hex],
                    ])
                )
            }
        }
    }
}

/// Credential trees in files.
enum CredentialTreeStore {
    static func read(_ path: String, orEmpty: Bool = false) throws -> CredentialTree {
        if orEmpty, !PrivateFile.exists(path) { return CredentialTree() }
        return try ProofInputs.read(path, upTo: CredentialTreeFile.bytesMax) { try CredentialTreeFile.tree($0) }
    }
}
