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

    /// Around the places where the number of significant words of a scalar, or of its sum with the order, changes.
    @Test(arguments: [0, 1, 63, 64, 127, 128, 191, 192, 223, 224, 225, 247, 248, 255])
    func productsWithScalarsOfAnyLengthAreSumsOfDoubles(_ bit: Int) throws {
        let power = try P256Scalar((0..<32).map { UInt8($0 == 31 - bit / 8 ? 1 << (bit % 8) : 0) })
        let q = P256Point.base(times: .random())
        let doubled = { (point: P256Point) in (0..<bit).reduce(point) { sum, _ in sum + sum } }
        for (scalar, factor) in [(power - .one, -1), (power, 0), (power + .one, 1)] {
            let extra = { (point: P256Point) in factor < 0 ? -point : point }
            let expected = { factor == 0 ? doubled($0) : doubled($0) + extra($0) }
            #expect(P256Point.base(times: scalar) == expected(.generator))
            #expect(scalar * q == expected(q))
            #expect(P256Point.base(times: scalar, plus: scalar, times: q) == expected(.generator) + expected(q))
        }
    }

    /// OpenSSL's time depends on the number of words of a scalar.
    @Test func scalarsAreMultipliedByWithAllTheirWords() throws {
        let power = try P256Scalar((0..<32).map { $0 == 3 ? 1 : 0 })
        for scalar in [.zero, .one, power - .one, power, power + .one, .zero - .one, .random()] as [P256Scalar] {
            let lengthened = ScalarField.lengthened(scalar.limbs)
            #expect(lengthened.3 != 0)
            #expect(P256Scalar(limbs: ScalarField.reduceOnce(lengthened)) == scalar)
        }
    }

    @Test func productsWithScalarsThatJustFitBesideTheOrderAreRight() throws {
        // 2^256 - n, the least scalar whose sum with n has more than 256 bits; modulo n it is 2^256.
        var bytes = [UInt8](repeating: 0, count: 32)
        bytes[0] = 0x80
        let half = try P256Scalar(bytes)
        let q = P256Point.base(times: .random())
        let q256 = (0..<256).reduce(q) { sum, _ in sum + sum }
        #expect((half + half) * q == q256)
        #expect((half + half - .one) * q == q256 + -q)
        #expect(P256Point.base(times: half + half) == (0..<256).reduce(.generator) { sum, _ in sum + sum })
        #expect((P256Scalar.zero * q).isIdentity)
        #expect(P256Point.base(times: .zero).isIdentity)
    }

    @Test func coordinatesWithLeadingZerosHaveAllTheirBytes() throws {
        var found = 0
        var point = P256Point.base(times: .random())
        while found < 2 {
            point = point + .generator
            let (x, y) = try point.coordinates()
            #expect(x.count == 32 && y.count == 32)
            #expect(try point.encoded() == [2 | y[31] & 1] + x)
            if x[0] == 0 { found += 1 }
        }
        #expect(try P256Point(point.encoded()) == point)
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
