import BLS12381
import FiniteFields
import Transcripts

/// Scalars of BLS12-381 by class.
struct BLSSecrets {
    private let fixed = Fr(reducing: SecureRandom.bytes(64))
    private let largest = -Fr.one
    private let sparse = Fr(limbs: (1, 1 << 36, 0, 1 << 8))

    func scalar(_ kind: SecretClass) -> Fr {
        // Drawn in every class, so that what happens before a call is the same in all.
        let random = Fr(reducing: SecureRandom.bytes(64))
        return switch kind {
        case .random, .control: random
        case .one: .one
        case .sparse: self.sparse
        case .largest: self.largest
        case .fixed: self.fixed
        }
    }
}

extension SecretOperation {
    /// Scalars, multiplications and powers by them, and what the schemes make of them.
    static func bls12381() throws -> [SecretOperation] {
        let secrets = BLSSecrets()
        return try self.blsScalars(secrets) + self.blsGroups(secrets) + self.schemes(secrets)
    }

    private static func blsScalars(_ secrets: BLSSecrets) -> [SecretOperation] {
        let partners = (0..<64).map { _ in Fr(reducing: SecureRandom.bytes(64)) }
        func binary(_ name: String, _ operation: @escaping (Fr, Fr) -> Fr) -> SecretOperation {
            SecretOperation("Fr \(name)", repeats: partners.count) { kind in
                let secret = secrets.scalar(kind)
                return { partners.reduce(0) { $0 ^ Self.word(operation(secret, $1)) } }
            }
        }
        func unary(_ name: String, _ operation: @escaping (Fr) -> UInt64) -> SecretOperation {
            SecretOperation("Fr \(name)") { kind in
                let secret = secrets.scalar(kind)
                return { operation(secret) }
            }
        }
        return [
            binary("add", +),
            binary("subtract") { $0 - $1 },
            binary("subtract from") { $1 - $0 },
            binary("multiply", *),
            unary("inverse") { Self.word($0.inverse()) },
            unary("digits") { $0.parameterDigits.3 },
            unary("encode") { UInt64($0.bytes[31]) },
        ]
    }

    private static func blsGroups(_ secrets: BLSSecrets) -> [SecretOperation] {
        let first = G1Point.generator(times: secrets.scalar(.random))
        let second = G2Point.generator(times: secrets.scalar(.random))
        let target = GT.generator.power(secrets.scalar(.random))
        let powers = GTPowers(target)
        func operation<Value>(_ name: String, _ operation: @escaping (Fr) -> Value) -> SecretOperation {
            SecretOperation(name) { kind in
                let secret = secrets.scalar(kind)
                return { Self.word(operation(secret)) }
            }
        }
        return [
            operation("G1 fixed base") { G1Point.generator(times: $0) },
            operation("G1 variable base") { $0 * first },
            operation("G2 fixed base") { G2Point.generator(times: $0) },
            operation("G2 variable base") { $0 * second },
            operation("GT fixed base") { powers.power($0) },
            operation("GT variable base") { target.power($0) },
        ]
    }
}
