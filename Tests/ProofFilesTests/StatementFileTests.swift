import CanonicalBytes
import FiniteFields
import PolicyProofs
import ProofFiles
import Testing

@Suite("Statements and other JSON files are read strictly")
struct StatementFileTests {
    @Test("A statement has the public inputs of its parts")
    func inputs() throws {
        let file = try StatementFile(Samples.json(Samples.statement(root: Fr(5))))
        let statement = try file.statement(policy: Fr(6), nym: Fr(7))
        let chain = try #require([UInt8](hex: Samples.chain))
        #expect(statement.root == Fr(5))
        #expect(statement.policy == Fr(6))
        #expect(statement.nym == Fr(7))
        #expect(
            try statement.nonce
                == RequestScalars.nonce(
                    chain: chain,
                    requestID: [UInt8](repeating: 1, count: 32),
                    certificateDigest: [UInt8](repeating: 2, count: 32),
                    target: [UInt8](repeating: 3, count: 32)
                )
        )
        #expect(try statement.context == RequestScalars.context(chain: chain, epoch: 3, slot: 0, limit: 4))
    }

    @Test(
        "A member that is missing, unknown, of another kind or out of range is refused",
        arguments: [
            ("epoch", nil), ("more", "1"), ("epoch", "\"3\""), ("epoch", "-1"), ("epoch", "3.0"), ("epoch", "[3]"),
            ("epoch", "18446744073709551616"), ("slot", "4294967296"), ("version", "2"), ("version", "true"),
            ("chain", "\"\""), ("chain", "\"0\""), ("chain", "\"0g\""), ("chain", "7"),
            ("chain", "\"\(String(repeating: "00", count: 65))\""),
            ("request", "\"\(String(repeating: "01", count: 31))\""), ("scope", "null"), ("root", "\"00\""),
        ] as [(String, String?)]
    )
    func refused(name: String, value: String?) {
        var members = Samples.statement(root: Fr(5))
        members[name] = value
        #expect { try StatementFile(Samples.json(members)) } throws: { ($0 as? ProtocolFailure)?.code == .format }
    }

    @Test("A slot beyond the limit is refused, and so is a root that is no field element")
    func ranges() {
        var members = Samples.statement(root: Fr(5))
        members["slot"] = "4"
        #expect { try StatementFile(Samples.json(members)) } throws: { ($0 as? ProtocolFailure)?.code == .context }
        members["slot"] = "3"
        members["root"] = "\"\(String(repeating: "ff", count: 32))\""
        #expect { try StatementFile(Samples.json(members)) } throws: { ($0 as? ProtocolFailure)?.code == .scalar }
    }

    @Test("A member that is there twice is refused")
    func twice() {
        let bytes = Samples.json(Samples.statement(root: Fr(5)))
        let doubled = Array(bytes.dropLast()) + Array(", \"epoch\": 3}".utf8)
        #expect { try StatementFile(doubled) } throws: { ($0 as? ProtocolFailure)?.code == .format }
    }

    @Test(
        "What is no JSON object is refused",
        arguments: ["", "[]", "1", "{", "{} {}", "{\"version\": 1,}", String(repeating: "[", count: 100_000)]
    )
    func noObject(text: String) {
        #expect { try StatementFile(Array(text.utf8)) } throws: { ($0 as? ProtocolFailure)?.code == .format }
        #expect(throws: ProtocolFailure.self) { try ProofFile(Array(text.utf8)) }
        #expect(throws: ProtocolFailure.self) { try CeremonyPlan(Array(text.utf8)) }
        #expect(throws: ProtocolFailure.self) { try IssuedCredential(Array(text.utf8)) }
    }

    @Test("Texts are quoted so that they come back", arguments: ["plain", "a \"b\" \\ \n\u{1}\u{7f} ü 🩺"])
    func quoting(text: String) throws {
        let plan = try CeremonyPlan(label: text, ProofCircuit(.universal))
        #expect(try CeremonyPlan(plan.bytes) == plan)
    }
}
