import BLS12381
import CanonicalBytes
import FiniteFields
import SecretSharing
import Testing

@testable import IdentityEncryption

@Suite struct ExponentProofTests {
    private static let context = Array("context".utf8)

    @Test func aProofOfOneToFourBasesIsAccepted() throws {
        for count in 1...4 {
            let (secret, bases, values) = Self.statement(count)
            let statement = try ExponentProof(bases: bases, values: values, context: Self.context)
            let proof = try statement.prove(secret, aux: .zeros(32))
            try statement.verify(proof)
            #expect(try statement.prove(secret, aux: .zeros(32)) == proof)
            #expect(try statement.prove(secret, aux: [1] + .zeros(31)) != proof)
        }
    }

    @Test func everyFlippedBitOfAProofIsRefused() throws {
        let (secret, bases, values) = Self.statement(2)
        let statement = try ExponentProof(bases: bases, values: values, context: Self.context)
        let proof = try statement.prove(secret, aux: .zeros(32))
        for bit in 0..<512 {
            let refused = code { try statement.verify(flipped(proof, bit: bit)) }
            #expect(refused == .proof || refused == .scalar, "\(bit)")
        }
    }

    @Test func differentExponentsAreNotProved() throws {
        let (secret, bases, values) = Self.statement(2)
        let wrong = try ExponentProof(
            bases: bases,
            values: [values[0], values[1] + values[1]],
            context: Self.context
        )
        let proof = try wrong.prove(secret, aux: .zeros(32))
        #expect(code { try wrong.verify(proof) } == .proof)
    }

    @Test func aProofServesItsContextAndItsPointsAlone() throws {
        let (secret, bases, values) = Self.statement(2)
        let proof = try ExponentProof(bases: bases, values: values, context: Self.context)
            .prove(secret, aux: .zeros(32))
        let others = [
            try ExponentProof(bases: bases, values: values, context: []),
            try ExponentProof(bases: bases.reversed(), values: values.reversed(), context: Self.context),
            try ExponentProof(bases: [bases[0]], values: [values[0]], context: Self.context),
        ]
        for statement in others { #expect(code { try statement.verify(proof) } == .proof) }
    }

    @Test func theIdentityIsNoBaseAndNoValue() {
        for points in [(G1Point.identity, G1Point.generator), (.generator, .identity)] {
            let refused = code {
                _ = try ExponentProof(bases: [points.0], values: [points.1], context: Self.context)
            }
            #expect(refused == .identity)
        }
    }

    private static func statement(_ count: Int) -> (SecretFr, [G1Point], [G1Point]) {
        let secret = SecretFr.random()
        let bases = [G1Point.generator] + (1..<max(count, 1)).map { _ in G1Point.generator(times: .random()) }
        return (secret, bases, bases.map { base in secret.withValue { $0 * base } })
    }
}
