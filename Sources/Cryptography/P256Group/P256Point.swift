internal import COpenSSL
package import CanonicalBytes

/// A point of P-256, the identity included.
///
/// Multiplications run in OpenSSL's constant-time code (`EC_POINT_mul` with scalars of one length, flagged
/// `BN_FLG_CONSTTIME`). A value never changes, so points may be shared by threads.
package struct P256Point: Sendable {
    private let storage: Storage

    /// The base point `G`.
    package static let generator = P256Point(Storage { EC_POINT_copy($0, EC_GROUP_get0_generator(Curve.group)) })

    /// `E(G)`.
    static let encodedGenerator = Self.generator.compressed()

    private init(_ storage: Storage) { self.storage = storage }

    /// Decodes the 33 bytes of a compressed point other than the identity (specification section 2.2).
    ///
    /// - Throws: `IDENTITY`, `FORMAT` or `POINT`, in this order of checks.
    package init(_ encoded: [UInt8]) throws(ProtocolFailure) {
        try require(encoded != [0], .identity, "the identity is not accepted")
        try require(encoded.count == 33, .format, "a point has 33 bytes, not \(encoded.count)")
        try require(encoded[0] == 2 || encoded[0] == 3, .point, "not a compressed point")
        var isOnCurve = false
        let storage = Storage {
            isOnCurve = EC_POINT_oct2point(Curve.group, $0, encoded, encoded.count, nil) == 1
            return 1
        }
        guard isOnCurve else {
            ERR_clear_error()
            throw ProtocolFailure(.point, "no point of the curve")
        }
        self.init(storage)
    }

    /// `E(P)`: the compressed encoding, 33 bytes.
    ///
    /// - Throws: `IDENTITY` when the point is the identity, which is never encoded.
    package func encoded() throws(ProtocolFailure) -> [UInt8] {
        try require(!self.isIdentity, .identity, "the identity has no encoding")
        return self.compressed()
    }

    /// Affine coordinates `x` and `y`, 32 bytes each.
    ///
    /// - Throws: `IDENTITY` when the point is the identity.
    package func coordinates() throws(ProtocolFailure) -> (x: [UInt8], y: [UInt8]) {
        try require(!self.isIdentity, .identity, "the identity has no coordinates")
        return self.withCoordinates { ($0.bytes, $1.bytes) }
    }

    package var isIdentity: Bool { EC_POINT_is_at_infinity(Curve.group, self.storage.handle) == 1 }

    package static func + (a: P256Point, b: P256Point) -> P256Point {
        P256Point(Storage { EC_POINT_add(Curve.group, $0, a.storage.handle, b.storage.handle, nil) })
    }

    package static prefix func - (a: P256Point) -> P256Point {
        P256Point(
            Storage {
                guard EC_POINT_copy($0, a.storage.handle) == 1 else { return 0 }
                return EC_POINT_invert(Curve.group, $0, nil)
            }
        )
    }

    /// `k·G`.
    package static func base(times k: P256Scalar) -> P256Point {
        let k = BigNumber(k)
        return P256Point(Storage { EC_POINT_mul(Curve.group, $0, k.handle, nil, nil, nil) })
    }

    /// `k·P`.
    package static func * (k: P256Scalar, point: P256Point) -> P256Point {
        let k = BigNumber(k)
        return P256Point(Storage { EC_POINT_mul(Curve.group, $0, nil, point.storage.handle, k.handle, nil) })
    }

    /// `a·G + b·Q`, as a verification needs it.
    package static func base(times a: P256Scalar, plus b: P256Scalar, times q: P256Point) -> P256Point {
        let a = BigNumber(a)
        let b = BigNumber(b)
        return P256Point(Storage { EC_POINT_mul(Curve.group, $0, a.handle, q.storage.handle, b.handle, nil) })
    }

    /// `k·P` for a small public number, in time that depends on the number.
    package func multiplied(bySmall k: UInt8) -> P256Point {
        P256Point(
            Storage { sum in
                guard EC_POINT_set_to_infinity(Curve.group, sum) == 1 else { return 0 }
                for bit in stride(from: 7 - k.leadingZeroBitCount, through: 0, by: -1) {
                    guard EC_POINT_dbl(Curve.group, sum, sum, nil) == 1 else { return 0 }
                    guard k >> UInt8(bit) & 1 == 1 else { continue }
                    guard EC_POINT_add(Curve.group, sum, sum, self.storage.handle, nil) == 1 else { return 0 }
                }
                return 1
            }
        )
    }

    /// Lends OpenSSL's point; it must not be changed.
    func withHandle<Result>(_ use: (OpaquePointer) -> Result) -> Result { use(self.storage.handle) }

    private func compressed() -> [UInt8] {
        self.withCoordinates { x, y in [2 | (y.isOdd ? 1 : 0)] + x.bytes }
    }

    /// Lends the affine coordinates of a point that is not the identity.
    ///
    /// OpenSSL's own encoding of points takes another time for coordinates with leading zeros; points may be secret.
    private func withCoordinates<Result>(_ use: (borrowing BigNumber, borrowing BigNumber) -> Result) -> Result {
        let x = BigNumber()
        let y = BigNumber()
        let status = EC_POINT_get_affine_coordinates(Curve.group, self.storage.handle, x.handle, y.handle, nil)
        precondition(status == 1, "OpenSSL failed on a valid point")
        return use(x, y)
    }
}

extension P256Point: Equatable {
    package static func == (a: P256Point, b: P256Point) -> Bool {
        EC_POINT_cmp(Curve.group, a.storage.handle, b.storage.handle, nil) == 0
    }
}

/// The group, made once; OpenSSL lets threads share it.
enum Curve {
    nonisolated(unsafe) static let group: OpaquePointer = {
        guard let group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1) else {
            preconditionFailure("OpenSSL has no P-256")
        }
        return group
    }()
}

/// An `EC_POINT` that is filled once and cleared when it goes.
private final class Storage: @unchecked Sendable {
    let handle: OpaquePointer

    /// `fill` returns 1 when it succeeded; nothing but exhausted memory makes it fail.
    init(_ fill: (OpaquePointer) -> Int32) {
        guard let handle = EC_POINT_new(Curve.group) else { preconditionFailure("out of memory") }
        self.handle = handle
        precondition(fill(handle) == 1, "OpenSSL failed on valid operands")
    }

    deinit { EC_POINT_clear_free(self.handle) }
}

/// A number as OpenSSL takes and gives it, cleared when it goes.
struct BigNumber: ~Copyable {
    let handle: OpaquePointer

    /// Zero, to be filled by OpenSSL.
    init() {
        guard let number = BN_new() else { preconditionFailure("out of memory") }
        self.handle = number
    }

    /// An integer that is `scalar` modulo the order and takes four words for every scalar.
    ///
    /// OpenSSL skips leading zero bytes where it reads a number, and leading zero words where it multiplies by one.
    init(_ scalar: P256Scalar) {
        let limbs = ScalarField.lengthened(scalar.limbs)
        // Little-endian limbs of a little-endian machine are a little-endian number. The fifth, which keeps any byte of
        // the others from being skipped, is taken away when they are read.
        var words = (limbs.0, limbs.1, limbs.2, limbs.3, 1 as UInt64)
        let number = withUnsafeMutableBytes(of: &words) { buffer in
            defer { OPENSSL_cleanse(buffer.baseAddress, buffer.count) }
            return BN_lebin2bn(buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), 33, nil)
        }
        guard let number, BN_clear_bit(number, 256) == 1 else { preconditionFailure("out of memory") }
        BN_set_flags(number, BN_FLG_CONSTTIME)
        self.handle = number
    }

    var isOdd: Bool { BN_is_odd(self.handle) == 1 }

    /// 32 bytes, big-endian.
    var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, written in
            written = Int(BN_bn2binpad(self.handle, buffer.baseAddress, 32))
            precondition(written == 32)
        }
    }

    deinit { BN_clear_free(self.handle) }
}
