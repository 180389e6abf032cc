import ConstraintSystems
import FiniteFields

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

    mutating func element() -> Fr { Fr(limbs: (self.next(), self.next(), self.next(), self.next())) }
}

extension Fr {
    /// The scalar that stands for an integer of either sign.
    init(signed integer: Int) { self = integer < 0 ? -Fr(UInt64(-integer)) : Fr(UInt64(integer)) }

    /// 0, 1 and others that constraints on booleans and small numbers must tell apart from what they allow.
    static let extremes: [Fr] = [.zero, .one, Fr(2), -.one, Fr(2).inverse(), Fr(limbs: (0, 0, 0, 1 << 62))]
}

/// A gadget by itself: inputs are private, and what it gives is to be found in witnesses.
struct GadgetCircuit {
    let circuit: Circuit
    let output: LinearCombination
    private var search: WitnessSearch

    init(inputs: Int, _ gadget: (inout CircuitBuilder, [LinearCombination]) -> LinearCombination) {
        var builder = CircuitBuilder()
        let variables = (0..<inputs).map { _ in builder.input() }
        self.output = gadget(&builder, variables)
        self.circuit = builder.circuit()
        self.search = WitnessSearch(self.circuit.system)
    }

    /// The gadget with one constraint too few.
    func without(constraint row: Int) -> GadgetCircuit {
        var weaker = self
        let system = self.circuit.system
        var constraints = system.constraints
        constraints.remove(at: row)
        weaker.search = WitnessSearch(
            ConstraintSystem(
                publicInputs: system.publicInputs,
                variables: system.variables,
                constraints: constraints
            )
        )
        return weaker
    }

    /// What a prover can make of the gadget for these inputs: its output in every witness over the whole field.
    func outputs(_ inputs: [Fr]) throws -> [Fr] {
        let fixed = Dictionary(uniqueKeysWithValues: zip(self.circuit.inputVariables, inputs))
        return try self.search.witnesses(fixing: fixed, limit: 1000).map { self.output.value($0) }
    }
}

extension ConstraintSystem {
    /// Variables of which another value violates no constraint, with the others as they are.
    func variablesFreeByThemselves(in witness: [Fr], _ generator: inout SplitMix64) -> [Int] {
        var rows: [Int: [Constraint]] = [:]
        for constraint in self.constraints {
            let terms = constraint.a.terms + constraint.b.terms + constraint.c.terms
            for variable in Set(terms.map { Int($0.variable) }) { rows[variable, default: []].append(constraint) }
        }
        return (1..<self.variables).filter { variable in
            var other = witness
            let values = [witness[variable] + .one, -witness[variable], .one - witness[variable], generator.element()]
            return values.contains { value in
                guard value != witness[variable] else { return false }
                other[variable] = value
                return (rows[variable] ?? []).allSatisfy {
                    $0.a.value(other) * $0.b.value(other) == $0.c.value(other)
                }
            }
        }
    }
}
