import BLS12381
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Testing

@testable import Groth16

@Suite struct ProvingKeyTests {
    private static let circuit = SampleCircuit.bits(20)

    private static func key() throws -> ProvingKey { try ProvingKey(circuit.system, .sample(3)) }

    private func code(_ bytes: [UInt8], _ trust: ProvingKeyTrust = .pointChecks) -> ProtocolFailure.Code? {
        do { _ = try ProvingKey(bytes, trust) } catch { return error.code }
        return nil
    }

    @Test("A key survives encoding and proves", arguments: [PointForm.compressed, .uncompressed])
    func roundTrip(_ form: PointForm) throws {
        let bytes = try Self.key().encoded(form)
        for trust in [ProvingKeyTrust.pointChecks, .digest(ProvingKey.digest(bytes))] {
            let key = try ProvingKey(bytes, trust)
            #expect(try key.encoded(form) == bytes)
            let prover = try Prover(key, Self.circuit.system)
            let assignment = try Self.circuit.witness([Fr(20), Fr(1)] + [Fr](repeating: .one, count: 20))
            let proof = try prover.prove(assignment)
            try PreparedVerificationKey(key.verificationKey).verify(proof, inputs: [Fr(20), Fr(1)])
        }
    }

    @Test("Another digest is refused before anything is read")
    func digest() throws {
        var bytes = try Self.key().encoded()
        let digest = ProvingKey.digest(bytes)
        bytes[bytes.count - 1] ^= 1
        #expect(self.code(bytes, .digest(digest)) == .context)
        #expect(self.code([], .digest(digest)) == .context)
    }

    @Test("No shortened or extended key is read")
    func length() throws {
        let bytes = try Self.key().encoded()
        for length in stride(from: 0, to: bytes.count, by: 37) {
            #expect(self.code(Array(bytes[..<length])) == .format)
        }
        #expect(self.code(bytes + [0]) == .format)
    }

    @Test("Sizes that do not fit are refused without being allocated", arguments: [4, 37, 41, 45])
    func header(_ offset: Int) throws {
        var bytes = try Self.key().encoded()
        bytes[offset] = 0xff
        #expect(self.code(bytes) == .format)
    }

    @Test("A point outside the subgroup is refused where nothing is trusted")
    func outsideSubgroup() throws {
        var bytes = try Self.key().encoded()
        bytes.replaceSubrange(bytes.count - 48..<bytes.count, with: [0x80] + [UInt8](repeating: 0, count: 47))
        #expect(self.code(bytes) == .subgroup)
        #expect(self.code(bytes, .digest(ProvingKey.digest(bytes))) == nil)
    }
}
