import AccessPolicies
import CanonicalBytes
import Certificates
import FiniteFields
import Groth16
import Ledger
import Testing

@testable import Contracts

@Suite("Circuits and policies") struct CircuitTests {
    let scene: ProofScene

    init() throws { self.scene = try ProofScene() }

    private var consortium: Consortium { self.scene.consortium }

    @Test("a circuit is registered by votes, once, and never again when it is retired")
    func registration() throws {
        let key = ZeroKnowledgeKey.circuit(self.scene.registration.id)
        let circuit = try #require(try self.scene.access.record(RegisteredCircuit.self, at: key))
        #expect(circuit.registration == self.scene.registration && circuit.retired == 0)
        #expect(try self.propose(.registerCircuit(self.scene.registration)) == number(.circuitExists))
        #expect(try self.propose(.retireCircuit(id(1))) == number(.noSuchCircuit))
        #expect(try self.consortium.decide(.retireCircuit(self.scene.registration.id)) == 0)
        #expect(try self.propose(.retireCircuit(self.scene.registration.id)) == number(.circuitRetired))
        #expect(try self.propose(.registerCircuit(self.scene.registration)) == number(.circuitExists))
        #expect(try self.scene.setPolicy() == number(.circuitRetired))
    }

    @Test("a circuit's identifier binds everything that is registered with it")
    func identifiers() {
        let key = self.scene.registration.key
        let others = [
            CircuitRegistration(kind: .universal, system: id(1), ceremony: id(2), key: key),
            CircuitRegistration(kind: .policy(id(3)), system: id(1), ceremony: id(2), key: key),
            CircuitRegistration(kind: .policy(id(4)), system: id(1), ceremony: id(2), key: key),
            CircuitRegistration(kind: .universal, system: id(5), ceremony: id(2), key: key),
            CircuitRegistration(kind: .universal, system: id(1), ceremony: id(5), key: key),
            CircuitRegistration(kind: .universal, system: id(1), ceremony: id(2), key: key + [0]),
        ]
        #expect(Set(others.map(\.id)).count == others.count)
    }

    @Test("keys with a wrong point, of another count of inputs, or cut are not even proposed")
    func badKeys() throws {
        let key = self.scene.registration.key
        let identity = [0xc0] + [UInt8](repeating: 0, count: 47)
        // (0, 2) has order 3 on y² = x³ + 4.
        let small = [0x80] + [UInt8](repeating: 0, count: 47)
        let off = [0x80] + [UInt8](repeating: 0, count: 46) + [1]
        var bad = [identity, small, off].map { key[..<4] + $0 + key[52...] }.map(Array.init)
        bad.append(Array(key[..<(key.count - 48)]) + small)
        bad.append(Array(key[..<(key.count - 48)]) + identity)
        bad += [Array(key.dropLast()), key + [0], [], try TestCircuit.fourInputs.get().registration(.universal).key]
        for key in bad {
            let registration = CircuitRegistration(kind: .universal, system: id(1), ceremony: id(2), key: key)
            #expect(try self.propose(.registerCircuit(registration)) == number(.badVerificationKey))
        }
        let long = [UInt8](repeating: 0, count: 4_097)
        let registration = CircuitRegistration(kind: .universal, system: id(1), ceremony: id(2), key: long)
        #expect(try self.propose(.registerCircuit(registration)) == number(.malformedArguments))
    }

    private func propose(_ change: ProposedChange) throws -> UInt16 {
        let arguments = Propose(expires: self.consortium.access.now + 1_000_000, change: change)
        return try self.consortium.call(arguments, by: "north:operator:g1")
    }

    @Test("owners state canonical policies that fit the circuit, and withdraw them")
    func policies() throws {
        let text = self.scene.policy.text
        let leaves = (10...26).map { "a:v\($0)" }.joined(separator: " and ")
        let universal = try TestCircuit.otherKey.get().registration(.universal)
        #expect(try self.consortium.decide(.registerCircuit(universal)) == 0)
        let year: UInt64 = 31_536_000
        let cases: [([UInt8], UInt64, String, String, RejectionCode?)] = [
            (id(0xcc), 0, text, "north:steward:s1", .noSuchCircuit),
            (self.scene.registration.id, 0, text, "north:researcher:r1", .notAllowed),
            (self.scene.registration.id, 0, "role:cardiologist and level >= 3", "north:steward:s1", .badPolicy),
            (self.scene.registration.id, 0, "", "north:steward:s1", .badPolicy),
            (self.scene.registration.id, 0, "role:nurse", "north:steward:s1", .circuitOfAnotherPolicy),
            (self.scene.registration.id, year + 1, text, "north:steward:s1", .permissionTooLong),
            (self.scene.registration.id, year, text, "south:institution:i1", nil),
            (universal.id, 0, "role:nurse", "north:custodian:c1", nil),
            (universal.id, 0, "(\(leaves))", "north:custodian:c1", .policyTooLarge),
            (universal.id, 0, text, "north:steward:s1", nil),
        ]
        for (circuit, seconds, text, caller, expected) in cases {
            let code = try self.scene.setPolicy(circuit: circuit, permissionSeconds: seconds, text: text, by: caller)
            #expect(code == number(expected), "\(text)")
        }
        let binding = try self.scene.binding()
        #expect(binding.circuit == universal.id && binding.permissionSeconds == 0)
        #expect(binding.author.description == "north:steward:s1")
        let stored = self.scene.access.values.values[ZeroKnowledgeKey.policy(binding.policy)]
        #expect(stored == Array(text.utf8))
        let withdrawal = WithdrawPolicy(scope: id(7))
        #expect(try self.consortium.call(withdrawal, by: "north:gateway:g1") == number(.notAllowed))
        #expect(try self.consortium.call(withdrawal, by: "north:custodian:c1") == 0)
        #expect(try self.consortium.call(withdrawal, by: "north:custodian:c1") == number(.noPolicy))
        #expect(try self.consortium.call(withdrawal, by: "south:custodian:c1") == 0)
    }

    @Test("policies of one text have different public inputs in the two kinds of circuit")
    func publicInputs() throws {
        let one = try self.scene.binding().publicInput
        let universal = try TestCircuit.otherKey.get().registration(.universal)
        #expect(try self.consortium.decide(.registerCircuit(universal)) == 0)
        #expect(try self.scene.setPolicy(circuit: universal.id) == 0)
        #expect(try self.scene.binding().publicInput != one)
    }
}
