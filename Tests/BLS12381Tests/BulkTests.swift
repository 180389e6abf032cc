import CanonicalBytes
import FiniteFields
import Testing

@testable import BLS12381

@Suite struct BulkTests {
    /// Scalars at the ends of the range and of the windows, small ones, and some that look random.
    private static func scalars(_ count: Int, seed: UInt64 = 0) -> [Fr] {
        let special: [Fr] = [
            .zero, .one, -Fr.one, Fr(2), Fr(1 << 12), Fr(1 << 11), Fr(limbs: (.max, .max, .max, .max >> 2)),
        ]
        return (0..<count).map { $0 % 3 == 1 ? special[$0 / 3 % special.count] : .random(UInt64($0) + seed) }
    }

    @Test("Multiples from tables are those of single multiplications", arguments: [0, 1, 5, 300])
    func multiples(_ count: Int) {
        let scalars = Self.scalars(count)
        let first = G1Points(of: .generator, times: scalars)
        let second = G2Points(of: .generator, times: scalars)
        #expect(first.count == count)
        for (index, scalar) in scalars.enumerated() {
            #expect(first[index] == G1Point.generator(times: scalar))
            #expect(second[index] == G2Point.generator(times: scalar))
            #expect(first.isIdentity(at: index) == scalar.isZero)
        }
    }

    @Test("Sums of products are those of the logarithms", arguments: [0, 1, 23, 24, 25, 40, 100, 1000, 3000])
    func sums(_ count: Int) {
        let scalars = Self.scalars(count, seed: 7)
        var logarithms = Self.scalars(count, seed: 9000)
        if count > 20 {
            logarithms[3] = logarithms[2]
            logarithms[5] = -logarithms[4]
        }
        let total = zip(scalars, logarithms).reduce(Fr.zero) { $0 + $1.0 * $1.1 }
        #expect(G1Points(of: .generator, times: logarithms).sum(times: scalars) == .generator(times: total))
        #expect(G2Points(of: .generator, times: logarithms).sum(times: scalars) == .generator(times: total))
    }

    @Test("Sums with sparse scalars are right", arguments: [Fr.zero, .one, -Fr.one, Fr(3)])
    func sparse(_ scalar: Fr) {
        let logarithms = (0..<500).map { Fr.random($0) }
        let points = G1Points(of: .generator, times: logarithms)
        let scalars = (0..<500).map { $0 % 7 == 0 ? Fr.random(UInt64($0)) : scalar }
        let total = zip(scalars, logarithms).reduce(Fr.zero) { $0 + $1.0 * $1.1 }
        #expect(points.sum(times: scalars) == .generator(times: total))
    }

    @Test("Equal points with equal scalars are doubled", arguments: [30, 64, 100])
    func equalTerms(_ count: Int) {
        let points = G2Points([G2Point](repeating: .generator, count: count))
        let sum = points.sum(times: [Fr](repeating: .random(1), count: count))
        #expect(sum == .generator(times: Fr(UInt64(count)) * .random(1)))
    }

    @Test("Points with their own scalars each")
    func eachWithItsOwn() {
        let scalars = Self.scalars(300)
        let points = G1Points(of: .generator, times: Self.scalars(300, seed: 1))
        let products = points.multiplied(by: scalars)
        for index in 0..<300 { #expect(products[index] == scalars[index] * points[index]) }
    }

    @Test("Lists survive encoding, identities included", arguments: [PointForm.compressed, .uncompressed])
    func encoding(_ form: PointForm) throws {
        let scalars = Self.scalars(600)
        let first = G1Points(of: .generator, times: scalars)
        let second = G2Points(of: .generator, times: scalars)
        let firstBytes = first.encoded(form)
        let secondBytes = second.encoded(form)
        let decodedFirst = try G1Points(firstBytes, count: 600, form, .inSubgroup)
        let decodedSecond = try G2Points(secondBytes, count: 600, form, .inSubgroup)
        for index in 0..<600 {
            #expect(decodedFirst[index] == first[index])
            #expect(decodedSecond[index] == second[index])
        }
        #expect(decodedFirst.encoded(form) == firstBytes)
        #expect(decodedSecond.encoded(form) == secondBytes)
        #expect(throws: ProtocolFailure.self) { try G1Points(firstBytes, count: 600, form, .inSubgroupNotIdentity) }
    }

    @Test("Encodings in lists are those of single points")
    func sameBytes() throws {
        let scalars = (1..<20).map { Fr.random($0) }
        let first = G1Points(of: .generator, times: scalars)
        let second = G2Points(of: .generator, times: scalars)
        #expect(try first.encoded(.compressed) == (0..<19).flatMap { try first[$0].encoded() })
        #expect(try first.encoded(.uncompressed) == (0..<19).flatMap { try first[$0].encodedUncompressed() })
        #expect(try second.encoded(.compressed) == (0..<19).flatMap { try second[$0].encoded() })
        #expect(try second.encoded(.uncompressed) == (0..<19).flatMap { try second[$0].encodedUncompressed() })
    }

    @Test("A bad point in a list is refused with its place", arguments: [PointForm.compressed, .uncompressed])
    func refusals(_ form: PointForm) throws {
        let good = G1Points(of: .generator, times: (1..<6).map { Fr.random($0) })
        let length = form == .compressed ? 48 : 96
        func code(_ checks: PointChecks = .inSubgroup, _ change: (inout [UInt8]) -> Void) -> ProtocolFailure? {
            var bytes = good.encoded(form)
            change(&bytes)
            do { _ = try G1Points(bytes, count: 5, form, checks) } catch { return error }
            return nil
        }
        #expect(code { _ in } == nil)
        #expect(code { $0.removeLast() }?.code == .format)
        #expect(code { $0.append(0) }?.code == .format)
        #expect(code { $0[3 * length] ^= 0x80 }?.code == .point)
        #expect(code { $0[3 * length] |= 0x1f }?.code == .point)
        #expect(code { $0[3 * length] ^= 0x40 }?.code == .point)
        #expect(code { $0[3 * length] ^= 0x80 }?.detail.hasPrefix("point 3: ") == true)
        let outside = G1Points(affine: G1Point.bulkAffine([G1Point.mapToCurve(Fp(1))])).encoded(form)
        func replaced(_ bytes: inout [UInt8]) { bytes.replaceSubrange(2 * length..<3 * length, with: outside) }
        #expect(code { replaced(&$0) }?.code == .subgroup)
        #expect(code(.onCurve) { replaced(&$0) } == nil)
        let identity = G1Points([.identity]).encoded(form)
        #expect(code { $0.replaceSubrange(..<length, with: identity) } == nil)
        #expect(code(.inSubgroupNotIdentity) { $0.replaceSubrange(..<length, with: identity) }?.code == .identity)
        #expect(
            code {
                $0.replaceSubrange(..<length, with: identity)
                $0[length - 1] = 1
            }?.code == .point
        )
    }

    @Test("A product computed in parts is the product")
    func partialPairings() {
        let pairs = (1...4).map { (G1Point.generator(times: .random($0)), G2Point.generator(times: .random($0 + 9))) }
        let prepared = pairs.map { ($0, PreparedG2($1)) }
        let parts = PartialPairing(Array(prepared[..<1])) * PartialPairing(Array(prepared[1...]))
        #expect(parts.finished() == Pairing.product(pairs))
        #expect(PartialPairing([]).finished().isOne)
    }
}

@Suite struct WindowDigitsTests {
    @Test("Digits are in range and add up to the scalar, whatever the width", arguments: 2...15)
    func digits(_ width: Int) {
        let scalars = Fr.samples
        let digits = WindowDigits(scalars, width: width)
        for (index, scalar) in scalars.enumerated() {
            var sum = Fr.zero
            for window in (0..<digits.windows).reversed() {
                let digit = digits[window, index]
                #expect(abs(digit) <= 1 << (width - 1))
                sum = sum * Fr(1 << UInt64(width)) + (digit < 0 ? -Fr(UInt64(-digit)) : Fr(UInt64(digit)))
            }
            #expect(sum == scalar)
        }
    }
}
