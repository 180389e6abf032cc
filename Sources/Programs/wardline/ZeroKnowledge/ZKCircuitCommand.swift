import AccessPolicies
import ArgumentParser
import CanonicalBytes
import ConstraintSystems
import Foundation
import ProofFiles

struct ZKCircuitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "circuit",
        abstract: "Show the size and digest of a circuit, and where its constraints are.",
        discussion: "Without a policy it is the universal circuit. With --stats one line for each part of the circuit."
    )

    @OptionGroup var policy: PolicyOptions

    @Flag(help: "The universal circuit; the default without a policy.")
    var universal = false

    @Flag(help: "Add the constraints and coefficients of each part.")
    var stats = false

    @Option(help: "With --stats: parts within parts that are shown, 0 for the outermost only.")
    var depth = 1

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if self.universal, self.policy.policy != nil || self.policy.policyFile != nil {
            throw ValidationError("--universal is without a policy: the circuit takes any")
        }
        guard (0...64).contains(self.depth) else { throw ValidationError("--depth is 0 to 64") }
    }

    func run() throws {
        try reportingFailure {
            let written = try self.policy.read()
            let circuit = try ProofCircuit(written.map { .policy($0.policy) } ?? .universal)
            let profile = self.stats ? CircuitProfile(circuit.circuit, depthMax: self.depth) : nil
            try StandardOutput.write(
                self.json
                    ? JSONLine.text(Self.object(circuit, profile)) : Self.text(circuit, profile)
            )
        }
    }

    private static func text(_ circuit: ProofCircuit, _ profile: CircuitProfile?) -> String {
        let system = circuit.circuit.system
        var rows = [["circuit", circuit.kind.name]]
        if case .policy(let policy) = circuit.kind { rows.append(["policy", policy.text]) }
        rows += [
            ["constraints", "\(system.constraints.count)"],
            ["variables", "\(system.variables)"],
            ["public", "\(system.publicInputs)"],
            ["domain", "2^\(circuit.logarithm)"],
            ["digest", circuit.digest.hex],
        ]
        guard let profile else { return Columns.text(rows) }
        let header = ["constraints", "A", "B", "C", "part"]
        let lines = (profile.rows + [profile.total]).map { row in
            [
                "\(row.constraints)", "\(row.termsA)", "\(row.termsB)", "\(row.termsC)",
                String(repeating: "  ", count: row.depth) + (row.region.components(separatedBy: " / ").last ?? ""),
            ]
        }
        return Columns.text(rows) + "\n" + Columns.text([header] + lines)
    }

    private static func object(_ circuit: ProofCircuit, _ profile: CircuitProfile?) -> [String: Any] {
        let system = circuit.circuit.system
        var object: [String: Any] = [
            "circuit": circuit.kind.name, "constraints": system.constraints.count, "variables": system.variables,
            "public": system.publicInputs, "logarithm": circuit.logarithm, "digest": circuit.digest.hex,
        ]
        if case .policy(let policy) = circuit.kind { object["policy"] = policy.text }
        if let profile {
            object["parts"] = profile.rows.map { row in
                [
                    "part": row.region, "depth": row.depth, "constraints": row.constraints, "a": row.termsA,
                    "b": row.termsB, "c": row.termsC,
                ] as [String: Any]
            }
        }
        return object
    }
}
