/// A field of this module.
///
/// Operations take the same time for all operands unless they say otherwise.
package protocol FieldElement: BitwiseCopyable, Equatable, Sendable {
    static var zero: Self { get }
    static var one: Self { get }
    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
    static prefix func - (a: Self) -> Self
    func squared() -> Self
    /// The multiplicative inverse; zero of zero.
    func inverse() -> Self
}

extension FieldElement {
    package var isZero: Bool { self == .zero }

    /// The inverses of all elements for the price of one inversion and three multiplications each.
    ///
    /// - Precondition: no element is zero.
    @inlinable
    package static func inverses(of elements: [Self]) -> [Self] {
        var products: [Self] = []
        products.reserveCapacity(elements.count)
        var product = Self.one
        for element in elements {
            products.append(product)
            product = product * element
        }
        var remaining = product.inverse()
        for index in elements.indices.reversed() {
            products[index] = products[index] * remaining
            remaining = remaining * elements[index]
        }
        return products
    }
}
