import AccessPolicies
import AttributeEncryption
import BLS12381
import FiniteFields
import IdentityEncryption
import SecretSharing
import ThresholdSignatures
import Transcripts

/// A row of the table: an operation, and of which primitives it consists.
struct SchemeRow {
    let name: String
    let parts: [(Int, String)]?
    let work: () throws -> Void

    init(_ name: String, parts: [(Int, String)]? = nil, _ work: @escaping () throws -> Void) {
        self.name = name
        self.parts = parts
        self.work = work
    }

    static func all() throws -> [SchemeRow] {
        try self.primitives() + self.attributeRows() + self.identityRows() + self.certificateRows()
    }

    static func scalar() -> Fr { Fr(reducing: SecureRandom.bytes(64)) }

    private static func primitives() throws -> [SchemeRow] {
        let (scalar, first) = (self.scalar(), G1Point.generator(times: self.scalar()))
        let second = G2Point.generator(times: self.scalar())
        let (firstBytes, secondBytes) = (try first.encoded(), try second.encoded())
        let powers = GTPowers(Pairing.pair(first, second))
        let prepared = PreparedG2(second)
        let message = Array("name:value".utf8)
        return [
            SchemeRow("pairing") { _ = Pairing.pair(first, second) },
            SchemeRow("lines of a point of G2") { _ = PreparedG2(second) },
            SchemeRow("product of 1 with lines") { _ = Pairing.product([(first, prepared)]) },
            SchemeRow("G1 multiplication") { _ = scalar * first },
            SchemeRow("G2 multiplication") { _ = scalar * second },
            SchemeRow("G2 fixed base") { _ = G2Point.generator(times: scalar) },
            SchemeRow("GT fixed base") { _ = powers.power(scalar) },
            SchemeRow("hash to G1") { _ = G1Point.hash(tag: "BENCH", message) },
            SchemeRow("hash to G2") { _ = G2Point.hash(message, domain: message) },
            SchemeRow("hash to Fr") { _ = try Fr.hash("BENCH", message) },
            SchemeRow("encode G1") { _ = try first.encoded() },
            SchemeRow("encode G2") { _ = try second.encoded() },
            SchemeRow("decode G1") { _ = try G1Point(firstBytes) },
            SchemeRow("decode G2") { _ = try G2Point(secondBytes) },
        ]
    }
}

// Encryption under policies, an AND of all attributes.
extension SchemeRow {
    static let attributeCounts = [5, 10, 20, 50]

    static func encrypt(_ count: Int) -> String { "ABE encrypt, \(count) attributes" }
    static func decrypt(_ count: Int) -> String { "ABE decrypt, \(count) attributes" }

    /// `s·h`, `A^s`; of every leaf its coin, `C_y` and `C'_y`.
    static func encryptParts(_ count: Int) -> [(Int, String)] {
        [
            (1, "G2 multiplication"), (1, "GT fixed base"), (count, "hash to Fr"), (count, "G2 fixed base"),
            (count, "hash to G1"), (count, "G1 multiplication"), (count, "encode G1"), (count + 1, "encode G2"),
        ]
    }

    /// Decoding, the product of pairings, and the encryption that everything is compared with.
    ///
    /// The lines of the key's points and the points of its attributes are kept from its first use. Scaling by Lagrange
    /// factors is not counted: those of an AND are binomial coefficients, small beside the group order.
    static func decryptParts(_ count: Int) -> [(Int, String)] {
        [
            (count, "decode G1"), (count + 1, "decode G2"), (count + 1, "lines of a point of G2"),
            (1, self.product(count)),
        ] + self.encryptParts(count).filter { $0.1 != "hash to G1" }
    }

    static func product(_ count: Int) -> String { "product of \(2 * count + 1) with lines" }

    private static func attributeRows() throws -> [SchemeRow] {
        let authority = AttributeAuthority(name: "authority")
        let publicKey = try authority.publicKey()
        return try self.attributeCounts.flatMap { count in
            let names = (0..<count).map { "name:\($0)" }
            let policy = try AccessPolicy(names.joined(separator: " and "))
            let attributes = try AttributeSet(names)
            let key = try authority.issue(attributes)
            let decryptor = AttributeDecryptor(key, publicKey: publicKey)
            let sealed = try publicKey.encapsulate(under: policy, associated: [])
            // Makes the lines of the key's points.
            _ = try decryptor.decapsulate(sealed.ciphertext, associated: [])
            let pairs = (0..<2 * count + 1).map { _ in
                (G1Point.generator(times: self.scalar()), PreparedG2(G2Point.generator(times: self.scalar())))
            }
            return [
                SchemeRow(self.product(count)) { _ = Pairing.product(pairs) },
                SchemeRow(self.encrypt(count), parts: self.encryptParts(count)) {
                    _ = try publicKey.encapsulate(under: policy, associated: [])
                },
                SchemeRow(self.decrypt(count), parts: self.decryptParts(count)) {
                    _ = try decryptor.decapsulate(sealed.ciphertext, associated: [])
                },
                SchemeRow("ABE decrypt first, \(count) attributes") {
                    _ = try AttributeDecryptor(key, publicKey: publicKey).decapsulate(sealed.ciphertext, associated: [])
                },
                SchemeRow("ABE issue, \(count) attributes") { _ = try authority.issue(attributes) },
            ]
        }
    }
}

// Encryption to identities.
extension SchemeRow {
    private static func identityRows() throws -> [SchemeRow] {
        let identity = Array("identity".utf8)
        let secret = SecretFr.random()
        let point = secret.withValue { G2Point.generator(times: $0) }
        let parameters = try IdentityParameters(point.encoded())
        let identityPoint = try G1Point(IdentityPoint.encoded(identity))
        let key = try IdentityKey(
            stored: secret.withValue { $0 * identityPoint }.encoded(),
            identity: identity,
            parameters: parameters
        )
        let single = EncapsulationKey(identity: identity, parameters: parameters)
        let cached = EncapsulationKey.cached(identity: identity, parameters: parameters)
        let ciphertext = try cached.encapsulate().ciphertext
        return [
            SchemeRow("IBE encapsulate, cached", parts: [(1, "G2 fixed base"), (1, "encode G2"), (1, "GT fixed base")])
            {
                _ = try cached.encapsulate()
            },
            SchemeRow("IBE encapsulate, once") { _ = try single.encapsulate() },
            SchemeRow("IBE cache of an identity") {
                _ = EncapsulationKey.cached(identity: identity, parameters: parameters)
            },
            SchemeRow(
                "IBE decapsulate",
                parts: [(1, "decode G2"), (1, "pairing"), (1, "G2 fixed base"), (1, "encode G2")]
            ) {
                _ = try key.decapsulate(ciphertext)
            },
        ]
    }
}

// Certificates of committees.
extension SchemeRow {
    private static func certificateRows() throws -> [SchemeRow] {
        let message = Array("message".utf8)
        let key = BLSKeyPair.generate()
        let signature = try key.sign(message).encoded
        let verified: [(Int, String)] = [
            (1, "hash to G2"), (1, "decode G2"), (2, "lines of a point of G2"), (1, "product of 1 with lines"),
        ]
        return try [
            SchemeRow("BLS sign", parts: [(1, "hash to G2"), (1, "G2 multiplication"), (1, "encode G2")]) {
                _ = try key.sign(message)
            },
            SchemeRow("BLS verify", parts: verified) { try key.publicKey.verify(signature, of: message) },
        ] + [4, 16, 31, 100].flatMap { try self.certificateRows(members: $0, message) }
    }

    private static func certificateRows(members: Int, _ message: [UInt8]) throws -> [SchemeRow] {
        let quorum = 2 * (members - 1) / 3 + 1
        let keys = (0..<members).map { _ in BLSKeyPair.generate() }
        let committee = try PrivilegedCommittee(
            threshold: UInt16(quorum),
            groups: [
                .init(name: "validators", threshold: UInt16(quorum), keys: keys.map(\.publicKey.encoded))
            ]
        )
        let signers = Array(0..<quorum)
        let signatures = try signers.map { try keys[$0].sign(message).encoded }
        let certificate = try BitmapCertificate(committee: committee, signers: [signers], signatures: signatures).bytes
        let parts = signatures.enumerated().map { (member: UInt16($0.offset + 1), signature: $0.element) }
        return [
            SchemeRow("certificate of \(quorum) of \(members): join") {
                _ = try BitmapCertificate(committee: committee, signers: [signers], signatures: signatures)
            },
            SchemeRow("certificate of \(quorum) of \(members): verify") {
                try BitmapCertificate.verify(certificate, of: message, by: committee)
            },
            SchemeRow("threshold \(quorum) of \(members): combine") {
                _ = try JointKey.combine(parts, threshold: quorum)
            },
        ]
    }
}
