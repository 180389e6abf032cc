import BLS12381
import CanonicalBytes
import FiniteFields
import Testing

@testable import SetupCeremony

/// Hospital B, second in turn, cheats in the phase of the powers.
@Suite struct CheatingInPowersTests {
    private static let cheater = SampleCeremony.members[1]
    private static let secrets = PowersSecrets(tau: Fr(1001), alpha: Fr(1002), beta: Fr(1003))

    private let ceremony: SampleCeremony
    private let header: ContributionHeader
    private let honest: PowersOfTau

    init() throws {
        var ceremony = try SampleCeremony()
        try ceremony.contribute([SampleCeremony.members[0]])
        self.ceremony = ceremony
        self.header = try ceremony.powers.header(Self.cheater)
        self.honest = ceremony.powers.powers.multiplied(by: Self.secrets)
    }

    /// What the phase says to a contribution.
    private func fault(_ bytes: [UInt8]) -> String? {
        var phase = self.ceremony.powers
        let before = phase.digest
        let result = SetupCeremonyTests.fault { () throws(CeremonyFault) in try phase.accept(bytes) }
        #expect((phase.digest == before) == (result != nil))
        return result
    }

    private func fault(_ powers: PowersOfTau) throws -> String? {
        self.fault(try PowersContribution(self.header, Self.secrets, powers).encoded())
    }

    /// The honest powers with some lists replaced.
    private func powers(
        tau: G1Points? = nil,
        alpha: G1Points? = nil,
        beta: G1Points? = nil,
        tauInG2: G2Points? = nil,
        betaInG2: G2Point? = nil
    ) -> PowersOfTau {
        PowersOfTau(
            tau: tau ?? self.honest.tau,
            alpha: alpha ?? self.honest.alpha,
            beta: beta ?? self.honest.beta,
            tauInG2: tauInG2 ?? self.honest.tauInG2,
            betaInG2: betaInG2 ?? self.honest.betaInG2
        )
    }

    private static let badProof = "powers 1 Hospital B PROOF"

    @Test("An honest contribution is accepted")
    func honestOne() throws {
        #expect(try self.fault(self.honest) == nil)
    }

    @Test("A wrong power of τ is found, whichever it is", arguments: 1..<15)
    func wrongPower(_ index: Int) throws {
        let wrong = self.honest.tau.replacing(index, with: self.honest.tau[index] + .generator)
        #expect(try self.fault(self.powers(tau: wrong)) == Self.badProof)
    }

    @Test("A wrong power of α τ, of β τ and of τ in G2 is found, whichever it is", arguments: 0..<8)
    func wrongOtherPower(_ index: Int) throws {
        let alpha = self.honest.alpha.replacing(index, with: self.honest.alpha[index] + .generator)
        #expect(try self.fault(self.powers(alpha: alpha)) == Self.badProof)
        let beta = self.honest.beta.replacing(index, with: self.honest.beta[index] + .generator)
        #expect(try self.fault(self.powers(beta: beta)) == Self.badProof)
        if index == 0 { return }
        let second = self.honest.tauInG2.replacing(index, with: self.honest.tauInG2[index] + .generator)
        #expect(try self.fault(self.powers(tauInG2: second)) == Self.badProof)
    }

    @Test("Two powers that are exchanged are found")
    func exchanged() throws {
        let tau = self.honest.tau
        let wrong = tau.replacing(3, with: tau[4]).replacing(4, with: tau[3])
        #expect(try self.fault(self.powers(tau: wrong)) == Self.badProof)
    }

    @Test("Another τ or β in G2 than in G1 is found")
    func inconsistentGroups() throws {
        let other = self.ceremony.powers.powers.multiplied(
            by: PowersSecrets(tau: Fr(2002), alpha: Fr(1002), beta: Fr(2003))
        )
        #expect(try self.fault(self.powers(tauInG2: other.tauInG2)) == Self.badProof)
        #expect(try self.fault(self.powers(betaInG2: other.betaInG2)) == Self.badProof)
        #expect(try self.fault(self.powers(tau: other.tau)) == Self.badProof)
        #expect(try self.fault(self.powers(beta: other.beta, betaInG2: other.betaInG2)) == Self.badProof)
    }

    @Test("Powers that do not build on those before are found, though each secret is proved")
    func startedOver() throws {
        let fresh = PowersOfTau(logarithm: 3).multiplied(by: Self.secrets)
        #expect(try self.fault(fresh) == Self.badProof)
    }

    @Test("Powers without a proof of knowledge are refused")
    func noKnowledge() throws {
        let bytes = try PowersContribution(self.header, Self.secrets, self.honest).encoded()
        // Commitment and response of each secret, behind magic and header.
        for secret in 0..<3 {
            let position = 4 + self.header.bytes.count + 144 * secret
            var wrong = bytes
            wrong.replaceSubrange(position + 96..<position + 144, with: try G1Point.generator.encoded())
            #expect(self.fault(wrong) == Self.badProof)
            wrong = bytes
            wrong.replaceSubrange(position..<position + 96, with: try G2Point.generator(times: Fr(9)).encoded())
            #expect(self.fault(wrong) == Self.badProof)
        }
    }

    @Test("The proofs of another member are of no use")
    func borrowedKnowledge() throws {
        let other = ContributionHeader(previous: self.header.previous, index: 1, author: SampleCeremony.members[2])
        let bytes = try PowersContribution(other, Self.secrets, self.honest).encoded()
        let stolen = Array(PowersContribution.magicBytes) + self.header.bytes + bytes[(4 + other.bytes.count)...]
        #expect(self.fault(stolen) == Self.badProof)
    }

    @Test("A contribution that changes nothing is refused")
    func unchanged() throws {
        let ones = PowersSecrets(tau: .one, alpha: .one, beta: .one)
        let bytes = try PowersContribution(self.header, ones, self.ceremony.powers.powers).encoded()
        #expect(self.fault(bytes) == "powers 1 Hospital B DUPLICATE")
    }

    @Test("The contribution before, sent again, is refused")
    func repeated() throws {
        #expect(self.fault(self.ceremony.contributions[0]) == "powers 1 Hospital A DUPLICATE")
        let again = ContributionHeader(previous: self.header.previous, index: 1, author: SampleCeremony.members[0])
        let bytes = try PowersContribution(again, Self.secrets, self.honest).encoded()
        #expect(self.fault(bytes) == "powers 1 Hospital A DUPLICATE")
    }

    @Test("A contribution behind one that was dropped is refused")
    func dropped() throws {
        var longer = self.ceremony
        try longer.contribute([SampleCeremony.members[1], SampleCeremony.members[2]])
        #expect(self.fault(longer.contributions[2]) == "powers 1 Hospital C CONTEXT")
        // With the right place but another predecessor.
        let header = ContributionHeader(previous: longer.powers.digest, index: 1, author: Self.cheater)
        let bytes = try PowersContribution(header, Self.secrets, self.honest).encoded()
        #expect(self.fault(bytes) == "powers 1 Hospital B CONTEXT")
    }

    @Test("Identities and points outside the subgroups are refused")
    func badPoints() throws {
        let bytes = try PowersContribution(self.header, Self.secrets, self.honest).encoded()
        let points = 4 + self.header.bytes.count + 3 * 144
        let identity = [0xc0] + [UInt8](repeating: 0, count: 47)
        // (0, 2) has order 3.
        let outside = [0x80] + [UInt8](repeating: 0, count: 47)
        for position in [points, points + 14 * 48, points + 22 * 48] {
            var wrong = bytes
            wrong.replaceSubrange(position..<position + 48, with: identity)
            #expect(self.fault(wrong) == "powers 1 Hospital B IDENTITY")
            wrong.replaceSubrange(position..<position + 48, with: outside)
            #expect(self.fault(wrong) == "powers 1 Hospital B SUBGROUP")
            wrong[position] = 0
            #expect(self.fault(wrong) == "powers 1 Hospital B POINT")
        }
        let second = points + 30 * 48
        var wrong = bytes
        wrong.replaceSubrange(second..<second + 96, with: [0xc0] + [UInt8](repeating: 0, count: 95))
        #expect(self.fault(wrong) == "powers 1 Hospital B IDENTITY")
    }

    @Test("Shortened and extended contributions are refused")
    func length() throws {
        let bytes = try PowersContribution(self.header, Self.secrets, self.honest).encoded()
        for length in stride(from: 0, to: bytes.count, by: 97) {
            #expect(self.fault(Array(bytes[..<length]))?.hasSuffix("FORMAT") == true)
        }
        #expect(self.fault(bytes + [0]) == "powers 1 Hospital B FORMAT")
    }

    @Test("A change of any byte is found", arguments: (0..<33).map { 61 * $0 })
    func mutation(_ position: Int) throws {
        var bytes = try PowersContribution(self.header, Self.secrets, self.honest).encoded()
        bytes[position] ^= 1
        #expect(self.fault(bytes) != nil)
    }

    @Test("A beacon with other secrets than its own is refused")
    func falseBeacon() throws {
        let header = try self.ceremony.powers.header(SampleCeremony.beacon)
        let bytes = try PowersContribution(header, Self.secrets, self.honest).encoded()
        #expect(self.fault(bytes) == "powers 1 \(SampleCeremony.beacon) CONTEXT")
    }

    @Test("Beacons come last, once, and after a member")
    func order() throws {
        let first = try SampleCeremony()
        #expect(throws: ProtocolFailure.self) { try first.powers.contribution(of: SampleCeremony.beacon) }
        var ended = self.ceremony
        try ended.contribute([SampleCeremony.beacon])
        let failure = #expect(throws: ProtocolFailure.self) { try ended.powers.contribution(of: Self.cheater) }
        #expect(failure?.code == .context)
        let late = try PowersContribution(
            ContributionHeader(previous: ended.powers.digest, index: 2, author: Self.cheater),
            Self.secrets,
            self.honest
        )
        let bytes = try late.encoded()
        #expect(
            SetupCeremonyTests.fault { () throws(CeremonyFault) in try ended.powers.accept(bytes) }
                == "powers 2 Hospital B CONTEXT"
        )
    }
}

extension PowersContribution {
    static let magicBytes = Array("WLC1".utf8)
}
