internal import CFieldKernels
internal import FiniteFields

/// A group of order `r`, written additively, with an endomorphism that multiplies by a power of the curve's parameter.
///
/// `parameter` below is the absolute value of that parameter, 0xd201000000010000. A scalar falls into digits to the
/// base `parameter` (or its square), so that a multiplication doubles only as often as one digit has bits.
protocol EndomorphicGroup: BitwiseCopyable, Sendable {
    static var identity: Self { get }
    /// Digits of a scalar: 4 of 64 bits to the base `parameter`, or 2 of 128 bits to the base of its square.
    static var digitCount: Int { get }
    func combined(with other: Self) -> Self
    func doubled(times count: Int32) -> Self
    func negated() -> Self
    /// The product with the base of the digits to the power `exponent`, by the endomorphism.
    func multipliedByBase(power exponent: Int) -> Self
    /// The product with `parameter`.
    func multipliedByParameter() -> Self
}

extension EndomorphicGroup {
    /// `parameter` has six bits set.
    func multipliedByParameter() -> Self {
        var result = self
        for doublings: Int32 in [1, 2, 3, 9, 32] {
            result = result.doubled(times: doublings).combined(with: self)
        }
        return result.doubled(times: 16)
    }

    /// This element, or its negative where the sign is 1, without a branch.
    func negated(ifOne sign: UInt64) -> Self {
        withUnsafePointer(to: self.negated()) { negated in
            Self.selected(sign, from: UnsafeBufferPointer(start: negated, count: 1), otherwise: self)
        }
    }

    /// Element `index - 1` of the table, or the other one for index 0, without a branch or an address that depends on
    /// the index.
    static func selected(_ index: UInt64, from table: UnsafeBufferPointer<Self>, otherwise: Self) -> Self {
        let words = MemoryLayout<Self>.size / 8
        let count = table.count
        var result = otherwise
        withUnsafeMutablePointer(to: &result) { result in
            guard let table = table.baseAddress.map({ UnsafeRawPointer($0) }) else { return }
            let target = UnsafeMutableRawPointer(result).assumingMemoryBound(to: UInt64.self)
            wl_select(target, table.assumingMemoryBound(to: UInt64.self), words, count, index)
        }
        return result
    }

    /// The same from an array.
    static func selected(_ index: UInt64, from table: [Self]) -> Self {
        table.withUnsafeBufferPointer { Self.selected(index, from: $0, otherwise: .identity) }
    }

    /// The products with 1, 2, …, `count`.
    func multiples(_ count: Int) -> [Self] {
        var result = [self]
        result.reserveCapacity(count)
        while result.count < count {
            let isEven = result.count % 2 == 1
            result.append(
                isEven ? result[result.count / 2].doubled(times: 1) : result[result.count - 1].combined(with: self)
            )
        }
        return result
    }

    /// The digits of a scalar to the base that ``multipliedByBase(power:)`` multiplies by, in constant time.
    static func digits(of scalar: Fr) -> [UInt128] {
        let digits = scalar.parameterDigits
        if Self.digitCount == 4 { return [UInt128(digits.0), UInt128(digits.1), UInt128(digits.2), UInt128(digits.3)] }
        return [Self.join(digits.0, digits.1), Self.join(digits.2, digits.3)]
    }

    private static func join(_ low: UInt64, _ high: UInt64) -> UInt128 {
        let product = high.multipliedFullWidth(by: 0xd201_0000_0001_0000)
        return (UInt128(product.high) << 64 | UInt128(product.low)) + UInt128(low)
    }

    static var digitBits: Int { 256 / Self.digitCount }
}
