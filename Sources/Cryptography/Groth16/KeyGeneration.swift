internal import BLS12381
package import CanonicalBytes
package import ConstraintSystems
package import FiniteFields

/// The secret of a key: whoever knows it can prove anything.
///
/// Only tests and published vectors make keys from a trapdoor. Keys that matter come from a ceremony, in which nobody
/// ever knows it.
package struct Trapdoor: Sendable {
    let tau: Fr
    let alpha: Fr
    let beta: Fr
    let gamma: Fr
    let delta: Fr

    /// - Throws: `SCALAR` for an element that is zero.
    package init(tau: Fr, alpha: Fr, beta: Fr, gamma: Fr, delta: Fr) throws(ProtocolFailure) {
        for element in [tau, alpha, beta, gamma, delta] {
            try require(!element.isZero, .scalar, "an element of the trapdoor is zero")
        }
        (self.tau, self.alpha, self.beta, self.gamma, self.delta) = (tau, alpha, beta, gamma, delta)
    }
}

extension ProvingKey {
    /// The keys of a circuit for a trapdoor; the time depends on the trapdoor.
    ///
    /// - Throws: `FORMAT` for too many constraints, `SCALAR` for τ in the domain, `IDENTITY` when a public input would
    ///   not be bound.
    package init(_ system: ConstraintSystem, _ trapdoor: Trapdoor) throws(ProtocolFailure) {
        let program = try QuadraticProgram(system)
        let (rows, vanishing) = try program.lagrange(at: trapdoor.tau)
        let columns = program.columns(weighting: rows)
        let combined = columns.a.indices.map { index in
            trapdoor.beta * columns.a[index] + trapdoor.alpha * columns.b[index] + columns.c[index]
        }
        let perDelta = trapdoor.delta.inverse()
        let perGamma = trapdoor.gamma.inverse()
        let firstPrivate = system.publicInputs + 1
        var power = vanishing * perDelta
        let powers = (0..<program.domain.count - 1).map { _ in
            defer { power = power * trapdoor.tau }
            return power
        }
        let points = G1Points(
            of: .generator,
            times: columns.a + columns.b + combined[firstPrivate...].map { $0 * perDelta } + powers
        )
        let (b, l, h) = (system.variables, 2 * system.variables, 3 * system.variables - firstPrivate)
        try self.init(
            verificationKey: VerificationKey(
                alpha: .generator(times: trapdoor.alpha),
                beta: .generator(times: trapdoor.beta),
                gamma: .generator(times: trapdoor.gamma),
                delta: .generator(times: trapdoor.delta),
                inputs: combined[..<firstPrivate].map { .generator(times: $0 * perGamma) }
            ),
            systemDigest: system.digest,
            beta: .generator(times: trapdoor.beta),
            delta: .generator(times: trapdoor.delta),
            a: points[0..<b],
            b1: points[b..<l],
            b2: G2Points(of: .generator, times: columns.b),
            l: points[l..<h],
            h: points[h..<points.count]
        )
    }
}
