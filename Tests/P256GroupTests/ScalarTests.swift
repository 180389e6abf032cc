import CanonicalBytes
import Testing

@testable import P256Group

@Suite struct ScalarTests {
    private static let largest = P256Scalar.zero - .one

    private static let samples: [P256Scalar] =
        [.zero, .one, P256Scalar(2), P256Scalar(.max), largest, largest - .one] + (0..<20).map { _ in .random() }

    @Test func additionAndSubtractionUndoEachOther() {
        for a in Self.samples {
            for b in Self.samples {
                #expect((a + b) - b == a)
                #expect((a - b) + b == a)
                #expect(a + b == b + a)
            }
        }
    }

    @Test func multiplicationDistributesOverAddition() {
        for a in Self.samples {
            for b in Self.samples {
                #expect(a * b == b * a)
                #expect(a * (b + .one) == a * b + a)
            }
        }
    }

    @Test func minusOneSquaredIsOne() {
        #expect(Self.largest * Self.largest == .one)
        #expect(Self.largest + .one == .zero)
    }

    @Test func aScalarTimesItsInverseIsOne() {
        for a in Self.samples where !a.isZero { #expect(a * a.inverse == .one) }
        #expect(P256Scalar.zero.inverse == .zero)
    }

    @Test func multiplicationAgreesWithThePoints() throws {
        for a in Self.samples where !a.isZero {
            for b in Self.samples.suffix(6) where !b.isZero {
                let product = P256Point.base(times: a * b)
                #expect(try product.encoded() == (a * P256Point.base(times: b)).encoded())
            }
        }
    }

    @Test func bytesComeBackAsTheSameScalar() throws {
        for a in Self.samples { #expect(try P256Scalar(a.bytes, allowingZero: true) == a) }
    }

    @Test func theOrderIsRefused() throws {
        let order = Self.largest.bytes.dropLast() + [Self.largest.bytes[31] + 1]
        #expect(throws: ProtocolFailure.self) { try P256Scalar(Array(order)) }
        #expect(throws: ProtocolFailure.self) { try P256Scalar([UInt8](repeating: 0, count: 32)) }
        #expect(throws: ProtocolFailure.self) { try P256Scalar([1]) }
    }

    @Test func wipingLeavesZero() {
        var scalar = P256Scalar.random()
        scalar.wipe()
        #expect(scalar.isZero)
    }
}
