import BLS12381
import CanonicalBytes
import FiniteFields
import SecretSharing
import Testing

@testable import IdentityEncryption

@Suite struct SetupTests {
    @Test(arguments: [2, 3, 6])
    func thePublicKeyIsTheProductOfAllSecrets(_ parties: Int) throws {
        let consortium = try Consortium(parties: parties)
        let product = consortium.secrets.reduce(Fr.one) { product, secret in secret.withValue { product * $0 } }
        #expect(consortium.parameters.key.point == G2Point.generator(times: product))
        #expect(consortium.parameters.parties.count == parties)
        for place in 0..<parties { try consortium.party(place).requireOwnPoint() }
    }

    @Test func parametersAreReadBackAsTheyWereVerified() throws {
        let verified = try Consortium().parameters
        let stored = try JointParameters(key: verified.key.encoded, parties: verified.parties.encoded)
        #expect(stored == verified)
        #expect(stored.key.digest == verified.key.digest)
    }

    @Test(arguments: 0..<3)
    func aWrongStepNamesItsAuthor(_ party: Int) throws {
        let consortium = try Consortium()
        let good = consortium.steps[party]
        let other = try Consortium().steps[party]
        let wrong: [(SetupStep, ProtocolFailure.Code)] = [
            // A product with another secret than the point's.
            (SetupStep(point: good.point, product: other.product, proof: good.proof), .proof),
            (SetupStep(point: good.point, product: good.product, proof: other.proof), .proof),
            (
                SetupStep(
                    point: good.point,
                    product: good.product,
                    proof: flipped(good.proof, bit: 8 * good.proof.count - 8)
                ), .proof
            ),
            (SetupStep(point: good.point, product: good.product, proof: good.proof + [0]), .format),
            (SetupStep(point: good.point, product: [0xc0] + .zeros(95), proof: good.proof), .identity),
            (SetupStep(point: good.point, product: .zeros(96), proof: good.proof), .point),
            // Changed after the commitment.
            (other, .context),
        ]
        for (step, expected) in wrong {
            var steps = consortium.steps
            steps[party] = step
            #expect(Self.blame(steps, consortium.commitments) == Blame(party: party, code: expected))
        }
        var commitments = consortium.commitments
        commitments[party] = other.point
        #expect(Self.blame(consortium.steps, commitments) == Blame(party: party, code: .context))
        commitments = Array(consortium.commitments[..<party])
        #expect(Self.blame(consortium.steps, commitments) == Blame(party: party, code: .context))
    }

    @Test(arguments: 0..<3)
    func aPartyThatContributesNothingIsNamed(_ party: Int) throws {
        var secrets = (0..<3).map { _ in SecretFr.random() }
        secrets[party] = try SecretFr(.one)
        let steps = try Consortium.steps(secrets)
        #expect(Self.blame(steps, Consortium.commitments(steps)) == Blame(party: party, code: .scalar))
    }

    @Test func twoPartiesWithOneSecretAreRefused() throws {
        let secret = SecretFr.random()
        let steps = try Consortium.steps([secret, .random(), secret])
        #expect(Self.blame(steps, Consortium.commitments(steps)) == Blame(party: nil, code: .duplicate))
    }

    @Test func aKGCAloneIsNoConsortium() throws {
        let steps = try Consortium.steps([.random()])
        #expect(Self.blame(steps, Consortium.commitments(steps)) == Blame(party: nil, code: .format))
        #expect(Self.blame([], []) == Blame(party: nil, code: .format))
    }

    @Test func theStepsOfAnotherSetupAreRefused() throws {
        let steps = try Consortium.steps((0..<2).map { _ in .random() }, context: Array("parameters-2".utf8))
        #expect(Self.blame(steps, Consortium.commitments(steps)) == Blame(party: 0, code: .proof))
    }

    /// A rushing last party would choose the public key; its commitment stands before it sees the others' points.
    @Test func aPointThatCancelsTheOthersWasNotCommittedTo() throws {
        let consortium = try Consortium()
        let chosen = SecretFr.random()
        var steps = Array(consortium.steps.dropLast())
        let previous = try #require(steps.last?.product)
        steps.append(try SetupStep(chosen, party: 2, previous: previous, context: Consortium.context))
        #expect(Self.blame(steps, consortium.commitments) == Blame(party: 2, code: .context))
    }

    private static func blame(_ steps: [SetupStep], _ commitments: [[UInt8]]) -> Blame? {
        IdentityEncryptionTests.blame {
            _ = try JointParameters(verifying: steps, context: Consortium.context, commitments: commitments)
        }
    }
}

extension [UInt8] {
    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
