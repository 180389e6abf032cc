internal import BLS12381
internal import FiniteFields

/// A group whose elements are multiplied by scalars that everyone knows.
protocol PublicGroup: Sendable {
    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    func multiplied(byPublic scalar: Fr) -> Self
}

extension G1Point: PublicGroup {}
extension G2Point: PublicGroup {}

/// From multiples by the powers of τ to multiples by the values of the Lagrange polynomials at τ, without knowing τ: the
/// inverse transform of the domain, on points.
enum LagrangeBasis {
    /// The domain's size times `L_j(τ)·P`, for all j.
    ///
    /// The factor is left in because it costs less in the scalars that the points are multiplied with later.
    ///
    /// - Parameters:
    ///   - powers: by the powers of τ, as many as the domain has points.
    ///   - domain: of the circuit.
    ///   - layerDone: called once for each bit of the domain's size.
    /// - Returns: one point for each point of the domain.
    static func points<Point: PublicGroup>(
        _ powers: [Point],
        _ domain: EvaluationDomain,
        layerDone: () -> Void
    ) -> [Point] {
        let bits = domain.count.trailingZeroBitCount
        let twiddles = self.inversePowers(domain)
        var points = (0..<domain.count).map { powers[self.reversed($0, bits: bits)] }
        for layer in 0..<bits {
            let half = 1 << layer
            let input = points
            let results = Cores.flatMap(domain.count / 2, size: 64) { range in
                range.map { pair in
                    let (block, offset) = (pair / half, pair % half)
                    let first = input[2 * block * half + offset]
                    let second = input[(2 * block + 1) * half + offset]
                    let turned =
                        offset == 0 ? second : second.multiplied(byPublic: twiddles[offset * (domain.count / 2 / half)])
                    return (first + turned, first - turned)
                }
            }
            for (pair, result) in results.enumerated() {
                let place = 2 * (pair / half) * half + pair % half
                points[place] = result.0
                points[place + half] = result.1
            }
            layerDone()
        }
        return points
    }

    private static func inversePowers(_ domain: EvaluationDomain) -> [Fr] {
        let root = domain.root.inverse()
        var power = Fr.one
        return (0..<domain.count / 2).map { _ in
            defer { power = power * root }
            return power
        }
    }

    private static func reversed(_ index: Int, bits: Int) -> Int {
        (0..<bits).reduce(0) { $0 << 1 | index >> $1 & 1 }
    }
}
