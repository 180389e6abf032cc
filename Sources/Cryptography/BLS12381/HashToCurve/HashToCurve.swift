package import CanonicalBytes
package import FiniteFields
internal import Transcripts

/// A group with a suite of RFC 9380.
protocol HashableGroup: CurvePoint where Coordinate: HashableElement {
    static var simplifiedMap: SimplifiedMap<Coordinate> { get }
    static var isogeny: Isogeny<Coordinate> { get }
    func clearedCofactor() -> Self
}

extension HashableGroup {
    /// A point from a message, as `hash_to_curve` of RFC 9380 section 3 makes it.
    ///
    /// The time depends on the message's hash.
    static func hashToCurve(_ message: [UInt8], domain: [UInt8]) -> Self {
        let length = Coordinate.hashedByteCount
        // Two elements are far below the bound of the expansion.
        guard let material = try? ExpandMessage.xmd(message: message, domain: domain, length: 2 * length) else {
            preconditionFailure("the expansion of a message failed")
        }
        let first = self.mapToCurve(Coordinate(hashed: material[..<length]))
        let second = self.mapToCurve(Coordinate(hashed: material[length...]))
        return first.combined(with: second).clearedCofactor()
    }

    /// `map_to_curve`: a point of the curve, seldom of the subgroup.
    static func mapToCurve(_ element: Coordinate) -> Self {
        let point = self.simplifiedMap.map(element)
        let image = self.isogeny.image(point.numerator, point.denominator, point.y)
        return image.z.isZero ? .identity : Self(x: image.x, y: image.y, z: image.z)
    }
}

extension G1Point: HashableGroup {
    /// A point from a message, which must not be secret, under a domain separation tag.
    ///
    /// Suite `BLS12381G1_XMD:SHA-256_SSWU_RO_` of RFC 9380.
    package static func hash(_ message: [UInt8], domain: [UInt8]) -> G1Point {
        self.hashToCurve(message, domain: domain)
    }

    /// `HG1(tag, f…)` of the specification (section 3.3).
    package static func hash(tag: String, _ fields: [UInt8]...) -> G1Point {
        self.hash(
            transcript(fields),
            domain: domainSeparationTag(tag + "_BLS12381G1_XMD:SHA-256_SSWU_RO_")
        )
    }

    static let simplifiedMap = SimplifiedMap(a: IsogenyToG1.a, b: IsogenyToG1.b, z: Fp(11))
    static let isogeny = IsogenyToG1.map

    /// The product with one less the curve's parameter, which is negative (RFC 9380 section 8.8.1).
    func clearedCofactor() -> G1Point { self.multipliedByParameter().combined(with: self) }
}

extension G2Point: HashableGroup {
    /// A point from a message, which must not be secret, under a domain separation tag.
    ///
    /// Suite `BLS12381G2_XMD:SHA-256_SSWU_RO_` of RFC 9380.
    package static func hash(_ message: [UInt8], domain: [UInt8]) -> G2Point {
        self.hashToCurve(message, domain: domain)
    }

    static let simplifiedMap = SimplifiedMap(a: IsogenyToG2.a, b: IsogenyToG2.b, z: Fp2.nonSquare)
    static let isogeny = IsogenyToG2.map

    /// A product with a multiple of the cofactor.
    ///
    /// After Budroni and Pintore, "Efficient hash maps to G2 on BLS curves" (2017; RFC 9380 appendix G.3): with parameter
    /// x, `(x² - x - 1) P + (x - 1) ψ(P) + ψ²(2P)`.
    func clearedCofactor() -> G2Point {
        let product = self.multipliedByParameter().negated()
        let image = self.endomorphism()
        // x (xP + ψ(P)) - (xP + ψ(P)) - P + ψ²(2P)
        let sum = product + image
        return sum.multipliedByParameter().negated() - sum - self + self.doubled(times: 1).endomorphismSquared()
    }
}

extension Fr {
    /// `hr(tag, f…)`: a scalar from a transcript (specification section 1.3).
    ///
    /// - Throws: ``ProtocolFailure`` with code `SCALAR` for zero, which does not happen.
    package static func hash(_ tag: String, _ fields: [UInt8]...) throws(ProtocolFailure) -> Fr {
        try self.hash(tag, fields)
    }

    /// `hr(tag, f…)` of a list of fields.
    ///
    /// - Throws: ``ProtocolFailure`` with code `SCALAR` for zero, which does not happen.
    package static func hash(_ tag: String, _ fields: [[UInt8]]) throws(ProtocolFailure) -> Fr {
        var material = TaggedHash.fieldMaterial(tag, fields)
        defer { material.wipe() }
        let scalar = Fr(reducing: material)
        try require(!scalar.isZero, .scalar, "a hash is zero")
        return scalar
    }
}
