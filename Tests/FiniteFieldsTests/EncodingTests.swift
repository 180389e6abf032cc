import CanonicalBytes
import FiniteFields
import Testing

@Suite struct EncodingTests {
    private static let prime =
        "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"
    private static let order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001"

    private static func bytes(_ hex: String) throws -> [UInt8] { try #require([UInt8](hex: hex)) }

    @Test("Elements of Fp are read below the prime only")
    func fp() throws {
        var encoded = try Self.bytes(Self.prime)
        #expect(Fp(bigEndian: encoded) == nil)
        encoded[47] -= 1
        #expect(Fp(bigEndian: encoded) == -Fp.one)
        #expect((-Fp.one).bytes == encoded)
        #expect(Fp(bigEndian: [UInt8](repeating: 255, count: 48)) == nil)
        #expect(Fp(bigEndian: [UInt8](repeating: 0, count: 48)) == .zero)
        #expect(Fp(0x1234).bytes.hex.hasSuffix("00001234"))
    }

    @Test("Scalars are read below the order only")
    func fr() throws {
        var encoded = try Self.bytes(Self.order)
        let order = encoded
        #expect(throws: ProtocolFailure(.scalar, "the scalar is not below the group order")) { try Fr(order) }
        encoded[31] -= 1
        #expect(try Fr(encoded) == -Fr.one)
        #expect((-Fr.one).bytes == encoded)
        #expect(throws: ProtocolFailure(.scalar, "the scalar is zero")) {
            try Fr(nonzero: [UInt8](repeating: 0, count: 32))
        }
        #expect(throws: ProtocolFailure(.format, "a scalar has 32 bytes, not 31")) {
            try Fr([UInt8](repeating: 0, count: 31))
        }
    }

    @Test("Longer integers are reduced")
    func reduction() throws {
        let order = try Self.bytes(Self.order)
        #expect(Fr(reducing: order) == .zero)
        #expect(Fr(reducing: [1] + order) == Fr(reducing: [1] + [UInt8](repeating: 0, count: 32)))
        #expect(Fr(reducing: [5]) == Fr(5))
        #expect(Fr(reducing: []) == .zero)
        let ones = [UInt8](repeating: 255, count: 64)
        #expect(Fr(reducing: ones) == (0..<512).reduce(Fr.zero) { sum, _ in sum + sum + .one })
        let prime = try Self.bytes(Self.prime)
        #expect(Fp(reducing: [UInt8](repeating: 0, count: 16) + prime) == .zero)
        #expect(Fp(reducing: ones) == (0..<512).reduce(Fp.zero) { sum, _ in sum + sum + .one })
    }

    @Test("Digits to the base of the curve's parameter add up to the scalar")
    func digits() {
        var generator = SplitMix64(state: 10)
        let base = Fr(0xd201_0000_0001_0000)
        for _ in 0..<300 {
            let scalar = Fr.sample(&generator)
            let digits = scalar.parameterDigits
            let values = [digits.0, digits.1, digits.2, digits.3]
            #expect(values.allSatisfy { $0 < 0xd201_0000_0001_0000 })
            #expect(values.reversed().reduce(Fr.zero) { $0 * base + Fr($1) } == scalar)
        }
    }
}
