internal import COpenSSL

/// Arithmetic with public numbers modulo a prime.
struct BigNumberContext: ~Copyable {
    private let handle: OpaquePointer

    /// - Returns: nil when memory is exhausted.
    init?() {
        guard let context = BN_CTX_new() else { return nil }
        self.handle = context
    }

    func invert(_ number: borrowing PublicNumber, modulo prime: borrowing PublicNumber) {
        let result = BN_mod_inverse(number.handle, number.handle, prime.handle, self.handle)
        precondition(result != nil, "OpenSSL failed on valid operands")
    }

    func product(
        _ a: borrowing PublicNumber,
        _ b: borrowing PublicNumber,
        modulo prime: borrowing PublicNumber
    ) -> PublicNumber {
        let product = PublicNumber()
        let status = BN_mod_mul(product.handle, a.handle, b.handle, prime.handle, self.handle)
        precondition(status == 1, "OpenSSL failed on valid operands")
        return product
    }

    func negatedProduct(
        _ a: borrowing PublicNumber,
        _ b: borrowing PublicNumber,
        modulo prime: borrowing PublicNumber
    ) -> PublicNumber {
        let product = self.product(a, b, modulo: prime)
        // n - 0 is n, which a multiplication takes as 0.
        let status = BN_sub(product.handle, prime.handle, product.handle)
        precondition(status == 1, "OpenSSL failed on valid operands")
        return product
    }

    deinit { BN_CTX_free(self.handle) }
}
