import Testing

@testable import Consensus

@Suite struct CommitteeTests {
    private func committee(
        _ size: Int,
        epoch: CommitteeEpoch = 0,
        barred: [UInt16] = [],
        blocksPerLeader: UInt64 = 0
    ) -> Committee? {
        Committee(
            epoch: epoch,
            members: (0..<size).map { Member(id: ReplicaID(UInt16($0)), votingKey: [], shareKey: []) },
            barredFromLeading: barred.map { ReplicaID($0) },
            blocksPerLeader: blocksPerLeader
        )
    }

    @Test(
        "quorum and faults of every size",
        arguments: [
            (1, 0, 1), (2, 0, 2), (3, 0, 2), (4, 1, 3), (5, 1, 4), (6, 1, 4), (7, 2, 5), (8, 2, 6), (9, 2, 6),
            (10, 3, 7), (11, 3, 8), (12, 3, 8), (13, 4, 9), (16, 5, 11), (100, 33, 67),
        ]
    )
    func quorum(size: Int, faults: Int, quorum: Int) throws {
        let committee = try #require(self.committee(size))
        #expect(committee.faults == faults)
        #expect(committee.quorum == quorum)
    }

    @Test("two quorums share a correct member, and the correct members alone are one", arguments: 1...200)
    func quorumsIntersect(size: Int) throws {
        let committee = try #require(self.committee(size))
        #expect(2 * committee.quorum - size > committee.faults)
        #expect(size - committee.faults >= committee.quorum)
    }

    @Test("without rotation the coordinator leads every height of its view")
    func fixedLeader() throws {
        let committee = try #require(self.committee(4))
        #expect((1...9).allSatisfy { committee.leader(of: 5, height: $0) == ReplicaID(1) })
        #expect(committee.coordinator(of: .max) == ReplicaID(3))
    }

    @Test("with rotation the lead moves on by blocks, and a view change moves it by one")
    func rotation() throws {
        let committee = try #require(self.committee(4, blocksPerLeader: 2))
        let leaders = (0..<8 as Range<Height>).map { committee.leader(of: 0, height: $0).number }
        #expect(leaders == [0, 0, 1, 1, 2, 2, 3, 3])
        #expect(committee.leader(of: 1, height: 2) == ReplicaID(2))
        #expect(committee.leader(of: .max, height: .max) == ReplicaID(2))
    }

    @Test("a barred member never leads, and too many cannot be barred")
    func barred() throws {
        let committee = try #require(self.committee(4, barred: [1, 3], blocksPerLeader: 1))
        let leaders = Set((0..<20 as Range<View>).map { committee.leader(of: $0, height: $0 * 2).number })
        #expect(leaders == [0, 2])
        #expect(self.committee(4, barred: [1, 2, 3]) == nil)
        #expect(self.committee(4, barred: [9]) == nil)
    }

    @Test("a successor is the next epoch and changes at most f members")
    func successor() throws {
        let four = try #require(self.committee(4))
        let five = try #require(self.committee(5, epoch: 1))
        let six = try #require(self.committee(6, epoch: 1))
        #expect(five.isLawfulSuccessor(of: four))
        #expect(!six.isLawfulSuccessor(of: four))
        #expect(try !#require(self.committee(5, epoch: 2)).isLawfulSuccessor(of: four))
        #expect(try !#require(self.committee(3, epoch: 1)).isLawfulSuccessor(of: four))
    }

    @Test("every height knows the committee that decides it")
    func history() throws {
        var history = CommitteeHistory(genesis: try #require(self.committee(4)))
        history.follow(try #require(self.committee(5, epoch: 1)), after: 10)
        #expect(history.committee(deciding: 10)?.epoch == 0)
        #expect(history.committee(deciding: 11)?.epoch == 1)
        #expect(history.committee(of: 2) == nil)
    }
}
