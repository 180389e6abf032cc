import BLS12381
import CanonicalBytes
import Merkle
import Records
import Testing
import ThresholdSignatures

@testable import PathProofs

@Suite struct VerificationNodeListTests {
    @Test func aListIsReadBackAsItWasWritten() throws {
        let list = try SampleLists.list()
        let read = try VerificationNodeList(bytes: list.bytes)
        #expect(read == list)
        #expect(read.root == list.root)
        #expect(read.committee == list.committee)
        #expect(try VerificationNodeList(bytes: list.bytes, knowing: list) == list)
    }

    @Test func theOrderInWhichNodesAreGivenMakesNoDifference() throws {
        let list = try SampleLists.list()
        #expect(try list.with(nodes: list.nodes.reversed()) == list)
    }

    @Test func anythingShortOrLongIsNoList() throws {
        let list = try SampleLists.list()
        for count in stride(from: 0, to: list.bytes.count, by: 7) {
            let short = Array(list.bytes[..<count])
            #expect(code { _ = try VerificationNodeList(bytes: short, knowing: list) } == .format)
        }
        #expect(code { _ = try VerificationNodeList(bytes: list.bytes + [0], knowing: list) } == .format)
        let huge = [UInt8](repeating: 0, count: VerificationNodeList.bytesMax + 1)
        #expect(code { _ = try VerificationNodeList(bytes: huge) } == .format)
    }

    @Test func nodesInAnotherOrderAreAnotherEncoding() throws {
        let list = try SampleLists.list()
        var writer = CanonicalWriter()
        let entries = list.nodes.map(\.bytes)
        writer.raw(list.bytes[..<(list.bytes.count - entries.joined().count)])
        for entry in entries.reversed() { writer.raw(entry) }
        #expect(code { _ = try VerificationNodeList(bytes: writer.bytes, knowing: list) } == .format)
    }

    @Test func everyFieldOfEveryNodeIsUnderTheRoot() throws {
        let list = try SampleLists.list()
        let old = try #require(list.node("node-2"))
        let others = try [
            SampleLists.node(2, name: "node-22"), SampleLists.node(2, organization: "south"),
            SampleLists.node(2, subgroup: "regulators"), SampleLists.node(30, name: "node-2"),
            SampleLists.node(2, credibility: 800_001), SampleLists.node(2, deposit: 101),
            SampleLists.node(2, validity: 1..<100), SampleLists.node(2, validity: 0..<101),
            SampleLists.node(2, status: .jailed),
        ]
        let roots = try others.map { try list.replacing("node-2", by: $0).root } + [list.root]
        #expect(Set(roots).count == roots.count)
        #expect(try list.replacing("node-2", by: old).root == list.root)
    }

    @Test func chainEpochAndPolicyAreUnderTheRoot() throws {
        let list = try SampleLists.list()
        let lists = try [
            list, SampleLists.list(chain: "bravo"), SampleLists.list(epoch: 4),
            SampleLists.list(policy: SampleLists.policy(threshold: 5)),
            SampleLists.list(policy: SampleLists.policy(organizationSeatsMax: 9)),
        ]
        #expect(Set(lists.map(\.root)).count == lists.count)
    }

    @Test func aNodeIsProvenUnderTheRootByThePublicLeaves() throws {
        let list = try SampleLists.list()
        let hashes = list.leaves.map { MerkleHash.leaf($0) }
        #expect(hashes.count == 9)
        let root = try #require(Digest(bytes: list.root))
        // The last of nine leaves hangs directly under the root.
        var frontier = MerkleFrontier()
        for hash in hashes.dropLast() { _ = frontier.append(hash) }
        let proof = InclusionProof(leafIndex: 8, treeSize: 9, path: [frontier.root])
        #expect(proof.verifies(leafHash: hashes[8], root: root))
        #expect(!proof.verifies(leafHash: hashes[7], root: root))
    }

    @Test func aKeyWithoutProofOfPossessionIsNoKey() throws {
        let (mine, other) = (SampleKeys.all[0], SampleKeys.all[1])
        func refused(_ signature: [UInt8], _ possession: [UInt8]) -> ProtocolFailure.Code? {
            code { _ = try NodeKeys(identity: hash("i"), signature: signature, possession: possession) }
        }
        #expect(refused(mine.keys.signature.encoded, mine.keys.possession) == nil)
        #expect(refused(mine.keys.signature.encoded, other.keys.possession) == .proof)
        // A key made to cancel another's: its owner cannot prove that he has its secret.
        let rogue = try BLSPublicKey(mine.keys.signature.point - other.keys.signature.point)
        #expect(refused(rogue.encoded, mine.keys.possession) == .proof)
        #expect(refused([UInt8](repeating: 9, count: 48), mine.keys.possession) == .point)
        let short = code {
            _ = try NodeKeys(identity: [1], signature: mine.keys.signature.encoded, possession: mine.keys.possession)
        }
        #expect(short == .format)
    }

    @Test func aListWithAProofOfAnotherKeyIsNotRead() throws {
        let list = try SampleLists.list()
        var bytes = list.bytes
        let node = try #require(list.nodes.last)
        // The proof's last byte stands before credibility, deposit, validity and status.
        bytes[bytes.count - 1 - (4 + 8 + 16 + 1)] ^= 1
        #expect(list.bytes.suffix(node.bytes.count).elementsEqual(node.bytes))
        #expect(code { _ = try VerificationNodeList(bytes: bytes, knowing: list) } != nil)
    }

    @Test func namesAndKeysAreDistinct() throws {
        let list = try SampleLists.list()
        let sameName = try SampleLists.node(30, name: "node-1", subgroup: "hospitals")
        #expect(code { _ = try list.with(nodes: list.nodes + [sameName]) } == .duplicate)
        let sameKey = try SampleLists.node(1, name: "other")
        #expect(code { _ = try list.with(nodes: list.nodes + [sameKey]) } == .duplicate)
    }

    @Test func noSubgroupFallsBelowItsThresholdAndFaults() throws {
        #expect(code { _ = try SampleLists.list(hospitals: 3, regulators: 2) } == nil)
        #expect(code { _ = try SampleLists.list(hospitals: 2, regulators: 3) } == .threshold)
        #expect(code { _ = try SampleLists.list(hospitals: 3, regulators: 1) } == .threshold)
        let many = try SampleLists.policy(threshold: 9)
        #expect(code { _ = try SampleLists.list(policy: many) } == .threshold)
    }

    @Test func aStandingFitsTheEpoch() throws {
        let list = try SampleLists.list()
        let nodes: [(VerificationNode, ProtocolFailure.Code?)] = try [
            (SampleLists.node(30, validity: 4..<9), .format), (SampleLists.node(30, validity: 0..<3), .format),
            (SampleLists.node(30, status: .left), .format), (SampleLists.node(30, subgroup: "patients"), .context),
            (SampleLists.node(30, validity: 0..<3, status: .left), nil),
            (SampleLists.node(30, validity: 0..<3, status: .jailed), nil), (SampleLists.node(30, status: .jailed), nil),
        ]
        for (node, expected) in nodes { #expect(code { _ = try list.with(nodes: list.nodes + [node]) } == expected) }
    }

    @Test func onlyThoseWithASeatAreInTheCommittee() throws {
        let list = try SampleLists.list()
        let gone = try SampleLists.node(30, validity: 0..<3, status: .left)
        let held = try SampleLists.node(31, status: .jailed)
        let more = try list.with(nodes: list.nodes + [gone, held])
        #expect(more.committee.groups.map(\.name) == ["hospitals", "regulators"])
        #expect(more.committee.groups.map(\.threshold) == [2, 1])
        #expect(more.committee.threshold == 4)
        let keys = more.committee.groups.flatMap(\.keys)
        #expect(keys.contains(held.keys.signature.encoded) && !keys.contains(gone.keys.signature.encoded))
        #expect(more.seatCount == 9 && more.faults == 2)
        #expect(try PrivilegedCommittee(bytes: more.committee.bytes) == more.committee)
    }

    @Test func namesAreBounded() throws {
        #expect(code { _ = try SampleLists.node(0, name: "") } == .format)
        #expect(code { _ = try SampleLists.node(0, name: String(repeating: "n", count: 65)) } == .format)
        #expect(code { _ = try SampleLists.node(0, name: String(repeating: "n", count: 64)) } == nil)
        #expect(code { _ = try SampleLists.list(chain: String(repeating: "c", count: 65)) } == .format)
    }

    @Test func theLastEpochsAreNoEpochs() throws {
        func list(_ epoch: UInt64) throws -> VerificationNodeList {
            let nodes = try SampleLists.list().nodes.map {
                try $0.with(credibility: $0.credibility, validUntil: .max, status: .active)
            }
            return try SampleLists.list().with(nodes: nodes, epoch: epoch)
        }
        #expect(code { _ = try list(.max - 1) } == .format)
        let last = try list(.max - 2)
        #expect(code { _ = try last.successor(after: ConductBook(of: last), candidates: []) } == .format)
    }

    @Test func noMoreNodesAreTakenThanTheMost() throws {
        let node = try SampleLists.node(0)
        let many = [VerificationNode](repeating: node, count: VerificationNodeList.nodesMax + 1)
        #expect(code { _ = try SampleLists.list().with(nodes: many) } == .format)
    }
}

@Suite struct ListPolicyTests {
    private static func refused(
        _ subgroups: [SubgroupPolicy],
        threshold: UInt16 = 4,
        entry: UInt32 = 2,
        exit: UInt32 = 1,
        seats: UInt16 = 1
    ) -> ProtocolFailure.Code? {
        code {
            _ = try ListPolicy(
                threshold: threshold,
                subgroups: subgroups,
                entryCredibility: Credibility(entry),
                exitCredibility: Credibility(exit),
                depositMin: 0,
                organizationSeatsMax: seats
            )
        }
    }

    @Test func spellingsOfOneCharacterAreDifferentNames() {
        let (composed, decomposed) = ("\u{e9}", "e\u{301}")
        #expect(composed == decomposed)
        let subgroups = [composed, decomposed].map { SubgroupPolicy(name: $0, threshold: 1, faults: 0) }
        #expect(subgroups[0] != subgroups[1])
        #expect(Self.refused(subgroups) == nil)
    }

    @Test func policiesThatCannotWorkAreRefused() {
        let (a, b) = (
            SubgroupPolicy(name: "a", threshold: 2, faults: 0), SubgroupPolicy(name: "b", threshold: 2, faults: 0)
        )
        #expect(Self.refused([a, b]) == nil)
        #expect(Self.refused([]) == .format)
        #expect(Self.refused([a, a]) == .duplicate)
        #expect(Self.refused([a, b], threshold: 3) == .threshold)
        #expect(Self.refused([SubgroupPolicy(name: "a", threshold: 0, faults: 0)]) == .threshold)
        #expect(Self.refused([SubgroupPolicy(name: "*", threshold: 1, faults: 0)]) == .format)
        #expect(Self.refused([a], entry: 1, exit: 1) == .format)
        #expect(Self.refused([a], seats: 0) == .format)
        let many = (0..<17).map { SubgroupPolicy(name: "\($0)", threshold: 1, faults: 0) }
        #expect(Self.refused(many, threshold: 17) == .format)
        #expect(Self.refused(Array(many.dropLast()), threshold: 16) == nil)
    }
}
