import BLS12381
import CanonicalBytes
import Consensus
import Testing
import ThresholdSignatures

@testable import BLSCertificates

@Suite struct RecentPointsTests {
    @Test func whatIsRememberedIsWhatTheBytesSay() throws {
        let points = RecentPoints()
        let key = BLSKeyPair.generate()
        let made = try key.sign(points.message([1]))
        let afresh = try key.sign([1])
        #expect(made.encoded == afresh.encoded)
        points.note(made)
        let (known, decoded) = (try points.signature(made.encoded), try BLSSignature(made.encoded))
        #expect(known.point == decoded.point)
        try key.publicKey.verify(known.encoded, of: [1])
    }

    /// What others sent is decoded with every check.
    @Test func whatWasNotMadeHereIsDecodedStrictly() throws {
        let points = RecentPoints()
        let made = try BLSKeyPair.generate().sign([1])
        let decoded = try points.signature(made.encoded)
        #expect(decoded.point == made.point)
        points.note(made)
        for bytes in [
            [], Array(made.encoded.dropLast()), made.encoded + [0], [0xc0] + [UInt8](repeating: 0, count: 95),
        ] {
            #expect(throws: ProtocolFailure.self) { try points.signature(bytes) }
        }
    }

    @Test func theOldestAreForgottenAndMadeAgain() throws {
        let points = RecentPoints()
        let key = BLSKeyPair.generate()
        let first = try key.sign(points.message([0]))
        points.note(first)
        for number in 1...70 { points.note(try key.sign(points.message([UInt8(number)]))) }
        let again = try key.sign(points.message([0]))
        #expect(again.encoded == first.encoded)
        let decoded = try points.signature(first.encoded)
        #expect(decoded.point == first.point)
    }

    /// The sum that a replica made and the one that a stranger reads are judged alike.
    @Test func aCertificateIsGoodForThoseWhoDidNotMakeIt() throws {
        let validators = try Validators()
        let members = Array(validators.committee.members[..<3])
        let shares = (0..<3).map { validators.signers[$0].signShare([7]) }
        let proof = validators.scheme.combine(shares)
        #expect(validators.scheme.verifyCertificate(proof, of: [7], by: members))
        #expect(!validators.scheme.verifyCertificate(proof, of: [8], by: members))
        #expect(!validators.scheme.verifyCertificate(proof, of: [7], by: Array(validators.committee.members[1...])))
        let keys = try members.map { try BLSPublicKey(Array($0.shareKey.prefix(48))) }
        try BLSPublicKey(aggregating: keys).verify(proof, of: [7])
    }
}
