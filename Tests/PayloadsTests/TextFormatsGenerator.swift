import Payloads
import Units

/// SplitMix64: a seed makes the same test everywhere.
struct PayloadGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    mutating func chance(oneIn odds: Int) -> Bool { self.below(odds) == 0 }
}

extension DecodedValue {
    /// A random value of at most `depth` nested containers.
    static func random(depth: Int, using generator: inout PayloadGenerator) -> DecodedValue {
        switch generator.below(depth > 0 ? 8 : 5) {
        case 0: .null
        case 1: .bool(generator.chance(oneIn: 2))
        case 2, 3: .number(self.randomNumber(using: &generator))
        case 4: .string(self.randomText(using: &generator))
        case 5: .array((0..<generator.below(6)).map { _ in self.random(depth: depth - 1, using: &generator) })
        default:
            .object(
                (0..<generator.below(6)).map { _ in
                    (self.randomText(using: &generator), self.random(depth: depth - 1, using: &generator))
                }
            )
        }
    }

    private static func randomNumber(using generator: inout PayloadGenerator) -> ExactDecimal {
        let digits = (0..<(1 + generator.below(34))).reduce(Int128(0)) { sum, _ in
            sum * 10 + Int128(generator.below(10))
        }
        let exponent = generator.chance(oneIn: 4) ? generator.below(400) - 200 : -generator.below(12)
        return ExactDecimal(significand: generator.chance(oneIn: 2) ? digits : -digits, exponent: exponent)
    }

    private static func randomText(using generator: inout PayloadGenerator) -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "µ", "水", "\u{10000}", "😀",
            "\u{10FFFF}",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<generator.below(12) { text.append(alphabet[generator.below(alphabet.count)]) }
        return String(text)
    }
}

/// Damages valid payloads in the ways that transports and bugs do: bits, cuts, repeats, mixtures.
struct Mutator {
    let corpus: [[UInt8]]
    var generator: PayloadGenerator

    init(corpus: [[UInt8]], seed: UInt64) {
        self.corpus = corpus
        self.generator = PayloadGenerator(seed: seed)
    }

    mutating func next() -> [UInt8] {
        var bytes = self.corpus[self.generator.below(self.corpus.count)]
        for _ in 0...self.generator.below(4) { self.mutate(&bytes) }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = [UInt8(truncatingIfNeeded: self.generator.next())]
            return
        }
        let place = self.generator.below(bytes.count)
        switch self.generator.below(7) {
        case 0: bytes[place] ^= 1 << UInt8(self.generator.below(8))
        case 1: bytes[place] = UInt8(truncatingIfNeeded: self.generator.next())
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(UInt8(truncatingIfNeeded: self.generator.next()), at: place)
        case 4: bytes.removeSubrange(place...)
        case 5:
            bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + self.generator.below(20) + 1)], at: place)
        default:
            let other = self.corpus[self.generator.below(self.corpus.count)]
            bytes.replaceSubrange(place..., with: other.suffix(self.generator.below(other.count + 1)))
        }
    }
}
