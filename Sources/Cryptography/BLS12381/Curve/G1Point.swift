internal import CFieldKernels
package import CanonicalBytes
package import FiniteFields

/// A point of G1, the subgroup of order `r` of y² = x³ + 4 over Fp, the identity included.
package struct G1Point: Sendable {
    var value: wl_g1

    init(_ value: wl_g1) { self.value = value }

    /// Bytes of an encoded point.
    package static let byteCount = 48

    /// `P1`, the standard generator.
    package static let generator = G1Point(
        x: Fp(
            hex: """
                17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905\
                a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb
                """
        ),
        y: Fp(
            hex: """
                08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af6\
                00db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1
                """
        ),
        z: .one
    )

    package static let identity = G1Point(x: .zero, y: .one, z: .zero)

    /// Decodes the 48 bytes of a compressed point other than the identity (specification section 3.2).
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY`, `POINT` or `SUBGROUP`, in the order of the specification.
    package init(_ encoded: [UInt8]) throws(ProtocolFailure) { try self.init(decodingCompressed: encoded) }

    /// Decodes the 96 bytes of both coordinates of a point other than the identity.
    ///
    /// - Throws: as ``init(_:)``.
    package init(uncompressed encoded: [UInt8]) throws(ProtocolFailure) {
        try self.init(decodingUncompressed: encoded)
    }

    /// `E(P)`: the compressed encoding, 48 bytes.
    ///
    /// - Throws: `IDENTITY` when the point is the identity, which is never encoded.
    package func encoded() throws(ProtocolFailure) -> [UInt8] { try self.compressed() }

    /// Both coordinates, 96 bytes.
    ///
    /// - Throws: `IDENTITY` when the point is the identity.
    package func encodedUncompressed() throws(ProtocolFailure) -> [UInt8] { try self.uncompressed() }

    package var isIdentity: Bool { self.hasNoCoordinates }

    package static func + (a: G1Point, b: G1Point) -> G1Point { a.combined(with: b) }
    package static func - (a: G1Point, b: G1Point) -> G1Point { a + -b }
    package static prefix func - (a: G1Point) -> G1Point { a.negated() }

    /// The product with a scalar that may be secret, in constant time.
    package static func * (scalar: Fr, point: G1Point) -> G1Point { point.multipliedInConstantTime(by: scalar) }

    /// The product with a scalar that everyone may know; faster, and the time depends on it.
    package func multiplied(byPublic scalar: Fr) -> G1Point { self.multipliedPublicly(by: scalar) }

    /// The product of ``generator`` with a scalar that may be secret, in constant time from a table.
    package static func generator(times scalar: Fr) -> G1Point { self.generatorTable.multiplied(by: scalar) }

    private static let generatorTable = FixedBaseTable(Self.generator)

    /// The sum of products of points with scalars that everyone may know, on all cores where that pays.
    ///
    /// - Precondition: there are as many scalars as points.
    package static func sum(publicScalars scalars: [Fr], _ points: [G1Point]) -> G1Point {
        MultiScalarSum.compute(scalars, points)
    }
}

extension G1Point: Equatable {
    package static func == (a: G1Point, b: G1Point) -> Bool { self.areEqual(a, b) }
}

extension G1Point: CurvePoint {
    static let constant = Fp(4)
    static let digitCount = 2

    init(x: Fp, y: Fp, z: Fp) { self.value = wl_g1(x: x.value, y: y.value, z: z.value) }

    var x: Fp { Fp(self.value.x) }
    var y: Fp { Fp(self.value.y) }
    var z: Fp { Fp(self.value.z) }

    func combined(with other: G1Point) -> G1Point { G1Point(kernel(self.value, other.value, wl_g1_add)) }
    func doubled(times count: Int32) -> G1Point { G1Point(kernel(self.value) { wl_g1_double($0, $1, count) }) }
    func negated() -> G1Point { G1Point(x: self.x, y: -self.y, z: self.z) }

    static func affine(_ x: Fp, _ y: Fp) -> wl_g1_affine { wl_g1_affine(x: x.value, y: y.value) }

    func combinedUnlessIdentity(_ other: wl_g1_affine) -> G1Point {
        if Fp(other.x).isZero && Fp(other.y).isZero { return self }
        return G1Point(kernel(self.value, other, wl_g1_add_affine))
    }

    static func sumLists(_ points: inout [wl_g1_affine], _ lengths: inout [UInt32]) {
        let count = lengths.count
        var spare = [wl_g1_affine](repeating: wl_g1_affine(), count: points.count)
        var scratch = [wl_fp](repeating: wl_fp(), count: points.count)
        wl_g1_sum_lists(&points, &spare, &scratch, &lengths, count)
    }

    /// The square of the parameter is minus the eigenvalue of the endomorphism.
    func multipliedByBase(power exponent: Int) -> G1Point {
        exponent == 0 ? self : G1Point(x: self.x * Self.cubeRootOfOne, y: -self.y, z: self.z)
    }

    /// The cube root of one by which (x, y) ↦ (βx, y) multiplies G1 by minus the square of the parameter.
    private static let cubeRootOfOne = Frobenius.squareFactors[2]

    /// Whether the endomorphism multiplies the point as it does G1.
    ///
    /// After Scott, "A note on group membership tests for G1, G2 and GT on BLS pairing-friendly curves" (2021).
    var isInSubgroup: Bool {
        self.multipliedByParameter().multipliedByParameter() == self.multipliedByBase(power: 1)
    }
}

extension wl_g1_affine: NegatablePoint {
    func negated() -> wl_g1_affine { wl_g1_affine(x: self.x, y: (-Fp(self.y)).value) }
}
