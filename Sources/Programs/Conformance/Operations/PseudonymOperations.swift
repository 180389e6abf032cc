internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Pseudonyms

/// Set H, pseudonym certificates (specification section 10).
enum PseudonymOperations {
    static let all = [
        Operation("pseu.request", request),
        Operation("pseu.request_verify", verifyRequest),
        Operation("pseu.cocoon", expand),
        Operation("pseu.handle", handle),
        Operation("pseu.issue", issue),
        Operation("pseu.receive", receive),
        Operation("pseu.sign", sign),
        Operation("pseu.verify", verify),
        Operation("pseu.trace_pca", tracePseudonym),
        Operation("pseu.trace_verify", verifyTrace),
        Operation("pseu.trace_ra", traceUser),
    ]

    private static func request(_ input: CaseInput) throws -> JSONObject {
        let identity = try input.keyPair("d_id")
        let holder = try PseudonymHolder(
            subject: input.text("subject"),
            epoch: input.u64("epoch"),
            count: input.integer("count", as: UInt32.self),
            caterpillar: input.keyPair("a"),
            expansionKey: input.bytes("k")
        )
        let request = try holder.request(
            to: input.text("ra_id"),
            identity: identity,
            possessionAux: input.bytes("aux1"),
            requestAux: input.bytes("aux2")
        )
        return ["request": .hex(request.bytes)]
    }

    private static func verifyRequest(_ input: CaseInput) throws -> JSONObject {
        let identity = try input.publicKey("Q_id")
        let request = try PseudonymRequest(bytes: input.bytes("request"))
            .verified(by: identity, for: input.text("ra_id")).request
        return [
            "A": .hex(request.caterpillarKey), "k": .hex(request.expansionKey), "epoch": .integer(request.epoch),
            "count": .integer(UInt64(request.count)),
        ]
    }

    private static func expand(_ input: CaseInput) throws -> JSONObject {
        let caterpillar = try input.keyPair("a")
        let expansion = CocoonExpansion(key: try input.bytes("k"), epoch: try input.u64("epoch"))
        let index = try input.integer("index", as: UInt32.self)
        let cocoon = try expansion.keyPair(of: caterpillar, index: index)
        let publicKey = try expansion.publicKey(of: caterpillar.publicKey, index: index)
        return ["b": .hex(cocoon.secretBytes()), "B": .hex(publicKey.encoded)]
    }

    private static func handle(_ input: CaseInput) throws -> JSONObject {
        let authority = RegistrationAuthority(name: "", handleKey: try SealingKey(input.bytes("k_ra")))
        let handle = CocoonHandle(
            subject: try input.text("subject"),
            epoch: try input.u64("epoch"),
            index: try input.integer("index", as: UInt32.self)
        )
        return ["handle": .hex(try authority.seal(handle, nonce: input.bytes("nonce")))]
    }

    private static func issue(_ input: CaseInput) throws -> JSONObject {
        let authority = try self.authority(input, name: input.text("issuer"))
        let terms = PseudonymTerms(
            serial: try input.u64("serial"),
            notBefore: try input.u64("not_before"),
            notAfter: try input.u64("not_after"),
            attributes: try input.texts("attrs")
        )
        let randomness = PseudonymAuthority.Randomness(
            salt: try input.bytes("r_c"),
            nonce: try input.bytes("nonce"),
            ephemeral: try input.scalar("e"),
            aux: try input.bytes("aux")
        )
        let response = try authority.issue(
            cocoonKey: input.bytes("B"),
            handle: input.bytes("handle"),
            terms: terms,
            randomness: randomness
        )
        return ["cert": .hex(response.certificate.bytes), "response": .hex(response.bytes)]
    }

    private static func receive(_ input: CaseInput) throws -> JSONObject {
        let cocoon = try input.keyPair("b")
        let issuer = try CertificateOperations.issuer(input, key: "Q_pca")
        let pseudonym = try Pseudonym(response: input.bytes("response"), cocoon: cocoon, issuer: issuer)
        return ["cert": .hex(pseudonym.certificate.bytes), "d": .hex(pseudonym.key.secretBytes())]
    }

    private static func sign(_ input: CaseInput) throws -> JSONObject {
        let key = try input.keyPair("d")
        let pseudonym = Pseudonym(certificate: try ImplicitCertificate(bytes: input.bytes("cert")), key: key)
        return ["sig": .hex(try pseudonym.sign(input.bytes("msg"), aux: input.bytes("aux")))]
    }

    private static func verify(_ input: CaseInput) throws -> JSONObject {
        let issuer = try CertificateOperations.issuer(input, key: "Q_pca")
        let certificate = try PseudonymSignature(bytes: input.bytes("sig"))
            .verify(input.bytes("msg"), issuer: issuer, at: input.time("now"))
        return ["cert": .hex(certificate.bytes)]
    }

    private static func tracePseudonym(_ input: CaseInput) throws -> JSONObject {
        let finding = try self.authority(input, name: "").trace(input.bytes("cert"), aux: input.bytes("aux"))
        return ["B": .hex(finding.cocoonKey), "handle": .hex(finding.handle), "proof": .hex(finding.proof)]
    }

    private static func verifyTrace(_ input: CaseInput) throws -> JSONObject {
        try TraceFinding.verify(
            proof: input.bytes("proof"),
            certificate: input.bytes("cert"),
            cocoonKey: input.bytes("B")
        )
        return [:]
    }

    private static func traceUser(_ input: CaseInput) throws -> JSONObject {
        let identity = try input.publicKey("Q_id")
        let authority = RegistrationAuthority(
            name: try input.text("ra_id"),
            handleKey: try SealingKey(input.bytes("k_ra"))
        )
        let handle = try authority.trace(
            handle: input.bytes("handle"),
            cocoonKey: input.bytes("B"),
            request: input.bytes("request"),
            identity: identity
        )
        return [
            "subject": .string(handle.subject), "epoch": .integer(handle.epoch),
            "index": .integer(UInt64(handle.index)),
        ]
    }

    private static func authority(_ input: CaseInput, name: String) throws -> PseudonymAuthority {
        let key = try input.keyPair("d_pca")
        return PseudonymAuthority(name: name, key: key, extensionKey: try SealingKey(input.bytes("k_pca")))
    }
}
