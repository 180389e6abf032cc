internal import CanonicalBytes
internal import Testing

@Suite struct VectorTests {
    @Test func theSetIsComplete() {
        #expect(VectorCase.cbsre.count >= 120)
        #expect(Set(VectorCase.cbsre.map(\.op)).count == 12)
    }

    @Test(arguments: VectorCase.cbsre)
    func aCaseEndsAsTheSpecificationSays(_ vector: VectorCase) throws {
        do {
            let output = try VectorOperations.run(vector.op, vector.input)
            #expect(vector.error == nil)
            #expect(vector.output == .object(output))
        } catch let failure as ProtocolFailure {
            #expect(failure.code.rawValue == vector.error, "\(failure)")
        }
    }
}
