import StrictYAML
import Testing

@Suite struct YAMLFieldTests {
    private enum Colour: String, CaseIterable { case red, green }

    @Test func unknownKeyIsRefusedWithLineAndField() throws {
        let root = try YAMLField(parsing: "a: 1\nb:\n  c: 2\n  d: 3\n", file: "x.yaml")
        let inner = try root.mapping(["a", "b"]).required("b")
        #expect(throws: YAMLProblem(
            file: "x.yaml", line: 4, field: "b.d", reason: "unknown key 'd'; known here: c"
        )) { try inner.mapping(["c"]) }
    }

    @Test func repeatedKeyIsRefused() {
        #expect(throws: YAMLProblem.self) { try YAMLField(parsing: "a: 1\na: 2\n", file: "x") }
    }

    @Test func aliasesThatMultiplyAreRefused() {
        var text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        for level in 1...9 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(throws: YAMLProblem.self) { try YAMLField(parsing: text, file: "x") }
    }

    @Test func scalarsKeepTheirSpelling() throws {
        let root = try YAMLField(parsing: "[on, 1.10, 2026-11-20, '']", file: "x")
        #expect(try root.elements().map { try $0.text() } == ["on", "1.10", "2026-11-20", ""])
    }

    @Test func wrongChoiceListsTheRightOnes() throws {
        let root = try YAMLField(parsing: "blue", file: "x")
        #expect(throws: YAMLProblem(file: "x", line: 1, field: "", reason: "'blue' is not one of: red, green")) {
            try root.choice(Colour.self)
        }
    }

    @Test(arguments: ["", "\t", "a: [", "a: b: c", "- a\nb"])
    func damagedFilesAreRefusedWithoutACrash(text: String) {
        #expect(throws: YAMLProblem.self) { try YAMLField(parsing: text, file: "x").members() }
    }

    @Test func missingKeyNamesItsMapping() throws {
        let mapping = try YAMLField(parsing: "a: 1", file: "x").mapping(["a", "b"])
        #expect(throws: YAMLProblem(file: "x", line: 1, field: "", reason: "'b' is missing")) {
            try mapping.required("b")
        }
    }
}
