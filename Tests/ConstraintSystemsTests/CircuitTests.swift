import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Testing

@Suite struct CircuitTests {
    /// x³ + x + 5 = y of the fixtures.
    private static let toy: Circuit = {
        var builder = CircuitBuilder()
        let y = builder.publicInput()
        let x = builder.input()
        let cube = builder.region("cube") { builder in
            let square = builder.region("square") { $0.product(x, x) }
            return builder.product(square, x)
        }
        builder.region("sum") { $0.enforceEqual(cube + x + Fr(5), y) }
        return builder.circuit()
    }()

    @Test func theToyCircuitHasTheDigestOfTheFixtures() {
        #expect(Self.toy.system.digest.hex == "8c9b623e506ffc0425c1bedd3031b0bc5ec82ae83a408c078efd7a4f844bed31")
    }

    @Test func oneSynthesisIsSolvedForManyInputs() throws {
        for x in 0..<50 as Range<UInt64> {
            let witness = try Self.toy.witness([Fr(x * x * x + x + 5), Fr(x)])
            #expect(witness == [.one, Fr(x * x * x + x + 5), Fr(x), Fr(x * x), Fr(x * x * x)])
        }
    }

    @Test func aWrongWitnessIsRefusedWithThePlaceOfTheConstraint() {
        #expect(throws: ProtocolFailure(.unsatisfied, "constraint 2 does not hold (sum)")) {
            try Self.toy.witness([Fr(36), Fr(3)])
        }
        #expect(Self.toy.region(ofConstraint: 0) == "cube / square")
        #expect(Self.toy.region(ofConstraint: 1) == "cube")
    }

    @Test func inputsOfAnotherCountAreRefused() {
        #expect(throws: ProtocolFailure(.context, "the circuit takes 2 inputs, not 1")) {
            try Self.toy.witness([Fr(35)])
        }
        #expect(throws: ProtocolFailure(.context, "the circuit takes 2 inputs, not 3")) {
            try Self.toy.assignment([Fr(35), Fr(3), Fr(9)])
        }
    }

    @Test func theProfileCountsByRegion() {
        let profile = CircuitProfile(Self.toy)
        #expect(profile.rows.map(\.region) == ["cube", "cube / square", "sum"])
        #expect(profile.rows.map(\.depth) == [0, 1, 0])
        #expect(profile.rows.map(\.constraints) == [2, 1, 1])
        #expect(profile.rows.map(\.termsA) == [2, 1, 4])
        #expect(profile.rows.map(\.termsB) == [2, 1, 1])
        #expect(profile.rows.map(\.termsC) == [2, 1, 0])
        #expect(profile.total.constraints == 3)
        #expect(profile.total.termsA == 6)
        #expect(CircuitProfile(Self.toy, depthMax: 0).rows.map(\.region) == ["cube", "sum"])
    }
}
