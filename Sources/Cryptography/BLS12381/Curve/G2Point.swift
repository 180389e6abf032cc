internal import CFieldKernels
package import CanonicalBytes
package import FiniteFields

/// A point of G2, the subgroup of order `r` of y² = x³ + 4(1 + u) over Fp2, the identity included.
package struct G2Point: Sendable {
    var value: wl_g2

    init(_ value: wl_g2) { self.value = value }

    /// Bytes of an encoded point.
    package static let byteCount = 96

    /// `P2`, the standard generator.
    package static let generator = G2Point(
        x: Fp2(
            Fp(
                hex: """
                    024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02\
                    b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8
                    """
            ),
            Fp(
                hex: """
                    13e02b6052719f607dacd3a088274f65596bd0d09920b61a\
                    b5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e
                    """
            )
        ),
        y: Fp2(
            Fp(
                hex: """
                    0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a7\
                    6d429a695160d12c923ac9cc3baca289e193548608b82801
                    """
            ),
            Fp(
                hex: """
                    0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af\
                    267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be
                    """
            )
        ),
        z: .one
    )

    package static let identity = G2Point(x: .zero, y: .one, z: .zero)

    /// Decodes the 96 bytes of a compressed point other than the identity (specification section 3.2).
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY`, `POINT` or `SUBGROUP`, in the order of the specification.
    package init(_ encoded: [UInt8]) throws(ProtocolFailure) { try self.init(decodingCompressed: encoded) }

    /// Decodes the 192 bytes of both coordinates of a point other than the identity.
    ///
    /// - Throws: as ``init(_:)``.
    package init(uncompressed encoded: [UInt8]) throws(ProtocolFailure) {
        try self.init(decodingUncompressed: encoded)
    }

    /// `E(P)`: the compressed encoding, 96 bytes.
    ///
    /// - Throws: `IDENTITY` when the point is the identity, which is never encoded.
    package func encoded() throws(ProtocolFailure) -> [UInt8] { try self.compressed() }

    /// Both coordinates, 192 bytes, of each the coefficient of `u` first.
    ///
    /// - Throws: `IDENTITY` when the point is the identity.
    package func encodedUncompressed() throws(ProtocolFailure) -> [UInt8] { try self.uncompressed() }

    package var isIdentity: Bool { self.hasNoCoordinates }

    package static func + (a: G2Point, b: G2Point) -> G2Point { a.combined(with: b) }
    package static func - (a: G2Point, b: G2Point) -> G2Point { a + -b }
    package static prefix func - (a: G2Point) -> G2Point { a.negated() }

    /// The product with a scalar that may be secret, in constant time.
    package static func * (scalar: Fr, point: G2Point) -> G2Point { point.multipliedInConstantTime(by: scalar) }

    /// The product with a scalar that everyone may know; faster, and the time depends on it.
    package func multiplied(byPublic scalar: Fr) -> G2Point { self.multipliedPublicly(by: scalar) }

    /// The product of ``generator`` with a scalar that may be secret, in constant time from a table.
    package static func generator(times scalar: Fr) -> G2Point { self.generatorTable.multiplied(by: scalar) }

    private static let generatorTable = FixedBaseTable(Self.generator)

    /// The sum of products of points with scalars that everyone may know, on all cores where that pays.
    ///
    /// - Precondition: there are as many scalars as points.
    package static func sum(publicScalars scalars: [Fr], _ points: [G2Point]) -> G2Point {
        MultiScalarSum.compute(scalars, points)
    }
}

extension G2Point: Equatable {
    package static func == (a: G2Point, b: G2Point) -> Bool { self.areEqual(a, b) }
}

extension G2Point: CurvePoint {
    static let constant = Fp2(Fp(4), Fp(4))
    static let digitCount = 4

    init(x: Fp2, y: Fp2, z: Fp2) { self.value = wl_g2(x: x.value, y: y.value, z: z.value) }

    var x: Fp2 { Fp2(self.value.x) }
    var y: Fp2 { Fp2(self.value.y) }
    var z: Fp2 { Fp2(self.value.z) }

    func combined(with other: G2Point) -> G2Point { G2Point(kernel(self.value, other.value, wl_g2_add)) }
    func doubled(times count: Int32) -> G2Point { G2Point(kernel(self.value) { wl_g2_double($0, $1, count) }) }
    func negated() -> G2Point { G2Point(x: self.x, y: -self.y, z: self.z) }

    static func affine(_ x: Fp2, _ y: Fp2) -> wl_g2_affine { wl_g2_affine(x: x.value, y: y.value) }

    func combinedUnlessIdentity(_ other: wl_g2_affine) -> G2Point {
        if Fp2(other.x).isZero && Fp2(other.y).isZero { return self }
        return G2Point(kernel(self.value, other, wl_g2_add_affine))
    }

    static func sumLists(_ points: inout [wl_g2_affine], _ lengths: inout [UInt32]) {
        let count = lengths.count
        var spare = [wl_g2_affine](repeating: wl_g2_affine(), count: points.count)
        var scratch = [wl_fp2](repeating: wl_fp2(), count: points.count)
        wl_g2_sum_lists(&points, &spare, &scratch, &lengths, count)
    }

    /// The endomorphism multiplies by the curve's parameter, which is negative.
    func multipliedByBase(power exponent: Int) -> G2Point {
        switch exponent {
        case 0: self
        case 1: self.endomorphism().negated()
        case 2: self.endomorphismSquared()
        default: self.endomorphismSquared().endomorphism().negated()
        }
    }

    /// ψ: to the curve over Fp12, there to the power p, and back.
    ///
    /// Multiplies G2 by the curve's parameter.
    func endomorphism() -> G2Point {
        G2Point(
            x: self.x.conjugate() * Self.xFactor,
            y: self.y.conjugate() * Self.yFactor,
            z: self.z.conjugate()
        )
    }

    /// ψ twice, whose factors lie in Fp.
    func endomorphismSquared() -> G2Point {
        G2Point(x: self.x * Self.xSquareFactor, y: -self.y, z: self.z)
    }

    private static let xFactor = Frobenius.factors[2].inverse()
    private static let yFactor = Frobenius.factors[3].inverse()
    private static let xSquareFactor = Self.xFactor.norm()

    /// Whether the endomorphism multiplies the point as it does G2.
    ///
    /// After Scott, "A note on group membership tests for G1, G2 and GT on BLS pairing-friendly curves" (2021).
    var isInSubgroup: Bool { self.endomorphism() == self.multipliedByParameter().negated() }
}

extension wl_g2_affine: NegatablePoint {
    func negated() -> wl_g2_affine { wl_g2_affine(x: self.x, y: (-Fp2(self.y)).value) }
}
