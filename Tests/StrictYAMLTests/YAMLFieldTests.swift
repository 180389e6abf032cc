import StrictYAML
import Testing

@Suite struct YAMLFieldTests {
    private enum Colour: String, CaseIterable { case red, green }

    @Test func unknownKeyIsRefusedWithLineAndField() throws {
        let root = try YAMLField(parsing: "a: 1\nb:\n  c: 2\n  d: 3\n", file: "x.yaml")
        let inner = try root.mapping(["a", "b"]).required("b")
        #expect(
            throws: YAMLProblem(
                file: "x.yaml",
                line: 4,
                field: "b.d",
                reason: "unknown key 'd'; known here: c"
            )
        ) { try inner.mapping(["c"]) }
    }

    @Test func repeatedKeyIsRefused() {
        #expect(throws: YAMLProblem.self) { try YAMLField(parsing: "a: 1\na: 2\n", file: "x") }
    }

    /// Found by fuzzing: the parser recursed until the stack of a worker thread ended.
    @Test(arguments: ["{\"a\":", "[", "- ", "? ", "- - ? "])
    func deepNestingIsRefusedBeforeItIsParsed(unit: String) {
        let text = String(repeating: unit, count: 20_000)
        #expect(throws: YAMLProblem.self) { try YAMLField(parsing: text, file: "x") }
    }

    @Test func deepIndentationIsRefused() {
        let text = (0..<400).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(throws: YAMLProblem.self) { try YAMLField(parsing: text, file: "x") }
    }

    /// Found by fuzzing: nine lines of aliases, the last one as a key, kept the parser busy for ever.
    @Test func anchorsAreRefused() {
        var text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1]\n"
        for level in 1...8 {
            let items = Array(repeating: "*a\(level - 1)", count: 8).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        text += "? *a8\n: 1\n"
        #expect(throws: YAMLProblem.self) { try YAMLField(parsing: text, file: "x") }
    }

    @Test(arguments: ["[&a 1]", "&a b", "- &a b", "x: [1,&a 2]"])
    func everyPlaceOfAnAnchorIsSeen(text: String) {
        #expect(throws: YAMLProblem.self) { try YAMLField(parsing: text, file: "x") }
    }

    @Test(arguments: ["when: $.a && $.b", "value: $.a * 2", "each: $.rows[*]", "x: 'salt & pepper'"])
    func expressionsAreNoAnchors(text: String) {
        #expect(throws: Never.self) { try YAMLField(parsing: text, file: "x") }
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
