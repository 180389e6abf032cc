import Testing

@testable import Conformance

@Suite struct RandomVectorTests {
    @Test func randomCasesPassWhenTheyAreReadBack() throws {
        let cases = try RandomVectors.cases(3)
        var run = ConformanceRun()
        run.add(file: "random", content: VectorFile.content(suite: "random", cases: cases))
        #expect(run.failures.isEmpty, "\(run.report)")
        #expect(run.passedCount == cases.count)
    }

    @Test func everyOperationHasAGoodCaseAndManyInputsAreDamaged() throws {
        // Half of the receivers are pseudonyms, so that 24 rounds without one do not happen.
        let cases = try RandomVectors.cases(24)
        let good = Set(cases.filter { $0.name.hasPrefix("good") }.map(\.operation))
        // The arithmetic of the pairing layer is compared with an independent implementation by scripts/interop-bls;
        // the schemes over it, and index pages, are held to the files of vectors.
        let others = ["bls.", "ibe.", "abe.", "xbls.", "index.", "ibtp.", "keccak256"]
        let emitted = OperationTable.standard.operations.map(\.name).filter { name in
            !others.contains(where: name.hasPrefix)
        }
        #expect(good == Set(emitted))
        let refused = cases.count { if case .error = $0.expectation { true } else { false } }
        #expect(refused > cases.count / 10)
    }

    @Test func onlyCasesOfThePrefixAreReturned() throws {
        let cases = try RandomVectors.cases(1, only: "ecies.")
        #expect(Set(cases.map(\.operation)) == ["ecies.seal", "ecies.open"])
    }

    @Test func damageChangesOneValue() throws {
        let input: JSONObject = [
            "n": .integer(7), "b": .hex([1, 2, 3]), "list": .array([.string("word"), .bool(true)]),
        ]
        var seen: Set<JSONObject> = []
        for _ in 0..<500 {
            let damage = try #require(Damage(of: input, operation: "o", donor: input))
            let differing = JSONValue.object(input).leaves.filter {
                JSONValue.object(input)[$0] != JSONValue.object(damage.input)[$0]
            }
            #expect(differing.count <= 1)
            #expect(damage.input.names == input.names)
            seen.insert(damage.input)
        }
        #expect(seen.count > 10)
        #expect(Damage(of: [:], operation: "o", donor: [:]) == nil)
    }
}
