import CanonicalBytes
import FiniteFields
import Foundation
import PolicyProofs
import ProofFiles
import Testing

@Suite("Credential files")
struct CredentialFileTests {
    @Test("A new credential comes back with its secret and waits for its issuer")
    func newCredential() throws {
        let file = CredentialFile.new()
        let read = try CredentialFile(file.encoded())
        #expect(read.holder == file.holder)
        #expect(read.issue == nil)
        #expect(CredentialFile.new().holder != file.holder)
    }

    @Test("An issued credential comes back with attributes, leaf and place")
    func issuedCredential() throws {
        let sample = try Samples.issued()
        let issue = try #require(try CredentialFile(sample.file.encoded()).issue)
        #expect(issue.credential.attributes.texts == Samples.attributes)
        #expect(issue.credential.leaf == sample.issued.leaf)
        #expect(issue.index == 1)
    }

    @Test("Every truncation and a trailing byte are refused")
    func truncations() throws {
        let bytes = try Samples.issued().file.encoded()
        for count in bytes.indices {
            #expect(throws: ProtocolFailure.self) { try CredentialFile(Array(bytes[..<count])) }
        }
        #expect(throws: ProtocolFailure.self) { try CredentialFile(bytes + [0]) }
    }

    @Test(
        "Fields out of range are refused",
        arguments: [
            (4, [UInt8](repeating: 2, count: 1), ProtocolFailure.Code.format),
            (5, [UInt8](repeating: 0, count: 32), .scalar),
            (5, [UInt8](repeating: 255, count: 32), .scalar),
            (37, [UInt8](repeating: 0, count: 32), .scalar),
            (69, [0, 16, 0, 0], .context),
            (73, [9], .format),
        ]
    )
    func outOfRange(offset: Int, replacement: [UInt8], code: ProtocolFailure.Code) throws {
        var bytes = try Samples.issued().file.encoded()
        bytes.replaceSubrange(offset..<offset + replacement.count, with: replacement)
        #expect { try CredentialFile(bytes) } throws: { ($0 as? ProtocolFailure)?.code == code }
    }

    @Test("An answer for another holder is refused")
    func otherHolder() throws {
        let sample = try Samples.issued()
        #expect { try CredentialFile.new().completed(by: sample.issued) } throws: {
            ($0 as? ProtocolFailure)?.code == .context
        }
    }

    @Test("An answer whose leaf holds other attributes is refused", arguments: ["ward:icu", "role:doctor", "age=42"])
    func otherAttributes(attribute: String) throws {
        let sample = try Samples.issued()
        let text = String(decoding: sample.issued.encoded(), as: UTF8.self)
        let changed = text.replacingOccurrences(of: attribute, with: attribute.dropLast() + "9")
        #expect(changed != text)
        let issued = try IssuedCredential(Array(changed.utf8))
        #expect { try sample.file.completed(by: issued) } throws: { ($0 as? ProtocolFailure)?.code == .context }
    }

    @Test("An answer comes back as it was")
    func answer() throws {
        let issued = try Samples.issued().issued
        let read = try IssuedCredential(issued.encoded())
        #expect(read.leaf == issued.leaf)
        #expect(read.attributes.texts == Samples.attributes)
        #expect(Credential.leaf(holder: read.holder, salt: read.salt, attributes: read.attributes) == issued.leaf)
    }
}

@Suite("Credential trees and paths in files")
struct CredentialTreeFileTests {
    @Test("A tree comes back with its root", arguments: [0, 1, 5])
    func tree(count: Int) throws {
        let tree = try CredentialTree(leaves: (0..<count).map { Fr(UInt64($0)) })
        let bytes = CredentialTreeFile.bytes(tree)
        #expect(try CredentialTreeFile.tree(bytes) == tree)
        #expect(throws: ProtocolFailure.self) { try CredentialTreeFile.tree(bytes + [0]) }
        #expect(throws: ProtocolFailure.self) { try CredentialTreeFile.tree(Array(bytes.dropLast())) }
    }

    @Test("A count that the bytes do not hold is refused before anything is reserved")
    func largeCount() {
        let bytes = Array("WLCL".utf8) + [0xff, 0xff, 0xff, 0xff]
        #expect(throws: ProtocolFailure.self) { try CredentialTreeFile.tree(bytes) }
    }

    @Test("A path comes back, and every other leaf, root, place or sibling is refused")
    func path() throws {
        let sample = try Samples.issued()
        let path = try CredentialPathFile(sample.tree, index: 1)
        #expect(try CredentialPathFile(path.bytes) == path)
        let text = String(decoding: path.bytes, as: UTF8.self)
        let wrong = Fr(77).bytes.hex
        let changes = [
            (path.leaf.bytes.hex, wrong), (path.root.bytes.hex, wrong), ("\"index\": 1", "\"index\": 0"),
            (path.path.siblings[0].bytes.hex, wrong), (path.path.siblings[19].bytes.hex, wrong),
        ]
        for (old, new) in changes {
            let changed = text.replacingOccurrences(of: old, with: new)
            #expect(changed != text)
            #expect { try CredentialPathFile(Array(changed.utf8)) } throws: {
                ($0 as? ProtocolFailure)?.code == .context
            }
        }
    }

    @Test("A revoked leaf has no path")
    func revoked() throws {
        var tree = try Samples.issued().tree
        try tree.replace(at: 1, with: .zero)
        #expect { try CredentialPathFile(tree, index: 1) } throws: { ($0 as? ProtocolFailure)?.code == .context }
        #expect(throws: ProtocolFailure.self) { try CredentialPathFile(tree, index: 3) }
    }
}
