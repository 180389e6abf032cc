import AccessPolicies
import CanonicalBytes
import Testing

@Suite struct PolicyGrammarTests {
    @Test(arguments: [
        ("a:b", "a:b"),
        (" \t\r\na:b ", "a:b"),
        ("a:b and(c:d)", "(a:b and c:d)"),
        ("and:or or of:of", "(and:or or of:of)"),
        ("a:b or c:d or e:f and g:h", "(a:b or c:d or (e:f and g:h))"),
        ("a:b or (c:d or e:f)", "(a:b or (c:d or e:f))"),
        ("1 of (a:b)", "a:b"),
        ("1 of ((a:b and c:d))", "(a:b and c:d)"),
        ("2 of (a:b,c:d)", "(a:b and c:d)"),
        ("2 of(a:b,c:d,e:f)", "2 of (a:b, c:d, e:f)"),
        ("x>=5and y:z", ""),
        ("x>=5 and y:z", "(x >= 5 and y:z)"),
        ("5 >= 3", "5 >= 3"),
        ("x>65534", "x > 65534"),
        ("A:b or a:b", "(A:b or a:b)"),
        ("and >= 5", ""),
        ("x > = 5", ""),
        ("x >= 1000000", ""),
        ("x > 65535", ""),
        ("a :b", ""),
        ("a: b", ""),
        (":b", ""),
        ("2of (a:b, c:d)", ""),
        ("a:b of (c:d)", ""),
        ("of", ""),
        ("2 of", ""),
        ("2 of ()", ""),
        ("2 of (a:b,, c:d)", ""),
        ("a:b\u{0}", ""),
        ("a:b\u{B}", ""),
        ("a:b\u{A0}", ""),
        ("\u{FEFF}a:b", ""),
    ])
    func aTextHasOneCanonicalForm(_ source: String, _ canonical: String) {
        let policy = try? AccessPolicy(source)
        #expect(policy?.text ?? "" == canonical)
    }

    @Test func onlyCanonicalTextIsTakenAsSuch() throws {
        #expect(try AccessPolicy(canonical: "(a:b and c:d)").text == "(a:b and c:d)")
        for text in ["a:b and c:d", "(a:b  and c:d)", "((a:b and c:d))", "(a:b and c:d) "] {
            #expect(throws: ProtocolFailure(.policy, "the policy is not in its canonical text")) {
                try AccessPolicy(canonical: text)
            }
        }
    }

    @Test func parenthesesNestToADepthOf64() {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "a:b" + String(repeating: ")", count: depth)
        }
        #expect((try? AccessPolicy(nested(64)))?.text == "a:b")
        #expect((try? AccessPolicy(nested(65))) == nil)
        func nestedGates(_ depth: Int) -> String {
            String(repeating: "1 of (", count: depth) + "a:b" + String(repeating: ")", count: depth)
        }
        #expect((try? AccessPolicy(nestedGates(64)))?.text == "a:b")
        #expect((try? AccessPolicy(nestedGates(65))) == nil)
        #expect((try? AccessPolicy(String(repeating: "(", count: 4096))) == nil)
    }

    @Test func expressionsAreAtMost16Deep() {
        func alternating(_ depth: Int) -> String {
            (1...depth).reduce("a:0") { "(\($0) \($1.isMultiple(of: 2) ? "and" : "or") a:\($1))" }
        }
        #expect((try? AccessPolicy(alternating(16))) != nil)
        #expect((try? AccessPolicy(alternating(17))) == nil)
    }

    @Test func aPolicyHasAtMost256Leaves() {
        func chain(_ count: Int) -> String { repeatElement("a:b", count: count).joined(separator: " or ") }
        #expect((try? AccessPolicy(chain(256)))?.tree.leaves.count == 256)
        #expect((try? AccessPolicy(chain(257))) == nil)
        func equalities(_ count: Int) -> String { repeatElement("x = 5", count: count).joined(separator: " or ") }
        #expect((try? AccessPolicy(equalities(16)))?.tree.leaves.count == 256)
        #expect((try? AccessPolicy(equalities(16) + " or a:b")) == nil)
    }

    @Test func aTextHasAtMost4096Characters() {
        func padded(_ count: Int) -> String { "a:" + String(repeating: "b", count: count - 2) }
        #expect((try? AccessPolicy(padded(4096)))?.text.utf8.count == 4096)
        #expect((try? AccessPolicy(padded(4097))) == nil)
        #expect((try? AccessPolicy("a:b" + String(repeating: " ", count: 4093)))?.text == "a:b")
        #expect((try? AccessPolicy("a:b" + String(repeating: " ", count: 4094))) == nil)
        // As written it fits; its canonical text has two parentheses more.
        let wide = padded(4090) + " or"
        #expect((try? AccessPolicy(wide + "(a:b)")) == nil)
    }

    @Test func aGateThatDiffersInNothingButOrderIsAnotherPolicy() throws {
        let (first, second) = (try AccessPolicy("a:b and c:d"), try AccessPolicy("c:d and a:b"))
        #expect(first != second)
        #expect(first.digest != second.digest)
        #expect(try first == AccessPolicy("2 of (a:b, c:d)"))
    }
}
