import CanonicalBytes
import Certificates
import ChainReading
import ConsentTools
import Credentials
import P256Group

/// Keys that everybody knows, in the forms in which they are handed over.
enum KeyFileSeeds {
    /// Marks of the objects whose good examples stand in the test vectors.
    private static let marks = ["WLM1", "WLA1", "WLX1"].map { Array($0.utf8) }

    /// Of each object the beginning alone: vector files hold whole ones.
    static let builtIn: [[UInt8]] = Self.marks.map { $0 + [0, 0, 0, 1, 65] }

    /// Objects of a vector file that these targets read, and files made of a public key with the secret key behind it.
    ///
    /// - Parameter objects: in the order of the file.
    /// - Returns: each once.
    static func chosen(from objects: [[UInt8]]) -> [[UInt8]] {
        var chosen: [[UInt8]] = []
        var known: Set<[UInt8]> = []
        func choose(_ bytes: [UInt8]) { if known.insert(bytes).inserted { chosen.append(bytes) } }
        for object in objects where Self.marks.contains(where: { object.starts(with: $0) }) { choose(object) }
        for (publicKey, key) in zip(objects, objects.dropFirst())
        where publicKey.starts(with: Self.marks[0]) && key.starts(with: Self.marks[1]) {
            var writer = CanonicalWriter()
            writer.magic("WLAF")
            writer.raw(LedgerSeeds.digest(1))
            writer.lengthPrefixed(publicKey)
            writer.lengthPrefixed(key)
            choose(writer.bytes)
        }
        return chosen
    }

    /// A secret alone, and with what an issuer has sent.
    static let credentials: [[UInt8]] = [[], ["role:researcher"], ["age=40", "role:researcher", "study:x"]].map {
        var writer = CanonicalWriter()
        writer.magic("WLCR")
        writer.u8($0.isEmpty ? 0 : 1)
        writer.raw(LedgerSeeds.digest(7))
        guard !$0.isEmpty else { return writer.bytes }
        writer.raw(LedgerSeeds.digest(8))
        writer.u32(5)
        writer.u8(UInt8($0.count))
        for attribute in $0 { writer.lengthPrefixed(attribute) }
        return writer.bytes
    }

    static let tokens: [[UInt8]] = (1...3 as ClosedRange<UInt8>).map { number in
        let secret = (0..<32).map { number &* 91 &+ $0 &* 37 }
        let token = EnrollmentToken(secret: secret, rootFingerprint: LedgerSeeds.digest(number))
        return Array((number == 2 ? "\n \(token.text)\r\n" : token.text).utf8)
    }

    static let cards: [[UInt8]] = [(try? Self.card()) ?? "WLCARD1:"].map { Array($0.utf8) }

    /// A patient's, certified by an authority whose key everybody knows.
    private static func card() throws -> String {
        let aux = [UInt8](repeating: 0, count: 32)
        let subject = "north:patient:p1"
        let authority = CertificateAuthority(name: "north:authority:ca", key: try P256KeyPair(secret: P256Scalar(11)))
        let own = try P256KeyPair(secret: P256Scalar(12))
        let issued = try authority.issue(
            CertificateRequest(own, subject: subject, aux: aux),
            fields: CertificateFields(
                issuer: authority.issuer.name,
                serial: 3,
                subject: subject,
                notBefore: 1_795_000_000,
                notAfter: 1_800_000_000,
                usage: PartyRole.patient.usage,
                attributes: ["role:patient"]
            ),
            nonce: P256Scalar(13)
        )
        let pair = try issued.keyPair(for: own, from: authority.issuer)
        let key = RequesterKey(certificate: issued.certificate, key: pair, issuer: authority.issuer)
        return try ConsentCard(key, genesis: LedgerSeeds.digest(4)).text
    }

    static let names: [[UInt8]] = [
        "north:patient:p-1", "urn:wardline:north:privacy-center:store_2", "south.example:validator:v4",
        "center.example.org", "LOCALHOST", "10.0.0.1", "::1", "fe80::1ff:fe23:4567:890a", "https://center.example:7402",
        "https://[::1]:7401/", "http://127.0.0.1:8545", "https://node.example/v3/key?x=1",
    ].map { Array($0.utf8) }
}
