internal import COpenSSL
@preconcurrency internal import Glibc

extension P256KeyTable {
    /// `E(z·G + c·Q)`, the compressed encoding, as a verification needs it: public numbers only.
    ///
    /// Numbers and points of the calculation are a thread's own and used again: making and clearing them took an eighth
    /// of its time.
    ///
    /// - Returns: nil when the sum is the identity, which has no encoding.
    func encodedSum(_ z: P256Scalar, plus c: P256Scalar) -> [UInt8]? {
        ThreadMemory.current.encodedSum(z, c, self)
    }
}

/// What one thread calculates with.
private final class ThreadMemory {
    private let context: OpaquePointer
    private let first: OpaquePointer
    private let second: OpaquePointer
    private let number: OpaquePointer
    private let x: OpaquePointer
    private let y: OpaquePointer

    private init() {
        guard let context = BN_CTX_new(), let first = EC_POINT_new(Curve.group),
            let second = EC_POINT_new(Curve.group), let number = BN_new(), let x = BN_new(), let y = BN_new()
        else { preconditionFailure("out of memory") }
        self.context = context
        self.first = first
        self.second = second
        self.number = number
        self.x = x
        self.y = y
    }

    deinit {
        EC_POINT_free(self.first)
        EC_POINT_free(self.second)
        BN_free(self.number)
        BN_free(self.x)
        BN_free(self.y)
        BN_CTX_free(self.context)
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { memory in
            if let memory { Unmanaged<ThreadMemory>.fromOpaque(memory).release() }
        }
        precondition(status == 0, "no more keys for threads")
        return key
    }()

    /// The thread's own; it goes with the thread.
    static var current: ThreadMemory {
        if let known = pthread_getspecific(self.key) {
            return Unmanaged<ThreadMemory>.fromOpaque(known).takeUnretainedValue()
        }
        let made = ThreadMemory()
        let status = pthread_setspecific(self.key, Unmanaged.passRetained(made).toOpaque())
        precondition(status == 0, "out of memory")
        return made
    }

    func encodedSum(_ z: P256Scalar, _ c: P256Scalar, _ table: P256KeyTable) -> [UInt8]? {
        self.take(z)
        var isDone = EC_POINT_mul(Curve.group, self.first, self.number, nil, nil, self.context) == 1
        self.take(c)
        isDone = isDone && table.multiply(into: self.second, by: self.number, self.context) == 1
        isDone = isDone && EC_POINT_add(Curve.group, self.first, self.first, self.second, self.context) == 1
        precondition(isDone, "OpenSSL failed on valid operands")
        guard EC_POINT_is_at_infinity(Curve.group, self.first) == 0 else { return nil }
        let status = EC_POINT_get_affine_coordinates(Curve.group, self.first, self.x, self.y, self.context)
        precondition(status == 1, "OpenSSL failed on a valid point")
        return [UInt8](unsafeUninitializedCapacity: 33) { buffer, count in
            buffer[0] = BN_is_odd(self.y) == 1 ? 3 : 2
            let written = BN_bn2binpad(self.x, buffer.baseAddress.map { $0 + 1 }, 32)
            precondition(written == 32)
            count = 33
        }
    }

    /// Little-endian limbs of a little-endian machine are a little-endian number.
    private func take(_ scalar: P256Scalar) {
        let isTaken = withUnsafeBytes(of: scalar.limbs) { bytes in
            BN_lebin2bn(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), 32, self.number) != nil
        }
        precondition(isTaken, "out of memory")
    }
}
