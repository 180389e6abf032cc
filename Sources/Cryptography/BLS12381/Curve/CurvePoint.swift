internal import CanonicalBytes
internal import FiniteFields

/// What points of G1 and of G2 have in common: projective coordinates over a field whose elements have an encoding.
protocol CurvePoint: EndomorphicGroup {
    associatedtype Coordinate: EncodedElement
    /// A point other than the identity, as its coordinates.
    associatedtype Affine: NegatablePoint

    init(x: Coordinate, y: Coordinate, z: Coordinate)
    var x: Coordinate { get }
    var y: Coordinate { get }
    /// Zero for the identity.
    var z: Coordinate { get }

    static func affine(_ x: Coordinate, _ y: Coordinate) -> Affine
    /// The sum with a point; (0, 0) stands for the identity.
    func combinedUnlessIdentity(_ other: Affine) -> Self
    /// Adds up lists of points that lie one after the other, down to one point or none each.
    static func sumLists(_ points: inout [Affine], _ lengths: inout [UInt32])

    /// The constant of y² = x³ + b.
    static var constant: Coordinate { get }
    /// Whether a point of the curve has order r.
    var isInSubgroup: Bool { get }
}

/// A point other than the identity, as its coordinates.
protocol NegatablePoint: Sendable {
    func negated() -> Self
}

/// A field element that points are encoded with.
protocol EncodedElement: FieldElement {
    static var byteCount: Int { get }
    /// Nil where a coordinate is not below p.
    init?(encoded bytes: ArraySlice<UInt8>)
    var encoded: [UInt8] { get }
    var isLarger: Bool { get }
    func squareRoot() -> Self?
}

extension Fp: EncodedElement {
    init?(encoded bytes: ArraySlice<UInt8>) { self.init(bigEndian: bytes) }
    var encoded: [UInt8] { self.bytes }
}

extension Fp2: EncodedElement {
    static var byteCount: Int { 2 * Fp.byteCount }

    /// `c1` comes first.
    init?(encoded bytes: ArraySlice<UInt8>) {
        guard let c1 = Fp(bigEndian: bytes.prefix(Fp.byteCount)),
            let c0 = Fp(bigEndian: bytes.dropFirst(Fp.byteCount))
        else { return nil }
        self.init(c0, c1)
    }

    var encoded: [UInt8] { self.c1.bytes + self.c0.bytes }
}

extension CurvePoint {
    var hasNoCoordinates: Bool { self.z.isZero }

    /// Whether two points are equal, in constant time.
    static func areEqual(_ a: Self, _ b: Self) -> Bool {
        let sameX = a.x * b.z == b.x * a.z
        let sameY = a.y * b.z == b.y * a.z
        let sameKind = a.z.isZero == b.z.isZero
        return sameX && sameY && sameKind
    }

    /// The coordinates of a point that is not the identity.
    var coordinates: (x: Coordinate, y: Coordinate) {
        let inverse = self.z.inverse()
        return (self.x * inverse, self.y * inverse)
    }

    /// The coordinates of many points, none of them the identity.
    static func affine(_ points: [Self]) -> [Affine] {
        zip(points, Coordinate.inverses(of: points.map(\.z))).map { Self.affine($0.x * $1, $0.y * $1) }
    }

    static func isOnCurve(_ x: Coordinate, _ y: Coordinate) -> Bool {
        y.squared() == x.squared() * x + Self.constant
    }
}
