import BLS12381
import CanonicalBytes
import Certificates
import FiniteFields
import P256Group
import SecretSharing
import Testing
import Transcripts

@testable import IdentityEncryption

@Suite struct IssuingTests {
    @Test func theKeyIsTheIdentityTimesAllSecretsForWhoeverAsks() throws {
        let consortium = try Consortium()
        let first = try consortium.key(of: dataIdentity).secretBytes()
        let second = try consortium.key(of: dataIdentity).secretBytes()
        let expected = consortium.secrets.reduce(IdentityPoint.point(dataIdentity)) { point, secret in
            secret.withValue { $0 * point }
        }
        #expect(try first == expected.encoded())
        #expect(first == second)
        #expect(try consortium.key(of: otherIdentity).secretBytes() != first)
    }

    @Test func thePartiesSeeNothingThatTwoRequestsShare() throws {
        let consortium = try Consortium()
        let requester = try Requester(consortium.authority)
        let runs = try (0..<2).map { _ in
            try consortium.issue(requester.request(dataIdentity, blinding: .random()).bytes)
        }
        #expect(Set(runs.flatMap { $0 }).count == 6)
    }

    @Test(arguments: [(1, 0), (2, 0), (2, 1)])
    func aWrongStepNamesItsAuthorToTheNextParties(_ place: Int, _ author: Int) throws {
        let consortium = try Consortium()
        let requester = try Requester(consortium.authority)
        let request = try requester.request(dataIdentity, blinding: .random()).bytes
        let good = Array(try consortium.issue(request)[..<place])
        let foreign = try G1Point.generator(times: .random()).encoded()
        for (step, expected) in [
            (foreign, .proof), (.zeros(48), .point), ([0xc0] + .zeros(47), .identity), ([], .format),
        ] as [([UInt8], ProtocolFailure.Code)] {
            var steps = good
            steps[author] = step
            let refused = blame { _ = try consortium.step(place, request, after: steps) }
            #expect(refused == Blame(party: author, code: expected))
        }
    }

    @Test(arguments: 0..<3)
    func theRequesterFindsTheAuthorOfAWrongStep(_ author: Int) throws {
        let consortium = try Consortium()
        let requester = try Requester(consortium.authority)
        let blinding = SecretFr.random()
        let request = try requester.request(dataIdentity, blinding: blinding)
        var steps = try consortium.issue(request.bytes)
        try consortium.parameters.verify(steps, of: request.request)
        // The author uses another secret, and those after it go on from there.
        let point = try G1Point(author == 0 ? request.request.blinded : steps[author - 1])
        var last = G1Point.identity
        for place in author..<3 {
            last = place == author ? Fr.random() * point : consortium.secrets[place].withValue { $0 * last }
            steps[place] = try last.encoded()
        }
        let found = blame { try consortium.parameters.verify(steps, of: request.request) }
        #expect(found == Blame(party: author, code: .proof))
        let finished = code {
            _ = try IdentityKey(
                finishing: steps[2],
                blinding: blinding,
                identity: dataIdentity,
                parameters: consortium.parameters.key
            )
        }
        #expect(finished == .key)
        let missing = blame { try consortium.parameters.verify(Array(steps.dropLast()), of: request.request) }
        #expect(missing == Blame(party: nil, code: .context))
    }

    @Test func aPartyWantsExactlyTheStepsOfThoseBeforeIt() throws {
        let consortium = try Consortium()
        let requester = try Requester(consortium.authority)
        let request = try requester.request(dataIdentity, blinding: .random()).bytes
        let steps = try consortium.issue(request)
        for (place, count) in [(0, 1), (1, 0), (1, 2), (2, 1), (2, 3)] {
            let refused = blame { _ = try consortium.step(place, request, after: Array(steps[..<count])) }
            #expect(refused == Blame(party: nil, code: .context))
        }
        let stranger = IssuingParty(place: 3, share: .random(), parties: consortium.parameters.parties)
        #expect(code { try stranger.requireOwnPoint() } == .key)
        let refused = blame {
            _ = try stranger.issue(request, after: steps, issuer: consortium.authority.issuer, at: Consortium.now)
        }
        #expect(refused == Blame(party: nil, code: .context))
    }

    @Test func aPartyKnowsWhetherItsShareIsItsOwn() throws {
        let consortium = try Consortium()
        let wrong = IssuingParty(place: 1, share: consortium.secrets[0], parties: consortium.parameters.parties)
        #expect(code { try wrong.requireOwnPoint() } == .key)
    }

    @Test func theKeyFitsOnlyItsBlindingIdentityAndParameters() throws {
        let consortium = try Consortium()
        let requester = try Requester(consortium.authority)
        let blinding = SecretFr.random()
        let request = try requester.request(dataIdentity, blinding: blinding).bytes
        let last = try #require(try consortium.issue(request).last)
        let wrong = [
            (SecretFr.random(), dataIdentity, consortium.parameters.key),
            (blinding, otherIdentity, consortium.parameters.key),
            (blinding, dataIdentity, try Consortium().parameters.key),
        ]
        for (blinding, identity, parameters) in wrong {
            let refused = code {
                _ = try IdentityKey(
                    finishing: last,
                    blinding: blinding,
                    identity: identity,
                    parameters: parameters
                )
            }
            #expect(refused == .key)
        }
    }

    /// Every proper subset of the parties: the KGC alone, a privacy center alone, all but one.
    @Test(arguments: 1..<7)
    func partiesThatAreNotAllMakeNoKey(_ subset: Int) throws {
        let consortium = try Consortium()
        let sealed = try EncapsulationKey(identity: dataIdentity, parameters: consortium.parameters.key).encapsulate()
        let blinding = SecretFr.random()
        let part = consortium.secrets.indices.filter { subset >> $0 & 1 == 1 }
            .reduce(IdentityPoint.point(dataIdentity)) { point, place in
                consortium.secrets[place].withValue { $0 * point }
            }
        let refused = code {
            _ = try IdentityKey(
                finishing: blinding.withValue { $0 * part }.encoded(),
                blinding: blinding,
                identity: dataIdentity,
                parameters: consortium.parameters.key
            )
        }
        #expect(refused == .key)
        let unchecked = try IdentityKey(
            stored: part.encoded(),
            identity: dataIdentity,
            parameters: consortium.parameters.key
        )
        #expect(code { _ = try unchecked.open(sealed.capsule) } == .fo)
    }
}

@Suite struct KeyRequestTests {
    @Test func aVerifiedRequestSaysWhatWasAskedFor() throws {
        let authority = CertificateAuthority(name: "authority", key: .generate())
        let requester = try Requester(authority)
        let signed = try requester.request(dataIdentity, blinding: .random())
        let read = try SignedKeyRequest(verifying: signed.bytes, issuer: authority.issuer, at: Consortium.now)
        #expect(read.request.terms.identity == dataIdentity)
        #expect(read.request.terms.requester == requester.certificate.digest.hex)
        #expect(read.request.terms.permission == Array("permission-9".utf8))
        #expect(read.request.terms.nonce == signed.request.terms.nonce)
        #expect(read.bytes == signed.bytes)
    }

    /// Somebody entitled to one identity asks for the key of another: erratum E4 of the specification.
    @Test func aBlindedPointOfAnotherIdentityIsRefused() throws {
        let consortium = try Consortium()
        let requester = try Requester(consortium.authority)
        let blinding = SecretFr.random()
        let honest = try KeyRequest(requester.terms(otherIdentity), blinding: blinding)
        let stolen = KeyRequest(
            terms: requester.terms(dataIdentity),
            blinded: honest.blinded,
            proof: honest.proof
        )
        let request = try requester.signed(stolen).bytes
        #expect(blame { _ = try consortium.step(0, request, after: []) } == Blame(party: nil, code: .proof))
    }

    /// The permission is public: whoever reads it must not collect the key under it (erratum E17).
    @Test func aRequestUnderAnothersPermissionIsRefused() throws {
        let consortium = try Consortium()
        let entitled = try Requester(consortium.authority)
        let thief = try Requester(consortium.authority)
        let request = try KeyRequest(entitled.terms(dataIdentity), blinding: .random())
        let ownCertificate = try thief.signed(request).bytes
        #expect(code { _ = try consortium.step(0, ownCertificate, after: []) } == .context)
        let ownKey = try SignedKeyRequest(request, certificate: entitled.certificate.bytes, key: thief.key).bytes
        #expect(code { _ = try consortium.step(0, ownKey, after: []) } == .signature)
    }

    @Test(
        arguments: [
            ([.keyExchange], .context), ([.proxy, .authority], .context), ([.sign], nil),
            ([.pseudonym, .keyExchange], nil),
        ] as [(CertificateUsage, ProtocolFailure.Code?)]
    )
    func onlySigningAndPseudonymCertificatesMayAsk(_ usage: CertificateUsage, _ expected: ProtocolFailure.Code?) throws
    {
        let consortium = try Consortium(parties: 2)
        let requester = try Requester(consortium.authority, usage: usage)
        let request = try requester.request(dataIdentity, blinding: .random()).bytes
        #expect(code { _ = try consortium.step(0, request, after: []) } == expected)
    }

    @Test(arguments: [(999, .time), (1000, nil), (2000, nil), (2001, .time)] as [(UInt64, ProtocolFailure.Code?)])
    func aCertificateMayAskInItsTime(_ now: UInt64, _ expected: ProtocolFailure.Code?) throws {
        let authority = CertificateAuthority(name: "authority", key: .generate())
        let request = try Requester(authority).request(dataIdentity, blinding: .random()).bytes
        let refused = code { _ = try SignedKeyRequest(verifying: request, issuer: authority.issuer, at: now) }
        #expect(refused == expected)
    }

    @Test func everyChangedOrMissingByteOfARequestIsRefused() throws {
        let authority = CertificateAuthority(name: "authority", key: .generate())
        let request = try Requester(authority).request(dataIdentity, blinding: .random()).bytes
        for place in request.indices {
            for changed in [flipped(request, bit: 8 * place + place % 8), Array(request[..<place])] {
                let refused = code {
                    _ = try SignedKeyRequest(verifying: changed, issuer: authority.issuer, at: Consortium.now)
                }
                #expect(refused != nil, "byte \(place)")
            }
        }
        let longer = code {
            _ = try SignedKeyRequest(verifying: request + [0], issuer: authority.issuer, at: Consortium.now)
        }
        #expect(longer == .format)
    }
}
