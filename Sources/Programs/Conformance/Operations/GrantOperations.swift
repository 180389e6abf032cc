internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Signcryption
internal import Transcripts

/// Set C, grants and re-encryption (specification sections 5.5 and 5.6).
enum GrantOperations {
    static let all = [
        Operation("cbsre.rekey", rekey),
        Operation("cbsre.grant_verify") {
            let grant = try verifiedGrant($0, at: $0.time("now"))
            return [
                "digest": .hex(grant.digest), "t": .integer(UInt64(grant.terms.threshold)),
                "n": .integer(UInt64(grant.terms.centers.count)), "receiver": .string(grant.terms.receiver),
            ]
        },
        Operation("cbsre.open_package", openPackage),
        Operation("cbsre.reencrypt", reencrypt),
        Operation("cbsre.check_part", checkPart),
        Operation("cbsre.decrypt_receiver", open),
    ]

    private static func rekey(_ input: CaseInput) throws -> JSONObject {
        let issuer = try CertificateOperations.issuer(input)
        let now = try input.u64("now")
        let receiver = try self.receiver(input, issuer, now)
        let centers = try input.objects("cpcs").map { center in
            try GrantCenter(
                id: center.text("id"),
                key: CertifiedKey(bytes: center.bytes("cert"), from: issuer),
                at: now
            )
        }
        let scopeKey = try input.keyPair("d_scope")
        let ownerKey = try input.keyPair("d_owner")
        let randomness = GrantRandomness(
            grantID: try input.bytes("grant_id"),
            x: try input.scalar("x"),
            coefficients: try input.scalars("coeffs"),
            ephemerals: try input.scalars("ephemerals"),
            aux: try input.bytes("aux")
        )
        let descriptor = try ScopeDescriptor(bytes: input.bytes("descriptor"))
        let scope = ScopeKey(
            owner: try input.text("owner"),
            label: descriptor.label,
            epoch: descriptor.epoch,
            keyPair: scopeKey
        )
        let issued = try scope.grant(
            to: receiver,
            through: centers,
            descriptor: descriptor,
            ownerCertificateDigest: TaggedHash.digest("ECQV-CERT-ID", input.bytes("owner_cert")),
            ownerKey: ownerKey,
            validity: (input.u64("not_before"), input.u64("not_after")),
            randomness: randomness
        )
        let (blinding, key) = try self.secrets(of: issued, scopeKey, receiver, x: input.scalar("x"))
        return [
            "grant": .hex(issued.grant), "packages": .array(issued.packages.map(JSONValue.hex)),
            "rk": .hex(key.bytes), "S": .hex(blinding.bytes),
        ]
    }

    /// `S` and `rk`, which the owner's code does not hand out.
    private static func secrets(
        of issued: IssuedGrant,
        _ scopeKey: P256KeyPair,
        _ receiver: GrantReceiver,
        x: P256Scalar
    ) throws -> (blinding: P256Scalar, key: P256Scalar) {
        let receiverKey = receiver.key.publicKey
        let blinding = try scopeKey.withSecret { (secret) throws(ProtocolFailure) in
            try GrantBlinding.scalar(
                ParsedGrant(bytes: issued.grant).terms,
                receiver: receiverKey,
                scopeShared: secret * receiverKey.point,
                ephemeralShared: x * receiverKey.point
            )
        }
        return (blinding, scopeKey.withSecret { $0 * blinding.inverse })
    }

    private static func receiver(
        _ input: CaseInput,
        _ issuer: CertificateIssuer,
        _ now: UInt64
    ) throws -> GrantReceiver {
        let issuer =
            input.has("receiver_issuer")
            ? try CertificateOperations.issuer(input, key: "receiver_Q_ca", name: "receiver_issuer") : issuer
        return try GrantReceiver(
            id: input.text("receiver"),
            key: CertifiedKey(bytes: input.bytes("receiver_cert"), from: issuer),
            at: now
        )
    }
}

extension GrantOperations {
    private static func openPackage(_ input: CaseInput) throws -> JSONObject {
        let grant = try self.verifiedGrant(input, at: input.time("now"))
        // No grant has so many centers: an index out of range is none of them, like 0.
        let index = UInt8(exactly: try input.u64("index")) ?? 0
        let share = try grant.openPackage(input.bytes("package"), index: index, key: input.keyPair("d_cpc"))
        return ["share": .hex(share.keyPair.secretBytes())]
    }

    private static func reencrypt(_ input: CaseInput) throws -> JSONObject {
        let now = try input.u64("now")
        let grant = try self.verifiedGrant(input, at: now)
        let share = KeyShare(
            index: try input.integer("index", as: UInt8.self),
            keyPair: try input.keyPair("share")
        )
        let part = try SigncryptionOperations.verifiedEnvelope(input).reencrypt(
            under: grant,
            share: share,
            nonce: input.bytes("nonce"),
            at: now,
            singleControl: input.isTrue("single_control"),
            aux: input.bytes("aux")
        )
        return ["part": .hex(part)]
    }

    private static func checkPart(_ input: CaseInput) throws -> JSONObject {
        let envelope = try ParsedEnvelope(bytes: input.bytes("envelope"))
        let part = try self.verifiedGrant(input, at: nil)
            .check(input.bytes("part"), of: envelope, nonce: input.bytes("nonce"))
        return ["index": .integer(UInt64(part.index)), "Y_prime": .hex(part.transformed.encoded)]
    }

    private static func open(_ input: CaseInput) throws -> JSONObject {
        let grant = try self.verifiedGrant(input, at: nil)
        let reader = GrantReader(
            grant: grant,
            key: try input.keyPair("d_r"),
            certificateDigest: SigncryptionOperations.certificateDigest(try input.bytes("receiver_cert"))
        )
        let context = GrantReader.Context(
            nonce: try input.bytes("nonce"),
            epochKey: try input.optionalBytes("k_epoch"),
            capsule: try input.optionalBytes("capsule").map(EpochCapsule.init(bytes:)),
            singleControl: input.isTrue("single_control")
        )
        let envelope = try SigncryptionOperations.verifiedEnvelope(input)
        let records = try reader.open(envelope, parts: input.byteLists("parts"), context: context)
        return SigncryptionOperations.output(records)
    }

    private static func verifiedGrant(_ input: CaseInput, at now: UInt64?) throws -> VerifiedGrant {
        let issuer = try CertificateOperations.issuer(input)
        return try ParsedGrant(bytes: input.bytes("grant")).verify(
            owner: CertifiedKey(bytes: input.bytes("owner_cert"), from: issuer),
            descriptor: input.bytes("descriptor"),
            at: now
        )
    }
}
