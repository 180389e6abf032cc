import CanonicalBytes
import Testing

@testable import PathProofs

@Suite struct SuccessionTests {
    private let list: VerificationNodeList

    init() throws { self.list = try SampleLists.list() }

    private func successor(
        _ conducts: [(String, Conduct)] = [],
        candidates: [VerificationNode] = [],
        of list: VerificationNodeList? = nil
    ) throws -> Succession {
        let list = list ?? self.list
        var book = ConductBook(of: list)
        for (name, conduct) in conducts { try book.record(conduct, of: name) }
        let succession = try list.successor(after: book, candidates: candidates)
        try succession.list.requireLawful(after: list)
        return succession
    }

    @Test func nothingRecordedChangesTheListInItsEpoch() throws {
        let before = self.list.bytes
        var book = ConductBook(of: self.list)
        for node in self.list.nodes { try book.record(Conduct(work: 9, missedSlots: 3, faults: 1), of: node.name) }
        #expect(self.list.bytes == before)
        #expect(self.list.nodes.allSatisfy { $0.credibility.value == 800_000 && $0.status == .active })
        #expect(try self.list.successor(after: book, candidates: []).list.bytes != before)
    }

    @Test func aQuietEpochChangesTheNumberOfTheEpochOnly() throws {
        let succession = try self.successor()
        #expect(succession.list.epoch == 4)
        #expect(succession.list.nodes == self.list.nodes)
        #expect(succession.list.root != self.list.root)
    }

    @Test func workAndMissedSlotsChangeCredibilityAtTheBoundary() throws {
        let next = try self.successor([
            ("node-0", Conduct(work: 2)), ("node-1", Conduct(missedSlots: 1)),
        ]).list
        #expect(next.node("node-0")?.credibility.value == 804_000)
        #expect(next.node("node-1")?.credibility.value == 760_000)
        #expect(next.node("node-2")?.credibility.value == 800_000)
    }

    @Test func aProvenFaultJails() throws {
        let succession = try self.successor([("node-3", Conduct(work: 100, faults: 1))])
        let node = try #require(succession.list.node("node-3"))
        #expect(succession.departed == [.init(name: "node-3", cause: .fault)])
        #expect(node.status == .jailed && node.credibility.value == 100_000)
        #expect(!node.isSeated(in: 4))
        #expect(succession.list.seats[0].count == 4)
        // Listed for one epoch more, so that everybody sees why.
        let after = try self.successor(of: succession.list)
        #expect(after.list.node("node-3") == nil)
    }

    @Test func whoIsNoMoreCredibleWhoseTimeIsOverAndWhoAsksLeave() throws {
        let cases: [(VerificationNode, Conduct, Succession.Cause)] = try [
            (SampleLists.node(2, credibility: 310_000), Conduct(missedSlots: 1), .lowCredibility),
            (SampleLists.node(2, validity: 0..<4), Conduct(), .expiry),
            (SampleLists.node(2), Conduct(isLeaving: true), .request),
        ]
        for (node, conduct, cause) in cases {
            let list = try self.list.replacing("node-2", by: node)
            let succession = try self.successor([("node-2", conduct)], of: list)
            #expect(succession.departed == [.init(name: "node-2", cause: cause)])
            #expect(succession.list.node("node-2")?.status == .left)
            #expect(succession.list.seatCount == 7)
        }
    }

    @Test func theFaultyGoFirstAndOnlyAsManyAsTheCommitteeSurvives() throws {
        // Eight seats survive two faults.
        let succession = try self.successor([
            ("node-0", Conduct(isLeaving: true)), ("node-1", Conduct(isLeaving: true)),
            ("node-5", Conduct(faults: 1)), ("node-2", Conduct(missedSlots: 30)),
        ])
        #expect(
            succession.departed == [
                .init(name: "node-5", cause: .fault), .init(name: "node-2", cause: .lowCredibility),
            ]
        )
        #expect(succession.deferred.map(\.name) == ["node-0", "node-1"])
        #expect(succession.list.seatCount == 6)
    }

    @Test func aThirdOfASubgroupChangesAtMost() throws {
        // A third of five hospitals is one.
        let succession = try self.successor([("node-0", Conduct(faults: 1)), ("node-1", Conduct(faults: 1))])
        #expect(succession.departed.count == 1 && succession.deferred == [.init(name: "node-1", cause: .fault)])
        let held = try #require(succession.list.node("node-1"))
        #expect(held.status == .jailed && held.isSeated(in: 4))
        // What is due is done at the next boundary, without another fault, and work does not help.
        let next = try self.successor([("node-1", Conduct(work: 100))], of: succession.list)
        #expect(next.departed == [.init(name: "node-1", cause: .fault)])
        #expect(next.list.node("node-1")?.credibility == held.credibility)
    }

    @Test func noSubgroupLosesTheSeatsThatItNeeds() throws {
        let list = try SampleLists.list(hospitals: 5, regulators: 2)
        let succession = try self.successor([("node-6", Conduct(faults: 1))], of: list)
        #expect(succession.departed.isEmpty)
        #expect(succession.deferred == [.init(name: "node-6", cause: .fault)])
        // A new regulator comes, then the faulty one can go.
        let entrant = try SampleLists.node(20, subgroup: "regulators", validity: 5..<9)
        let next = try self.successor(candidates: [entrant], of: succession.list)
        #expect(next.joined == ["node-20"] && next.deferred.map(\.name) == ["node-6"])
        #expect(try self.successor(of: next.list).departed.map(\.name) == ["node-6"])
    }

    @Test func aNodeWhoseTimeIsOverStaysWhileItIsNeeded() throws {
        let list = try SampleLists.list(hospitals: 5, regulators: 2)
        let short = try list.replacing("node-6", by: SampleLists.node(6, subgroup: "regulators", validity: 0..<4))
        let succession = try self.successor(of: short)
        #expect(succession.deferred == [.init(name: "node-6", cause: .expiry)])
        let node = try #require(succession.list.node("node-6"))
        #expect(node.validity == 0..<5 && node.isSeated(in: 4) && node.status == .active)
    }

    @Test func candidatesEnterWithCredibilityDepositAndRoom() throws {
        let cases: [(VerificationNode, Succession.Obstacle?)] = try [
            (SampleLists.node(20, credibility: 600_000, validity: 4..<9), nil),
            (SampleLists.node(20, credibility: 599_999, validity: 4..<9), .lowCredibility),
            (SampleLists.node(20, deposit: 99, validity: 4..<9), .smallDeposit),
            (SampleLists.node(20, validity: 5..<9), .notValid), (SampleLists.node(20, validity: 3..<9), .notValid),
            (SampleLists.node(20, validity: 4..<9, status: .jailed), .notValid),
            (SampleLists.node(20, subgroup: "patients", validity: 4..<9), .unknownSubgroup),
            (SampleLists.node(20, name: "node-1", validity: 4..<9), .alreadyListed),
            (SampleLists.node(1, name: "other", validity: 4..<9), .alreadyListed),
        ]
        for (candidate, obstacle) in cases {
            let succession = try self.successor(candidates: [candidate])
            #expect(succession.refused.map(\.obstacle) == (obstacle.map { [$0] } ?? []))
            #expect(succession.joined == (obstacle == nil ? [candidate.name] : []))
            #expect(succession.list.seatCount == (obstacle == nil ? 9 : 8))
        }
    }

    @Test func theMostCredibleCandidateEnters() throws {
        let candidates = try [
            SampleLists.node(20, credibility: 700_000, validity: 4..<9),
            SampleLists.node(21, credibility: 900_000, validity: 4..<9),
            SampleLists.node(22, name: "node-1a", credibility: 900_000, validity: 4..<9),
        ]
        let succession = try self.successor(candidates: candidates)
        #expect(succession.joined == ["node-1a"])
        #expect(succession.refused.map(\.obstacle) == [.noRoom, .noRoom])
    }

    @Test func anOrganizationHasNoMoreSeatsThanItMay() throws {
        let policy = try SampleLists.policy(organizationSeatsMax: 8)
        let list = try SampleLists.list(policy: policy)
        let same = try SampleLists.node(20, validity: 4..<9)
        let succession = try self.successor(candidates: [same], of: list)
        #expect(succession.joined.isEmpty)
        #expect(succession.refused == [.init(name: "node-20", obstacle: .organizationFull)])
        let other = try SampleLists.node(20, organization: "south", validity: 4..<9)
        #expect(try self.successor(candidates: [other], of: list).joined == ["node-20"])
        // A seat that is given up is free at once.
        let freed = try self.successor([("node-7", Conduct(faults: 1))], candidates: [same], of: list)
        #expect(freed.joined == ["node-20"])
    }

    @Test func whoWasJailedDoesNotComeBackAtOnce() throws {
        let jailed = try self.successor([("node-3", Conduct(faults: 1))]).list
        let again = try SampleLists.node(3, validity: 5..<9)
        #expect(try self.successor(candidates: [again], of: jailed).refused.map(\.obstacle) == [.alreadyListed])
    }

    @Test func theRecordOfAnotherListAndSpuriousCandidatesAreRefused() throws {
        let other = ConductBook(of: try SampleLists.list(chain: "bravo"))
        #expect(code { _ = try self.list.successor(after: other, candidates: []) } == .context)
        let candidate = try SampleLists.node(20, validity: 4..<9)
        let book = ConductBook(of: self.list)
        #expect(code { _ = try self.list.successor(after: book, candidates: [candidate, candidate]) } == .duplicate)
        let many = [VerificationNode](repeating: candidate, count: VerificationNodeList.candidatesMax + 1)
        #expect(code { _ = try self.list.successor(after: book, candidates: many) } == .format)
    }

    /// 300 epochs of whatever may happen: every list is lawful, and within all bounds.
    @Test(arguments: [11, 12, 13] as [UInt64])
    func whateverHappensEveryListFollowsLawfully(_ seed: UInt64) throws {
        var random = SeededNumbers(seed)
        var list = try SampleLists.list(policy: SampleLists.policy(organizationSeatsMax: 6))
        var changes = 0
        for _ in 0..<300 {
            var book = ConductBook(of: list)
            for node in list.nodes {
                let conduct = Conduct(
                    work: UInt32.random(in: 0...20, using: &random),
                    missedSlots: UInt32.random(in: 0...9, using: &random),
                    faults: UInt32.random(in: 0..<12, using: &random) == 0 ? 1 : 0,
                    isLeaving: UInt32.random(in: 0..<20, using: &random) == 0
                )
                try book.record(conduct, of: node.name)
            }
            let candidates = try Set((0..<4).map { _ in Int.random(in: 0..<40, using: &random) }).sorted().map {
                try SampleLists.node(
                    $0,
                    organization: Bool.random(using: &random) ? "north" : "south",
                    subgroup: Bool.random(using: &random) ? "hospitals" : "regulators",
                    credibility: UInt32.random(in: 500_000...1_000_000, using: &random),
                    validity: list.epoch + 1..<list.epoch + UInt64.random(in: 2...40, using: &random)
                )
            }
            let succession = try list.successor(after: book, candidates: candidates)
            try Self.check(succession, after: list)
            #expect(try list.successor(after: book, candidates: candidates.reversed()).list == succession.list)
            changes += succession.departed.count + succession.joined.count
            list = succession.list
        }
        #expect(changes > 100)
    }

    private static func check(_ succession: Succession, after list: VerificationNodeList) throws {
        let next = succession.list
        try next.requireLawful(after: list)
        #expect(try VerificationNodeList(bytes: next.bytes, knowing: next) == next)
        #expect(succession.departed.count + succession.joined.count <= max(1, list.faults))
        for (place, subgroup) in list.policy.subgroups.enumerated() {
            #expect(next.seats[place].count >= subgroup.seatsMin)
            let (old, new) = (Set(list.seats[place].map(\.name)), Set(next.seats[place].map(\.name)))
            #expect(old.symmetricDifference(new).count <= max(1, old.count / 3))
        }
        #expect(next.nodes.allSatisfy { $0.credibility <= .full })
    }
}

@Suite struct LawfulSuccessionTests {
    private let old: VerificationNodeList
    private let next: VerificationNodeList

    init() throws {
        self.old = try SampleLists.list()
        self.next = try self.old.with(nodes: self.old.nodes, epoch: 4)
    }

    private func refused(_ list: VerificationNodeList) -> ProtocolFailure.Code? {
        code { try list.requireLawful(after: self.old) }
    }

    private func refused(_ node: VerificationNode, for name: String) throws -> ProtocolFailure.Code? {
        self.refused(try self.next.replacing(name, by: node))
    }

    @Test func theNextEpochOfTheSameChainAndPolicyFollows() throws {
        #expect(self.refused(self.next) == nil)
        #expect(self.refused(self.old) == .context)
        #expect(self.refused(try self.old.with(nodes: self.old.nodes, epoch: 5)) == .context)
        #expect(self.refused(try SampleLists.list(chain: "bravo", epoch: 4)) == .context)
        #expect(self.refused(try SampleLists.list(epoch: 4, policy: SampleLists.policy(threshold: 5))) == .context)
    }

    @Test func aNodeKeepsWhatItIs() throws {
        #expect(try self.refused(SampleLists.node(2, organization: "south"), for: "node-2") == .context)
        #expect(try self.refused(SampleLists.node(30, name: "node-2"), for: "node-2") == .context)
        #expect(try self.refused(SampleLists.node(2, deposit: 5), for: "node-2") == .context)
        #expect(try self.refused(SampleLists.node(2, validity: 0..<500), for: "node-2") == .context)
        #expect(try self.refused(SampleLists.node(2, validity: 1..<100), for: "node-2") == .context)
        #expect(self.refused(try self.next.replacing("node-2", by: nil)) == .context)
    }

    @Test func credibilityRisesByNoMoreThanAnEpochOfWork() throws {
        #expect(try self.refused(SampleLists.node(2, credibility: 1_000_000), for: "node-2") == nil)
        #expect(try self.refused(SampleLists.node(2, credibility: 0), for: "node-2") == nil)
        let jailed = try SampleLists.node(2, credibility: 100_001, status: .jailed)
        #expect(try self.refused(jailed, for: "node-2") == .context)
        #expect(try self.refused(SampleLists.node(2, credibility: 100_000, status: .jailed), for: "node-2") == nil)
    }

    @Test func aJailedNodeIsNotLetGo() throws {
        let old = try self.old.replacing("node-2", by: SampleLists.node(2, status: .jailed))
        #expect(code { try self.next.requireLawful(after: old) } == .context)
    }

    @Test func noMoreSeatsChangeThanMay() throws {
        func without(_ numbers: [Int]) throws -> VerificationNodeList {
            var list = self.next
            for number in numbers {
                let node = try SampleLists.node(
                    number,
                    subgroup: number < 5 ? "hospitals" : "regulators",
                    validity: 0..<4,
                    status: .left
                )
                list = try list.replacing("node-\(number)", by: node)
            }
            return list
        }
        #expect(self.refused(try without([0])) == nil)
        #expect(self.refused(try without([0, 5])) == nil)
        #expect(self.refused(try without([0, 1])) == .threshold)
        let entrant = try SampleLists.node(20, subgroup: "regulators", validity: 4..<9)
        let swapped = try without([0, 5])
        #expect(self.refused(try swapped.with(nodes: swapped.nodes + [entrant])) == .threshold)
        let one = try without([0])
        #expect(self.refused(try one.with(nodes: one.nodes + [entrant])) == nil)
    }

    @Test func nobodyEntersWithoutWhatIsNeeded() throws {
        let entrants: [(VerificationNode, ProtocolFailure.Code?)] = try [
            (SampleLists.node(20, organization: "south", validity: 4..<9), nil),
            (SampleLists.node(20, organization: "south", credibility: 599_999, validity: 4..<9), .context),
            (SampleLists.node(20, organization: "south", deposit: 99, validity: 4..<9), .context),
            (SampleLists.node(20, organization: "south", validity: 3..<9), .context),
            (SampleLists.node(20, organization: "south", validity: 4..<9, status: .jailed), .context),
        ]
        for (entrant, expected) in entrants {
            #expect(self.refused(try self.next.with(nodes: self.next.nodes + [entrant])) == expected)
        }
    }

    @Test func anOrganizationWithTooManySeatsIsNoticed() throws {
        let policy = try SampleLists.policy(organizationSeatsMax: 8)
        let old = try SampleLists.list(policy: policy)
        let entrant = try SampleLists.node(20, validity: 4..<9)
        let next = try old.with(nodes: old.nodes + [entrant], epoch: 4)
        #expect(code { try next.requireLawful(after: old) } == .context)
    }
}
