import BLS12381
import CanonicalBytes
import Crypto
import FiniteFields
import Testing

@Suite struct SerializationTests {
    /// SHA-256 of the published files of 1,000 multiples of the generators, from 0 on, that implementations of
    /// BLS12-381 test each other with.
    @Test("Multiples of the generators have the published encodings")
    func publishedMultiples() throws {
        var streams = [[UInt8]](repeating: [], count: 4)
        for (index, length) in [48, 96, 96, 192].enumerated() {
            streams[index] = [UInt8(index % 2 == 0 ? 0xc0 : 0x40)] + [UInt8](repeating: 0, count: length - 1)
        }
        var first = G1Point.generator
        var second = G2Point.generator
        for _ in 1..<1000 {
            streams[0] += try first.encoded()
            streams[1] += try first.encodedUncompressed()
            streams[2] += try second.encoded()
            streams[3] += try second.encodedUncompressed()
            first = first + .generator
            second = second + .generator
        }
        #expect(
            streams.map { SHA256.hash(data: $0).hex } == [
                "8acaa1d512b4cf96f4740e4c9afc19ba4618d48fe251c452a19382395bcd0929",
                "e25aae8e95c9cd39cdb1eec0100c8245e297510fef0091cbf80b91d49de6b685",
                "b75bc2e41289adda41e448e56a1ea39b11009a27b02e8676c8b86defedc05deb",
                "80fd0516c8115b13165589324558649fa94f49e714caa3b735537d073a9cfb65",
            ]
        )
    }

    @Test("What is encoded is decoded, in both forms", arguments: 1..<64)
    func roundTrip(_ factor: UInt64) throws {
        let scalar = Fr.random(factor)
        let first = G1Point.generator(times: scalar)
        let second = G2Point.generator(times: scalar)
        #expect(try G1Point(first.encoded()) == first)
        #expect(try G1Point(uncompressed: first.encodedUncompressed()) == first)
        #expect(try G2Point(second.encoded()) == second)
        #expect(try G2Point(uncompressed: second.encodedUncompressed()) == second)
    }

    @Test("The sign flag chooses between a point and its negative")
    func sign() throws {
        var bytes = try G1Point.generator.encoded()
        bytes[0] ^= 0x20
        #expect(try G1Point(bytes) == -G1Point.generator)
        bytes = try G2Point.generator.encoded()
        bytes[0] ^= 0x20
        #expect(try G2Point(bytes) == -G2Point.generator)
    }

    @Test("The identity is never encoded")
    func identity() {
        #expect(throws: ProtocolFailure(.identity, "the identity has no encoding")) {
            try G1Point.identity.encoded()
        }
        #expect(throws: ProtocolFailure(.identity, "the identity has no encoding")) {
            try (G2Point.generator - .generator).encodedUncompressed()
        }
    }

    /// A change of the generator's 96 bytes and the code of the refusal.
    struct Damage: Sendable, CustomStringConvertible {
        let description: String
        let code: ProtocolFailure.Code
        let apply: @Sendable (inout [UInt8]) -> Void

        init(_ description: String, _ code: ProtocolFailure.Code, _ apply: @escaping @Sendable (inout [UInt8]) -> Void)
        {
            self.description = description
            self.code = code
            self.apply = apply
        }

        static let all: [Damage] = [
            Damage("nothing left", .format) { $0 = [] },
            Damage("a byte short", .format) { $0.removeLast() },
            Damage("a byte more", .format) { $0.append(0) },
            Damage("the compression flag", .point) { $0[0] |= 0x80 },
            Damage("a sign", .point) { $0[0] |= 0x20 },
            Damage("infinity with coordinates", .point) { $0[0] |= 0x40 },
            Damage("infinity with a sign", .point) {
                $0 = [0x60] + [UInt8](repeating: 0, count: $0.count - 1)
            },
            Damage("infinity", .identity) { $0 = [0x40] + [UInt8](repeating: 0, count: $0.count - 1) },
            Damage("another y", .point) { $0[$0.count - 1] ^= 1 },
            Damage("a coordinate that is p", .point) { $0.replaceSubrange(($0.count - 48)..., with: Self.prime) },
        ]

        private static let prime: [UInt8] =
            [UInt8](
                hex: "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"
            ) ?? []
    }

    @Test("Damaged uncompressed points are refused with their code", arguments: Damage.all)
    func damage(_ damage: Damage) throws {
        var first = try G1Point.generator.encodedUncompressed()
        damage.apply(&first)
        #expect(Self.code { () throws(ProtocolFailure) in _ = try G1Point(uncompressed: first) } == damage.code)
        var second = try G2Point.generator.encodedUncompressed()
        damage.apply(&second)
        #expect(Self.code { () throws(ProtocolFailure) in _ = try G2Point(uncompressed: second) } == damage.code)
    }

    @Test("A point of the curve outside the subgroup is refused uncompressed too")
    func subgroup() {
        // (0, 2) has order 3.
        let order3 = [UInt8](repeating: 0, count: 95) + [2]
        #expect(Self.code { () throws(ProtocolFailure) in _ = try G1Point(uncompressed: order3) } == .subgroup)
    }

    private static func code(_ body: () throws(ProtocolFailure) -> Void) -> ProtocolFailure.Code? {
        do throws(ProtocolFailure) {
            try body()
            return nil
        } catch { return error.code }
    }
}
