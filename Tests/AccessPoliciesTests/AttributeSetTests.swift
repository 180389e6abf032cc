import AccessPolicies
import CanonicalBytes
import Testing

@Suite struct AttributeSetTests {
    @Test func aNumberBecomesSixteenBits() throws {
        let set = try AttributeSet(["b:c", "level=5", "a:b", "a:b"])
        #expect(set.attributes.count == 18)
        #expect(set.contains("level#0=1") && set.contains("level#1=0") && set.contains("level#2=1"))
        #expect(!set.contains("level#0=0") && !set.contains("level=5"))
        #expect(set.attributes.first == "a:b" && set.attributes.last == "level#9=0")
        #expect(set.attributes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } == set.attributes)
    }

    @Test func nobodyHasNothing() throws {
        #expect(try AttributeSet([]).attributes.isEmpty)
        #expect(try !AccessPolicy("a:b").isSatisfied(by: AttributeSet([])))
    }

    @Test(arguments: [
        "", "a", "a:", ":b", "a:b:c", "a b:c", "level=", "=5", "level=05", "level=65536", "level=1000000", "level=-1",
        "level=5=5", "and=5", "or=5", "of=5", "level#0=1", "é:x", "level=\u{665}", "a:b\n", "level =5",
    ])
    func otherTextIsNoAttribute(_ attribute: String) {
        #expect(throws: ProtocolFailure.self) { try AttributeSet([attribute]) }
        do { _ = try AttributeSet([attribute]) } catch { #expect(error.code == .format) }
    }

    @Test func keywordsMayBeNamesOfPairsOnly() throws {
        #expect(try AttributeSet(["and:of"]).contains("and:of"))
    }

    @Test func theFirstFailureInTheListCounts() {
        func code(_ attributes: [String]) -> ProtocolFailure.Code? {
            do throws(ProtocolFailure) {
                _ = try AttributeSet(attributes)
                return nil
            } catch { return error.code }
        }
        #expect(code(["n=1", "n=1"]) == .duplicate)
        #expect(code(["n=1", "n=2", "bad"]) == .duplicate)
        #expect(code(["n=1", "bad", "n=2"]) == .format)
        #expect(code(["n=1", "m=1", "n:1"]) == nil)
    }
}
