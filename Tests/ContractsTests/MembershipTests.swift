import CanonicalBytes
import Consensus
import Ledger
import Testing

@testable import Contracts

@Suite("Membership") struct MembershipTests {
    let consortium: Consortium

    init() throws { self.consortium = try Consortium() }

    private var access: TestChannel { self.consortium.access }
    private var index: TestChannel { self.consortium.index }

    @Test(
        "a committee changes with the block that enacts it, on the index when it is cited, and both keep their reigns"
    )
    func change() throws {
        #expect(try self.consortium.decide(self.consortium.committeeChange(1, [1, 2, 3, 4, 5])) == 0)
        let last = try #require(self.access.blocks.last)
        #expect(last.block.nextCommittee?.epoch == 1 && self.access.committee.size == 5)
        #expect(last.block.header.validatorsRoot == CommitteeDigest.of(self.access.committee))
        #expect(self.access.values.values[StateKey.committee(1)] == self.access.committee.bytes)
        #expect(try self.access.number(at: SystemKey.reign(1)) == last.block.header.height + 1)
        #expect(self.access.values.values[StateKey.validator(ReplicaID(5))] == Array("org5:validator:v5".utf8))
        // The new committee certifies the next block.
        try self.consortium.call(Register(), by: "north:gateway:g1")
        #expect(self.access.header.epoch == 1)

        #expect(try self.consortium.call(self.consortium.follow(), by: "south:operator:o1") == 0)
        #expect(self.index.committee == self.access.committee)
        #expect(try self.index.number(at: SystemKey.reign(1)) == 2)
        #expect(try self.index.number(at: SystemKey.accessReign(1)) == last.block.header.height + 1)
        let again = try self.consortium.call(self.consortium.follow(), by: "south:operator:o1")
        #expect(again == RejectionCode.followedAlready.number)
    }

    @Test(
        "a change that is too great, too small or of another epoch is unlawful when it is enacted",
        arguments: [
            (1, [1, 2, 5, 6]), (1, [1, 2, 3]), (2, [1, 2, 3, 5]), (0, [1, 2, 3, 5]), (1, [1, 2, 3, 4, 5, 6]),
        ]
            as [(UInt64, [UInt16])]
    )
    func unlawful(epoch: UInt64, members: [UInt16]) throws {
        let change = try self.consortium.committeeChange(epoch, members)
        #expect(try self.consortium.decide(change) == RejectionCode.unlawfulCommittee.number)
        #expect(self.access.committee.epoch == 0)
    }

    @Test("S38: of two changes of one epoch the second is refused, in the same block or a later one")
    func conflict() throws {
        let first = try self.consortium.propose(self.consortium.committeeChange(1, [1, 2, 3, 5]))
        let second = try self.consortium.propose(self.consortium.committeeChange(1, [1, 2, 3, 6]))
        for proposal in [first, second] {
            try self.consortium.call(Approve(proposal: proposal), by: "north:operator:g1")
        }
        let approvals = try [first, second].map {
            try self.consortium.transaction(
                Approve(proposal: $0),
                by: self.consortium.party("north:operator:g2"),
                on: self.access
            )
        }
        // Nothing follows a change of the committee in its block.
        let block = try self.access.commit(approvals)
        #expect(block.block.transactions == [approvals[0]] && block.receipts[0].code == 0)
        let later = try self.access.commit([approvals[1]])
        #expect(later.receipts[0].code == RejectionCode.unlawfulCommittee.number)
        #expect(self.access.committee.contains(ReplicaID(5)) && !self.access.committee.contains(ReplicaID(6)))
        let record = try self.access.record(Proposal.self, at: GovernanceKey.proposal(second))
        #expect(record?.status == .open && record?.approvals.count == 1)
    }

    @Test("a leader is barred by a change of the committee, and a removed validator's number is not given away")
    func barring() throws {
        let members = try Consortium.committee(1, self.consortium.validators, [1, 2, 3, 4]).members
        let barred = try #require(Committee(epoch: 1, members: members, barredFromLeading: [ReplicaID(2)]))
        let names = try [1, 2, 3, 4].map { try Consortium.validatorName($0) }
        #expect(try self.consortium.decide(.committee(barred, names: names)) == 0)
        #expect(self.access.committee.leaders == [1, 3, 4].map { ReplicaID($0) })
        #expect(try self.consortium.decide(self.consortium.committeeChange(2, [1, 2, 3, 5])) == 0)
        let number = ReplicaID(4)
        let thief = try #require(
            Committee(
                epoch: 3,
                members: [1, 2, 3].map { self.consortium.validators[$0 - 1].member(ReplicaID(UInt16($0))) }
                    + [
                        self.consortium.validators[6].member(number),
                        self.consortium.validators[4].member(ReplicaID(5)),
                    ]
            )
        )
        let change = ProposedChange.committee(
            thief,
            names: try [1, 2, 3, 7, 5].map { try Consortium.validatorName($0) }
        )
        let arguments = Propose(expires: self.access.now + 1_000, change: change)
        #expect(
            try self.consortium.call(arguments, by: "north:operator:g1") == RejectionCode.validatorNumberUsed.number
        )
    }

    @Test("the index follows changes one after the other")
    func order() throws {
        #expect(try self.consortium.decide(self.consortium.committeeChange(1, [1, 2, 3, 5])) == 0)
        let first = try self.consortium.follow()
        #expect(try self.consortium.decide(self.consortium.committeeChange(2, [1, 2, 5, 6])) == 0)
        let second = try self.consortium.follow()
        let early = try self.consortium.call(second, by: "north:operator:o1")
        #expect(early == RejectionCode.committeeNotFollowed.number)
        #expect(try self.consortium.call(first, by: "north:operator:o1") == 0)
        let forged = FollowCommittee(header: second.header, certificate: first.certificate, next: second.next)
        #expect(try self.consortium.call(forged, by: "north:operator:o1") == RejectionCode.badCitation.number)
        let other = try Consortium.committee(2, self.consortium.validators, [1, 2, 5, 7])
        let swapped = FollowCommittee(header: second.header, certificate: second.certificate, next: other)
        #expect(try self.consortium.call(swapped, by: "north:operator:o1") == RejectionCode.badCitation.number)
        #expect(try self.consortium.call(second, by: "north:operator:o1") == 0)
        #expect(self.index.committee == self.access.committee && self.index.committee.epoch == 2)
    }
}
