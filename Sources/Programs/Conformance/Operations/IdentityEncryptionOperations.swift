internal import CanonicalBytes
internal import IdentityEncryption
internal import SecretSharing
internal import Signcryption

/// Set D, jointly issued keys of identities (specification section 6).
enum IdentityEncryptionOperations {
    static let all = Self.setup + Self.issuing + Self.encapsulation

    private static let setup: [Operation] = [
        Operation("ibe.setup_step", setupStep),
        Operation("ibe.setup_verify", verifySetup),
    ]

    private static let issuing: [Operation] = [
        Operation("ibe.q_id") { ["Q_ID": .hex(try IdentityPoint.encoded($0.bytes("id")))] },
        Operation("ibe.data_identity") {
            let identity = EpochCapsule.dataIdentity(
                owner: try $0.text("owner"),
                label: try $0.text("label"),
                epoch: try $0.u64("epoch"),
                sender: try $0.text("sender")
            )
            return ["id": .hex(identity)]
        },
        Operation("ibe.request") { input in
            let blinding = try SecretFr(bytes: input.bytes("x"))
            let request = try KeyRequest(Self.terms(input), blinding: blinding, aux: input.bytes("aux"))
            return ["X": .hex(request.blinded), "proof": .hex(request.proof)]
        },
        Operation("ibe.request_verify") { input in
            try Self.request(input).verify()
            return [:]
        },
        Operation("ibe.wrap") { input in
            let key = try input.keyPair("d_req")
            let signed = try SignedKeyRequest(
                Self.request(input),
                certificate: input.bytes("cert"),
                key: key,
                aux: input.bytes("aux")
            )
            return ["ibe_req": .hex(signed.bytes)]
        },
        Operation("ibe.wrap_verify", verifyRequest),
        Operation("ibe.issue_step", issue),
        Operation("ibe.finish") {
            let blinding = try SecretFr(bytes: $0.bytes("x"))
            let key = try IdentityKey(
                finishing: $0.bytes("D_n"),
                blinding: blinding,
                identity: $0.bytes("id"),
                parameters: IdentityParameters($0.bytes("Y"))
            )
            return ["S_ID": .hex(try key.secretBytes())]
        },
    ]

    private static let encapsulation: [Operation] = [
        Operation("ibe.encap", encapsulate),
        Operation("ibe.decap") { input in
            let key = try Self.identityKey(input, identity: input.bytes("id"))
            return ["k_epoch": .hex(try key.decapsulate(input.bytes("ct")))]
        },
        Operation("ibe.decap_capsule", openCapsule),
    ]

    private static func setupStep(_ input: CaseInput) throws -> JSONObject {
        let party = try input.integer("party", as: UInt8.self)
        let step = try SetupStep(
            SecretFr(bytes: input.bytes("s")),
            party: party,
            previous: input.bytes("Y_prev"),
            context: input.bytes("ctx"),
            aux: input.bytes("aux")
        )
        return [
            "P": .hex(step.point), "Y": .hex(step.product), "proof": .hex(step.proof),
            "commit": .hex(SetupStep.commitment(party: party, point: step.point)),
        ]
    }

    private static func verifySetup(_ input: CaseInput) throws -> JSONObject {
        let steps = try input.objects("steps").map { step in
            SetupStep(
                point: try step.bytes("P"),
                product: try step.bytes("Y"),
                proof: try step.bytes("proof")
            )
        }
        let context = try input.bytes("ctx")
        let commitments = try input.byteLists("commits")
        let parameters = try Self.unattributed {
            try JointParameters(verifying: steps, context: context, commitments: commitments)
        }
        return ["Y": .hex(parameters.key.encoded)]
    }

    private static func terms(_ input: CaseInput) throws -> KeyRequestTerms {
        KeyRequestTerms(
            identity: try input.bytes("id"),
            requester: try input.text("requester"),
            permission: try input.bytes("auth_ref"),
            nonce: try input.bytes("nonce")
        )
    }

    private static func request(_ input: CaseInput) throws -> KeyRequest {
        KeyRequest(terms: try self.terms(input), blinded: try input.bytes("X"), proof: try input.bytes("proof"))
    }

    private static func verifyRequest(_ input: CaseInput) throws -> JSONObject {
        let issuer = try CertificateOperations.issuer(input)
        let request = try SignedKeyRequest(verifying: input.bytes("ibe_req"), issuer: issuer, at: input.time("now"))
            .request
        return [
            "id": .hex(request.terms.identity), "requester": .string(request.terms.requester),
            "auth_ref": .hex(request.terms.permission), "nonce": .hex(request.terms.nonce),
            "X": .hex(request.blinded),
        ]
    }

    private static func issue(_ input: CaseInput) throws -> JSONObject {
        let share = try SecretFr(bytes: input.bytes("s"))
        let issuer = try CertificateOperations.issuer(input)
        let party = IssuingParty(
            place: try input.integer("party", as: UInt8.self),
            share: share,
            parties: try PartyPoints(input.byteLists("P"))
        )
        let request = try input.bytes("ibe_req")
        let steps = try input.byteLists("D")
        let now = try input.time("now")
        let step = try Self.unattributed { try party.issue(request, after: steps, issuer: issuer, at: now) }
        return ["D": .hex(step)]
    }

    private static func encapsulate(_ input: CaseInput) throws -> JSONObject {
        let parameters = try IdentityParameters(input.bytes("Y"))
        let identity = try input.bytes("id")
        let seed = try input.bytes("m")
        let encapsulated = try EncapsulationKey(identity: identity, parameters: parameters).encapsulate(seed: seed)
        // The table of powers must give the same.
        let cached = try EncapsulationKey.cached(identity: identity, parameters: parameters).encapsulate(seed: seed)
        guard cached.capsule == encapsulated.capsule else { throw MalformedInput("the cached pairing differs") }
        return [
            "ct": .hex(encapsulated.ciphertext), "k_epoch": .hex(cached.key),
            "capsule": .hex(encapsulated.capsule.bytes), "capsule_digest": .hex(encapsulated.capsule.digest),
        ]
    }

    private static func openCapsule(_ input: CaseInput) throws -> JSONObject {
        let parameters = try IdentityParameters(input.bytes("Y"))
        let capsule = EpochCapsule(bytes: try input.bytes("capsule"))
        let identity = try capsule.content(under: parameters).identity
        try require(capsule.digest == input.bytes("digest"), .context, "another capsule is named")
        let key = try self.identityKey(input, identity: identity)
        return ["id": .hex(identity), "k_epoch": .hex(try key.open(capsule))]
    }

    private static func identityKey(_ input: CaseInput, identity: [UInt8]) throws -> IdentityKey {
        try IdentityKey(
            stored: input.bytes("S_ID"),
            identity: identity,
            parameters: IdentityParameters(input.bytes("Y"))
        )
    }

    /// Vectors name the code of a failure, not whose it is.
    private static func unattributed<Result>(_ step: () throws -> Result) throws -> Result {
        do { return try step() } catch let failure as PartyFailure { throw failure.failure }
    }
}
