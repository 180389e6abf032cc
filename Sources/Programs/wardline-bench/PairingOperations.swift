import BLS12381
import FiniteFields
import Transcripts

/// An operation of the pairing layer with its operands.
struct PairingOperation {
    let name: String
    /// Executions in one call.
    let repeats: Int
    let prepare: () throws -> () -> Void

    init(_ name: String, repeats: Int = 1, _ prepare: @escaping () throws -> () -> Void) {
        self.name = name
        self.repeats = repeats
        self.prepare = prepare
    }
}

extension PairingOperation {
    static func all() -> [PairingOperation] {
        self.pairings() + self.multiplications() + self.hashes() + self.encodings() + self.sums() + self.field()
    }

    private static func scalar() -> Fr { Fr(reducing: SecureRandom.bytes(64)) }
    private static func g1() -> G1Point { G1Point.generator(times: self.scalar()) }
    private static func g2() -> G2Point { G2Point.generator(times: self.scalar()) }

    private static func pairings() -> [PairingOperation] {
        let products = [2, 4, 8].map { count in
            PairingOperation("pairing product of \(count)") {
                let pairs = (0..<count).map { _ in (self.g1(), self.g2()) }
                return { _ = Pairing.product(pairs) }
            }
        }
        let pairing = PairingOperation("pairing") {
            let (p, q) = (self.g1(), self.g2())
            return { _ = Pairing.pair(p, q) }
        }
        let power = PairingOperation("GT exponentiation") {
            let (base, exponent) = (Pairing.pair(self.g1(), self.g2()), self.scalar())
            return { _ = base.power(exponent) }
        }
        return [pairing] + products + [power]
    }

    private static func multiplications() -> [PairingOperation] {
        [
            PairingOperation("G1 multiplication") {
                let (scalar, point) = (self.scalar(), self.g1())
                return { _ = scalar * point }
            },
            PairingOperation("G2 multiplication") {
                let (scalar, point) = (self.scalar(), self.g2())
                return { _ = scalar * point }
            },
        ]
    }

    private static func hashes() -> [PairingOperation] {
        let (message, domain) = ([UInt8](repeating: 109, count: 32), [UInt8](repeating: 68, count: 40))
        return [
            PairingOperation("hash to G1") { { _ = G1Point.hash(message, domain: domain) } },
            PairingOperation("hash to G2") { { _ = G2Point.hash(message, domain: domain) } },
        ]
    }

    private static func encodings() -> [PairingOperation] {
        [
            PairingOperation("G1 decompression") {
                let bytes = try self.g1().encoded()
                return { _ = try? G1Point(bytes) }
            },
            PairingOperation("G2 decompression") {
                let bytes = try self.g2().encoded()
                return { _ = try? G2Point(bytes) }
            },
        ]
    }

    private static func sums() -> [PairingOperation] {
        [10, 12, 14].flatMap { logarithm in
            [
                PairingOperation("G1 sum of 2^\(logarithm)") {
                    let count = 1 << logarithm
                    let scalars = (0..<count).map { _ in self.scalar() }
                    let points = (0..<count).map { _ in self.g1() }
                    return { _ = G1Point.sum(publicScalars: scalars, points) }
                },
                PairingOperation("G2 sum of 2^\(logarithm)") {
                    let count = 1 << logarithm
                    let scalars = (0..<count).map { _ in self.scalar() }
                    let points = (0..<count).map { _ in self.g2() }
                    return { _ = G2Point.sum(publicScalars: scalars, points) }
                },
            ]
        }
    }

    private static func field() -> [PairingOperation] {
        let repeats = 1_000
        return [
            PairingOperation("Fp multiplication", repeats: repeats) {
                let factor = Fp(limbs: (self.scalar().limbs.0, self.scalar().limbs.1, self.scalar().limbs.2, 7, 7, 7))
                var value = factor
                return {
                    for _ in 0..<repeats { value = value * factor }
                }
            }
        ]
    }
}
