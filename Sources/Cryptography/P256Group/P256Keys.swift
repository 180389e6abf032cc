package import CanonicalBytes

/// A public key `Q`: a point other than the identity, with its encoding.
package struct P256PublicKey: Sendable, Hashable {
    package let point: P256Point
    /// `E(Q)`, 33 bytes.
    package let encoded: [UInt8]

    /// - Throws: `IDENTITY`, `FORMAT` or `POINT`.
    package init(_ encoded: [UInt8]) throws(ProtocolFailure) {
        self.point = try P256Point(encoded)
        self.encoded = encoded
    }

    /// - Throws: `IDENTITY`.
    package init(_ point: P256Point) throws(ProtocolFailure) {
        self.point = point
        self.encoded = try point.encoded()
    }

    private init(_ point: P256Point, encoded: [UInt8]) {
        self.point = point
        self.encoded = encoded
    }

    /// The base point `G`.
    package static let generator = P256PublicKey(.generator, encoded: P256Point.encodedGenerator)

    package static func == (a: P256PublicKey, b: P256PublicKey) -> Bool { a.encoded == b.encoded }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.encoded) }
}

/// A secret scalar `d` with its public key `Q = d·G`; wiped when the last user lets go of it.
package final class P256KeyPair: Sendable {
    package let publicKey: P256PublicKey
    private let secret: SecretScalar

    /// - Throws: `SCALAR` when `secret` is zero.
    package init(secret: P256Scalar) throws(ProtocolFailure) {
        try require(!secret.isZero, .scalar, "a secret key that is zero")
        self.publicKey = try P256PublicKey(P256Point.base(times: secret))
        self.secret = SecretScalar(secret)
    }

    /// A new random key.
    package static func generate() -> P256KeyPair {
        while true {
            if let key = try? P256KeyPair(secret: P256Scalar.random()) { return key }
        }
    }

    /// Lends the secret scalar; the copy is wiped afterwards.
    package func withSecret<Result, Failure: Error>(
        _ use: (P256Scalar) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try self.secret.withValue(use)
    }

    /// The secret key, 32 bytes, to store it in a file of mode 0600; the caller wipes it.
    package func secretBytes() -> [UInt8] { self.withSecret { $0.bytes } }
}

/// Memory of a long-lived secret scalar; wiped when the last user lets go of it.
package final class SecretScalar: @unchecked Sendable {
    private let memory = UnsafeMutablePointer<P256Scalar>.allocate(capacity: 1)

    package init(_ value: P256Scalar) { self.memory.initialize(to: value) }

    /// Lends the scalar; the copy is wiped afterwards.
    package func withValue<Result, Failure: Error>(
        _ use: (P256Scalar) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var scalar = self.memory.pointee
        defer { scalar.wipe() }
        return try use(scalar)
    }

    deinit {
        self.memory.pointee.wipe()
        self.memory.deallocate()
    }
}
