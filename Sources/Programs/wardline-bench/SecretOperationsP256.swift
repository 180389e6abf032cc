import CanonicalBytes
import P256Group
import Transcripts

/// Scalars of P-256 by class.
private struct P256Secrets {
    private let fixed = P256Scalar.random()
    private let largest = P256Scalar.zero - .one
    private let sparse: P256Scalar

    init() throws {
        var bytes = [UInt8](repeating: 0, count: 32)
        for position in [6, 19, 31] { bytes[position] = 1 }
        self.sparse = try P256Scalar(bytes)
    }

    func scalar(_ kind: SecretClass) -> P256Scalar {
        // Drawn in every class, so that what happens before a call is the same in all.
        let random = P256Scalar.random()
        return switch kind {
        case .random, .control: random
        case .one: .one
        case .sparse: self.sparse
        case .largest: self.largest
        case .fixed: self.fixed
        }
    }

    func key(_ kind: SecretClass) throws -> P256KeyPair { try P256KeyPair(secret: self.scalar(kind)) }
}

extension SecretOperation {
    /// Arithmetic modulo the order, multiplications by OpenSSL, and the schemes over them.
    static func p256() throws -> [SecretOperation] {
        let secrets = try P256Secrets()
        return self.p256Scalars(secrets) + self.p256Points(secrets) + self.p256Schemes(secrets)
    }

    private static func p256Scalars(_ secrets: P256Secrets) -> [SecretOperation] {
        let partners = (0..<64).map { _ in P256Scalar.random() }
        func binary(
            _ name: String,
            _ operation: @escaping (P256Scalar, P256Scalar) -> P256Scalar
        ) -> SecretOperation {
            SecretOperation("P-256 scalar \(name)", repeats: partners.count) { kind in
                let secret = secrets.scalar(kind)
                return { partners.reduce(0) { $0 ^ Self.word(operation(secret, $1)) } }
            }
        }
        return [
            binary("add", +),
            binary("subtract") { $0 - $1 },
            binary("subtract from") { $1 - $0 },
            binary("multiply", *),
            SecretOperation("P-256 scalar inverse") { kind in
                let secret = secrets.scalar(kind)
                return { Self.word(secret.inverse) }
            },
        ]
    }

    private static func p256Points(_ secrets: P256Secrets) -> [SecretOperation] {
        let point = P256Point.base(times: .random())
        return [
            SecretOperation("P-256 fixed base") { kind in
                let secret = secrets.scalar(kind)
                return { withExtendedLifetime(P256Point.base(times: secret)) { 0 } }
            },
            SecretOperation("P-256 variable base") { kind in
                let secret = secrets.scalar(kind)
                return { withExtendedLifetime(secret * point) { 0 } }
            },
        ]
    }

    private static func p256Schemes(_ secrets: P256Secrets) -> [SecretOperation] {
        let message = SecureRandom.bytes(32)
        let base = P256PublicKey.generator
        return [
            SecretOperation("Schnorr sign") { kind in
                let key = try secrets.key(kind)
                return { UInt64(try Schnorr.sign(key, context: "timing", message: message)[63]) }
            },
            SecretOperation("DLEQ prove") { kind in
                let key = try secrets.key(kind)
                let other = try P256PublicKey(P256Point.base(times: .random()))
                let product = try key.withSecret { (secret) throws(ProtocolFailure) in
                    try P256PublicKey(secret * other.point)
                }
                let statement = DiscreteLogEquality(base1: base, value1: key.publicKey, base2: other, value2: product)
                return {
                    try key.withSecret { (secret) throws(ProtocolFailure) in
                        UInt64(try statement.prove(witness: secret, context: message)[63])
                    }
                }
            },
            SecretOperation("ECIES open") { kind in
                let key = try secrets.key(kind)
                let sealed = try ECIES.seal(to: key.publicKey, associated: [], plaintext: message)
                return { UInt64(try ECIES.open(key, associated: [], ciphertext: sealed)[31]) }
            },
        ]
    }
}
