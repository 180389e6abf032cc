/// Keccak-256 as chains with an EVM use it: the sponge of FIPS 202 with the padding of the Keccak submission of 2011.
package enum Keccak256 {
    /// Bytes absorbed at a time.
    private static let rate = 136

    /// The digest, 32 bytes.
    package static func digest(_ message: [UInt8]) -> [UInt8] {
        var sponge = Sponge()
        var rest = message[...]
        while rest.count >= Self.rate {
            sponge.absorb(rest.prefix(Self.rate))
            rest = rest.dropFirst(Self.rate)
        }
        var last = Array(rest) + [UInt8](repeating: 0, count: Self.rate - rest.count)
        last[rest.count] ^= 0x01
        last[Self.rate - 1] ^= 0x80
        sponge.absorb(last[...])
        return sponge.squeezed
    }
}

/// The state of Keccak-f[1600], 25 lanes of 64 bits; lane `x + 5y` stands in column `x`, row `y`.
private struct Sponge {
    private var lanes = [UInt64](repeating: 0, count: 25)

    /// Adds a block of 136 bytes.
    mutating func absorb(_ block: ArraySlice<UInt8>) {
        for (place, byte) in block.enumerated() {
            self.lanes[place / 8] ^= UInt64(byte) << UInt64(place % 8 * 8)
        }
        for constant in Self.roundConstants { self.permute(constant) }
    }

    /// The first 32 bytes.
    var squeezed: [UInt8] {
        self.lanes.prefix(4).flatMap { lane in withUnsafeBytes(of: lane.littleEndian) { Array($0) } }
    }

    /// One round: θ, ρ, π, χ and ι of FIPS 202 section 3.2.
    private mutating func permute(_ constant: UInt64) {
        var parity = [UInt64](repeating: 0, count: 5)
        for x in 0..<5 {
            parity[x] = stride(from: x, to: 25, by: 5).reduce(0) { $0 ^ self.lanes[$1] }
        }
        var moved = self.lanes
        for x in 0..<5 {
            let column = parity[(x + 4) % 5] ^ Self.rotated(parity[(x + 1) % 5], by: 1)
            for y in 0..<5 {
                let lane = Self.rotated(self.lanes[x + 5 * y] ^ column, by: Self.offsets[x + 5 * y])
                moved[y + 5 * ((2 * x + 3 * y) % 5)] = lane
            }
        }
        for y in stride(from: 0, to: 25, by: 5) {
            for x in 0..<5 {
                self.lanes[x + y] = moved[x + y] ^ (~moved[(x + 1) % 5 + y] & moved[(x + 2) % 5 + y])
            }
        }
        self.lanes[0] ^= constant
    }

    private static func rotated(_ lane: UInt64, by count: UInt64) -> UInt64 {
        count == 0 ? lane : lane << count | lane >> (64 - count)
    }

    /// FIPS 202, table 2, modulo 64, lane by lane.
    private static let offsets: [UInt64] = [
        0, 1, 62, 28, 27,
        36, 44, 6, 55, 20,
        3, 10, 43, 25, 39,
        41, 45, 15, 21, 8,
        18, 2, 61, 56, 14,
    ]

    /// FIPS 202, algorithm 5: bits of a linear feedback shift register at the places `2^j - 1` of each round's
    /// constant.
    private static let roundConstants: [UInt64] = {
        var register: UInt8 = 1
        return (0..<24).map { _ in
            var constant: UInt64 = 0
            for power in 0...6 {
                if register & 1 == 1 { constant |= 1 << ((UInt64(1) << UInt64(power)) - 1) }
                register = register << 1 ^ (register >> 7 == 1 ? 0x71 : 0)
            }
            return constant
        }
    }()
}
