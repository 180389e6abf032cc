internal import Testing
internal import VectorFiles

@Suite struct VectorTests {
    private static let cases = Result {
        try VectorFile.cases("C_cbsre").filter { $0.operation.hasPrefix("cbsre.") }
    }

    @Test func theSetIsComplete() throws {
        let cases = try Self.cases.get()
        #expect(cases.count >= 120)
        #expect(Set(cases.map(\.operation)).count == 12)
    }

    @Test(arguments: try cases.get())
    func aCaseEndsAsTheSpecificationSays(_ vector: VectorCase) throws {
        let outcome = try vector.outcome { try VectorOperations.run(vector.operation, vector.input) }
        #expect(outcome == vector.expected)
    }
}
