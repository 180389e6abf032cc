internal import CFieldKernels
package import CanonicalBytes
package import FiniteFields

/// Very many points of G2 as affine coordinates, identities among them.
package struct G2Points: Sendable {
    let affine: [wl_g2_affine]

    init(affine: [wl_g2_affine]) { self.affine = affine }

    package init(_ points: [G2Point]) { self.init(affine: G2Point.bulkAffine(points)) }

    /// The products of a point with scalars, from a table and on all cores; the time depends on the scalars.
    package init(of base: G2Point, times scalars: [Fr]) {
        self.init(affine: FixedBaseMultiples(base, count: scalars.count).multiples(scalars))
    }

    package var count: Int { self.affine.count }

    package subscript(index: Int) -> G2Point { G2Point(affine: self.affine[index]) }

    package subscript(range: Range<Int>) -> G2Points { G2Points(affine: Array(self.affine[range])) }

    package static func + (a: G2Points, b: G2Points) -> G2Points { G2Points(affine: a.affine + b.affine) }

    /// Whether the point is the identity.
    package func isIdentity(at index: Int) -> Bool { self.affine[index].isIdentity }

    /// The sum of the products with scalars, on all cores; the time depends on the scalars.
    ///
    /// - Precondition: there are as many scalars as points.
    package func sum(times scalars: [Fr]) -> G2Point { BucketSum.compute(scalars, self.affine) }

    /// Each point's product with its own scalar, which may be secret: in constant time each, on all cores.
    ///
    /// - Precondition: there are as many scalars as points.
    package func multiplied(by scalars: [Fr]) -> G2Points {
        precondition(scalars.count == self.count)
        return G2Points(
            affine: Cores.flatMap(self.count, size: 256) { range in
                G2Point.bulkAffine(range.map { scalars[$0] * self[$0] })
            }
        )
    }

    /// The encodings of all points, one after the other; of an identity `c0 00…00` or `40 00…00`.
    package func encoded(_ form: PointForm) -> [UInt8] { G2Point.encode(self.affine, form) }

    /// Decodes points one after the other; coordinates are always checked.
    ///
    /// - Throws: `FORMAT` for another length than the points need, else `POINT`, `SUBGROUP` or `IDENTITY` with the place
    ///   of the first bad point.
    package init(_ bytes: [UInt8], count: Int, _ form: PointForm, _ checks: PointChecks) throws(ProtocolFailure) {
        self.init(affine: try G2Point.decode(bytes, count: count, form, checks))
    }
}
