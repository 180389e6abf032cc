import BLS12381
import CanonicalBytes
import FiniteFields
import SecretSharing
import Testing

@testable import IdentityEncryption

@Suite struct RefreshTests {
    @Test func afterARefreshThePublicKeyAndAllKeysStandAndTheOldSharesDoNot() throws {
        let before = try Consortium()
        let sealed = try EncapsulationKey(identity: dataIdentity, parameters: before.parameters.key).encapsulate()
        let oldKey = try before.key(of: dataIdentity)
        let run = try Run(before)
        let after = try run.refreshed()
        #expect(after.key == before.parameters.key)
        #expect(after.parties != before.parameters.parties)
        #expect(try oldKey.open(sealed.capsule) == sealed.key)

        let shares = [run.giverShare, before.secrets[1], run.takerShare]
        let parties = shares.enumerated().map {
            IssuingParty(place: UInt8($0.offset), share: $0.element, parties: after.parties)
        }
        for party in parties { try party.requireOwnPoint() }
        #expect(try Self.key(shares, under: before.parameters.key).open(sealed.capsule) == sealed.key)

        for place in [0, 2] {
            let old = IssuingParty(place: UInt8(place), share: before.secrets[place], parties: after.parties)
            #expect(code { try old.requireOwnPoint() } == .key)
        }
        // A share stolen before the refresh with the others' of after it.
        for stolen in [0, 2] {
            var mixed = shares
            mixed[stolen] = before.secrets[stolen]
            #expect(code { _ = try Self.key(mixed, under: before.parameters.key) } == .key)
        }
    }

    @Test func goingRoundAllPairsRefreshesEveryShare() throws {
        let before = try Consortium()
        var (shares, parameters) = (before.secrets, before.parameters)
        for (round, pair) in [(0, 1), (1, 2), (2, 0)].enumerated() {
            let pair = RefreshPair(giver: UInt8(pair.0), taker: UInt8(pair.1), round: UInt64(round))
            let run = try Run(shares, parameters, pair)
            parameters = try run.refreshed()
            (shares[Int(pair.giver)], shares[Int(pair.taker)]) = (run.giverShare, run.takerShare)
        }
        #expect(parameters.key == before.parameters.key)
        for (old, new) in zip(before.parameters.parties.encoded, parameters.parties.encoded) { #expect(old != new) }
        _ = try Self.key(shares, under: before.parameters.key)
    }

    @Test func aWrongStepNamesItsAuthor() throws {
        let run = try Run(Consortium())
        let foreign = try Run(Consortium())
        let giver = run.refresh.giverStep
        let wrongGivers = [
            ShareRefresh(factor: foreign.refresh.factor, giverStep: giver),
            ShareRefresh(
                factor: run.refresh.factor,
                giverStep: RefreshStep(point: foreign.refresh.giverStep.point, proof: giver.proof)
            ),
            ShareRefresh(
                factor: run.refresh.factor,
                giverStep: RefreshStep(point: giver.point, proof: foreign.refresh.giverStep.proof)
            ),
        ]
        for refresh in wrongGivers {
            #expect(run.blame(refresh, run.answer) == Blame(party: 0, code: .proof))
        }
        let wrongTakers = [
            RefreshStep(point: foreign.answer.point, proof: run.answer.proof),
            RefreshStep(point: run.answer.point, proof: foreign.answer.proof),
        ]
        for answer in wrongTakers {
            #expect(run.blame(run.refresh, answer) == Blame(party: 2, code: .proof))
        }
        let notAPoint = RefreshStep(point: .zeros(96), proof: run.answer.proof)
        #expect(run.blame(run.refresh, notAPoint) == Blame(party: 2, code: .point))
    }

    @Test func theStepsOfAnotherRoundOrPairAreRefused() throws {
        let run = try Run(Consortium())
        for pair in [
            RefreshPair(giver: 0, taker: 2, round: 2), RefreshPair(giver: 1, taker: 2, round: 1),
            RefreshPair(giver: 0, taker: 1, round: 1),
        ] {
            #expect(run.blame(run.refresh, run.answer, pair)?.code == .proof)
        }
        for pair in [RefreshPair(giver: 0, taker: 0, round: 1), RefreshPair(giver: 0, taker: 3, round: 1)] {
            #expect(run.blame(run.refresh, run.answer, pair) == Blame(party: nil, code: .context))
        }
    }

    @Test func theTakerDividesByTheGiversFactorAlone() throws {
        let consortium = try Consortium()
        let run = try Run(consortium)
        let refused = code {
            _ = try run.refresh.take(
                consortium.secrets[2],
                factor: .random(),
                pair: run.pair,
                context: Consortium.context
            )
        }
        #expect(refused == .key)
    }

    @Test func aFactorOfOneRefreshesNothing() throws {
        let consortium = try Consortium()
        let run = try Run(consortium.secrets, consortium.parameters, Run.pair, factor: SecretFr(.one))
        #expect(run.blame(run.refresh, run.answer) == Blame(party: 0, code: .scalar))
    }

    /// The identity's key made of these shares, checked.
    private static func key(_ shares: [SecretFr], under parameters: IdentityParameters) throws -> IdentityKey {
        let blinding = SecretFr.random()
        let point = ([blinding] + shares).reduce(IdentityPoint.point(dataIdentity)) { point, secret in
            secret.withValue { $0 * point }
        }
        return try IdentityKey(
            finishing: point.encoded(),
            blinding: blinding,
            identity: dataIdentity,
            parameters: parameters
        )
    }
}

/// Both sides of one refresh.
private struct Run {
    static let pair = RefreshPair(giver: 0, taker: 2, round: 1)

    let parameters: JointParameters
    let pair: RefreshPair
    let refresh: ShareRefresh
    let answer: RefreshStep
    let giverShare: SecretFr
    let takerShare: SecretFr

    init(_ consortium: Consortium) throws { try self.init(consortium.secrets, consortium.parameters, Self.pair) }

    init(
        _ shares: [SecretFr],
        _ parameters: JointParameters,
        _ pair: RefreshPair,
        factor: SecretFr = .random()
    ) throws {
        let context = Consortium.context
        let given = try ShareRefresh.give(shares[Int(pair.giver)], factor: factor, pair: pair, context: context)
        let taken = try given.refresh.take(shares[Int(pair.taker)], factor: factor, pair: pair, context: context)
        self.parameters = parameters
        self.pair = pair
        (self.refresh, self.giverShare) = (given.refresh, given.share)
        (self.answer, self.takerShare) = (taken.step, taken.share)
    }

    func refreshed() throws -> JointParameters {
        try self.parameters.refreshed(
            by: self.refresh,
            answer: self.answer,
            pair: self.pair,
            context: Consortium.context
        )
    }

    func blame(_ refresh: ShareRefresh, _ answer: RefreshStep, _ pair: RefreshPair? = nil) -> Blame? {
        IdentityEncryptionTests.blame {
            _ = try self.parameters.refreshed(
                by: refresh,
                answer: answer,
                pair: pair ?? self.pair,
                context: Consortium.context
            )
        }
    }
}
