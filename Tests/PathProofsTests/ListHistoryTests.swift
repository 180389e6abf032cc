import CanonicalBytes
import Testing
import ThresholdSignatures

@testable import PathProofs

@Suite struct ListHistoryTests {
    private let first: VerificationNodeList
    private let second: VerificationNodeList

    init() throws {
        self.first = try SampleLists.list()
        var book = ConductBook(of: self.first)
        try book.record(Conduct(faults: 1), of: "node-1")
        self.second = try self.first.successor(after: book, candidates: []).list
    }

    private func handover(
        to list: VerificationNodeList? = nil,
        from old: VerificationNodeList? = nil,
        height: UInt64 = 50,
        signedHeight: UInt64? = nil,
        signers: [[Int]] = [[0, 2, 3], [0]]
    ) throws -> ListHandover {
        let (list, old) = (list ?? self.second, old ?? self.first)
        let message = ListHandover.message(from: old, to: list, firstHeight: signedHeight ?? height)
        return ListHandover(
            list: list,
            firstHeight: height,
            certificate: try old.certificate(of: message, by: signers)
        )
    }

    private func refused(_ handover: ListHandover) -> ProtocolFailure.Code? {
        var history = ListHistory(first: ListReign(list: self.first, firstHeight: 1))
        return code { try history.follow(handover) }
    }

    @Test func aListCertifiedByTheOldOneFollows() throws {
        var history = ListHistory(first: ListReign(list: self.first, firstHeight: 1))
        try history.follow(self.handover())
        #expect(history.current.list == self.second)
        #expect(history.reign(epoch: 3)?.lastHeight == 49)
        #expect(history.reign(epoch: 4)?.lastHeight == nil)
        #expect(history.reign(epoch: 5) == nil)
        #expect([0, 1, 49, 50].map { history.reigns[0].covers($0) } == [false, true, true, false])
        #expect([49, 50, .max].map { history.reigns[1].covers($0) } == [false, true, true])
        // The one who was jailed has no voice in what comes after.
        #expect(history.current.list.committee != self.first.committee)
    }

    @Test func aListWithoutTheOldCommitteesWillIsRefused() throws {
        #expect(self.refused(try self.handover()) == nil)
        #expect(self.refused(try self.handover(signers: [[0, 1, 2, 3], []])) == .threshold)
        #expect(self.refused(try self.handover(signers: [[0, 1], [0]])) == .threshold)
        #expect(self.refused(try self.handover(signedHeight: 51)) == .signature)
        // Certified by the new committee instead.
        #expect(self.refused(try self.handover(from: self.second)) == .context)
        let other = try self.handover()
        let changed = try self.second.replacing("node-2", by: SampleLists.node(2, credibility: 1))
        let forged = ListHandover(list: changed, firstHeight: 50, certificate: other.certificate)
        #expect(self.refused(forged) == .signature)
    }

    @Test func anUnlawfulListIsRefusedWhoeverCertifiesIt() throws {
        let skipped = try self.second.with(nodes: self.second.nodes.filter { $0.name != "node-1" }, epoch: 5)
        #expect(self.refused(try self.handover(to: skipped)) == .context)
        let vanished = try self.second.replacing("node-1", by: nil)
        #expect(self.refused(try self.handover(to: vanished)) == .context)
    }

    @Test func aListBeginsAfterItsPredecessor() throws {
        #expect(self.refused(try self.handover(height: 1)) == .context)
        #expect(self.refused(try self.handover(height: 2)) == nil)
    }

    @Test func theOldestListsAreForgotten() throws {
        var history = ListHistory(first: ListReign(list: self.first, firstHeight: 1))
        for height in 2...UInt64(ListHistory.reignsMax + 3) {
            let old = history.current.list
            let next = try old.with(nodes: old.nodes, epoch: old.epoch + 1)
            try history.follow(self.handover(to: next, from: old, height: height))
        }
        #expect(history.reigns.count == ListHistory.reignsMax)
        #expect(history.reign(epoch: 3) == nil && history.current.list.epoch == 3 + UInt64(ListHistory.reignsMax) + 2)
    }

    @Test func jointKeysBelongToAnEpochThatIsKnown() throws {
        var history = ListHistory(first: ListReign(list: self.first, firstHeight: 1))
        let joint = try SamplePaths().joint()
        #expect(code { try history.setJoint(joint, epoch: 9) } == .context)
        try history.setJoint(joint, epoch: 3)
        #expect(history.current.joint == joint)
        var after = ListHistory(first: ListReign(list: self.second, firstHeight: 1))
        #expect(code { try after.setJoint(joint, epoch: 4) } == .context)
    }
}
