import AccessPolicies
import CanonicalBytes
import FiniteFields
import Foundation
import PolicyProofs
import ProofFiles

/// A holder with a credential in a small tree, and a request.
enum Samples {
    static let attributes = ["age=42", "role:doctor", "ward:icu"]
    static let chain = "7761726431"

    /// A complete credential and the tree that has it between two others.
    static func issued() throws -> (file: CredentialFile, issued: IssuedCredential, tree: CredentialTree) {
        let file = CredentialFile.new()
        var tree = try CredentialTree(leaves: [Fr(11)])
        let issued = try IssuedCredential(
            holder: file.holder,
            attributes: CredentialAttributes(Self.attributes),
            index: 1
        )
        try tree.append(issued.leaf)
        try tree.append(Fr(13))
        return (try file.completed(by: issued), issued, tree)
    }

    /// Members of a statement, as JSON values.
    static func statement(root: Fr) -> [String: String] {
        [
            "version": "1",
            "chain": "\"\(Self.chain)\"",
            "request": "\"\(String(repeating: "01", count: 32))\"",
            "certificate": "\"\(String(repeating: "02", count: 32))\"",
            "scope": "\"\(String(repeating: "03", count: 32))\"",
            "epoch": "3",
            "slot": "0",
            "limit": "4",
            "root": "\"\(root.bytes.hex)\"",
        ]
    }

    static func json(_ members: [String: String]) -> [UInt8] {
        let lines = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
        return Array("{\(lines.joined(separator: ", "))}".utf8)
    }

    /// A directory that is removed afterwards.
    static func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }
}
