import BLS12381
import CanonicalBytes
import FiniteFields
import SecretSharing
import Testing

@testable import ThresholdSignatures

@Suite struct KeyGenerationTests {
    @Test(arguments: [(1, 1), (1, 3), (2, 3), (3, 5), (4, 4)] as [(Int, UInt16)])
    func honestMembersAgreeAndAnyOfThemSign(_ threshold: Int, _ count: UInt16) throws {
        let outcomes = try Generation.honest(threshold: threshold, count: count)
        #expect(Set(outcomes.map(\.jointKey)).count == 1)
        #expect(outcomes.allSatisfy { $0.dealers == Array(1...count) })
        let joint = outcomes[0].jointKey
        for (index, outcome) in outcomes.enumerated() {
            let part = try outcome.share.sign(message).encoded
            try joint.verify(part, of: message, by: UInt16(index + 1))
            let other = UInt16(index + 1) % count + 1
            guard threshold > 1, other != UInt16(index + 1) else { continue }
            #expect(code { try joint.verify(part, of: message, by: other) } == .signature)
        }
        var signatures: Set<BLSSignature> = []
        for _ in 0..<4 {
            let signers = Array((1...count).shuffled().prefix(threshold))
            signatures.insert(try outcomes.sign(message, by: signers))
        }
        #expect(signatures.count == 1)
        try joint.groupKey.verify(#require(signatures.first).encoded, of: message)
    }

    @Test func theGroupProvesPossessionTogether() throws {
        let outcomes = try Generation.honest(threshold: 2, count: 3)
        let group = outcomes[0].jointKey.groupKey
        let parts = try [1, 3].map {
            (member: UInt16($0), signature: try outcomes[$0 - 1].share.partialProofOfPossession(of: group).encoded)
        }
        try group.verifyPossession(JointKey.combine(parts, threshold: 2).encoded)
    }

    @Test func combiningNeedsEnoughDistinctMembers() throws {
        let outcomes = try Generation.honest(threshold: 3, count: 4)
        let part = try outcomes[0].share.sign(message).encoded
        let parts = try (1...3).map {
            (member: UInt16($0), signature: try outcomes[$0 - 1].share.sign(message).encoded)
        }
        #expect(code { _ = try JointKey.combine(Array(parts.dropLast()), threshold: 3) } == .threshold)
        #expect(code { _ = try JointKey.combine([parts[0], parts[1], parts[1]], threshold: 3) } == .duplicate)
        #expect(code { _ = try JointKey.combine([parts[0], parts[1], (0, part)], threshold: 3) } == .format)
        // A part under another member's number gives a signature of nobody.
        let wrong = try JointKey.combine([parts[0], parts[1], (4, parts[2].signature)], threshold: 3)
        #expect(code { try outcomes[0].jointKey.groupKey.verify(wrong.encoded, of: message) } == .signature)
    }

    @Test func aWrongShareIsComplainedOfAndTheRightAnswerHeals() throws {
        var generation = try Generation(threshold: 2, count: 4)
        let cheat = try Generation.dealing(2, 3)
        for dealer in UInt16(1)...4 {
            guard dealer == 3 else {
                try generation.deal(Generation.dealing(2, dealer), from: dealer)
                continue
            }
            try generation.deal(cheat, from: 3) { member, share in member == 2 ? share + .one : share }
        }
        let complaint = KeyGeneration.Complaint(member: 2, dealer: 3)
        #expect(try generation.complain() == [complaint])
        #expect(generation.members.allSatisfy { $0.disqualified == [3] })
        #expect(generation.answer(cheat.share(of: 2), to: complaint) == [nil])
        #expect(generation.members.allSatisfy { $0.disqualified.isEmpty })
        let outcomes = try generation.outcomes()
        #expect(Set(outcomes.map(\.jointKey)).count == 1)
        #expect(outcomes[0].dealers == [1, 2, 3, 4])
        try outcomes[0].jointKey.groupKey.verify(outcomes.sign(message, by: [2, 4]).encoded, of: message)
    }

    @Test(arguments: [false, true])
    func aDealerThatDoesNotAnswerOrAnswersWronglyIsOut(_ answersWrongly: Bool) throws {
        var generation = try Generation(threshold: 2, count: 4)
        let cheat = try Generation.dealing(2, 3)
        for dealer in [1, 2, 4] as [UInt16] { try generation.deal(Generation.dealing(2, dealer), from: dealer) }
        try generation.deal(cheat, from: 3) { member, share in member == 2 ? nil : share }
        let complaint = KeyGeneration.Complaint(member: 2, dealer: 3)
        #expect(try generation.complain() == [complaint])
        if answersWrongly {
            #expect(generation.answer(cheat.share(of: 1), to: complaint) == [.proof])
            // The right share afterwards comes too late.
            _ = generation.answer(cheat.share(of: 2), to: complaint)
        }
        #expect(generation.members.allSatisfy { $0.disqualified == [3] })
        let outcomes = try generation.outcomes()
        #expect(Set(outcomes.map(\.jointKey)).count == 1)
        #expect(outcomes.allSatisfy { $0.dealers == [1, 2, 4] })
        try outcomes[0].jointKey.groupKey.verify(outcomes.sign(message, by: [1, 2]).encoded, of: message)
    }

    @Test func aFalseComplaintHarmsNobody() throws {
        var generation = try Generation(threshold: 2, count: 3)
        let accused = try Generation.dealing(2, 1)
        try generation.deal(accused, from: 1)
        for dealer in [2, 3] as [UInt16] { try generation.deal(Generation.dealing(2, dealer), from: dealer) }
        let complaint = KeyGeneration.Complaint(member: 2, dealer: 1)
        try generation.complain(complaint)
        #expect(generation.answer(accused.share(of: 2), to: complaint) == [nil])
        #expect(try generation.outcomes()[0].dealers == [1, 2, 3])
    }

    /// So many answers would show the dealer's secret.
    @Test func asManyComplaintsAsTheThresholdDisqualify() throws {
        var generation = try Generation(threshold: 2, count: 4)
        let accused = try Generation.dealing(2, 1)
        try generation.deal(accused, from: 1)
        for dealer in [2, 3, 4] as [UInt16] { try generation.deal(Generation.dealing(2, dealer), from: dealer) }
        for member in [2, 3] as [UInt16] {
            let complaint = KeyGeneration.Complaint(member: member, dealer: 1)
            try generation.complain(complaint)
            #expect(generation.answer(accused.share(of: member), to: complaint) == [nil])
        }
        #expect(try generation.outcomes().allSatisfy { $0.dealers == [2, 3, 4] })
    }

    @Test func withoutEnoughDealersThereIsNoKey() throws {
        var generation = try Generation(threshold: 3, count: 4)
        for dealer in [1, 2] as [UInt16] { try generation.deal(Generation.dealing(3, dealer), from: dealer) }
        #expect(code { _ = try generation.outcomes() } == .threshold)
        #expect(code { _ = try Generation(threshold: 5, count: 4) } == .threshold)
        #expect(code { _ = try Generation(threshold: 0, count: 4) } == .threshold)
    }

    @Test func dealsThatAreNotInOrderTakeNoPart() throws {
        var member = try KeyGeneration(session: [1], threshold: 2, memberCount: 3, member: 1)
        let dealing = try Generation.dealing(2, 2)
        let otherSession = try Generation.dealing(2, 2, session: [2])
        let otherDegree = try Generation.dealing(3, 2)
        let otherDealer = try Generation.dealing(2, 3)
        let stolen = Deal(commitments: dealing.deal.commitments, possession: otherDealer.deal.possession)
        for (deal, expected) in [
            (otherSession.deal, .proof), (otherDegree.deal, .format), (otherDealer.deal, .proof), (stolen, .proof),
        ] as [(Deal, ProtocolFailure.Code)] {
            #expect(code { try member.receive(deal, from: 2) } == expected)
        }
        #expect(code { try member.receive(dealing.deal, from: 0) } == .format)
        #expect(code { try member.receive(share: dealing.share(of: 1), from: 2) } == .context)
        try member.receive(dealing.deal, from: 2)
        #expect(code { try member.receive(dealing.deal, from: 2) } == .duplicate)
        #expect(code { try member.receive(share: dealing.share(of: 2), from: 2) } == .proof)
        try member.receive(share: dealing.share(of: 1), from: 2)
        #expect(code { try member.receive(share: dealing.share(of: 1), from: 2) } == .duplicate)
        #expect(code { try member.receive(.init(member: 4, dealer: 2)) } == .format)
        #expect(code { try member.receive(.init(member: 1, dealer: 3)) } == .context)
        let noComplaint = KeyGeneration.Complaint(member: 3, dealer: 2)
        #expect(code { try member.receive(answer: dealing.share(of: 3), to: noComplaint) } == .context)
    }
}

@Suite struct ResharingTests {
    /// From 2 of 3 to 3 of 5.
    private static func reshared(
        _ old: [KeyGeneration.Outcome],
        dealers: [UInt16]
    ) throws -> [KeyGeneration.Outcome] {
        var generation = try Generation(threshold: 3, count: 5, purpose: .resharing(old[0].jointKey), session: [2])
        for dealer in dealers {
            let share = try SecretFr(bytes: old[Int(dealer) - 1].share.secretBytes())
            let dealing = try Dealing(
                SharingPolynomial(secret: share, threshold: 3),
                session: [2],
                dealer: dealer
            )
            try generation.deal(dealing, from: dealer)
        }
        return try generation.outcomes()
    }

    @Test(arguments: [[1, 2], [2, 3], [1, 2, 3]] as [[UInt16]])
    func theGroupsKeyStaysAndTheSharesChange(_ dealers: [UInt16]) throws {
        let old = try Generation.honest(threshold: 2, count: 3)
        let new = try Self.reshared(old, dealers: dealers)
        #expect(new[0].jointKey.groupKey == old[0].jointKey.groupKey)
        #expect(Set(new.map(\.jointKey)).count == 1)
        #expect(try new.sign(message, by: [1, 3, 5]) == old.sign(message, by: [1, 2]))
        // Shares of before and after do not add up.
        let mixed = try JointKey.combine(
            [
                (1, old[0].share.sign(message).encoded), (2, new[1].share.sign(message).encoded),
                (3, new[2].share.sign(message).encoded),
            ],
            threshold: 3
        )
        #expect(code { try old[0].jointKey.groupKey.verify(mixed.encoded, of: message) } == .signature)
    }

    @Test func aDealerMustShareItsOwnShare() throws {
        let old = try Generation.honest(threshold: 2, count: 3)
        var member = try KeyGeneration(
            session: [2],
            purpose: .resharing(old[0].jointKey),
            threshold: 3,
            memberCount: 5,
            member: 1
        )
        let other = try Generation.dealing(3, 2, session: [2])
        #expect(code { try member.receive(other.deal, from: 2) } == .key)
    }

    @Test func fewerDealersThanTheOldThresholdReshareNothing() throws {
        let old = try Generation.honest(threshold: 2, count: 3)
        #expect(code { _ = try Self.reshared(old, dealers: [3]) } == .threshold)
    }
}
