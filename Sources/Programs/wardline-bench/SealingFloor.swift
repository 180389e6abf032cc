import COpenSSL

/// The operations that a step of the scheme specifies, counted.
struct SpecifiedWork {
    /// `k·G`.
    var fixed = 0
    /// `k·P`.
    var variable = 0
    /// `a·G + b·P`.
    var double = 0
    var additions = 0
    /// Points made affine and encoded.
    var encodings = 0
    /// Points decompressed and found to be on the curve.
    var decodings = 0
    /// Inverses modulo the group order.
    var inversions = 0
    /// Length of every SHA-256 pass, bytes.
    var hashes: [Int] = []
    /// Length of every AES-256-GCM pass under a key of its own, bytes.
    var ciphers: [Int] = []

    static func + (a: SpecifiedWork, b: SpecifiedWork) -> SpecifiedWork {
        SpecifiedWork(
            fixed: a.fixed + b.fixed,
            variable: a.variable + b.variable,
            double: a.double + b.double,
            additions: a.additions + b.additions,
            encodings: a.encodings + b.encodings,
            decodings: a.decodings + b.decodings,
            inversions: a.inversions + b.inversions,
            hashes: a.hashes + b.hashes,
            ciphers: a.ciphers + b.ciphers
        )
    }

    /// The passes of a hash to a scalar (RFC 9380 `expand_message_xmd`, 48 bytes) of a transcript of fields.
    static func scalarHash(_ fields: Int...) -> [Int] {
        let transcript = fields.reduce(0) { $0 + 4 + $1 }
        return [64 + transcript + 28, 58, 58]
    }

    /// The passes of HKDF-SHA256: two for every HMAC.
    static func keyDerivation(secret: Int, info: Int, length: Int) -> [Int] {
        let first = [64 + secret, 96, 64 + info + 1, 96]
        return length <= 32 ? first : first + [96 + info + 1, 96]
    }
}

/// What OpenSSL needs for each operation, without our code around it.
struct SealingFloor {
    private var curve: [String: Double] = [:]
    private var hashes: [Int: Double] = [:]
    private var ciphers: [Int: Double] = [:]

    init() {
        let group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)
        let context = BN_CTX_new()
        let order = BN_new()
        EC_GROUP_get_order(group, order, context)
        let (a, b) = (BN_new(), BN_new())
        BN_rand_range(a, order)
        BN_rand_range(b, order)
        let (point, other, result) = (EC_POINT_new(group), EC_POINT_new(group), EC_POINT_new(group))
        defer {
            for point in [point, other, result] { EC_POINT_free(point) }
            for number in [order, a, b] { BN_free(number) }
            BN_CTX_free(context)
            EC_GROUP_free(group)
        }
        EC_POINT_mul(group, point, a, nil, nil, context)
        EC_POINT_mul(group, other, b, nil, nil, context)
        var encoded = [UInt8](repeating: 0, count: 33)
        func time(_ name: String, _ work: () -> Void) {
            self.curve[name] = CPUTime.microseconds(calls: 100, work)
        }
        time("encode") { EC_POINT_point2oct(group, other, POINT_CONVERSION_COMPRESSED, &encoded, 33, context) }
        time("decode") { EC_POINT_oct2point(group, result, encoded, 33, context) }
        time("fixed") { EC_POINT_mul(group, result, a, nil, nil, context) }
        time("variable") { EC_POINT_mul(group, result, nil, point, b, context) }
        time("double") { EC_POINT_mul(group, result, a, point, b, context) }
        time("add") { EC_POINT_add(group, result, point, other, context) }
        let inverse = BN_new()
        time("inverse") { BN_mod_inverse(inverse, a, order, context) }
        BN_free(inverse)
    }

    /// The least time of some work.
    mutating func microseconds(of work: SpecifiedWork) throws -> Double {
        let counts = [
            ("fixed", work.fixed), ("variable", work.variable), ("double", work.double), ("add", work.additions),
            ("encode", work.encodings), ("decode", work.decodings), ("inverse", work.inversions),
        ]
        var sum = counts.reduce(0) { $0 + (self.curve[$1.0] ?? 0) * Double($1.1) }
        for length in work.hashes { sum += self.hash(length) }
        for length in work.ciphers { sum += self.cipher(length) }
        return sum
    }

    /// Members of a JSON object.
    var json: String {
        (self.curve.map { ($0.key, $0.value) } + self.hashes.map { ("sha256_\($0.key)", $0.value) }
            + self.ciphers.map { ("gcm_\($0.key)", $0.value) })
            .sorted { $0.0 < $1.0 }
            .map { #""\#($0.0)":\#($0.1)"# }
            .joined(separator: ",")
    }

    private mutating func hash(_ length: Int) -> Double {
        if let known = self.hashes[length] { return known }
        let input = [UInt8](repeating: 7, count: length)
        var output = [UInt8](repeating: 0, count: 32)
        let digest = EVP_MD_fetch(nil, "SHA-256", nil)
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            EVP_MD_free(digest)
        }
        let time = CPUTime.microseconds(calls: 100) {
            EVP_DigestInit_ex2(context, digest, nil)
            EVP_DigestUpdate(context, input, length)
            EVP_DigestFinal_ex(context, &output, nil)
        }
        self.hashes[length] = time
        return time
    }

    private mutating func cipher(_ length: Int) -> Double {
        if let known = self.ciphers[length] { return known }
        let (key, nonce) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 12))
        let input = [UInt8](repeating: 7, count: length)
        var output = [UInt8](repeating: 0, count: length + 16)
        var written: Int32 = 0
        let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
        let context = EVP_CIPHER_CTX_new()
        defer {
            EVP_CIPHER_CTX_free(context)
            EVP_CIPHER_free(cipher)
        }
        let time = CPUTime.microseconds(calls: 100) {
            EVP_EncryptInit_ex2(context, cipher, key, nonce, nil)
            EVP_EncryptUpdate(context, &output, &written, input, Int32(length))
            EVP_EncryptFinal_ex(context, &output, &written)
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &output)
        }
        self.ciphers[length] = time
        return time
    }
}
