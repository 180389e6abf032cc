internal import FiniteFields

/// The simplified map of Shallue, van de Woestijne and Ulas to a curve y² = x³ + Ax + B that an isogeny takes to the
/// group's curve (RFC 9380 sections 6.6.2 and F.2).
struct SimplifiedMap<Element: HashableElement> {
    let a: Element
    let b: Element
    /// `Z` of the suite.
    let z: Element

    /// A point of the curve: x as a fraction, and y.
    func map(_ u: Element) -> (numerator: Element, denominator: Element, y: Element) {
        let zuu = self.z * u.squared()
        let sum = zuu.squared() + zuu
        let numerator = self.b * (sum + .one)
        let denominator = self.a * (sum.isZero ? self.z : -sum)
        let square = denominator.squared()
        let cube = square * denominator
        let value = (numerator.squared() + self.a * square) * numerator + self.b * cube
        let (isSquare, root) = Element.squareRootOfRatio(value, cube)
        let y = isSquare ? root : zuu * u * root
        return (isSquare ? numerator : zuu * numerator, denominator, u.isOdd == y.isOdd ? y : -y)
    }
}

/// A rational map between curves: x ↦ xNumerator/xDenominator, y ↦ y yNumerator/yDenominator (RFC 9380 appendix E).
struct Isogeny<Element: FieldElement>: Sendable {
    /// Coefficients, the constant first.
    let xNumerator: [Element]
    /// One degree below the numerator.
    let xDenominator: [Element]
    let yNumerator: [Element]
    /// Of the degree of the numerator.
    let yDenominator: [Element]

    /// Projective coordinates of the image of the point (numerator/denominator, y).
    func image(_ numerator: Element, _ denominator: Element, _ y: Element) -> (x: Element, y: Element, z: Element) {
        let powers = self.yNumerator.indices.dropFirst().reduce(into: [Element.one]) { powers, _ in
            powers.append(powers[powers.count - 1] * denominator)
        }
        let xTop = Self.value(self.xNumerator, numerator, powers)
        let xBottom = Self.value(self.xDenominator, numerator, powers) * denominator
        let yTop = Self.value(self.yNumerator, numerator, powers) * y
        let yBottom = Self.value(self.yDenominator, numerator, powers)
        return (xTop * yBottom, yTop * xBottom, xBottom * yBottom)
    }

    /// The polynomial's value, times the denominator to its degree.
    private static func value(_ coefficients: [Element], _ numerator: Element, _ powers: [Element]) -> Element {
        let degree = coefficients.count - 1
        return (0..<degree).reversed().reduce(coefficients[degree]) { value, index in
            value * numerator + coefficients[index] * powers[degree - index]
        }
    }
}

/// A field that messages are hashed to.
protocol HashableElement: FieldElement {
    var isOdd: Bool { get }
    static func squareRootOfRatio(_ a: Self, _ b: Self) -> (isSquare: Bool, root: Self)
    /// Bytes that `hash_to_field` takes for one element.
    static var hashedByteCount: Int { get }
    init(hashed bytes: ArraySlice<UInt8>)
}

extension Fp: HashableElement {
    static var hashedByteCount: Int { 64 }
    init(hashed bytes: ArraySlice<UInt8>) { self.init(reducing: bytes) }
}

extension Fp2: HashableElement {
    static var hashedByteCount: Int { 128 }
    init(hashed bytes: ArraySlice<UInt8>) {
        self.init(Fp(reducing: bytes.prefix(64)), Fp(reducing: bytes.dropFirst(64)))
    }
}
