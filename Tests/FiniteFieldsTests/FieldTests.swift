import CanonicalBytes
import FiniteFields
import Testing

@Suite struct FieldTests {
    private static func checkLaws<Element: SampledElement>(_: Element.Type) {
        var generator = SplitMix64(state: 3)
        for _ in 0..<200 {
            let (a, b, c) = (Element.sample(&generator), Element.sample(&generator), Element.sample(&generator))
            #expect(a + b == b + a)
            #expect(a * b == b * a)
            #expect((a + b) + c == a + (b + c))
            #expect((a * b) * c == a * (b * c))
            #expect(a * (b + c) == a * b + a * c)
            #expect(a - b == a + -b)
            #expect(a + -a == .zero)
            #expect(a * .one == a)
            #expect(a.squared() == a * a)
            #expect(a.isZero ? a.inverse() == .zero : a * a.inverse() == .one)
        }
    }

    @Test("Fp is a field") func fp() { Self.checkLaws(Fp.self) }
    @Test("Fp2 is a field") func fp2() { Self.checkLaws(Fp2.self) }
    @Test("Fp6 is a field") func fp6() { Self.checkLaws(Fp6.self) }
    @Test("Fp12 is a field") func fp12() { Self.checkLaws(Fp12.self) }
    @Test("Fr is a field") func fr() { Self.checkLaws(Fr.self) }

    @Test("Inverses together are the single inverses")
    func inverses() {
        var generator = SplitMix64(state: 4)
        let elements = (0..<50).map { _ in Fp.sample(&generator) }.filter { !$0.isZero }
        #expect(Fp.inverses(of: elements) == elements.map { $0.inverse() })
        #expect(Fp.inverses(of: []) == [])
    }

    @Test("The tower adjoins what it says")
    func tower() {
        let u = Fp2(.zero, .one)
        let v = Fp6(.zero, .one, .zero)
        let w = Fp12(.zero, .one)
        #expect(u.squared() == -Fp2.one)
        #expect(v * v * v == Fp6(.xi, .zero, .zero))
        #expect(w.squared() == Fp12(v, .zero))
        #expect(v * v * v == Fp6.one * Fp2.xi)
        #expect(v.timesV() == v * v)
        #expect(Fp2(Fp(5), Fp(7)).timesXi() == Fp2(Fp(5), Fp(7)) * .xi)
    }

    @Test("Frobenius is a power of p")
    func frobenius() {
        var generator = SplitMix64(state: 5)
        let a = Fp12.sample(&generator)
        let b = Fp12.sample(&generator)
        #expect((a * b).frobenius() == a.frobenius() * b.frobenius())
        #expect((a + b).frobenius() == a.frobenius() + b.frobenius())
        #expect(a.frobenius() != a)
        #expect(a.frobenius().frobenius() == a.frobeniusSquared())
        #expect((0..<3).reduce(a) { result, _ in result.frobeniusSquared() } == a.conjugate())
        // Of Fp the power to p is the element itself.
        #expect(Fp12(Fp6.one * Fp2(Fp(77), .zero), .zero).frobenius() == Fp12(Fp6.one * Fp2(Fp(77), .zero), .zero))
    }

    @Test("Square roots in Fp exist for half of the elements")
    func squareRoots() {
        var generator = SplitMix64(state: 6)
        for _ in 0..<100 {
            let a = Fp.sample(&generator)
            let root = a.squared().squareRoot()
            #expect(root == a || root == -a)
            if !a.isZero { #expect((-a.squared()).squareRoot() == nil) }
        }
    }

    @Test("Square roots in Fp2 exist for half of the elements")
    func squareRootsInFp2() {
        var generator = SplitMix64(state: 7)
        for _ in 0..<100 {
            let a = Fp2.sample(&generator)
            let root = a.squared().squareRoot()
            #expect(root == a || root == -a)
            if !a.isZero { #expect((a.squared() * Fp2.nonSquare).squareRoot() == nil) }
        }
    }

    @Test("Roots of ratios are of the ratio or of its product with the non-square")
    func ratios() {
        var generator = SplitMix64(state: 8)
        for _ in 0..<100 {
            let (a, b) = (Fp.sample(&generator), Fp.sample(&generator))
            let (c, d) = (Fp2.sample(&generator), Fp2.sample(&generator))
            if !b.isZero {
                let (isSquare, root) = Fp.squareRootOfRatio(a, b)
                #expect(root.squared() * b == (isSquare ? a : a * Fp(11)))
                #expect(isSquare == ((a * b).squareRoot() != nil))
            }
            if !d.isZero {
                let (isSquare, root) = Fp2.squareRootOfRatio(c, d)
                #expect(root.squared() * d == (isSquare ? c : c * Fp2.nonSquare))
                #expect(isSquare == ((c * d).squareRoot() != nil))
            }
        }
    }

    @Test("Of an element and its negative one is larger and one is odd")
    func signs() {
        var generator = SplitMix64(state: 9)
        for _ in 0..<100 {
            let a = Fp2.sample(&generator)
            #expect(a.isZero || a.isLarger != (-a).isLarger)
            #expect(a.isZero || a.isOdd != (-a).isOdd)
        }
        #expect(!Fp.one.isLarger)
        #expect((-Fp.one).isLarger)
        #expect(!Fp.zero.isLarger)
        #expect(Fp.one.isOdd)
        // (p - 1) / 2 and (p + 1) / 2.
        let half = Fp(2).inverse()
        #expect(half.isLarger)
        #expect(!(half - .one).isLarger)
    }
}
