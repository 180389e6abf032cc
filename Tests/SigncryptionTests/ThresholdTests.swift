internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Testing
internal import Transcripts

@testable internal import Signcryption

@Suite struct ThresholdTests {
    @Test(arguments: [(1, 1), (1, 3), (2, 3), (3, 3), (3, 5), (4, 7)])
    func anyThresholdOfPartsOpensAndOneFewerDoesNot(_ threshold: Int, _ count: Int) throws {
        let delegation = try Delegation(World(), threshold: threshold, of: count)
        let envelope = try delegation.world.sealed()
        let nonce = SecureRandom.bytes(32)
        let context = GrantReader.Context(nonce: nonce, singleControl: true)
        let parts = try delegation.parts(of: envelope, nonce: nonce)
        for _ in 0..<4 {
            let chosen = Array(parts.shuffled().prefix(threshold))
            #expect(try delegation.reader.open(envelope, parts: chosen, context: context) == World.records)
            let tooFew = Array(chosen.dropLast())
            #expect(
                failure { _ = try delegation.reader.open(envelope, parts: tooFew, context: context) } == .threshold
            )
        }
    }

    @Test func aCheatingPrivacyCenterIsNamedAndTheOthersSuffice() throws {
        let delegation = try Delegation(World(), threshold: 2, of: 3)
        let envelope = try delegation.world.sealed()
        let nonce = SecureRandom.bytes(32)
        let context = GrantReader.Context(nonce: nonce, singleControl: true)
        var parts = try delegation.parts(of: envelope, nonce: nonce)
        // Center 2 transforms with another share than its own.
        parts[1] = try envelope.reencrypt(
            under: delegation.grant,
            share: KeyShare(index: 2, keyPair: delegation.shares[0].keyPair),
            nonce: nonce,
            at: World.now,
            singleControl: true
        )
        let (records, faults) = try delegation.reader.openDroppingFaults(envelope, parts: parts, context: context)
        #expect(records == World.records)
        #expect(faults.map(\.index) == [2])
        #expect(faults.map(\.id) == ["cpc-2"])
        #expect(faults.map(\.position) == [1])
        #expect(faults.map(\.failure.code) == [.proof])
        do {
            _ = try delegation.reader.open(envelope, parts: parts, context: context)
            Issue.record("opened with a faulty part")
        } catch {
            #expect(error.code == .proof)
            #expect(error.detail.contains("privacy center 2 (cpc-2)"))
        }
    }

    @Test func faultyPartsOfEveryKindAreDropped() throws {
        let delegation = try Delegation(World(), threshold: 2, of: 4)
        let envelope = try delegation.world.sealed()
        let other = try delegation.world.sealed(sequence: 2)
        let nonce = SecureRandom.bytes(32)
        let context = GrantReader.Context(nonce: nonce, singleControl: true)
        let good = try delegation.parts(of: envelope, nonce: nonce)
        var flipped = good[0]
        flipped[flipped.count - 1] ^= 1
        var unknownCenter = good[0]
        unknownCenter[36] = 9
        let parts = [
            [1, 2, 3], flipped, unknownCenter, try delegation.parts(of: other, nonce: nonce)[0],
            try delegation.parts(of: envelope, nonce: SecureRandom.bytes(32))[1], good[2], good[2], good[1],
        ]
        let (records, faults) = try delegation.reader.openDroppingFaults(envelope, parts: parts, context: context)
        #expect(records == World.records)
        #expect(faults.map(\.position) == [0, 1, 2, 3, 4, 6])
        #expect(faults.map(\.index) == [nil, 1, 9, 1, 2, 3])
        #expect(faults.map(\.id) == [nil, "cpc-1", nil, "cpc-1", "cpc-2", "cpc-3"])
        #expect(faults.map(\.failure.code) == [.format, .proof, .context, .context, .context, .duplicate])
        let tooFew = Array(parts.prefix(6))
        #expect(
            failure { _ = try delegation.reader.openDroppingFaults(envelope, parts: tooFew, context: context) }
                == .threshold
        )
    }

    @Test func theCommitmentsFixEveryShare() throws {
        let delegation = try Delegation(World(), threshold: 5, of: 12)
        for share in delegation.shares {
            #expect(try delegation.grant.shareCommitment(share.index) == share.keyPair.publicKey)
        }
    }

    @Test func aPackageOpensForItsCenterAlone() throws {
        let world = try World()
        let center = try world.party("cpc", [.proxy])
        let receiver = try world.party("rcv", [.keyExchange])
        let issued = try world.scopeKey.grant(
            to: GrantReceiver(id: "rcv", key: receiver.certified, at: World.now),
            through: [GrantCenter(id: "cpc", key: center.certified, at: World.now)],
            descriptor: world.descriptor,
            ownerCertificateDigest: world.owner.certified.digest,
            ownerKey: world.owner.key,
            validity: (0, 10),
            randomness: GrantRandomness(threshold: 1, of: 1)
        )
        let grant = try ParsedGrant(bytes: issued.grant).verify(
            owner: world.owner.certified,
            descriptor: world.descriptor.bytes,
            at: nil
        )
        let package = issued.packages[0]
        _ = try grant.openPackage(package, index: 1, key: center.key)
        #expect(failure { _ = try grant.openPackage(package, index: 1, key: .generate()) } == .aead)
        #expect(failure { _ = try grant.openPackage(package, index: 2, key: center.key) } == .context)
        for byte in stride(from: 0, to: package.count, by: 5) {
            var damaged = package
            damaged[byte] ^= 0x40
            #expect(failure { _ = try grant.openPackage(damaged, index: 1, key: center.key) } != nil)
        }
    }

    @Test func anyFlippedBitOfAGrantOrDescriptorIsRefused() throws {
        let delegation = try Delegation(World(), threshold: 2, of: 3)
        let (owner, descriptor) = (delegation.world.owner.certified, delegation.world.descriptor.bytes)
        for index in delegation.grant.bytes.indices {
            var damaged = delegation.grant.bytes
            damaged[index] ^= 1 << (index % 8)
            let code = failure {
                _ = try ParsedGrant(bytes: damaged).verify(owner: owner, descriptor: descriptor, at: World.now)
            }
            #expect(code != nil, "byte \(index)")
        }
        for index in descriptor.indices {
            var damaged = descriptor
            damaged[index] ^= 1 << (index % 8)
            let code = failure {
                _ = try ScopeDescriptor(bytes: damaged).verify(owner: owner, at: World.now)
            }
            #expect(code != nil, "byte \(index)")
        }
    }

    @Test func partsCheckedAsTheyArriveOpenTheEnvelope() throws {
        let delegation = try Delegation(World(), threshold: 2, of: 3)
        let envelope = try delegation.world.sealed()
        let nonce = SecureRandom.bytes(32)
        let parts = try delegation.parts(of: envelope, nonce: nonce)
        let context = GrantReader.Context(nonce: nonce, singleControl: true)
        let selection = PartSelection(parts, of: envelope.envelope, under: delegation.grant, nonce: nonce)
        #expect(try delegation.reader.open(envelope, parts: selection, context: context) == World.records)

        // Parts of another envelope do not open this one, though each of them is good.
        let other = try delegation.world.sealed(sequence: 2)
        #expect(failure { _ = try delegation.reader.open(other, parts: selection, context: context) } == .aead)
    }

    @Test func aReceiverWithAnotherKeyOrCertificateGetsNothing() throws {
        let delegation = try Delegation(World(), threshold: 1, of: 1)
        let envelope = try delegation.world.sealed()
        let nonce = SecureRandom.bytes(32)
        let parts = try delegation.parts(of: envelope, nonce: nonce)
        let context = GrantReader.Context(nonce: nonce, singleControl: true)
        let digest = delegation.receiver.certified.digest
        let thief = GrantReader(grant: delegation.grant, key: .generate(), certificateDigest: digest)
        #expect(failure { _ = try thief.open(envelope, parts: parts, context: context) } == .key)
        let other = try delegation.world.party("other", [.keyExchange])
        let stranger = GrantReader(
            grant: delegation.grant,
            key: other.key,
            certificateDigest: other.certified.digest
        )
        #expect(failure { _ = try stranger.open(envelope, parts: parts, context: context) } == .context)
        var dual = context
        dual.singleControl = false
        #expect(failure { _ = try delegation.reader.open(envelope, parts: parts, context: dual) } == .context)
    }
}
