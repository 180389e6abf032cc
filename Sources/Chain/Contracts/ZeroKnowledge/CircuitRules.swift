internal import CanonicalBytes
internal import Ledger

/// What governance does with circuits.
enum CircuitRules {
    /// Work of checking a verification key's points.
    static let keyCost: UInt64 = 20_000

    /// Requires that a circuit can be registered.
    static func check(_ registration: CircuitRegistration, _ call: ContractCall) throws(ContractFailure) {
        let isKnown = try call.value(of: ZeroKnowledgeKey.circuit(registration.id)) != nil
        try ensure(!isKnown, .circuitExists, "this circuit is, or was, registered")
        try call.charge(self.keyCost)
        do throws(ProtocolFailure) { _ = try registration.verificationKey() } catch {
            throw .rejected(.badVerificationKey, error.description)
        }
    }

    static func register(_ registration: CircuitRegistration, _ call: ContractCall) throws(ContractFailure) {
        let circuit = RegisteredCircuit(registration, height: call.block.height)
        try call.store(circuit, at: ZeroKnowledgeKey.circuit(registration.id))
    }

    static func retire(_ id: [UInt8], _ call: ContractCall) throws(ContractFailure) {
        var circuit = try self.circuit(id, call)
        circuit.retired = call.block.height
        try call.store(circuit, at: ZeroKnowledgeKey.circuit(id))
    }

    /// A circuit in use.
    ///
    /// - Throws: `no-such-circuit`, `circuit-retired`.
    static func circuit(_ id: [UInt8], _ call: ContractCall) throws(ContractFailure) -> RegisteredCircuit {
        guard let circuit = try call.record(RegisteredCircuit.self, at: ZeroKnowledgeKey.circuit(id)) else {
            throw .rejected(.noSuchCircuit, "no circuit of this identifier")
        }
        try ensure(circuit.retired == 0, .circuitRetired, "retired by block \(circuit.retired)")
        return circuit
    }
}
