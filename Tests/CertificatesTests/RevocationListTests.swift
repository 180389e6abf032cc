import CanonicalBytes
import P256Group
import Testing
import Transcripts

@testable import Certificates

@Suite struct RevocationListTests {
    private let authority = CertificateAuthority(name: "authority", key: .generate())

    private func list(_ digests: [[UInt8]], window: ClosedRange<UInt64> = 1000...2000) throws -> RevocationList {
        try .sign(
            digests,
            number: 3,
            thisUpdate: window.lowerBound,
            nextUpdate: window.upperBound,
            by: self.authority
        )
    }

    /// The encoding of the format's description, with any parts and a true signature.
    private func encoded(window: (UInt64, UInt64) = (1000, 2000), count: UInt32, _ digests: [[UInt8]]) throws -> [UInt8]
    {
        let body =
            Array("WLRL".utf8) + transcript(Array("authority".utf8)) + UInt64(3).bigEndianBytes
            + window.0.bigEndianBytes + window.1.bigEndianBytes + count.bigEndianBytes + digests.flatMap { $0 }
        return body + (try Schnorr.sign(self.authority.key, context: "REVOCATIONS", message: body))
    }

    private static func digest(_ fill: UInt8) -> [UInt8] { [UInt8](repeating: fill, count: 32) }

    @Test(arguments: [0, 1, 2, 3, 100])
    func aListContainsWhatWasRevokedAndNothingElse(_ count: Int) throws {
        let digests = (0..<count).map { _ in SecureRandom.bytes(32) }
        let list = try self.list(digests + digests)
        #expect(list.count == count)
        #expect(Set(list.revoked) == Set(digests))
        for digest in digests { #expect(list.contains(digest)) }
        for _ in 0..<20 { #expect(!list.contains(SecureRandom.bytes(32))) }
        for other in [[], Self.digest(0), Self.digest(255), Array(digests.first?.dropLast() ?? [])] {
            #expect(!list.contains(other))
        }
        try list.verify(by: self.authority.issuer, at: 1500)
    }

    @Test func theEncodingIsTheOneOfTheFormatsDescription() throws {
        let list = try self.list([Self.digest(9), Self.digest(1)])
        let bytes = try self.encoded(count: 2, [Self.digest(1), Self.digest(9)])
        #expect(Array(list.bytes.dropLast(64)) == Array(bytes.dropLast(64)))
        let parsed = try RevocationList(bytes: bytes)
        try parsed.verify(by: self.authority.issuer, at: nil)
        #expect(parsed.issuer == "authority" && parsed.number == 3)
        #expect(parsed.thisUpdate == 1000 && parsed.nextUpdate == 2000)
    }

    @Test func anyFlippedBitIsNoticed() throws {
        let list = try self.list([Self.digest(1), Self.digest(9)])
        for bit in 0..<list.bytes.count * 8 {
            var bytes = list.bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(
                code {
                    try RevocationList(bytes: bytes).verify(by: self.authority.issuer, at: nil)
                } != nil,
                "bit \(bit)"
            )
        }
    }

    @Test func anyCutOrAppendedByteIsRefused() throws {
        let bytes = try self.list([Self.digest(1)]).bytes
        for length in 0..<bytes.count {
            #expect(
                code {
                    _ = try RevocationList(bytes: Array(bytes[..<length]))
                } == .format
            )
        }
        #expect(code { _ = try RevocationList(bytes: bytes + [0]) } == .format)
    }

    @Test func digestsThatRepeatOrDescendAreRefused() throws {
        for digests in [[Self.digest(1), Self.digest(1)], [Self.digest(2), Self.digest(1)]] {
            let bytes = try self.encoded(count: 2, digests)
            #expect(code { _ = try RevocationList(bytes: bytes) } == .format)
        }
    }

    @Test(arguments: [0, 2, UInt32(RevocationList.countMax) + 1, .max])
    func aCountThatTheBytesDoNotHoldIsRefused(_ count: UInt32) throws {
        let bytes = try self.encoded(count: count, [Self.digest(1)])
        #expect(code { _ = try RevocationList(bytes: bytes) } == .format)
    }

    @Test func aListThatEndsBeforeItBeginsIsRefused() throws {
        let bytes = try self.encoded(window: (2000, 1999), count: 0, [])
        #expect(code { _ = try RevocationList(bytes: bytes) } == .format)
        #expect(throws: ProtocolFailure.self) {
            try RevocationList.sign([], number: 1, thisUpdate: 2, nextUpdate: 1, by: self.authority)
        }
    }

    @Test func aDigestOfAnotherLengthIsNotSigned() {
        #expect(throws: ProtocolFailure(.format, "a digest has 32 bytes, not 31")) {
            try self.list([[UInt8](repeating: 0, count: 31)])
        }
    }

    @Test(arguments: [(999, .time), (1000, nil), (2000, nil), (2001, .time)] as [(UInt64, ProtocolFailure.Code?)])
    func aListIsCurrentWithinItsWindow(_ now: UInt64, _ expected: ProtocolFailure.Code?) throws {
        let list = try self.list([])
        #expect(
            code {
                try list.verify(by: self.authority.issuer, at: now)
            } == expected
        )
    }

    @Test func theIssuerIsCheckedBeforeTheSignatureAndTheSignatureBeforeTheTime() throws {
        let list = try self.list([])
        let renamed = CertificateIssuer(name: "other", publicKey: try P256PublicKey(.generator))
        let rekeyed = CertificateIssuer(name: "authority", publicKey: try P256PublicKey(.generator))
        #expect(code { try list.verify(by: renamed, at: 0) } == .context)
        #expect(code { try list.verify(by: rekeyed, at: 0) } == .signature)
        #expect(code { try list.verify(by: self.authority.issuer, at: 0) } == .time)
    }

    @Test func aCertificateIsRevokedByItsDigest() throws {
        let (revoked, other) = (try Issuance().certificate, try Issuance().certificate)
        let list = try self.list([revoked.digest])
        #expect(list.contains(revoked.digest))
        #expect(!list.contains(other.digest))
    }
}
