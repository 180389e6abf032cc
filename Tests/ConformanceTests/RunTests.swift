import Testing

@testable import Conformance

@Suite struct RunTests {
    private static let good =
        #"{"name":"one","op":"transcript","in":{"fields":["61"]},"out":{"bytes":"0000000161"}}"#
    private static let wrong =
        #"{"name":"two","op":"transcript","in":{"fields":["61"]},"out":{"bytes":"0000000162"}}"#
    private static let other =
        #"{"name":"three","op":"p256.decode_scalar","in":{"scalar":"00"},"error":"FORMAT"}"#

    private static func file(_ cases: String...) -> String {
        #"{"suite":"s","set":"t","version":1,"cases":["# + cases.joined(separator: ",") + "]}"
    }

    @Test func passedAndFailedAreCountedAndNamed() {
        let result = run(Self.file(Self.good, Self.wrong))
        let lines = result.report.split(separator: "\n").map(String.init)
        #expect(lines.first == "f.json: 1 passed, 1 failed")
        #expect(
            lines.contains {
                $0 == #"FAILED f.json: two: transcript: expected {"bytes":"0000000162"}, got {"bytes":"0000000161"}"#
            }
        )
        #expect(lines.last == "1 passed, 1 failed")
    }

    @Test func onlyTheMembersThatDifferAreShown() throws {
        let point = "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        let result = run(
            Self.file(#"{"name":"g","op":"p256.decode_point","in":{"point":"\#(point)"},"out":{"x":"00","y":"00"}}"#)
        )
        let failure = try #require(result.failures.first)
        #expect(failure.expected == #"{"x":"00","y":"00"}"#)
        #expect(failure.got.hasPrefix(#"{"x":"6b17"#))
    }

    @Test func casesOfOtherOperationsThanThePrefixAreLeftOut() {
        let result = run(Self.file(Self.good, Self.wrong, Self.other), only: "p256.")
        #expect(result.report.hasSuffix("\n1 passed, 0 failed\n"))
    }

    @Test(arguments: ["nonsense", "bls.nonsense", "TRANSCRIPT", ""])
    func anOperationOfNoKnownSchemeFails(_ operation: String) throws {
        let result = run(Self.file(#"{"name":"n","op":"\#(operation)","in":{},"out":{}}"#))
        #expect(result.failedCount == 1)
        #expect(try #require(result.failures.first).got == "`\(operation)`")
    }

    @Test(
        arguments: [
            #"{"op":"transcript","in":{"fields":[]},"out":{"bytes":""},"error":"FORMAT"}"#,
            #"{"op":"transcript","in":{"fields":[]}}"#,
            #"{"op":"transcript","in":{"fields":[]},"out":"00"}"#,
            #"{"op":"transcript","in":[],"out":{"bytes":""}}"#,
            #"{"op":"transcript","out":{"bytes":""}}"#,
            #"{"op":7,"in":{},"out":{}}"#,
            #"{"in":{},"out":{}}"#,
            "7",
            #"{"op":"transcript","in":{"fields":["0"]},"out":{"bytes":""}}"#,
            #"{"op":"transcript","in":{"fields":["zz"]},"error":"FORMAT"}"#,
            #"{"op":"transcript","in":{"fields":"61"},"error":"FORMAT"}"#,
            #"{"op":"transcript","in":{},"error":"FORMAT"}"#,
            #"{"op":"p256.decode_scalar","in":{"scalar":"00"},"error":"NONSENSE"}"#,
            #"{"op":"hkdf","in":{"salt_tag":"t","ikm":"","info":"","len":1.0},"error":"FORMAT"}"#,
            #"{"op":"hkdf","in":{"salt_tag":"t","ikm":"","info":"","len":-1},"error":"FORMAT"}"#,
            #"{"op":"hkdf","in":{"salt_tag":"t","ikm":"","info":"","len":8161},"error":"FORMAT"}"#,
        ]
    )
    func aMalformedCaseIsOneNamedFailureAndTheOthersAreRun(_ malformed: String) throws {
        let result = run(Self.file(Self.good, malformed, Self.good))
        #expect(result.passedCount == 2)
        #expect(result.failedCount == 1)
        #expect(try #require(result.failures.first).file == "f.json")
    }

    @Test(
        arguments: [
            "", "nonsense", "[]", "7", #"{"cases":[]}"#, #"{"cases":{}}"#, #"{"suite":"s"}"#,
            #"{"version":2,"cases":[7]}"#, #"{"cases":[7],"cases":[7]}"#, #"{"cases":[7]} "# + "x",
            #"{"cases":["#,
        ]
    )
    func aMalformedFileIsOneNamedFailure(_ content: String) throws {
        let result = run(content)
        #expect(result.passedCount == 0)
        #expect(result.failures.map(\.file) == ["f.json"])
        #expect(try #require(result.failures.first).expected == "a vector file")
    }

    @Test func jsonThatDoesNotClaimToBeAVectorFileCountsAsNothing() {
        var result = ConformanceRun()
        let isVectorFile = result.add(file: "f.json", content: Array(#"{"toy":{"vk":"00"}}"#.utf8))
        #expect(!isVectorFile)
        #expect(result.report == "0 passed, 0 failed\n")
    }

    @Test func everyCaseIsReportedWithItsVerdict() {
        var words: [String] = []
        var result = ConformanceRun()
        let content = Array(Self.file(Self.good, Self.wrong, Self.other).utf8)
        result.add(file: "f.json", content: content) { words.append("\($0.name) \($1.word)") }
        #expect(words == ["one passed", "two FAILED", "three passed"])
    }
}
