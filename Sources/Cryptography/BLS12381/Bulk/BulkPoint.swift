internal import CFieldKernels
internal import FiniteFields

/// A pair of coordinates; (0, 0), which is on neither curve, stands for the identity.
protocol AffinePoint: NegatablePoint {
    associatedtype Coordinate: EncodedElement
    var abscissa: Coordinate { get }
    var ordinate: Coordinate { get }
    /// Reads a coordinate, most significant byte first and without some bits of that; nil where it is not below p.
    static func coordinate(_ bytes: UnsafeRawBufferPointer, at offset: Int, ignoring flags: UInt8) -> Coordinate?
}

extension AffinePoint {
    var isIdentity: Bool { self.abscissa.isZero && self.ordinate.isZero }
}

extension wl_g1_affine: AffinePoint {
    var abscissa: Fp { Fp(self.x) }
    var ordinate: Fp { Fp(self.y) }

    static func coordinate(_ bytes: UnsafeRawBufferPointer, at offset: Int, ignoring flags: UInt8) -> Fp? {
        Fp(bytes, at: offset, ignoring: flags)
    }
}

extension wl_g2_affine: AffinePoint {
    var abscissa: Fp2 { Fp2(self.x) }
    var ordinate: Fp2 { Fp2(self.y) }

    static func coordinate(_ bytes: UnsafeRawBufferPointer, at offset: Int, ignoring flags: UInt8) -> Fp2? {
        guard let c1 = Fp(bytes, at: offset, ignoring: flags),
            let c0 = Fp(bytes, at: offset + Fp.byteCount, ignoring: 0)
        else { return nil }
        return Fp2(c0, c1)
    }
}

extension Fp {
    fileprivate init?(_ bytes: UnsafeRawBufferPointer, at offset: Int, ignoring flags: UInt8) {
        func limb(_ place: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8 * place, as: UInt64.self))
        }
        let limbs = (limb(5), limb(4), limb(3), limb(2), limb(1), limb(0) & ~(UInt64(flags) << 56))
        self.init(limbs: limbs)
        guard self.limbs == limbs else { return nil }
    }
}

/// A point that is also handled by the thousand, as affine coordinates.
protocol BulkPoint: CurvePoint where Affine: AffinePoint, Affine.Coordinate == Coordinate {}

extension G1Point: BulkPoint {}
extension G2Point: BulkPoint {}

extension BulkPoint {
    init(affine: Affine) {
        self = affine.isIdentity ? .identity : Self(x: affine.abscissa, y: affine.ordinate, z: .one)
    }

    static var affineIdentity: Affine { Self.affine(.zero, .zero) }

    /// The coordinates of points among which may be identities, on all cores.
    static func bulkAffine(_ points: [Self]) -> [Affine] {
        Cores.flatMap(points.count, size: 1024) { range in
            let part = points[range]
            let denominators = part.map { $0.hasNoCoordinates ? Coordinate.one : $0.z }
            return zip(part, Coordinate.inverses(of: denominators)).map { point, inverse in
                point.hasNoCoordinates
                    ? Self.affineIdentity : Self.affine(point.x * inverse, point.y * inverse)
            }
        }
    }
}
