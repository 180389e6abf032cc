import CanonicalBytes
import FiniteFields
import Testing

@testable import BLS12381

@Suite struct PairingTests {
    @Test("The pairing of the generators is the cube of the draft's")
    func control() {
        #expect(GT.generator.bytes.prefix(8).hex == "1250ebd871fc0a92")
        #expect(!GT.generator.isOne)
    }

    @Test("The pairing is linear in both arguments", arguments: 0..<8)
    func bilinear(_ seed: UInt64) {
        let a = Fr.random(seed)
        let b = Fr.random(seed + 100)
        let p = G1Point.generator(times: a)
        let q = G2Point.generator(times: b)
        let expected = GT.generator.power(a * b)
        #expect(Pairing.pair(p, q) == expected)
        #expect(Pairing.pair(b * p, .generator) == expected)
        #expect(Pairing.pair(.generator, a * q) == expected)
    }

    @Test("A product is the product of its pairings", arguments: [0, 1, 2, 3, 7])
    func products(_ count: Int) {
        let pairs = (0..<count).map { index in
            (
                G1Point.generator(times: .random(UInt64(index))),
                G2Point.hash([UInt8(index)], domain: [2])
            )
        }
        let expected = pairs.reduce(GT.one) { $0 * Pairing.pair($1.0, $1.1) }
        #expect(Pairing.product(pairs) == expected)
        #expect(Pairing.product(pairs.map { ($0.0, PreparedG2($0.1)) }) == expected)
    }

    @Test("Pairings that cancel make one")
    func cancelling() {
        let scalar = Fr.random(3)
        let pairs = [
            (G1Point.generator(times: scalar), G2Point.generator),
            (-G1Point.generator, G2Point.generator(times: scalar)),
        ]
        #expect(Pairing.productIsOne(pairs))
        #expect(!Pairing.productIsOne([pairs[0], pairs[0]]))
    }

    @Test("Pairing with the identity gives one")
    func identity() {
        #expect(Pairing.pair(.identity, .generator).isOne)
        #expect(Pairing.pair(.generator, .identity).isOne)
        let pairs = [(G1Point.identity, G2Point.generator), (.generator, .generator)]
        #expect(Pairing.product(pairs) == .generator)
    }

    @Test("GT elements are encoded and decoded")
    func encoding() throws {
        let element = GT.generator.power(.random(9))
        #expect(element.bytes.count == GT.byteCount)
        #expect(try GT(element.bytes) == element)
        #expect(try GT(GT.one.bytes).isOne)
        #expect((element / element).isOne)
    }

    @Test("What is no GT element is refused with its code")
    func refusedElements() {
        let bytes = GT.generator.bytes
        let prime: [UInt8] =
            [UInt8](
                hex: "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"
            ) ?? []
        let zero = [UInt8](repeating: 0, count: 576)
        // -1 satisfies both equations of the cyclotomic test's even powers, but its order is 2.
        let minusOne = Fp12(-Fp6.one, .zero)
        let cases: [([UInt8], ProtocolFailure.Code)] = [
            (Array(bytes.dropLast()), .format), (bytes + [0], .format), (Array(bytes.dropLast(48)) + prime, .point),
            (zero, .subgroup), (Array(bytes.dropLast()) + [bytes[575] ^ 1], .subgroup),
            (GT(minusOne).bytes, .subgroup),
        ]
        for (encoded, code) in cases {
            #expect(throws: ProtocolFailure.self) { try GT(encoded) }
            do { _ = try GT(encoded) } catch { #expect(error.code == code) }
        }
    }

    @Test("An element of the cyclotomic subgroup outside GT is refused")
    func cyclotomic() {
        let value = Fp12(Fp6(Fp2(Fp(3), Fp(5)), .one, .zero), Fp6(.one, .zero, Fp2(Fp(7), .zero)))
        let easy = value.conjugate() * value.inverse()
        let element = easy.frobeniusSquared() * easy
        #expect(element.cyclotomicallySquared() == element.squared())
        #expect(throws: ProtocolFailure(.subgroup, "not in the group of order r")) { try GT(GT(element).bytes) }
        #expect(throws: Never.self) { try GT(Pairing.finalExponentiation(value).bytes) }
    }
}
