import BLS12381
import CanonicalBytes
import ConstraintSystems
import FiniteFields

@testable import Groth16

/// Random-looking numbers, the same in every run.
///
/// After Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

extension Fr {
    /// A scalar that looks random, the same in every run.
    static func sample(_ seed: UInt64) -> Fr {
        var generator = SplitMix64(state: seed)
        return Fr(limbs: (generator.next(), generator.next(), generator.next(), generator.next() >> 2))
    }
}

extension Trapdoor {
    static func sample(_ seed: UInt64) throws -> Trapdoor {
        let values = (0..<5).map { Fr.sample(seed * 100 + $0) }
        return try Trapdoor(tau: values[0], alpha: values[1], beta: values[2], gamma: values[3], delta: values[4])
    }
}

/// Circuits for tests, with their witnesses.
enum SampleCircuit {
    /// `x³ + x + 5 = y` with y public, as in the fixture.
    static let cubic: Circuit = {
        var builder = CircuitBuilder()
        let y = builder.publicInput()
        let x = builder.input()
        let square = builder.product(x, x)
        let cube = builder.product(square, x)
        builder.enforceEqual(cube + x + Fr(5), y)
        return builder.circuit()
    }()

    static func cubicInputs(_ x: Fr) -> [Fr] { [x.squared() * x + x + Fr(5), x] }

    /// A chain of squarings from a private value to a public one.
    static func chain(_ length: Int) -> Circuit {
        var builder = CircuitBuilder()
        let result = builder.publicInput()
        var value = builder.input()
        for _ in 1..<length { value = builder.product(value, value) }
        builder.enforce(value, times: value, equals: result)
        return builder.circuit()
    }

    static func chainInputs(_ length: Int, from start: Fr) -> [Fr] {
        [(0..<length).reduce(start) { value, _ in value.squared() }, start]
    }

    /// Bits of a private value that add up to a public one: a witness of zeros and ones, and variables that B never
    /// mentions.
    static func bits(_ count: Int) -> Circuit {
        var builder = CircuitBuilder()
        let result = builder.publicInput()
        let unused = builder.publicInput()
        let bits = (0..<count).map { _ in builder.boolean(.input) }
        builder.enforceEqual(bits.sum, result)
        _ = unused
        return builder.circuit()
    }
}
