import CanonicalBytes
import Testing
import ThresholdSignatures

@testable import PathProofs

@Suite struct PathProofTests {
    @Test(arguments: 1...4)
    func aProofIsReadBackAsItWasWritten(_ count: Int) throws {
        let proof = try SamplePaths().proof(hops: count, joint: [1])
        let read = try PathProof(bytes: proof.bytes)
        #expect(read == proof)
        #expect(read.bytes == proof.bytes)
        #expect(read.digest == proof.hops[count - 1].record.digest)
    }

    @Test func anythingShortOrLongIsNoProof() throws {
        let bytes = try SamplePaths().proof(hops: 2).bytes
        for count in bytes.indices { #expect(code { _ = try PathProof(bytes: Array(bytes[..<count])) } == .format) }
        #expect(code { _ = try PathProof(bytes: bytes + [0]) } == .format)
        let huge = [UInt8](repeating: 0, count: PathProof.bytesMax + 1)
        #expect(code { _ = try PathProof(bytes: huge) } == .format)
    }

    @Test func aProofHasOneToFourHops() throws {
        let proof = try SamplePaths().proof()
        #expect(code { _ = try PathProof(message: proof.message, hops: []) } == .format)
        #expect(code { _ = try PathProof(message: proof.message, hops: proof.hops + [proof.hops[0]]) } == .format)
        // The count stands behind the message.
        let bytes = try SamplePaths().proof(hops: 1).bytes
        let hop = proof.hops[0]
        let place = bytes.count - 4 - hop.certificate.count - hop.record.body.count - 32 - 1
        #expect(bytes[place] == 1)
        for count: UInt8 in [0, 2, 5, 255] {
            var damaged = bytes
            damaged[place] = count
            #expect(code { _ = try PathProof(bytes: damaged) } == .format)
        }
    }

    @Test func theLargestProofIsWithinTheBounds() throws {
        let (name, service) = (String(repeating: "n", count: 64), String(repeating: "s", count: 256))
        let message = try PathMessage(
            identifier: MessageIdentifier(source: service, destination: service, sequence: .max),
            payloadHash: hash("p"),
            sourceChain: name,
            destinationChain: String(name.dropLast()) + "m",
            nonce: hash("n")
        )
        let record = try HopRecord(
            previous: hash("d"),
            link: .init(index: 3, chain: name, nextChain: name, gateway: name),
            anchor: .init(height: .max, blockHash: hash("b"), inclusionRoot: hash("i")),
            certifier: .init(epoch: .max, listRoot: hash("r"), committee: hash("c")),
            expiry: .max
        )
        // "WLQA" of 16 groups of 16.
        let certificate = [UInt8](repeating: 1, count: 4 + 32 + 16 * (4 + 2) + 96)
        let hops = [PathProof.Hop](repeating: .init(record: record, certificate: certificate), count: 4)
        let proof = try PathProof(message: message, hops: hops)
        #expect(certificate.count <= PathProof.certificateBytesMax)
        #expect(proof.bytes.count + 4 * (PathProof.certificateBytesMax - certificate.count) <= PathProof.bytesMax)
        #expect(try PathProof(bytes: proof.bytes) == proof)
        let long = [UInt8](repeating: 1, count: PathProof.certificateBytesMax + 1)
        #expect(
            code { _ = try PathProof(message: message, hops: [.init(record: record, certificate: long)]) } == .format
        )
    }

    @Test func messagesAndRecordsOutOfBoundsAreRefused() throws {
        let good = try SamplePaths.message()
        func refused(
            payloadHash: [UInt8] = hash("p"),
            from source: String = "alpha",
            to destination: String = "echo",
            nonce: [UInt8] = hash("n")
        ) -> ProtocolFailure.Code? {
            code {
                _ = try PathMessage(
                    identifier: good.identifier,
                    payloadHash: payloadHash,
                    sourceChain: source,
                    destinationChain: destination,
                    nonce: nonce
                )
            }
        }
        #expect(refused() == nil)
        #expect(refused(payloadHash: [1]) == .format)
        #expect(refused(nonce: []) == .format)
        #expect(refused(from: "") == .format)
        #expect(refused(to: String(repeating: "c", count: 65)) == .format)
        #expect(refused(from: "echo") == .format)
        #expect(code { _ = try MessageIdentifier(source: "", destination: "b", sequence: 0) } == .format)
        let long = String(repeating: "s", count: 257)
        #expect(code { _ = try MessageIdentifier(source: "a", destination: long, sequence: 0) } == .format)
        #expect(code { _ = try Self.record(index: 4) } == .format)
        #expect(code { _ = try Self.record(previous: [1]) } == .format)
        #expect(code { _ = try Self.record(gateway: "") } == .format)
    }

    static func record(
        index: UInt8 = 0,
        previous: [UInt8]? = nil,
        gateway: String = "gateway"
    ) throws -> HopRecord {
        try HopRecord(
            previous: previous ?? SamplePaths.message().digest,
            link: .init(index: index, chain: "alpha", nextChain: "bravo", gateway: gateway),
            anchor: .init(height: 15, blockHash: hash("b"), inclusionRoot: hash("i")),
            certifier: .init(epoch: 3, listRoot: hash("r"), committee: hash("c")),
            expiry: 1_000
        )
    }

    /// Computed apart, from the definitions alone.
    @Test func theDigestsAreThoseOfTheDefinitions() throws {
        let message = try SamplePaths.message()
        let record = try Self.record()
        #expect(message.digest.hex == "340f7f3c4bfbb6dda48d74d50f5cd2498df8e3887083c70fe63546bbde5daae9")
        #expect(record.digest.hex == "ce8387cb0b5daa8477439aa172fdf049849f7bf7a7af073512381d45d55b2ec5")
        #expect(record.signedBytes(of: message).hex.hasPrefix("000000125741" + "52444c494e452d56312d58434841494e"))
        let signed = CrossChainMessage.signedBytes(
            committee: hash("c"),
            payload: CrossChainMessage(
                source: "1:alpha:share",
                destination: "1:echo:share",
                sequence: 7,
                expiry: 1_000,
                transaction: record.digest
            ).payload
        )
        #expect(record.signedBytes(of: message) == signed)
    }

    @Test func everyFieldIsUnderTheDigest() throws {
        let base = try Self.record()
        func record(
            previous: [UInt8]? = nil,
            link: HopRecord.Link? = nil,
            anchor: HopRecord.Anchor? = nil,
            certifier: HopRecord.Certifier? = nil,
            verdict: HopRecord.Verdict = .forwarded,
            expiry: UInt64 = 1_000
        ) throws -> [UInt8] {
            try HopRecord(
                previous: previous ?? base.previous,
                link: link ?? base.link,
                anchor: anchor ?? base.anchor,
                certifier: certifier ?? base.certifier,
                verdict: verdict,
                expiry: expiry
            ).digest
        }
        let digests = try [
            record(), record(previous: hash("x")),
            record(link: .init(index: 1, chain: "alpha", nextChain: "bravo", gateway: "gateway")),
            record(link: .init(index: 0, chain: "alphab", nextChain: "ravo", gateway: "gateway")),
            record(link: .init(index: 0, chain: "alpha", nextChain: "bravog", gateway: "ateway")),
            record(anchor: .init(height: 16, blockHash: hash("b"), inclusionRoot: hash("i"))),
            record(anchor: .init(height: 15, blockHash: hash("x"), inclusionRoot: hash("i"))),
            record(anchor: .init(height: 15, blockHash: hash("b"), inclusionRoot: hash("x"))),
            record(certifier: .init(epoch: 4, listRoot: hash("r"), committee: hash("c"))),
            record(certifier: .init(epoch: 3, listRoot: hash("x"), committee: hash("c"))),
            record(certifier: .init(epoch: 3, listRoot: hash("r"), committee: hash("x"))),
            record(verdict: .refused), record(expiry: 1_001),
        ]
        #expect(Set(digests).count == digests.count)
    }
}
