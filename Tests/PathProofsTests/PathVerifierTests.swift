import BLS12381
import CanonicalBytes
import Testing
import ThresholdSignatures

@testable import PathProofs

@Suite struct PathVerifierTests {
    typealias Refused = SamplePaths.Refused

    private let paths: SamplePaths

    init() throws { self.paths = try SamplePaths() }

    /// A proof made of some hops of another.
    private func picked(_ places: [Int], of proof: PathProof) throws -> PathProof {
        try PathProof(message: proof.message, hops: places.map { proof.hops[$0] })
    }

    @Test(arguments: 1...4)
    func aPathOfAnyLengthIsAcceptedAndShowsItsSigners(_ count: Int) throws {
        let proof = try self.paths.proof(hops: count)
        let verifier = self.paths.verifier(on: SamplePaths.chains[count])
        let path = try verifier.verify(proof, payloadHash: hash("p"))
        #expect(path.message == proof.message)
        #expect(path.hops.map(\.record) == proof.hops.map(\.record))
        #expect(path.hops.allSatisfy { $0.signers == [[0, 2, 4], [1]] })
    }

    @Test func bothFormsOfCertificatesMayBeMixed() throws {
        let proof = try self.paths.proof(joint: [1])
        let path = try self.paths.verifier().verify(proof, payloadHash: hash("p"))
        #expect(path.hops.map { $0.signers != nil } == [true, false, true, true])
        #expect(proof.hops[1].certificate.count == 132)
    }

    @Test func everyCertificateOfAnAcceptedPathVerifiesByItself() throws {
        let proof = try self.paths.proof(joint: [1])
        for hop in proof.hops {
            let signed = hop.record.signedBytes(of: proof.message)
            let reign = try #require(self.paths.reigns[hop.record.link.chain])
            if hop.record.link.chain == "bravo" {
                try ThresholdCertificate.verify(hop.certificate, of: signed, by: self.paths.joint().committee)
            } else {
                try BitmapCertificate.verify(hop.certificate, of: signed, by: reign.list.committee)
            }
        }
    }

    @Test func aDroppedHopIsNoticedWhereverItWas() throws {
        let proof = try self.paths.proof()
        let cases: [([Int], Refused)] = [
            ([1, 2, 3], Refused(.dropped, 0)), ([0, 2, 3], Refused(.dropped, 1)), ([0, 1, 3], Refused(.dropped, 2)),
            ([0, 1, 2], Refused(.dropped, 2)), ([0], Refused(.dropped, 0)),
        ]
        for (places, expected) in cases {
            #expect(self.paths.refusal(try self.picked(places, of: proof)) == expected)
        }
    }

    @Test func reorderedAndRepeatedHopsAreNoticed() throws {
        let proof = try self.paths.proof()
        let cases: [([Int], Refused)] = [
            ([1, 0, 2, 3], Refused(.reordered, 1)), ([0, 2, 1, 3], Refused(.reordered, 2)),
            ([3, 2, 1, 0], Refused(.reordered, 1)), ([0, 1, 1, 2], Refused(.repeated, 2)),
            ([0, 1, 2, 0], Refused(.repeated, 3)), ([0, 0], Refused(.repeated, 1)),
        ]
        for (places, expected) in cases {
            #expect(self.paths.refusal(try self.picked(places, of: proof)) == expected)
        }
    }

    @Test func aHopOfAnotherMessageOrPathIsSplicedIn() throws {
        let proof = try self.paths.proof()
        let others = try [
            self.paths.proof(message: SamplePaths.message(sequence: 8)),
            self.paths.proof { place, changes in if place == 0 { changes.gateway = "another" } },
        ]
        for other in others {
            for place in 1..<4 {
                var hops = proof.hops
                hops[place] = other.hops[place]
                let spliced = try PathProof(message: proof.message, hops: hops)
                #expect(self.paths.refusal(spliced) == Refused(.spliced, place))
            }
        }
        var hops = proof.hops
        hops[0] = others[1].hops[0]
        #expect(self.paths.refusal(try PathProof(message: proof.message, hops: hops)) == Refused(.spliced, 1))
        let relabelled = try PathProof(message: SamplePaths.message(sequence: 8), hops: proof.hops)
        #expect(self.paths.refusal(relabelled) == Refused(.spliced, 0))
    }

    @Test func aHopThatHandsOverToAnotherChainIsNoticed() throws {
        let proof = try self.paths.proof { place, changes in if place == 1 { changes.nextChain = "delta" } }
        #expect(self.paths.refusal(proof) == Refused(.wrongNextChain, 1))
        let elsewhere = try self.paths.proof { place, changes in if place == 3 { changes.nextChain = "foxtrot" } }
        #expect(self.paths.refusal(elsewhere) == Refused(.dropped, 3))
    }

    @Test func noChainIsPassedTwice() throws {
        let loop = try self.paths.proof { place, changes in
            if place == 1 { changes.nextChain = "alpha" }
            if place == 2 { (changes.chain, changes.nextChain) = ("alpha", "delta") }
        }
        #expect(self.paths.refusal(loop) == Refused(.repeated, 2))
        let passed = try self.paths.proof(message: SamplePaths.message(destination: "charlie")) { place, changes in
            if place == 3 { changes.nextChain = "charlie" }
        }
        #expect(self.paths.refusal(passed, by: self.paths.verifier(on: "charlie")) == Refused(.repeated, 2))
    }

    @Test func aPathBeginsOnTheChainOfItsMessage() throws {
        let proof = try self.paths.proof(hops: 2) { place, changes in
            changes.chain = ["delta", "bravo"][place]
        }
        #expect(self.paths.refusal(proof, by: self.paths.verifier(on: "charlie")) == Refused(.wrongSource, 0))
    }

    @Test func aRecordExpiresAfterItsLastSecond() throws {
        let proof = try self.paths.proof { place, changes in if place == 2 { changes.expiry = 500 } }
        #expect(self.paths.refusal(proof, by: self.paths.verifier(now: 500)) == nil)
        #expect(self.paths.refusal(proof, by: self.paths.verifier(now: 501)) == Refused(.expired, 2))
        #expect(self.paths.refusal(proof, by: self.paths.verifier(now: 1_001)) == Refused(.expired, 0))
    }

    @Test func aMessageIsAcceptedOnce() throws {
        let proof = try self.paths.proof()
        let known = self.paths.verifier(known: [proof.message.identifier])
        #expect(self.paths.refusal(proof, by: known) == Refused(.replayed))
        let other = self.paths.verifier(known: [try SamplePaths.message(sequence: 8).identifier])
        #expect(self.paths.refusal(proof, by: other) == nil)
    }

    @Test func anotherPayloadIsNoticed() throws {
        let proof = try self.paths.proof()
        #expect(self.paths.refusal(proof, payload: "q") == Refused(.wrongPayload))
    }

    @Test func aRelayTakesWhatIsStillOnItsWay() throws {
        let message = try SamplePaths.message()
        let half = try self.paths.proof(hops: 2, message: message)
        let relay = self.paths.verifier(on: "charlie", .transit)
        #expect(self.paths.refusal(half, by: relay) == nil)
        #expect(self.paths.refusal(half, by: self.paths.verifier(on: "charlie")) == Refused(.wrongDestination))
        #expect(
            self.paths.refusal(try self.paths.proof(), by: self.paths.verifier(.transit)) == Refused(.wrongDestination)
        )
        // Half a path is not enough for the destination.
        #expect(self.paths.refusal(half) == Refused(.dropped, 1))
        // The destination is behind.
        let late = try self.paths.proof(hops: 2, message: SamplePaths.message(destination: "bravo"))
        #expect(self.paths.refusal(late, by: relay) == Refused(.wrongDestination))
        // No hop would be left.
        let full = try self.paths.proof(message: SamplePaths.message(destination: "foxtrot"))
        #expect(self.paths.refusal(full, by: self.paths.verifier(.transit)) == Refused(.wrongDestination))
    }

    @Test func aRelayAddsItsHopAndTheDestinationAcceptsTheWhole() throws {
        let message = try SamplePaths.message()
        var proof = try self.paths.proof(hops: 3, message: message)
        let relay = self.paths.verifier(on: "delta", .transit)
        _ = try relay.verify(proof, payloadHash: hash("p"))
        proof = try proof.appending(self.paths.hop(3, after: proof.digest, of: message))
        #expect(self.paths.refusal(proof) == nil)
        #expect(code { _ = try proof.appending(proof.hops[0]) } == .format)
    }

    @Test func aRefusalOnTheWayIsNoWay() throws {
        let proof = try self.paths.proof { place, changes in if place == 1 { changes.verdict = .refused } }
        #expect(self.paths.refusal(proof) == Refused(.refusedByHop, 1))
    }

    @Test func onlyTheListOfTheHeightCertifies() throws {
        for (height, isInForce) in [(9, false), (10, true), (20, true), (21, false)] as [(UInt64, Bool)] {
            let proof = try self.paths.proof { place, changes in if place == 3 { changes.height = height } }
            #expect(self.paths.refusal(proof) == (isInForce ? nil : Refused(.listNotValid, 3)))
        }
        let epoch = try self.paths.proof { place, changes in if place == 1 { changes.epoch = 4 } }
        #expect(self.paths.refusal(epoch) == Refused(.unknownList, 1))
        let root = try self.paths.proof { place, changes in if place == 1 { changes.listRoot = hash("r") } }
        #expect(self.paths.refusal(root) == Refused(.unknownList, 1))
        let committee = try self.paths.proof { place, changes in if place == 2 { changes.committee = hash("c") } }
        #expect(self.paths.refusal(committee) == Refused(.wrongCommittee, 2))
    }

    @Test func aForgedListThatNobodyFollowedIsUnknown() throws {
        let forged = try SampleLists.list(chain: "charlie", firstKey: 24)
        let proof = try self.paths.proof { place, changes in
            if place == 2 { (changes.listRoot, changes.committee) = (forged.root, forged.committee.digest) }
        }
        #expect(self.paths.refusal(proof) == Refused(.unknownList, 2))
    }

    @Test(
        arguments: [
            ([[0, 1, 2], []], .missingSubgroup), ([[], [0, 1, 2]], .missingSubgroup),
            ([[0], [0, 1, 2]], .belowThreshold), ([[0, 1], [0]], .belowThreshold), ([[0, 1, 2], [0]], nil),
            ([[0, 1], [0, 1]], nil),
        ] as [([[Int]], PathRefusal.Reason?)]
    )
    func everySubgroupAndTheWholeMustReachTheirThresholds(
        _ signers: [[Int]],
        _ expected: PathRefusal.Reason?
    ) throws {
        let proof = try self.paths.proof { place, changes in if place == 2 { changes.signers = signers } }
        #expect(self.paths.refusal(proof) == expected.map { Refused($0, 2) })
    }

    @Test func aCertificateOfAnotherHopDoesNotFit() throws {
        let proof = try self.paths.proof()
        let (first, other) = (proof.hops[2], try self.paths.proof { $1.gateway = "another" }.hops[2])
        var hops = proof.hops
        hops[2] = PathProof.Hop(record: first.record, certificate: other.certificate)
        let forged = try PathProof(message: proof.message, hops: hops)
        #expect(self.paths.refusal(forged) == Refused(.signature))
        hops[2] = PathProof.Hop(record: first.record, certificate: proof.hops[1].certificate)
        let foreign = try PathProof(message: proof.message, hops: hops)
        #expect(self.paths.refusal(foreign) == Refused(.malformedCertificate, 2))
    }

    /// What binds a path is its certificates: an outsider who repairs all digests has nobody's signature.
    @Test func repairedDigestsDoNotHelpWithoutSignatures() throws {
        let proof = try self.paths.proof()
        // The third chain is cut out: the second hands over to the fourth.
        var hops = [proof.hops[0]]
        for (place, next) in [(1, "delta"), (3, "echo")] {
            let old = proof.hops[place]
            let record = try HopRecord(
                previous: hops[hops.count - 1].record.digest,
                link: .init(
                    index: UInt8(hops.count),
                    chain: old.record.link.chain,
                    nextChain: next,
                    gateway: "gateway"
                ),
                anchor: old.record.anchor,
                certifier: old.record.certifier,
                expiry: old.record.expiry
            )
            hops.append(PathProof.Hop(record: record, certificate: old.certificate))
        }
        let cut = try PathProof(message: proof.message, hops: hops)
        #expect(self.paths.refusal(cut) == Refused(.signature))
    }

    @Test func aSignerWhoDidNotSignIsNotCounted() throws {
        let proof = try self.paths.proof()
        var certificate = proof.hops[0].certificate
        // "WLQA", the digest and the bitmap's length stand before the bits of the first subgroup.
        certificate[4 + 32 + 4] |= 1 << 1
        var hops = proof.hops
        hops[0] = PathProof.Hop(record: hops[0].record, certificate: certificate)
        #expect(self.paths.refusal(try PathProof(message: proof.message, hops: hops)) == Refused(.signature))
    }

    /// What the sum of signatures leaves open, and why it does no harm: all signers have signed all the same.
    @Test func signaturesMovedFromOneCertificateToAnotherStillAddUp() throws {
        let proof = try self.paths.proof()
        var hops = proof.hops
        for (place, shift) in [(0, G2Point.generator), (1, -G2Point.generator)] {
            let old = hops[place].certificate
            let moved = try (G2Point(Array(old.suffix(96))) + shift).encoded()
            hops[place] = PathProof.Hop(record: hops[place].record, certificate: old.dropLast(96) + moved)
        }
        let moved = try PathProof(message: proof.message, hops: hops)
        #expect(self.paths.refusal(moved) == nil)
    }

    @Test func noCertificateWithAnythingElseInItIsTaken() throws {
        let proof = try self.paths.proof(joint: [1])
        for place in [0, 1] {
            let good = proof.hops[place].certificate
            let damaged = [good + [0], Array(good.dropLast()), [], Array("WLQX".utf8) + good.dropFirst(4)]
            for certificate in damaged {
                var hops = proof.hops
                hops[place] = PathProof.Hop(record: hops[place].record, certificate: certificate)
                let refused = self.paths.refusal(try PathProof(message: proof.message, hops: hops))
                #expect(refused == Refused(.malformedCertificate, place))
            }
        }
    }

    @Test func jointKeysThatTheChainDoesNotHaveAreNoCommittee() throws {
        let proof = try self.paths.proof(joint: [1])
        let reigns = self.paths.reigns
        let verifier = PathVerifier(
            chain: "echo",
            now: 0,
            lists: { chain, _ in reigns[chain].map { ListReign(list: $0.list, firstHeight: 0) } },
            isKnown: { _ in false }
        )
        #expect(self.paths.refusal(proof, by: verifier) == Refused(.wrongCommittee, 1))
    }

    @Test func everyDamagedByteIsRefused() throws {
        let bytes = try self.paths.proof(hops: 2, joint: [1]).bytes
        let verifier = self.paths.verifier(on: "charlie")
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 1 << UInt8(place % 8)
            guard let proof = try? PathProof(bytes: damaged) else { continue }
            #expect(self.paths.refusal(proof, by: verifier) != nil, "byte \(place)")
        }
    }

    @Test func everyReasonHasANameOfItsOwnAndSaysWhere() throws {
        let names = Set(PathRefusal.Reason.allCases.map(\.rawValue))
        #expect(names.count == PathRefusal.Reason.allCases.count)
        let refusal = PathRefusal(.spliced, hop: 2, .context, "the hop continues something else")
        #expect(refusal.description == "spliced at hop 2: CONTEXT: the hop continues something else")
    }
}

@Suite struct JointCommitteeTests {
    @Test func everyGroupProvesPossessionOfItsKey() throws {
        let paths = try SamplePaths()
        let joint = try paths.joint()
        let proofs = try paths.jointSecrets.map { try $0.proofOfPossession().encoded }
        #expect(code { _ = try JointCommittee(joint.committee, possessions: proofs) } == nil)
        #expect(code { _ = try JointCommittee(joint.committee, possessions: proofs.reversed()) } == .proof)
        #expect(code { _ = try JointCommittee(joint.committee, possessions: Array(proofs.dropLast())) } == .threshold)
    }

    @Test func theGroupsAreTheListsSubgroupsAndTheUnion() throws {
        let paths = try SamplePaths()
        let proofs = try paths.jointSecrets.map { try $0.proofOfPossession().encoded }
        func fits(_ shapes: [(String, UInt16, UInt16)]) throws -> Bool {
            let groups = zip(shapes, paths.jointSecrets).map {
                ThresholdCommittee.Group(name: $0.0, threshold: $0.1, memberCount: $0.2, key: $1.publicKey.encoded)
            }
            let joint = try JointCommittee(
                ThresholdCommittee(groups),
                possessions: Array(proofs.prefix(groups.count))
            )
            return code { try joint.requireFit(SampleLists.list()) } == nil
        }
        #expect(try fits([("hospitals", 2, 5), ("regulators", 1, 3), ("*", 4, 8)]))
        #expect(try !fits([("hospitals", 2, 5), ("regulators", 1, 3)]))
        #expect(try !fits([("regulators", 1, 3), ("hospitals", 2, 5), ("*", 4, 8)]))
        #expect(try !fits([("hospitals", 1, 5), ("regulators", 1, 3), ("*", 4, 8)]))
        #expect(try !fits([("hospitals", 2, 5), ("regulators", 1, 3), ("*", 3, 8)]))
        #expect(try !fits([("hospitals", 2, 6), ("regulators", 1, 3), ("*", 4, 9)]))
    }
}
