import CanonicalBytes
import FiniteFields
import PolicyProofs
import Testing

@Suite struct CredentialTreeTests {
    @Test func everyPathLeadsToTheRoot() throws {
        var generator = SplitMix64(state: 11)
        var tree = CredentialTree(depth: 6)
        for count in 1...40 {
            try tree.append(generator.element())
            #expect(tree.count == count)
            for index in 0..<count {
                #expect(try tree.path(of: index).root(above: tree.leaves[index]) == tree.root)
            }
        }
    }

    @Test func aRevokedLeafIsAsIfItWereNotThere() throws {
        var generator = SplitMix64(state: 12)
        var leaves = (0..<13).map { _ in generator.element() }
        var tree = try CredentialTree(leaves: leaves, depth: 4)
        let before = try tree.path(of: 6)
        let root = tree.root
        try tree.replace(at: 6, with: .zero)
        leaves[6] = .zero
        #expect(try tree == CredentialTree(leaves: leaves, depth: 4))
        #expect(tree.root != root)
        #expect(before.root(above: .zero) == tree.root)
        // A tree whose last leaves are zero has the root of the shorter one.
        for index in 10..<13 { try tree.replace(at: index, with: .zero) }
        #expect(try tree.root == CredentialTree(leaves: Array(leaves[..<10]), depth: 4).root)
    }

    @Test func aFullTreeTakesNoMore() throws {
        var tree = try CredentialTree(leaves: [Fr(1), Fr(2), Fr(3), Fr(4)], depth: 2)
        #expect(throws: ProtocolFailure(.context, "the credential tree is full")) { try tree.append(Fr(5)) }
        #expect(throws: ProtocolFailure.self) {
            try CredentialTree(leaves: Array(repeating: .one, count: 5), depth: 2)
        }
        #expect(tree.count == 4)
    }

    @Test func aLeafThatIsNotThereHasNoPath() throws {
        var tree = try CredentialTree(leaves: [Fr(1)], depth: 2)
        for index in [-1, 1, 2, .max] {
            #expect(throws: ProtocolFailure(.context, "there is no leaf \(index)")) { try tree.path(of: index) }
            #expect(throws: ProtocolFailure.self) { try tree.replace(at: index, with: .one) }
        }
    }

    @Test func theEmptyTreeHasTheRootOfZeros() throws {
        #expect(try CredentialTree(depth: 3).root == CredentialTree(leaves: [.zero, .zero], depth: 3).root)
    }
}
