internal import CanonicalBytes
internal import Certificates
internal import P256Group

/// A random authority that issues certificates.
struct RandomConsortium {
    static let now: UInt64 = 1_800_000_000
    static let day: UInt64 = 86_400

    /// `issuer` and `Q_ca`.
    let issuer: JSONObject
    private let key: JSONValue

    init(_ writer: inout CaseWriter) throws {
        let key = P256KeyPair.generate()
        self.key = .hex(key.secretBytes())
        self.issuer = ["issuer": .string(Chance.word()), "Q_ca": .hex(key.publicKey.encoded)]
    }

    /// Somebody with a certificate.
    struct Party {
        let name: String
        let certificate: JSONValue
        let digest: JSONValue
        let secret: JSONValue
        let publicKey: JSONValue
    }

    /// Plays request, issue, receive and use of a certificate.
    func party(_ name: String, _ usage: CertificateUsage, _ writer: inout CaseWriter) throws -> Party {
        let secret: JSONObject = ["k_u": Chance.scalar()]
        let subject: JSONObject = ["subject": .string(name)]
        let request = try writer.play(
            "ecqv.request",
            secret.merging(subject).merging(["aux": Chance.hex(32)])
        )
        let fields: JSONObject = [
            "serial": .integer(Chance.integer()), "not_before": .integer(Self.now - Self.day),
            "not_after": .integer(Self.now + Self.day), "usage": .integer(UInt64(usage.rawValue)),
            "attrs": .strings(["role:\(name)", "ward:3"]), "ext": Chance.hex(upTo: 20),
        ]
        let issued = try writer.play(
            "ecqv.issue",
            fields.merging(request).merging(subject).merging(self.issuer.only("issuer"))
                .merging(["d_ca": self.key, "k": Chance.scalar()])
        )
        let received = try writer.play(
            "ecqv.receive",
            secret.merging(issued.only("cert", "r")).merging(self.issuer)
        )
        _ = try writer.play(
            "ecqv.public_key",
            issued.only("cert").merging(fields.only("usage")).merging(self.issuer)
                .merging(["now": .integer(Self.now)])
        )
        return Party(
            name: name,
            certificate: issued["cert"] ?? .null,
            digest: issued["digest"] ?? .null,
            secret: received["d_U"] ?? .null,
            publicKey: received["Q_U"] ?? .null
        )
    }

    /// Plays all of a pseudonym's life.
    ///
    /// - Returns: a receiver without a name, and the fields that say who issued its certificate.
    func pseudonym(_ writer: inout CaseWriter) throws -> (Party, JSONObject) {
        let user = try self.party("patient-7", .sign, &writer)
        let authority = P256KeyPair.generate()
        let issuer: JSONObject = ["issuer": .string(Chance.word()), "Q_pca": .hex(authority.publicKey.encoded)]
        let keys: JSONObject = ["d_pca": .hex(authority.secretBytes()), "k_pca": Chance.hex(32)]
        let registrar: JSONObject = ["k_ra": Chance.hex(32)]
        let count = UInt64.random(in: 1...9)
        let asked: JSONObject = [
            "subject": .string(user.name), "a": Chance.scalar(), "k": Chance.hex(32),
            "epoch": .integer(Chance.integer()), "count": .integer(count), "ra_id": .string("ra-1"),
        ]
        let request = try writer.play(
            "pseu.request",
            asked.merging(["d_id": user.secret, "aux1": Chance.hex(32), "aux2": Chance.hex(32)])
        )
        let signed = request.merging(asked.only("ra_id")).merging(["Q_id": user.publicKey])
        _ = try writer.play("pseu.request_verify", signed)

        let place = asked.only("epoch").merging(["index": .integer(.random(in: 0..<count))])
        let cocoon = try writer.play("pseu.cocoon", place.merging(asked.only("a", "k")))
        let handle = try writer.play(
            "pseu.handle",
            place.merging(asked.only("subject")).merging(registrar).merging(["nonce": Chance.hex(12)])
        )
        let response = try writer.play("pseu.issue", self.order(cocoon, handle, keys, issuer))
        let received = try writer.play(
            "pseu.receive",
            issuer.merging(cocoon.only("b")).merging(response.only("response"))
        )
        try Self.use(received, issuer, &writer)

        let found = try writer.play(
            "pseu.trace_pca",
            keys.merging(received.only("cert")).merging(["aux": Chance.hex(32)])
        )
        _ = try writer.play("pseu.trace_verify", found.only("B", "proof").merging(received.only("cert")))
        _ = try writer.play("pseu.trace_ra", signed.merging(registrar).merging(found.only("B", "handle")))
        let party = Party(
            name: "",
            certificate: received["cert"] ?? .null,
            digest: .null,
            secret: received["d"] ?? .null,
            publicKey: .null
        )
        let foreign = issuer.renamed("issuer", to: "receiver_issuer")
            .merging(issuer.renamed("Q_pca", to: "receiver_Q_ca"))
        return (party, foreign)
    }

    private func order(
        _ cocoon: JSONObject,
        _ handle: JSONObject,
        _ keys: JSONObject,
        _ issuer: JSONObject
    ) -> JSONObject {
        let terms: JSONObject = [
            "serial": .integer(Chance.integer()), "not_before": .integer(Self.now - Self.day),
            "not_after": .integer(Self.now + Self.day), "attrs": .strings(["role:patient"]),
            "r_c": Chance.hex(32), "nonce": Chance.hex(12), "e": Chance.scalar(), "aux": Chance.hex(32),
        ]
        return terms.merging(cocoon.only("B")).merging(handle).merging(keys).merging(issuer.only("issuer"))
    }

    /// Signs a transaction with a pseudonym.
    private static func use(
        _ received: JSONObject,
        _ issuer: JSONObject,
        _ writer: inout CaseWriter
    ) throws {
        let message: JSONObject = ["msg": Chance.hex(upTo: 90)]
        let signature = try writer.play(
            "pseu.sign",
            received.merging(message).merging(["aux": Chance.hex(32)])
        )
        _ = try writer.play(
            "pseu.verify",
            signature.merging(message).merging(issuer).merging(["now": .integer(Self.now)])
        )
    }
}
