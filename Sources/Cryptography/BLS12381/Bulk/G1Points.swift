internal import CFieldKernels
package import CanonicalBytes
package import FiniteFields

/// Very many points of G1 as affine coordinates, identities among them.
package struct G1Points: Sendable {
    let affine: [wl_g1_affine]

    init(affine: [wl_g1_affine]) { self.affine = affine }

    package init(_ points: [G1Point]) { self.init(affine: G1Point.bulkAffine(points)) }

    /// The products of a point with scalars, from a table and on all cores; the time depends on the scalars.
    package init(of base: G1Point, times scalars: [Fr]) {
        self.init(affine: FixedBaseMultiples(base, count: scalars.count).multiples(scalars))
    }

    package var count: Int { self.affine.count }

    package subscript(index: Int) -> G1Point { G1Point(affine: self.affine[index]) }

    package subscript(range: Range<Int>) -> G1Points { G1Points(affine: Array(self.affine[range])) }

    package static func + (a: G1Points, b: G1Points) -> G1Points { G1Points(affine: a.affine + b.affine) }

    /// Whether the point is the identity.
    package func isIdentity(at index: Int) -> Bool { self.affine[index].isIdentity }

    /// The sum of the products with scalars, on all cores; the time depends on the scalars.
    ///
    /// - Precondition: there are as many scalars as points.
    package func sum(times scalars: [Fr]) -> G1Point { BucketSum.compute(scalars, self.affine) }

    /// Each point's product with its own scalar, which may be secret: in constant time each, on all cores.
    ///
    /// - Precondition: there are as many scalars as points.
    package func multiplied(by scalars: [Fr]) -> G1Points {
        precondition(scalars.count == self.count)
        return G1Points(
            affine: Cores.flatMap(self.count, size: 256) { range in
                G1Point.bulkAffine(range.map { scalars[$0] * self[$0] })
            }
        )
    }

    /// The encodings of all points, one after the other; of an identity `c0 00…00` or `40 00…00`.
    package func encoded(_ form: PointForm) -> [UInt8] { G1Point.encode(self.affine, form) }

    /// Decodes points one after the other; coordinates are always checked.
    ///
    /// - Throws: `FORMAT` for another length than the points need, else `POINT`, `SUBGROUP` or `IDENTITY` with the place
    ///   of the first bad point.
    package init(_ bytes: [UInt8], count: Int, _ form: PointForm, _ checks: PointChecks) throws(ProtocolFailure) {
        self.init(affine: try G1Point.decode(bytes, count: count, form, checks))
    }
}
