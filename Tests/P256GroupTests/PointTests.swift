import CanonicalBytes
import Testing

@testable import P256Group

@Suite struct PointTests {
    /// SEC 2, section 2.4.2.
    private static let generator = "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"

    @Test func theGeneratorIsTheOneOfSEC2() throws {
        #expect(try P256Point.generator.encoded().hex == Self.generator)
        #expect(try P256Point.base(times: .one).encoded().hex == Self.generator)
    }

    @Test func aPointAndItsNegativeAddUpToTheIdentity() throws {
        let point = P256Point.base(times: .random())
        let sum = point + -point
        #expect(sum.isIdentity)
        #expect(throws: ProtocolFailure(.identity, "the identity has no encoding")) { try sum.encoded() }
        #expect(try (sum + point).encoded() == point.encoded())
    }

    @Test func theDoubleProductIsTheSumOfTheProducts() {
        let (a, b) = (P256Scalar.random(), P256Scalar.random())
        let q = P256Point.base(times: .random())
        #expect(P256Point.base(times: a, plus: b, times: q) == P256Point.base(times: a) + b * q)
    }

    @Test func productsWithTheOrderMinusOneNegate() {
        let minusOne = P256Scalar.zero - .one
        let q = P256Point.base(times: .random())
        #expect(minusOne * q == -q)
        #expect(P256Point.base(times: minusOne) == -P256Point.generator)
    }

    @Test(arguments: [
        ([UInt8](repeating: 0, count: 1), ProtocolFailure.Code.identity),
        ([UInt8](repeating: 0, count: 33), .point),
        ([2] + [UInt8](repeating: 255, count: 32), .point),
        ([4] + [UInt8](repeating: 1, count: 64), .format),
        ([5] + [UInt8](repeating: 1, count: 32), .point),
        ([], .format),
    ])
    func badEncodingsAreRefused(_ encoded: [UInt8], _ code: ProtocolFailure.Code) {
        do {
            _ = try P256Point(encoded)
            Issue.record("accepted")
        } catch { #expect(error.code == code) }
    }

    @Test func encodingsRoundTrip() throws {
        for _ in 0..<20 {
            let encoded = try P256Point.base(times: .random()).encoded()
            #expect(try P256Point(encoded).encoded() == encoded)
        }
    }

    @Test func smallMultiplesAgreeWithScalars() {
        let q = P256Point.base(times: .random())
        for k in UInt8.min...UInt8.max {
            #expect(q.multiplied(bySmall: k) == P256Scalar(UInt64(k)) * q)
        }
    }

    @Test func theGeneratorIsAPublicKey() throws {
        #expect(try P256PublicKey.generator == P256PublicKey(P256Point.generator))
        #expect(P256PublicKey.generator.point == .generator)
    }
}
