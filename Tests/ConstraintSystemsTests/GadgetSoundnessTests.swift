import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Testing

/// What a dishonest prover can make of each gadget: all witnesses over the whole field, for chosen inputs.
@Suite struct GadgetSoundnessTests {
    @Test func aProductIsNothingElse() throws {
        let gadget = GadgetCircuit(inputs: 2) { $0.product($1[0], $1[1]) }
        for a in Fr.extremes {
            for b in Fr.extremes { #expect(try gadget.outputs([a, b]) == [a * b]) }
        }
    }

    @Test func aBooleanIsZeroOrOne() throws {
        let gadget = GadgetCircuit(inputs: 0) { builder, _ in builder.boolean(.computed([]) { _ in .one }) }
        let outputs = try gadget.outputs([])
        #expect(outputs.count == 2 && outputs.contains(.zero) && outputs.contains(.one))
        var generator = SplitMix64(state: 2)
        let enforced = GadgetCircuit(inputs: 1) { builder, inputs in
            builder.enforceBoolean(inputs[0])
            return inputs[0]
        }
        for value in Fr.extremes + (0..<50).map({ _ in generator.element() }) {
            #expect(try enforced.outputs([value]) == (value == .zero || value == .one ? [value] : []))
        }
    }

    @Test func aSelectionIsOneOfTwo() throws {
        let gadget = GadgetCircuit(inputs: 3) { builder, inputs in
            builder.enforceBoolean(inputs[0])
            return builder.select(inputs[0], inputs[1], inputs[2])
        }
        #expect(try gadget.outputs([.zero, Fr(7), Fr(9)]) == [Fr(7)])
        #expect(try gadget.outputs([.one, Fr(7), Fr(9)]) == [Fr(9)])
        #expect(try gadget.outputs([Fr(2), Fr(7), Fr(9)]).isEmpty)
    }

    @Test(arguments: 1...6)
    func bitsAreThoseOfTheInteger(_ count: Int) throws {
        // The bits' value weighted by other powers, so that two choices of bits cannot give one output.
        let gadget = GadgetCircuit(inputs: 1) { builder, inputs in
            var weight = Fr.one
            return builder.bits(inputs[0], count: count).map { bit in
                weight = weight * Fr(1_000_003)
                return weight * bit
            }.sum
        }
        for integer in -70...140 {
            let outputs = try gadget.outputs([Fr(signed: integer)])
            guard (0..<1 << count).contains(integer) else {
                #expect(outputs.isEmpty)
                continue
            }
            var weight = Fr.one
            let expected = (0..<count).reduce(Fr.zero) { sum, place in
                weight = weight * Fr(1_000_003)
                return integer >> place & 1 == 1 ? sum + weight : sum
            }
            #expect(outputs == [expected])
        }
        // Fractions and integers near the order have no bits.
        for value in [Fr(2).inverse(), Fr(3).inverse(), Fr(limbs: (0, 0, 0, 1 << 62)), Fr(limbs: (1, 1, 0, 0))] {
            #expect(try gadget.outputs([value]).isEmpty)
        }
    }

    @Test(arguments: [0, 1, 2, 40, 65534, 65535] as [UInt32])
    func aValueAtLeastABoundIsNotBelow(_ bound: UInt32) throws {
        let gadget = GadgetCircuit(inputs: 2) { builder, inputs in
            builder.enforceAtLeast(inputs[0], bound, where: inputs[1])
            return .one
        }
        let near = [-2, -1, 0, 1, 2].map { Int(bound) + $0 }
        for value in near + [-65536, -1, 0, 1, 39, 40, 65535, 65536, 1 << 32 - 1, 1 << 32, 1 << 40] {
            let isRight = value >= Int(bound) && value - Int(bound) < 1 << 32
            #expect(try gadget.outputs([Fr(signed: value), .one]).count == (isRight ? 1 : 0))
        }
        #expect(try gadget.outputs([.zero, .zero]).count == 1)
    }

    @Test(arguments: [0, 1, 2, 40, 65534, 65535] as [UInt32])
    func aValueAtMostABoundIsNotAboveAndNotNegative(_ bound: UInt32) throws {
        let gadget = GadgetCircuit(inputs: 2) { builder, inputs in
            builder.enforceAtMost(inputs[0], bound, where: inputs[1])
            return .one
        }
        let near = [-2, -1, 0, 1, 2].map { Int(bound) + $0 }
        for value in near + [-65536, -1, 0, 1, 39, 40, 65535, 65536, 1 << 32 - 1, 1 << 32, 1 << 40] {
            let isRight = (0...Int(bound)).contains(value)
            #expect(try gadget.outputs([Fr(signed: value), .one]).count == (isRight ? 1 : 0))
        }
        #expect(try gadget.outputs([.zero, .zero]).count == 1)
        #expect(try gadget.outputs([.one, .zero]).isEmpty)
    }

    @Test(arguments: 1...5)
    func gatesHoldOnlyWhenEnoughChildrenDo(_ count: Int) throws {
        for threshold in 1...count {
            let gate = GadgetCircuit(inputs: count) { $0.gate(threshold: threshold, $1) }
            let general = GadgetCircuit(inputs: count) { $0.threshold(threshold, of: $1) }
            for children in 0..<1 << count {
                let inputs = (0..<count).map { children >> $0 & 1 == 1 ? Fr.one : .zero }
                let holds = children.nonzeroBitCount >= threshold
                let isExact = threshold == 1 || threshold == count
                let outputs = try gate.outputs(inputs)
                if isExact {
                    #expect(outputs == [holds ? .one : .zero])
                } else {
                    #expect(outputs.count == (holds ? 2 : 1) && outputs.contains(.one) == holds)
                }
                // A gate that holds may be left at 0, never the other way round.
                let free = try general.outputs(inputs)
                #expect(free.contains(.zero) && free.contains(.one) == holds)
                #expect(free.count == (holds ? 2 : 1))
                let honest = try general.circuit.witness(inputs)
                #expect(general.output.value(honest) == (holds ? .one : .zero))
            }
        }
    }

    /// Under-constrained circuits have a row too few; here every row is needed.
    @Test(arguments: [2, 3, 4, 5])
    func everyConstraintOfAGateIsNeeded(_ count: Int) throws {
        for threshold in 1...count {
            let gate = GadgetCircuit(inputs: count) { $0.gate(threshold: threshold, $1) }
            let inputs = (0..<1 << count).map { children in
                (0..<count).map { children >> $0 & 1 == 1 ? Fr.one : .zero }
            }
            let expected = try inputs.map { try gate.outputs($0) }
            for row in gate.circuit.system.constraints.indices {
                let weaker = gate.without(constraint: row)
                #expect(zip(inputs, expected).contains { (try? weaker.outputs($0)) != $1 })
            }
        }
    }

    @Test func poseidonHasOneWitness() throws {
        var generator = SplitMix64(state: 3)
        let gadget = GadgetCircuit(inputs: 3) { $0.poseidonHash(.leaf, $1) }
        for _ in 0..<3 {
            let inputs = (0..<3).map { _ in generator.element() }
            #expect(try gadget.outputs(inputs) == [Poseidon.hash(.leaf, inputs)])
            let witness = try gadget.circuit.witness(inputs)
            #expect(gadget.circuit.system.variablesFreeByThemselves(in: witness, &generator).isEmpty)
        }
    }

    @Test func pairsOfPoseidonsVariablesAreNotFree() throws {
        var generator = SplitMix64(state: 4)
        let gadget = GadgetCircuit(inputs: 1) { $0.poseidonHash(.holder, $1) }
        let witness = try gadget.circuit.witness([generator.element()])
        for first in 2..<witness.count {
            for second in [first + 1, first + 2, Int(generator.next() % 240) + 2] where second < witness.count {
                var other = witness
                other[first] = generator.element()
                other[second] = generator.element()
                #expect(gadget.circuit.system.firstViolated(by: other) != nil)
            }
        }
    }

    @Test func aPathLeadsToTheRootFromOnePlaceOnly() throws {
        var generator = SplitMix64(state: 5)
        let depth = 3
        let nodes = (0..<1 + depth).map { _ in generator.element() }
        for place in 0..<1 << depth {
            var root = nodes[0]
            for level in 0..<depth {
                let sibling = nodes[1 + level]
                root = Poseidon.hash(.node, place >> level & 1 == 1 ? [sibling, root] : [root, sibling])
            }
            var builder = CircuitBuilder()
            let leaf = builder.input()
            let reached = builder.merkleRoot(above: leaf, depth: depth)
            builder.enforceEqual(reached, LinearCombination(constant: root))
            let circuit = builder.circuit()
            // Leaf and siblings are fixed, the sides are left to the prover.
            let inputs = circuit.inputVariables
            var fixed = [inputs[0]: nodes[0]]
            for level in 0..<depth { fixed[inputs[1 + 2 * level]] = nodes[1 + level] }
            let witnesses = try WitnessSearch(circuit.system).witnesses(fixing: fixed, limit: 10)
            #expect(witnesses.count == 1)
            for (level, variable) in (0..<depth).map({ ($0, inputs[2 + 2 * $0]) }) {
                #expect(witnesses.first?[variable] == (place >> level & 1 == 1 ? .one : .zero))
            }
        }
    }
}
