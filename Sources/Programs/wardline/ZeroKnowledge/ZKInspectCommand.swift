import ArgumentParser
import CanonicalBytes
import Credentials
import FiniteFields
import Foundation
import Groth16
import PolicyProofs
import ProofFiles
import SetupCeremony

struct ZKInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a proof, a key or a ceremony's transcript says.",
        discussion: "Nothing is verified by this."
    )

    @Argument(help: "A proof, proving key, verification key or transcript.", completion: .file())
    var file: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try reportingFailure {
            let bytes = try PrivateFile.read(self.file, upTo: ProvingKeyHeader.bytesMax, isSecret: false)
            let fields = try FileFailure.naming(self.file) { try Self.fields(bytes) }
            guard !self.json else {
                let object = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.value.json) })
                return try StandardOutput.write(JSONLine.text(object))
            }
            try StandardOutput.write(
                Columns.text(fields.map { [$0.name.replacingOccurrences(of: "_", with: " "), $0.value.text] })
            )
        }
    }

    private enum Value {
        case text(String)
        case number(Int)

        var text: String {
            switch self {
            case .text(let text): text
            case .number(let number): "\(number)"
            }
        }

        var json: Any {
            switch self {
            case .text(let text): text
            case .number(let number): number
            }
        }
    }

    private typealias Field = (name: String, value: Value)

    private static func fields(_ bytes: [UInt8]) throws -> [Field] {
        switch Array(bytes.prefix(4)) {
        case Array("WLV1".utf8): try [("kind", .text("verification key"))] + self.fields(VerificationKey(bytes))
        case Array("WLK1".utf8): try self.fields(ProvingKeyHeader(bytes), bytes)
        case Array("WLCT".utf8): try self.fields(CeremonyTranscript(bytes), bytes.count)
        default: try self.fields(ProofFile(bytes))
        }
    }

    private static func fields(_ key: VerificationKey) -> [Field] {
        [
            ("verification_key", .text(key.digest.hex)), ("verification_key_bytes", .number(key.bytes.count)),
            ("public_inputs", .number(key.publicInputs)),
        ]
    }

    private static func fields(_ header: ProvingKeyHeader, _ bytes: [UInt8]) -> [Field] {
        [
            ("kind", .text("proving key")), ("proving_key", .text(ProvingKey.digest(bytes).hex)),
            ("bytes", .number(bytes.count)),
            ("points", .text(header.isCompressed ? "compressed" : "uncompressed")),
            ("system", .text(header.system.hex)), ("variables", .number(header.variables)),
            ("domain", .text("2^\(header.logarithm)")),
        ] + self.fields(header.verificationKey)
    }

    private static func fields(_ transcript: CeremonyTranscript, _ count: Int) -> [Field] {
        [
            ("kind", .text("transcript")), ("bytes", .number(count)), ("label", .text(transcript.start.label)),
            ("powers", .text("2^\(transcript.start.logarithm)")),
            ("powers_contributions", .number(transcript.powers.count)),
            ("circuit_contributions", .number(transcript.circuit.count)),
        ]
    }

    private static func fields(_ proof: ProofFile) -> [Field] {
        [
            ("kind", .text("proof")), ("circuit", .text(proof.circuit)), ("system", .text(proof.system.hex)),
            ("verification_key", .text(proof.verificationKey.hex)),
        ]
            + zip(ProofFile.inputNames, proof.statement.publicInputs).map { ($0, .text($1.bytes.hex)) }
            + [
                ("proof_a", .text(proof.proof[..<48].hex)), ("proof_b", .text(proof.proof[48..<144].hex)),
                ("proof_c", .text(proof.proof[144...].hex)),
            ]
    }
}
