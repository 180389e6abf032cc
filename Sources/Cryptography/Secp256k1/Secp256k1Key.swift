internal import COpenSSL
package import CanonicalBytes
internal import Transcripts

/// A secret key with its public one, for chains with an EVM.
///
/// Signing runs in OpenSSL's constant-time code, with nonces that OpenSSL draws from its random generator, the key and
/// the digest, so that a bad generator does not give the key away. OpenSSL clears its copy of the secret when the last
/// user lets go of the key.
package final class Secp256k1Key: @unchecked Sendable {
    package let publicKey: Secp256k1PublicKey
    /// An `EVP_PKEY`, which never changes.
    private let handle: OpaquePointer

    /// - Parameter secret: 32 bytes; the caller wipes them.
    /// - Throws: `FORMAT` for another length; `SCALAR` for 0 and for a number not below the group's order; `KEY` when
    ///   OpenSSL does not take it.
    package init(secret: [UInt8]) throws(ProtocolFailure) {
        try require(secret.count == 32, .format, "a secret key has 32 bytes, not \(secret.count)")
        guard let number = Self.secretNumber(secret) else { throw ProtocolFailure(.scalar, "no secret key") }
        defer { BN_clear_free(number) }
        guard let point = EC_POINT_new(Secp256k1Curve.group) else { throw ProtocolFailure(.key, "out of memory") }
        defer { EC_POINT_free(point) }
        guard EC_POINT_mul(Secp256k1Curve.group, point, number, nil, nil, nil) == 1 else {
            throw ProtocolFailure(.key, "OpenSSL did not take the key")
        }
        var long = [UInt8](repeating: 0, count: 65)
        let count = EC_POINT_point2oct(Secp256k1Curve.group, point, POINT_CONVERSION_UNCOMPRESSED, &long, 65, nil)
        guard count == 65, let handle = Self.keyPair(secret, long) else {
            throw ProtocolFailure(.key, "OpenSSL did not take the key")
        }
        self.handle = handle
        self.publicKey = Secp256k1PublicKey(coordinates: Array(long.dropFirst()))
    }

    /// A new random key, and its secret to be stored; the caller wipes it.
    ///
    /// - Throws: `KEY` when OpenSSL does not take it.
    package static func generate() throws(ProtocolFailure) -> (key: Secp256k1Key, secret: [UInt8]) {
        while true {
            let secret = SecureRandom.bytes(32)
            // One in 2^128 is out of range.
            guard Secp256k1Curve.isScalar(secret) else { continue }
            return (try Secp256k1Key(secret: secret), secret)
        }
    }

    /// Signs a digest.
    ///
    /// - Parameter digest: 32 bytes, the result of a hash function.
    /// - Returns: another signature each time.
    /// - Throws: `FORMAT` for another length; `SIGNATURE` when OpenSSL fails.
    package func sign(_ digest: [UInt8]) throws(ProtocolFailure) -> Secp256k1Signature {
        try require(digest.count == 32, .format, "a digest has 32 bytes")
        for _ in 0..<4 {
            guard let (r, s) = self.numbers(digest) else { break }
            let isHigh = Secp256k1Curve.halfOrder.lexicographicallyPrecedes(s)
            let low = isHigh ? Self.negated(s) : s
            for isOdd in [false, true] {
                let signature = try Secp256k1Signature(r: r, s: low, isOdd: isOdd)
                if (try? signature.signer(of: digest)) == self.publicKey { return signature }
            }
        }
        ERR_clear_error()
        throw ProtocolFailure(.signature, "OpenSSL did not sign")
    }

    /// The two numbers of a fresh signature.
    private func numbers(_ digest: [UInt8]) -> (r: [UInt8], s: [UInt8])? {
        guard let context = EVP_PKEY_CTX_new(self.handle, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var encoded = [UInt8](repeating: 0, count: 80)
        var count = encoded.count
        guard EVP_PKEY_sign_init(context) == 1,
            EVP_PKEY_sign(context, &encoded, &count, digest, digest.count) == 1
        else { return nil }
        return DERSignature.numbers(encoded.prefix(count))
    }

    private static func negated(_ s: [UInt8]) -> [UInt8] {
        let order = PublicNumber(Secp256k1Curve.order)
        let number = PublicNumber(s)
        precondition(BN_sub(number.handle, order.handle, number.handle) == 1, "OpenSSL failed on valid operands")
        return number.bytes
    }

    /// The secret as OpenSSL takes it, to be cleared by the caller; nil when it is none.
    private static func secretNumber(_ secret: [UInt8]) -> OpaquePointer? {
        guard let number = BN_bin2bn(secret, Int32(secret.count), nil) else { return nil }
        BN_set_flags(number, BN_FLG_CONSTTIME)
        let isInRange = BN_is_zero(number) == 0 && BN_cmp(number, EC_GROUP_get0_order(Secp256k1Curve.group)) < 0
        guard isInRange else {
            BN_clear_free(number)
            return nil
        }
        return number
    }

    /// What `EVP_PKEY_KEYPAIR` of OpenSSL's header stands for: both keys and the group.
    private static let selection =
        OSSL_KEYMGMT_SELECT_PRIVATE_KEY | OSSL_KEYMGMT_SELECT_PUBLIC_KEY | OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS
        | OSSL_KEYMGMT_SELECT_OTHER_PARAMETERS

    private static func keyPair(_ secret: [UInt8], _ long: [UInt8]) -> OpaquePointer? {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var group = Array("secp256k1".utf8CString)
        // A parameter's number is in the machine's order of bytes: little-endian on all that we run on.
        var number = Array(secret.reversed())
        defer { number.wipe() }
        var point = long
        var pair: OpaquePointer?
        let isMade = group.withUnsafeMutableBytes { group in
            number.withUnsafeMutableBytes { number in
                point.withUnsafeMutableBytes { point in
                    let name = group.baseAddress?.assumingMemoryBound(to: CChar.self)
                    let secret = number.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    var parameters = [
                        OSSL_PARAM_construct_utf8_string(Self.key("group"), name, 0),
                        OSSL_PARAM_construct_BN(Self.key("priv"), secret, 32),
                        OSSL_PARAM_construct_octet_string(Self.key("pub"), point.baseAddress, 65),
                        OSSL_PARAM_construct_end(),
                    ]
                    return EVP_PKEY_fromdata_init(context) == 1
                        && EVP_PKEY_fromdata(context, &pair, Self.selection, &parameters) == 1
                }
            }
        }
        return isMade ? pair : nil
    }

    /// A parameter's name that stays where it is: OpenSSL keeps the pointer.
    private static func key(_ name: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    deinit { EVP_PKEY_free(self.handle) }
}

/// `ECDSA-Sig-Value` (RFC 3279 section 2.2.3) as OpenSSL writes it.
enum DERSignature {
    /// `r` and `s`, 32 bytes each; nil for what is no such value.
    static func numbers(_ bytes: ArraySlice<UInt8>) -> (r: [UInt8], s: [UInt8])? {
        var rest = bytes
        guard rest.popFirst() == 0x30, let length = rest.popFirst(), Int(length) == rest.count,
            let r = Self.integer(&rest), let s = Self.integer(&rest), rest.isEmpty
        else { return nil }
        return (r, s)
    }

    private static func integer(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.popFirst() == 0x02, let length = rest.popFirst(), (1...33).contains(length),
            Int(length) <= rest.count
        else { return nil }
        let digits = rest.prefix(Int(length)).drop { $0 == 0 }
        rest = rest.dropFirst(Int(length))
        guard digits.count <= 32 else { return nil }
        return [UInt8](repeating: 0, count: 32 - digits.count) + digits
    }
}
