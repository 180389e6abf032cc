import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Testing

@testable import BLS12381
@testable import Groth16

@Suite struct ProofRefusalTests {
    private static let circuit = SampleCircuit.cubic
    private static let prover = Result {
        try Prover(ProvingKey(circuit.system, .sample(1)), circuit.system)
    }

    private let prover: Prover
    private let key: PreparedVerificationKey
    private let inputs: [Fr]
    private let proof: Proof

    init() throws {
        self.prover = try Self.prover.get()
        self.key = PreparedVerificationKey(self.prover.key.verificationKey)
        let assignment = try Self.circuit.witness(SampleCircuit.cubicInputs(Fr(3)))
        self.inputs = [assignment[1]]
        self.proof = try self.prover.prove(assignment, Blinding(rho: .sample(10), sigma: .sample(11)))
    }

    private func code(_ proof: [UInt8], _ key: PreparedVerificationKey? = nil) -> ProtocolFailure.Code? {
        do { try (key ?? self.key).verify(proof, inputs: self.inputs.map(\.bytes)) } catch { return error.code }
        return nil
    }

    @Test("A proof with one byte changed is refused, whichever it is", arguments: 0..<Proof.byteCount)
    func mutation(_ position: Int) {
        #expect(self.code(self.proof.bytes) == nil)
        for change: UInt8 in [0x01, 0x80, 0xff] {
            var bytes = self.proof.bytes
            bytes[position] ^= change
            #expect(self.code(bytes) != nil)
        }
    }

    @Test("A proof of another length is refused", arguments: [0, 1, 48, 144, 191, 193, 384])
    func length(_ length: Int) {
        let bytes = (self.proof.bytes + self.proof.bytes).prefix(length)
        #expect(self.code(Array(bytes)) == .format)
    }

    @Test("Identities are refused")
    func identities() {
        let identity = { (count: Int) in [0xc0] + [UInt8](repeating: 0, count: count - 1) }
        let bytes = self.proof.bytes
        #expect(self.code(identity(48) + bytes[48...]) == .identity)
        #expect(self.code(bytes[..<48] + identity(96) + bytes[144...]) == .identity)
        #expect(self.code(bytes[..<144] + identity(48)) == .identity)
    }

    @Test("Points moved out of the subgroup are refused, although the equation holds for them")
    func outsideSubgroup() throws {
        // (0, 2) has order 3 on y² = x³ + 4, and pairings do not see it.
        let small = G1Point(x: .zero, y: Fp(2), z: .one)
        let tripled = small + small + small
        #expect(tripled.isIdentity)
        let movedA = try Proof(a: self.proof.a + small, b: self.proof.b, c: self.proof.c)
        let movedC = try Proof(a: self.proof.a, b: self.proof.b, c: self.proof.c + small)
        for moved in [movedA, movedC] {
            try self.key.verify(moved, inputs: self.inputs)
            #expect(self.code(moved.bytes) == .subgroup)
        }
        let outside = G2Point.mapToCurve(Fp2(Fp(1), Fp(1)))
        let movedB = try Proof(a: self.proof.a, b: self.proof.b + outside, c: self.proof.c)
        #expect(self.code(movedB.bytes) == .subgroup)
    }

    @Test("A proof can be changed into another valid one: its bytes identify nothing")
    func malleability() throws {
        let factor = Fr.sample(77)
        let moved = try Proof(a: factor.inverse() * self.proof.a, b: factor * self.proof.b, c: self.proof.c)
        #expect(moved.bytes != self.proof.bytes)
        #expect(self.code(moved.bytes) == nil)
        let shift = Fr.sample(78)
        let rerandomized = try Proof(
            a: self.proof.a,
            b: self.proof.b + shift * self.key.key.delta,
            c: self.proof.c + shift * self.proof.a
        )
        #expect(self.code(rerandomized.bytes) == nil)
    }

    @Test("A proof is valid under its own key only")
    func otherKeys() throws {
        let sameCircuit = try ProvingKey(Self.circuit.system, .sample(2)).verificationKey
        #expect(self.code(self.proof.bytes, PreparedVerificationKey(sameCircuit)) == .proof)
        let otherCircuit = try ProvingKey(SampleCircuit.chain(3).system, .sample(1)).verificationKey
        #expect(self.code(self.proof.bytes, PreparedVerificationKey(otherCircuit)) == .proof)
        let moreInputs = try ProvingKey(SampleCircuit.bits(3).system, .sample(1)).verificationKey
        #expect(self.code(self.proof.bytes, PreparedVerificationKey(moreInputs)) == .context)
    }

    @Test("Parts of two proofs make no proof")
    func mixed() throws {
        let assignment = try Self.circuit.witness(SampleCircuit.cubicInputs(Fr(3)))
        let other = try self.prover.prove(assignment)
        for parts in [(other.a, self.proof.b, self.proof.c), (self.proof.a, other.b, self.proof.c)] {
            #expect(self.code(try Proof(a: parts.0, b: parts.1, c: parts.2).bytes) == .proof)
        }
        #expect(self.code(try Proof(a: self.proof.a, b: self.proof.b, c: other.c).bytes) == .proof)
        #expect(self.code(try Proof(a: -self.proof.a, b: -self.proof.b, c: self.proof.c).bytes) == nil)
        #expect(self.code(try Proof(a: -self.proof.a, b: self.proof.b, c: self.proof.c).bytes) == .proof)
    }

    @Test("A verification key survives encoding, and no shortened or extended one is read")
    func verificationKey() throws {
        let bytes = self.key.key.bytes
        #expect(try VerificationKey(bytes) == self.key.key)
        for length in 0..<bytes.count {
            #expect(throws: ProtocolFailure.self) { try VerificationKey(Array(bytes[..<length])) }
        }
        #expect(throws: ProtocolFailure.self) { try VerificationKey(bytes + [0]) }
    }
}

@Suite struct BatchVerificationTests {
    private static func claims(_ count: Int, _ circuits: [(Prover, Circuit)]) throws -> [ProofClaim] {
        let keys = circuits.map { PreparedVerificationKey($0.0.key.verificationKey) }
        return try (0..<count).map { index in
            let choice = index % circuits.count
            let assignment = try circuits[choice].1.witness(
                choice == 0
                    ? SampleCircuit.cubicInputs(Fr(UInt64(index)))
                    : SampleCircuit.chainInputs(4, from: Fr(UInt64(index)))
            )
            let proof = try circuits[choice].0.prove(assignment)
            return ProofClaim(key: keys[choice], inputs: [assignment[1].bytes], proof: proof.bytes)
        }
    }

    private static let circuits = Result {
        try [SampleCircuit.cubic, SampleCircuit.chain(4)].map { circuit in
            (try Prover(ProvingKey(circuit.system, .sample(1)), circuit.system), circuit)
        }
    }

    @Test("Valid proofs of one key or two are accepted together", arguments: [0, 1, 2, 15, 16, 17, 40], [1, 2])
    func valid(_ count: Int, _ keys: Int) throws {
        let claims = try Self.claims(count, Array(Self.circuits.get()[..<keys]))
        #expect(BatchVerification.failures(claims) == [ProtocolFailure?](repeating: nil, count: count))
    }

    @Test("Every bad proof is named, with the failure it has alone")
    func bad() throws {
        var claims = try Self.claims(20, Self.circuits.get())
        func replace(_ index: Int, inputs: [[UInt8]]? = nil, proof: [UInt8]? = nil) {
            let claim = claims[index]
            claims[index] = ProofClaim(key: claim.key, inputs: inputs ?? claim.inputs, proof: proof ?? claim.proof)
        }
        replace(2, inputs: [Fr(1).bytes])
        replace(3, proof: claims[5].proof)
        replace(7, inputs: [])
        replace(8, inputs: [[UInt8](repeating: 0xff, count: 32)])
        replace(11, proof: [1, 2, 3])
        replace(12, proof: [0x80] + [UInt8](repeating: 0, count: 47) + claims[12].proof[48...])
        let codes = BatchVerification.failures(claims).map { $0?.code }
        let expected: [Int: ProtocolFailure.Code] = [
            2: .proof, 3: .proof, 7: .context, 8: .scalar, 11: .format, 12: .subgroup,
        ]
        #expect(codes == (0..<20).map { expected[$0] })
        for (claim, code) in zip(claims, codes) {
            var single: ProtocolFailure.Code?
            do { try claim.key.verify(claim.proof, inputs: claim.inputs) } catch { single = error.code }
            #expect(single == code)
        }
    }

    @Test("One wrong proof among malformed ones is found", arguments: 0..<4)
    func single(_ position: Int) throws {
        var claims = try Self.claims(4, Self.circuits.get())
        claims[position] = ProofClaim(key: claims[position].key, inputs: [Fr(99).bytes], proof: claims[position].proof)
        #expect(BatchVerification.failures(claims).map { $0 != nil } == (0..<4).map { $0 == position })
    }

    @Test("Errors that cancel with equal weights are found")
    func cancelling() throws {
        var claims = Array(
            try Self.claims(4, Self.circuits.get()).enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        )
        let shift = Fr.sample(5)
        for (index, sign) in [Fr.one, -Fr.one].enumerated() {
            let proof = try Proof(claims[index].proof)
            let moved = try Proof(a: proof.a, b: proof.b, c: proof.c + (sign * shift) * .generator)
            claims[index] = ProofClaim(key: claims[index].key, inputs: claims[index].inputs, proof: moved.bytes)
        }
        #expect(BatchVerification.failures(claims).map { $0?.code } == [.proof, .proof])
    }

    @Test("Weights are distinct and not zero, and change with the seed")
    func weights() {
        let weights = (0..<100).map { BatchVerification.weight([1], $0) }
        #expect(Set(weights.map(\.bytes)).count == 100)
        #expect(!weights.contains(.zero))
        #expect(weights[0] != BatchVerification.weight([2], 0))
    }
}
