import BLS12381
import CanonicalBytes
import SecretSharing
import Testing
import ThresholdSignatures
import Transcripts

@testable import BLSCertificates
@testable import Consensus

@Suite struct CertificateTests {
    @Test(arguments: [1, 4, 7, 31])
    func aQuorumCertifiesWithOneSignature(_ size: Int) throws {
        let validators = try Validators(size: size)
        let quorum = Array((0..<size).shuffled().prefix(validators.committee.quorum).sorted())
        let certificate = validators.certificate(try Validators.slot(), by: quorum)
        #expect(certificate.version == .blsAggregate)
        #expect(certificate.proof.count == 96)
        #expect(validators.isValid(certificate))
        var reader = CanonicalReader(certificate.bytes)
        let read = try QuorumCertificate(from: &reader)
        try reader.finish()
        #expect(read == certificate)
        #expect(validators.isValid(read))
    }

    @Test func chainsWithEd25519CertificatesStillVerify() throws {
        let old = try Validators(isAggregated: false)
        let certificate = old.certificate(try Validators.slot())
        #expect(certificate.version == .ed25519MultiSignature)
        #expect(certificate.proof.count == 3 * 64)
        #expect(old.isValid(certificate))
    }

    @Test func aCertificateOfTheOtherVersionDoesNotVerify() throws {
        let (new, old) = (try Validators(), try Validators(isAggregated: false))
        let slot = try Validators.slot()
        for certificate in [new.certificate(slot), old.certificate(slot)] {
            for version in [CertificateVersion.blsAggregate, .ed25519MultiSignature] {
                let relabelled = certificate.changed(version: version)
                #expect(new.isValid(relabelled) == (relabelled == new.certificate(slot)))
                #expect(old.isValid(relabelled) == (relabelled == old.certificate(slot)))
            }
        }
    }

    @Test func fewerThanAQuorumCertifyNothing() throws {
        let validators = try Validators(size: 7)
        #expect(validators.isValid(validators.certificate(try Validators.slot(), by: [0, 1, 2, 3, 4])))
        #expect(!validators.isValid(validators.certificate(try Validators.slot(), by: [0, 1, 2, 3])))
    }

    @Test func theBitsAreOfThoseWhoSigned() throws {
        let validators = try Validators()
        let certificate = validators.certificate(try Validators.slot(), by: [0, 1, 2])
        for signers in [[0b1111], [0b1011], [0b1_0111], [0b0011], [], [0b0111, 0]] as [[UInt8]] {
            #expect(!validators.isValid(certificate.changed(signers: signers)), "\(signers)")
        }
    }

    @Test func everyFlippedBitOfTheProofIsRefused() throws {
        let validators = try Validators()
        let certificate = validators.certificate(try Validators.slot())
        for bit in stride(from: 0, to: 768, by: 7) {
            var proof = certificate.proof
            proof[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!validators.isValid(certificate.changed(proof: proof)), "bit \(bit)")
        }
        for proof in [[], Array(certificate.proof.dropLast()), certificate.proof + [0]] {
            #expect(!validators.isValid(certificate.changed(proof: proof)))
        }
    }

    @Test func sharesOfDifferentViewsNeverAddUp() throws {
        let validators = try Validators()
        let (first, second) = (try Validators.slot(view: 0), try Validators.slot(view: 2))
        let mixed = QuorumCertificate(
            joining: [
                validators.commit(first, by: 0), validators.commit(first, by: 1), validators.commit(second, by: 2),
            ],
            committee: validators.committee,
            scheme: validators.scheme
        )
        #expect(!validators.isValid(mixed))
        #expect(!validators.isValid(mixed.changed(view: 2)))
        #expect(!validators.isValid(validators.certificate(first).changed(view: 2)))
    }

    @Test func aShareIsOfItsSignerAndMessage() throws {
        let validators = try Validators()
        let members = validators.committee.members
        let share = validators.signers[0].signShare([1])
        #expect(validators.scheme.verifyShare(share, of: [1], by: members[0]))
        #expect(!validators.scheme.verifyShare(share, of: [2], by: members[0]))
        #expect(!validators.scheme.verifyShare(share, of: [1], by: members[1]))
        #expect(!validators.scheme.verifyShare([], of: [1], by: members[0]))
        let vote = validators.signers[0].sign([1])
        #expect(validators.scheme.verify(vote, of: [1], by: members[0]))
        #expect(!validators.scheme.verify(vote, of: [2], by: members[0]))
        #expect(!validators.scheme.verify(share, of: [1], by: members[0]))
    }

    @Test func nobodyCertifiesNothing() throws {
        let validators = try Validators()
        #expect(validators.scheme.combine([]).isEmpty)
        #expect(!validators.scheme.verifyCertificate([], of: [1], by: []))
        #expect(!validators.scheme.verifyCertificate([0xc0] + [UInt8](repeating: 0, count: 95), of: [1], by: []))
    }
}

@Suite struct ShareKeyTests {
    /// The last member's key is made so that it cancels the others': alone it would sign for everybody.
    @Test func aKeyMadeFromTheOthersHasNoProofAndSignsNothing() throws {
        let validators = try Validators()
        let attacker = BLSKeyPair.generate()
        let others = try validators.committee.members.prefix(2).map { try BLSPublicKey(Array($0.shareKey.prefix(48))) }
        let rogue = try BLSPublicKey(others.reduce(attacker.publicKey.point) { $0 - $1.point })
        let ownProof = try attacker.proofOfPossession().encoded
        let triedProof = try attacker.partialProofOfPossession(of: rogue).encoded
        for proof in [ownProof, triedProof, Array(validators.committee.members[0].shareKey.suffix(96)), []] {
            var members = validators.committee.members
            let voting = members[2].votingKey
            members[2] = Member(id: members[2].id, votingKey: voting, shareKey: rogue.encoded + proof)
            let committee = try #require(Committee(epoch: 0, members: members))
            #expect(ChainSignatures.scheme(of: committee) == nil)
            let slot = try Validators.slot()
            let message = Validators.chain.commitMessage(
                epoch: 0,
                view: slot.view,
                height: slot.height,
                block: slot.block
            )
            let forged = try attacker.sign(message).encoded
            let scheme = BLSScheme()
            #expect(!scheme.verifyCertificate(forged, of: message, by: Array(members.prefix(3))))
            // What the proof keeps out: the forgery fits the sum of the keys.
            try BLSPublicKey(aggregating: others + [rogue]).verify(forged, of: message)
        }
    }

    @Test func oneKeyDoesNotSignForTwoMembers() throws {
        let validators = try Validators()
        var members = Array(validators.committee.members.prefix(2))
        members[1] = Member(id: members[1].id, votingKey: members[1].votingKey, shareKey: members[0].shareKey)
        let share = validators.signers[0].signShare([1])
        let twice = validators.scheme.combine([share, share])
        #expect(!validators.scheme.verifyCertificate(twice, of: [1], by: members))
    }

    @Test func mixedAndUnknownKeysHaveNoScheme() throws {
        let (new, old) = (try Validators(), try Validators(isAggregated: false))
        #expect(ChainSignatures.scheme(of: new.committee)?.certificateVersion == .blsAggregate)
        #expect(ChainSignatures.scheme(of: old.committee)?.certificateVersion == .ed25519MultiSignature)
        let mixed = Array(new.committee.members.prefix(3)) + [old.committee.members[3]]
        #expect(ChainSignatures.scheme(of: try #require(Committee(epoch: 0, members: mixed))) == nil)
        let unknown = old.committee.members.map { Member(id: $0.id, votingKey: $0.votingKey, shareKey: [1]) }
        #expect(ChainSignatures.scheme(of: try #require(Committee(epoch: 0, members: unknown))) == nil)
    }

    @Test func theSignersListedKeyIsReadBack() throws {
        let validators = try Validators()
        for member in validators.committee.members {
            #expect(member.shareKey.count == ShareKey.byteCount)
            #expect(ShareKey.publicKey(member.shareKey)?.encoded == Array(member.shareKey.prefix(48)))
            #expect(ShareKey.publicKey(member.shareKey + [0]) == nil)
        }
        #expect(BLSSigner(votingSeed: [1], shareSecret: .random()) == nil)
    }
}

@Suite struct RelayCertificateTests {
    /// The other way to the same bytes: the message and certificate of the specification's section 9.3.
    @Test func aCertificateIsOneOfTheSpecificationsForm() throws {
        let validators = try Validators(size: 10)
        let slot = try Validators.slot(view: 3)
        let certificate = validators.certificate(slot, by: [0, 2, 3, 4, 5, 8, 9])
        let relayed = try certificate.relayCertificate(of: validators.committee)
        let message = try CommitMessage(
            chain: "test",
            channel: "index",
            epoch: 0,
            view: 3,
            height: 7,
            blockHash: slot.block.bytes
        )
        let committee = try PrivilegedCommittee(validators: validators.committee)
        #expect(try message.verify(relayed, by: committee) == [0, 2, 3, 4, 5, 8, 9])
        #expect(throws: ProtocolFailure.self) {
            try message.verify(relayed, by: PrivilegedCommittee(validators: Validators(size: 9).committee))
        }
    }

    @Test func onlyAggregatedCertificatesOfTheCommitteeAreRelayed() throws {
        let (new, old) = (try Validators(), try Validators(isAggregated: false))
        let slot = try Validators.slot()
        #expect(throws: ProtocolFailure.self) { try old.certificate(slot).relayCertificate(of: old.committee) }
        #expect(throws: ProtocolFailure.self) { try new.certificate(slot).relayCertificate(of: old.committee) }
        let later = try Validators(epoch: 1)
        #expect(throws: ProtocolFailure.self) { try new.certificate(slot).relayCertificate(of: later.committee) }
    }
}
