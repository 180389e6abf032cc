import CanonicalBytes
import Merkle
import Receipts
import Records
import Testing

@Suite struct FaultTests {
    private static let settling = PrivacyCenterFault.settlingMillisecondsMax

    @Test("An honest center that grows is consistent and convicted of nothing")
    func honest() throws {
        var center = try TestCenter()
        var statements: [(TreeStatement, [Digest])] = []
        for count in 0..<12 {
            let receipt = try center.store("\(count)", at: UInt64(count) * Self.settling * 2)
            statements.append((.receipt(receipt), center.tree.leaves))
            let head = try center.head(at: UInt64(count) * Self.settling * 2 + 1)
            statements.append((.head(head), center.tree.leaves))
        }
        for (first, _) in statements {
            for (second, leaves) in statements where second.tree.size >= first.tree.size {
                let proof = ConsistencyProof(
                    firstSize: first.tree.size,
                    secondSize: second.tree.size,
                    from: TestTree(leaves: leaves)
                )
                #expect(TreeComparison(first, second, proof: proof) == .consistent)
                #expect(TreeComparison(second, first, proof: proof) == .consistent)
            }
        }
    }

    @Test("Without a proof, or with a wrong one, a larger tree is unproven but not convicted")
    func unproven() throws {
        var center = try TestCenter()
        for count in 0..<3 { _ = try center.store("\(count)") }
        let old = TreeStatement.head(try center.head(at: 1))
        for count in 3..<7 { _ = try center.store("\(count)") }
        let new = TreeStatement.head(try center.head(at: 2))
        let wrong = ConsistencyProof(firstSize: 3, secondSize: 7, path: [new.tree.root])
        let foreign = ConsistencyProof(firstSize: 3, secondSize: 6, from: center.tree)
        #expect(TreeComparison(old, new, proof: nil) == .unproven)
        #expect(TreeComparison(old, new, proof: wrong) == .unproven)
        #expect(TreeComparison(old, new, proof: foreign) == .unproven)
    }

    @Test("Two roots of one size convict, whichever statements carry them")
    func conflictingRoots() throws {
        var center = try TestCenter()
        let receipt = try center.store("first")
        _ = try center.store("second")
        let honest = try center.head(at: 5)
        center.forget(0)
        let early = try center.head(at: 6)
        _ = try center.store("third")
        let late = try center.head(at: 7)
        try Self.expectProof(PrivacyCenterFault(.receipt(receipt), .head(early)), center)
        try Self.expectProof(PrivacyCenterFault(.head(honest), .head(late)), center)
        #expect(TreeComparison(.head(honest), .head(late), proof: nil).isFault)
    }

    @Test("Two envelopes at one place convict")
    func conflictingLeaves() throws {
        var center = try TestCenter()
        let first = try center.store("first")
        center.forget(0)
        let second = try center.store("second")
        _ = try center.store("third")
        let moved = try center.receipt(second.h1, at: 1_500_000, leafIndex: 0)
        try Self.expectProof(PrivacyCenterFault(.receipt(first), .receipt(moved)), center)
    }

    @Test("A deleted row is proven by the old receipt and the leaf that took its place")
    func replacedLeaf() throws {
        var center = try TestCenter()
        for count in 0..<5 { _ = try center.store("\(count)") }
        let receipt = try center.store("the lost one")
        for count in 6..<20 { _ = try center.store("\(count)") }
        center.forget(5)
        let head = TreeStatement.head(try center.head(at: 9))
        let proof = try center.tree.inclusion(of: 5)
        let fault = PrivacyCenterFault(receipt, leafHash: center.tree.leaves[5], proof: proof, in: head)
        try Self.expectProof(fault, center)
        #expect(PrivacyCenterFault(receipt, leafHash: receipt.claim.leafHash, proof: proof, in: head) == nil)
        #expect(PrivacyCenterFault(receipt, leafHash: center.tree.leaves[6], proof: proof, in: head) == nil)
    }

    @Test("A head too small for a receipt, or smaller than before, convicts after the time to settle")
    func shrunkTrees() throws {
        var center = try TestCenter()
        for count in 0..<3 { _ = try center.store("\(count)", at: 1_000_000) }
        let receipt = try center.store("last", at: 1_000_000)
        let old = try center.head(at: 1_000_000)
        center.forget(3)
        let soon = try center.head(at: 1_000_000 + Self.settling)
        let later = try center.head(at: 1_000_001 + Self.settling)
        #expect(PrivacyCenterFault(.receipt(receipt), .head(soon)) == nil)
        #expect(PrivacyCenterFault(.head(old), .head(soon)) == nil)
        try Self.expectProof(PrivacyCenterFault(.receipt(receipt), .head(later)), center)
        try Self.expectProof(PrivacyCenterFault(.head(later), .head(old)), center)
    }

    @Test("A denied envelope with a receipt convicts after the time to settle")
    func deniedEnvelope() throws {
        var center = try TestCenter()
        let receipt = try center.store("first", at: 50)
        let other = try center.store("second", at: 50)
        let early = try Denial.sign(receipt.h1, timeMilliseconds: 50 + Self.settling, by: center.signer)
        let late = try Denial.sign(receipt.h1, timeMilliseconds: 51 + Self.settling, by: center.signer)
        #expect(PrivacyCenterFault(receipt, early) == nil)
        #expect(PrivacyCenterFault(other, late) == nil)
        try Self.expectProof(PrivacyCenterFault(receipt, late), center)
    }

    @Test("Statements of two centers are no evidence")
    func differentCenters() throws {
        var one = try TestCenter()
        var two = try TestCenter("cloud:privacy-center:two")
        let first = TreeStatement.receipt(try one.store("first"))
        let second = TreeStatement.receipt(try two.store("second"))
        #expect(PrivacyCenterFault(first, second) == nil)
        let forged = ParsedFault(.conflictingRoots(first, second))
        #expect(refusal { _ = try forged.verified(by: [one.key, two.key]) } == .context)
    }

    @Test("Statements that agree are refused as PROOF, however they are put together")
    func falseEvidence() throws {
        var center = try TestCenter()
        let receipt = try center.store("first")
        let head = try center.head(at: 5)
        let later = try center.head(at: 50_000_000)
        let denial = try Denial.sign(head.tree.root, timeMilliseconds: 50_000_000, by: center.signer)
        let claims: [PrivacyCenterFault] = [
            .conflictingRoots(.receipt(receipt), .head(head)),
            .conflictingLeaves(receipt, receipt),
            .replacedLeaf(receipt, by: receipt.claim.leafHash, path: [], in: .head(head)),
            .replacedLeaf(receipt, by: head.tree.root, path: [], in: .receipt(receipt)),
            .droppedLeaf(receipt, later),
            .shrunkTree(head, later),
            .deniedEnvelope(receipt, denial),
        ]
        for claim in claims {
            let parsed = try ParsedFault(bytes: claim.bytes)
            #expect(refusal { _ = try parsed.verified(by: [center.key]) } == .proof, "\(claim.explanation)")
        }
    }

    @Test("A flipped bit anywhere in evidence is refused")
    func tampering() throws {
        var center = try TestCenter()
        let receipt = try center.store("first")
        _ = try center.store("second")
        center.forget(0)
        let head = TreeStatement.head(try center.head(at: 5))
        let bytes = try #require(PrivacyCenterFault(.receipt(receipt), head)).bytes
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 4
            #expect(throws: ProtocolFailure.self, "byte \(index)") {
                try ParsedFault(bytes: changed).verified(by: [center.key])
            }
            #expect(refusal { _ = try ParsedFault(bytes: Array(bytes[..<index])) } == .format)
        }
    }

    @Test("Evidence names the certificates that it needs, and is refused without them")
    func certificates() throws {
        var center = try TestCenter()
        let receipt = try center.store("first", at: 1)
        let denial = try Denial.sign(receipt.h1, timeMilliseconds: 99_000_000, by: center.signer)
        let evidence = ParsedFault(try #require(PrivacyCenterFault(receipt, denial)))
        #expect(evidence.certificateDigests == [center.key.certificateDigest])
        #expect(refusal { _ = try evidence.verified(by: []) } == .context)
    }

    /// Requires that anyone can check the evidence from its bytes.
    private static func expectProof(_ fault: PrivacyCenterFault?, _ center: TestCenter) throws {
        let fault = try #require(fault)
        let parsed = try ParsedFault(bytes: fault.bytes)
        #expect(try parsed.verified(by: [center.key]) == fault)
    }
}

extension TreeComparison {
    fileprivate var isFault: Bool {
        if case .fault = self { true } else { false }
    }
}
