internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Testing
internal import Transcripts

@testable internal import Signcryption

@Suite struct EnvelopeTests {
    @Test func theOwnerReadsWhatTheGatewaySealed() throws {
        let world = try World()
        let records = (0..<40).map {
            EnvelopeRecord(id: "é-\($0)", type: "t", time: UInt64($0), data: SecureRandom.bytes($0 * 7))
        }
        let envelope = try world.sealed(records)
        let opened = try envelope.open(
            with: world.scopeKey.keyPair,
            descriptorDigest: world.descriptor.digest
        )
        #expect(opened == records)
    }

    @Test func anyFlippedBitIsRefused() throws {
        let world = try World()
        let bytes = try world.sealed().bytes
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1 << (index % 8)
            let code = failure {
                _ = try ParsedEnvelope(bytes: damaged).verify(sender: world.gateway.certified)
            }
            #expect(code != nil, "byte \(index)")
        }
    }

    @Test func anyTruncationIsRefused() throws {
        let bytes = try World().sealed().bytes
        for count in bytes.indices {
            #expect(failure { _ = try ParsedEnvelope(bytes: Array(bytes[..<count])) } == .format)
        }
    }

    @Test func lengthsThatLieAreRefusedBeforeAnythingIsAllocated() {
        let batch: [UInt8] = Array("WLB1".utf8) + [255, 255, 255, 255]
        #expect(failure { _ = try RecordBatch.parse(batch) } == .format)
        #expect(failure { _ = try RecordBatch.parse(batch + [255, 255, 255, 255]) } == .format)
        #expect(failure { _ = try ParsedEnvelope(bytes: Array("WLE1".utf8) + [255, 255, 255, 255]) } == .format)
    }

    @Test func envelopesOfOneBatchDoNotRepeat() throws {
        let world = try World()
        let (first, second) = (try world.sealed(), try world.sealed())
        #expect(first.envelope.commitment != second.envelope.commitment)
        #expect(first.envelope.ciphertext != second.envelope.ciphertext)
    }

    @Test func aSenderDoesNotSealToAScopeThatItsHeaderDoesNotName() throws {
        let (world, other) = (try World(), try World())
        let header = try other.header()
        #expect(
            failure { _ = try world.scope.seal(World.records, under: header, by: world.gateway.key) } == .context
        )
    }

    @Test func anotherScopeKeyOpensNothing() throws {
        let (world, other) = (try World(), try World())
        let envelope = try world.sealed()
        #expect(
            failure {
                _ = try envelope.open(with: other.scopeKey.keyPair, descriptorDigest: world.descriptor.digest)
            } == .context
        )
        let shared = other.scopeKey.keyPair.withSecret { $0 * envelope.envelope.commitment.point }
        #expect(failure { _ = try envelope.open(shared: shared, epochKey: nil) } == .aead)
    }

    @Test func failuresOfDecryptionLookAlikeFromOutside() {
        let alike: [ProtocolFailure.Code] = [.aead, .fo, .key, .unsatisfied]
        let seen = Set(alike.map { ProtocolFailure($0, "detail \($0)").asSeenByRemoteParty })
        #expect(seen.count == 1)
        for code in ProtocolFailure.Code.allCases where !alike.contains(code) {
            let failure = ProtocolFailure(code, "detail")
            #expect(failure.asSeenByRemoteParty == failure)
        }
    }

    @Test func aWeightedSumOfSharesIsTheValueAtZero() {
        let coefficients = (0..<4).map { _ in P256Scalar.random() }
        let indices: [UInt8] = [2, 7, 100, 255]
        let sum = indices.reduce(P256Scalar.zero) { sum, index in
            let x = P256Scalar(UInt64(index))
            let value = coefficients.reversed().reduce(P256Scalar.zero) { $0 * x + $1 }
            return sum + P256Scalar.lagrangeAtZero(index, among: indices) * value
        }
        #expect(sum == coefficients[0])
    }

    @Test func paddingIsTold() {
        #expect(EnvelopeRecord(id: "", type: "wardline.pad", time: 0, data: [0]).isPadding)
        #expect(!World.records[0].isPadding)
    }
}
