internal import CanonicalBytes

/// Collects cases: what this implementation makes of given inputs, and of damaged copies of them.
struct CaseWriter {
    private static let damagedCopies = 2

    private(set) var cases: [VectorCase] = []
    private let table: OperationTable
    private var round = 0
    private var earlier: [String: [JSONObject]] = [:]

    init(table: OperationTable) { self.table = table }

    mutating func startRound(_ number: Int) { self.round = number }

    /// Adds a case of an input that the operation must accept.
    ///
    /// - Returns: what came out.
    mutating func play(_ name: String, _ input: JSONObject) throws -> JSONObject {
        guard let operation = self.table[name] else { throw MalformedInput("no operation \(name)") }
        let outcome = OperationOutcome(operation, input)
        guard case .output(let output) = outcome else {
            throw MalformedInput("\(name) refused a good input: \(outcome)")
        }
        self.add("good-\(self.round)", operation, input, outcome)
        for _ in 0..<Self.damagedCopies { self.addDamaged(operation, input) }
        self.earlier[name, default: []].append(input)
        return output
    }

    private mutating func addDamaged(_ operation: Operation, _ input: JSONObject) {
        let donor = self.earlier[operation.name]?.randomElement() ?? input
        guard let damage = Damage(of: input, operation: operation.name, donor: donor) else { return }
        let name = "damaged-\(self.round)-\(damage.description)"
        self.add(name, operation, damage.input, OperationOutcome(operation, damage.input))
    }

    /// Leaves out inputs that are none of the operation: no other implementation has to name a code for them.
    private mutating func add(
        _ name: String,
        _ operation: Operation,
        _ input: JSONObject,
        _ outcome: OperationOutcome
    ) {
        let expectation: VectorCase.Expectation
        switch outcome {
        case .output(let output): expectation = .output(output)
        case .refused(let failure): expectation = .error(failure.code.rawValue)
        case .malformed: return
        }
        self.cases.append(
            VectorCase(name: name, operation: operation.name, input: input, expectation: expectation)
        )
    }
}
