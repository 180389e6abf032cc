import FiniteFields

extension SecretOperation {
    /// Operations that leak on purpose: a harness that does not tell on them tells nothing about the others.
    static func planted() -> [SecretOperation] {
        let secrets = BLSSecrets()
        let base = secrets.scalar(.random)
        let guess = secrets.scalar(.fixed).bytes
        return [
            SecretOperation("planted: square and multiply") { kind in
                let exponent = secrets.scalar(kind).limbs.0
                return { Self.word(base.power(exponent)) }
            },
            SecretOperation("planted: early exit", repeats: 16) { kind in
                let bytes = secrets.scalar(kind).bytes
                return {
                    (0..<16).reduce(0) { sum, _ in sum &+ UInt64(Self.commonPrefix(bytes, guess)) }
                }
            },
        ]
    }

    /// How many bytes agree before the first that do not.
    @inline(never)
    private static func commonPrefix(_ a: [UInt8], _ b: [UInt8]) -> Int {
        for index in a.indices where a[index] != b[index] { return index }
        return a.count
    }
}
