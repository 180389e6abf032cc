import Foundation
import Testing

@testable import Conformance

@Suite struct PublicVectorTests {
    static let files = [
        "A_encodings.json", "B_ecqv.json", "C_cbsre.json", "D_ibe.json", "E_policy_abe.json", "F_xbls.json",
        "G_zk.json", "H_pseudonym.json", "I_index.json",
    ]

    /// Exact, so that a file that shrinks or a case that is no longer run is seen.
    @Test(
        arguments: [
            ("A_encodings.json", 110),
            ("B_ecqv.json", 43),
            ("C_cbsre.json", 212),
            ("D_ibe.json", 97),
            ("E_policy_abe.json", 150),
            ("F_xbls.json", 136),
            ("G_zk.json", 92),
            ("H_pseudonym.json", 73),
            ("I_index.json", 34),
        ]
    )
    func everyCasePasses(_ file: String, _ passed: Int) throws {
        var run = ConformanceRun()
        let isVectorFile = run.add(file: file, content: try PublicVectors.content(file))
        #expect(isVectorFile)
        #expect(run.failures.isEmpty, "\(run.report)")
        #expect(run.passedCount == passed)
    }

    @Test func theFolderHoldsTheseFilesAndNoOthers() throws {
        #expect(try VectorFiles.found(at: [PublicVectors.folder]).count == 9)
    }

    @Test(arguments: Self.files)
    func anyChangedValueOfAnOutputFailsTheCase(_ file: String) throws {
        var changes = 0
        for vector in try PublicVectors.cases(file) {
            guard case .output(let output) = vector.expectation, output != [:] else { continue }
            let good = JSONValue.object(output)
            for way in good.leaves {
                var changed = good
                changed[way] = Self.changed(try #require(good[way]))
                guard case .object(let expected) = changed else { continue }
                changes += 1
                let isFailure = Self.isFailure(vector.expecting(.output(expected)))
                #expect(isFailure, "\(vector.operation) \(vector.name) \(way)")
            }
        }
        #expect(changes > 20)
    }

    @Test(arguments: Self.files)
    func anotherCodeOrAnOutputInPlaceOfTheCodeFailsTheCase(_ file: String) throws {
        var changes = 0
        for vector in try PublicVectors.cases(file) {
            guard case .error(let code) = vector.expectation else { continue }
            changes += 1
            let other = code == "FORMAT" ? "POINT" : "FORMAT"
            #expect(Self.isFailure(vector.expecting(.error(other))), "\(vector.operation) \(vector.name)")
            #expect(Self.isFailure(vector.expecting(.output([:]))), "\(vector.operation) \(vector.name)")
        }
        #expect(changes > 15)
    }

    @Test func aMissingOrAdditionalMemberOfAnOutputFailsTheCase() throws {
        for vector in try PublicVectors.cases("B_ecqv.json") {
            guard case .output(let output) = vector.expectation, let name = output.names.first else { continue }
            var fewer = output
            fewer[name] = nil
            #expect(Self.isFailure(vector.expecting(.output(fewer))))
            #expect(Self.isFailure(vector.expecting(.output(output.merging(["more": .bool(true)])))))
            #expect(Self.isFailure(vector.expecting(.error("FORMAT"))))
        }
    }

    @Test func theTableNamesEveryOperationOfTheSpecificationOnce() {
        let names = OperationTable.standard.operations.map(\.name)
        #expect(names.count == 122)
        #expect(Set(names).count == names.count)
    }

    private static func isFailure(_ vector: VectorCase) -> Bool {
        guard case .failed = verdict(vector) else { return false }
        return true
    }

    private static func changed(_ value: JSONValue) -> JSONValue {
        switch value {
        case .text(let text) where text.string.isEmpty: .string("00")
        case .text(let text):
            .string((text.string.hasPrefix("0") ? "1" : "0") + text.string.dropFirst())
        case .integer(let number): .integer(number + 1)
        case .bool(let flag): .bool(!flag)
        case .array, .object, .null, .otherNumber: .string("another")
        }
    }
}

extension VectorCase {
    /// The same input with another expectation.
    fileprivate func expecting(_ expectation: Expectation) -> VectorCase {
        VectorCase(name: self.name, operation: self.operation, input: self.input, expectation: expectation)
    }
}
