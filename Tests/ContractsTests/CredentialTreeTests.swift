import CanonicalBytes
import FiniteFields
import Ledger
import PolicyProofs
import Testing

@testable import Contracts

@Suite("Tree of credentials") struct CredentialTreeTests {
    let scene: ProofScene

    init() throws { self.scene = try ProofScene() }

    private static func leaf(_ number: UInt64) -> [UInt8] { Fr(number).bytes }

    @Test("the state's tree has the same root as the holder's, leaf by leaf and in lists, with gaps by revocation")
    func sameRoot() throws {
        var tree = CredentialTree()
        var next: UInt64 = 1
        for count in [1, 2, 1, 5, 64, 3] {
            let leaves = (0..<count).map { _ in
                defer { next += 1 }
                return Self.leaf(next)
            }
            #expect(try self.scene.add(leaves) == 0)
            for leaf in leaves { try tree.append(Fr(leaf)) }
            #expect(try self.scene.root == tree.root.bytes)
        }
        for revoked in [[5], [1, 2], [76, 40, 7]] as [[UInt64]] {
            #expect(try self.scene.revoke(revoked.map(Self.leaf)) == 0)
            for number in revoked { try tree.replace(at: Int(number) - 1, with: .zero) }
            #expect(try self.scene.root == tree.root.bytes)
        }
        #expect(try self.scene.roots.epoch == 3)
        #expect(try self.scene.add([Self.leaf(500)]) == 0)
        try tree.append(Fr(500))
        #expect(try self.scene.root == tree.root.bytes)
        #expect(try self.scene.roots.epoch == 3)
        let entry = try self.scene.access.record(CertifiedLeaf.self, at: ZeroKnowledgeKey.credential(Self.leaf(500)))
        #expect(entry?.index == 76)
    }

    @Test("leaves without neighbours leave no nodes behind when they are revoked")
    func noRemains() throws {
        #expect(try self.scene.add([Self.leaf(1)]) == 0)
        #expect(try self.scene.revoke([Self.leaf(1)]) == 0)
        let prefix = ZeroKnowledgeKey.node(0, 0).dropLast(5)
        let nodes = self.scene.access.values.values.filter { $0.key.starts(with: prefix) && $0.value.count > 0 }
        #expect(nodes.isEmpty)
    }

    @Test("only issuers add, each leaf once for ever, and only their organization revokes")
    func refusals() throws {
        let order = Array("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001".utf8)
        let modulus = try #require([UInt8](hex: String(decoding: order, as: UTF8.self)))
        let additions: [([[UInt8]], String, RejectionCode?)] = [
            ([Self.leaf(1)], "north:researcher:r1", .notAllowed),
            ([Self.leaf(0)], "north:authority:a1", .malformedArguments),
            ([modulus], "north:authority:a1", .malformedArguments), ([], "north:authority:a1", .malformedArguments),
            ((1...65).map { Self.leaf($0) }, "north:authority:a1", .malformedArguments),
            ([Self.leaf(1), Self.leaf(2), Self.leaf(1)], "north:authority:a1", .credentialKnown),
            ([Self.leaf(1), Self.leaf(2)], "north:authority:a1", nil),
            ([Self.leaf(2)], "south:attribute-authority:aa", .credentialKnown),
        ]
        for (leaves, caller, expected) in additions {
            #expect(try self.scene.add(leaves, by: caller) == number(expected))
        }
        let revocations: [([[UInt8]], String, RejectionCode?)] = [
            ([Self.leaf(1)], "north:steward:s1", .notAllowed), ([Self.leaf(1)], "south:authority:a1", .notAllowed),
            ([Self.leaf(3)], "north:authority:a1", .noSuchCredential),
            ([Self.leaf(1), Self.leaf(1)], "north:authority:a1", .credentialRevokedAlready),
            ([Self.leaf(1)], "north:attribute-authority:aa", nil),
            ([Self.leaf(1)], "north:authority:a1", .credentialRevokedAlready),
        ]
        for (leaves, caller, expected) in revocations {
            #expect(try self.scene.revoke(leaves, by: caller) == number(expected))
        }
        #expect(try self.scene.add([Self.leaf(1)], by: "north:authority:a1") == number(.credentialKnown))
        let entry = try self.scene.access.record(CertifiedLeaf.self, at: ZeroKnowledgeKey.credential(Self.leaf(1)))
        #expect(entry?.reason == .attributes && entry?.revoked ?? 0 > 0)
    }

    @Test("adding costs by the nodes that change")
    func cost() throws {
        try self.scene.add([Self.leaf(1)])
        let one = try #require(self.scene.access.blocks.last).receipts[0].cost
        try self.scene.add((2...65).map { Self.leaf($0) })
        let many = try #require(self.scene.access.blocks.last).receipts[0].cost
        #expect(one > 20 * CredentialRules.hashCost && many > 80 * CredentialRules.hashCost)
        #expect(many < 30 * one)
    }

    @Test("roots are good for a time after they are replaced, and never after a revocation")
    func window() {
        var roots = RecentRoots()
        for (root, since, epoch) in [(1, 10, 0), (2, 20, 0), (3, 20, 0), (4, 30, 1), (5, 40, 1)]
            as [(UInt8, UInt64, UInt64)]
        {
            roots.append(RecentRoots.Entry(root: id(root), since: since, epoch: epoch))
        }
        // Root 2 was replaced in its own block.
        #expect(roots.entries.map(\.root[0]) == [1, 3, 4, 5])
        let cases: [(UInt8, UInt64, UInt64, UInt64, RejectionCode?)] = [
            (2, 50, 100, 100, .rootUnknown), (5, 1_000_000, 0, 0, nil), (4, 49, 10, 0, nil),
            (4, 50, 10, 0, .rootTooOld), (3, 30, 100, 0, .rootRevoked), (3, 34, 100, 5, nil),
            (3, 35, 100, 5, .rootRevoked), (1, 34, 100, 5, nil), (1, 34, 14, 5, .rootTooOld),
            (1, 35, 100, 5, .rootRevoked),
        ]
        for (root, time, age, revokedAge, expected) in cases {
            let objection = roots.objection(to: id(root), at: time, age: age, revokedAge: revokedAge)
            #expect(objection == expected, "root \(root) at \(time)")
        }
        for since in 100..<200 as Range<UInt64> {
            roots.append(RecentRoots.Entry(root: Fr(since).bytes, since: since, epoch: 1))
        }
        #expect(roots.entries.count == RecentRoots.window && roots.entries[0].since == 136)
    }
}
