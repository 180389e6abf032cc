internal import COpenSSL
internal import CanonicalBytes

/// The group of SEC 2 section 2.4.1, made once; OpenSSL lets threads share it.
enum Secp256k1Curve {
    nonisolated(unsafe) static let group: OpaquePointer = {
        guard let group = EC_GROUP_new_by_curve_name(NID_secp256k1) else {
            preconditionFailure("OpenSSL has no secp256k1")
        }
        return group
    }()

    /// The order `n`, 32 bytes.
    static let order = PublicNumber.bytes(of: EC_GROUP_get0_order(Self.group))

    /// `⌊n/2⌋`, 32 bytes: of a signature's two values of `s` the lower one counts.
    static let halfOrder: [UInt8] = {
        var carry: UInt8 = 0
        return Self.order.map { byte in
            defer { carry = byte & 1 }
            return carry << 7 | byte >> 1
        }
    }()

    /// Whether 32 bytes are a number from 1 to `n - 1`; in time that depends on them: for public numbers.
    static func isScalar(_ bytes: [UInt8]) -> Bool {
        bytes.count == 32 && bytes.contains { $0 != 0 } && bytes.lexicographicallyPrecedes(Self.order)
    }
}

/// A number that is no secret, freed when it goes.
struct PublicNumber: ~Copyable {
    let handle: OpaquePointer

    init() {
        guard let number = BN_new() else { preconditionFailure("out of memory") }
        self.handle = number
    }

    /// Of big-endian bytes.
    init(_ bytes: [UInt8]) {
        guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else { preconditionFailure("out of memory") }
        self.handle = number
    }

    /// 32 bytes, big-endian.
    var bytes: [UInt8] { Self.bytes(of: self.handle) }

    static func bytes(of number: OpaquePointer?) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, written in
            written = Int(BN_bn2binpad(number, buffer.baseAddress, 32))
            precondition(written == 32, "a number of more than 32 bytes")
        }
    }

    deinit { BN_free(self.handle) }
}

/// A point that is no secret, freed when it goes.
struct PublicPoint: ~Copyable {
    let handle: OpaquePointer

    private init() {
        guard let point = EC_POINT_new(Secp256k1Curve.group) else { preconditionFailure("out of memory") }
        self.handle = point
    }

    /// Decodes a point in the compressed (33 bytes) or the long form (65 bytes).
    ///
    /// - Throws: `FORMAT` for another length; `POINT` for what is no point of the curve, and for the identity.
    init(_ encoded: [UInt8]) throws(ProtocolFailure) {
        self.init()
        let isCompressed = encoded.count == 33 && (encoded[0] == 2 || encoded[0] == 3)
        let isLong = encoded.count == 65 && encoded[0] == 4
        try require(isCompressed || isLong, .format, "a point has 33 or 65 bytes")
        guard EC_POINT_oct2point(Secp256k1Curve.group, self.handle, encoded, encoded.count, nil) == 1 else {
            ERR_clear_error()
            throw ProtocolFailure(.point, "no point of the curve")
        }
    }

    /// `a·G + b·P`.
    init(base a: borrowing PublicNumber, plus b: borrowing PublicNumber, times point: borrowing PublicPoint) {
        self.init()
        let status = EC_POINT_mul(Secp256k1Curve.group, self.handle, a.handle, point.handle, b.handle, nil)
        precondition(status == 1, "OpenSSL failed on valid operands")
    }

    var isIdentity: Bool { EC_POINT_is_at_infinity(Secp256k1Curve.group, self.handle) == 1 }

    /// Coordinates of a point that is not the identity, 64 bytes.
    var coordinates: [UInt8] {
        let x = PublicNumber()
        let y = PublicNumber()
        let status = EC_POINT_get_affine_coordinates(Secp256k1Curve.group, self.handle, x.handle, y.handle, nil)
        precondition(status == 1, "OpenSSL failed on a valid point")
        return x.bytes + y.bytes
    }

    deinit { EC_POINT_free(self.handle) }
}
