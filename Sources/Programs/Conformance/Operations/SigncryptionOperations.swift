internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Signcryption
internal import Transcripts

/// Set C, scopes and envelopes (specification sections 5.1 to 5.4).
enum SigncryptionOperations {
    static let all = [
        Operation("cbsre.scope_key", scopeKey),
        Operation("cbsre.scope_descriptor", describe),
        Operation("cbsre.scope_verify", verifyDescriptor),
        Operation("cbsre.signcrypt", signcrypt),
        Operation("cbsre.verify", verify),
        Operation("cbsre.decrypt_owner", open),
    ]

    private static func scopeKey(_ input: CaseInput) throws -> JSONObject {
        let key = try OwnerSecret(input.bytes("owner_secret")).scopeKey(
            owner: input.text("owner"),
            label: input.text("label"),
            epoch: input.u64("epoch")
        )
        return ["d_scope": .hex(key.keyPair.secretBytes()), "Q_scope": .hex(key.keyPair.publicKey.encoded)]
    }

    private static func describe(_ input: CaseInput) throws -> JSONObject {
        let keyPair = try input.keyPair("d_scope")
        let owner = try input.keyPair("d_owner")
        let scope = ScopeKey(
            owner: try input.text("owner"),
            label: try input.text("label"),
            epoch: try input.u64("epoch"),
            keyPair: keyPair
        )
        let descriptor = try ScopeDescriptor(
            signing: scope,
            owner: owner,
            certificateDigest: self.certificateDigest(input.bytes("owner_cert")),
            possessionAux: input.bytes("aux1"),
            signatureAux: input.bytes("aux2")
        )
        return ["descriptor": .hex(descriptor.bytes), "digest": .hex(descriptor.digest)]
    }

    private static func verifyDescriptor(_ input: CaseInput) throws -> JSONObject {
        let descriptor = try self.verifiedScope(input).descriptor
        return [
            "owner": .string(descriptor.owner), "label": .string(descriptor.label),
            "epoch": .integer(descriptor.epoch), "Q_scope": .hex(descriptor.scopeKey),
        ]
    }

    private static func signcrypt(_ input: CaseInput) throws -> JSONObject {
        let fields = try input.object("header")
        var scope: VerifiedScope?
        if input.has("descriptor") {
            let verified = try self.verifiedScope(input)
            // Before the header's own form: a header may be wrong in both ways.
            let isNamed =
                try fields.bytes("scope_digest") == verified.descriptor.digest
                && fields.bytes("Q_scope") == verified.publicKey.encoded
            try require(isNamed, .context, "the header names another scope")
            scope = verified
        }
        let sender = try input.keyPair("d_s")
        let header = try self.header(fields)
        let records = try input.objects("records").map(self.record)
        let epochKey = try input.optionalBytes("k_epoch")
        let randomness = SealingRandomness(eta: try input.bytes("eta"), aux: try input.bytes("aux"))
        let envelope =
            if let scope {
                try scope.seal(records, under: header, by: sender, epochKey: epochKey, randomness: randomness)
            } else {
                try header.seal(records, by: sender, epochKey: epochKey, randomness: randomness)
            }
        return try self.parts(of: envelope)
    }

    private static func verify(_ input: CaseInput) throws -> JSONObject {
        let envelope = try self.verifiedEnvelope(input)
        return [
            "H1": .hex(envelope.indexPointer), "sender": .string(envelope.header.sender),
            "seq": .integer(envelope.header.sequence),
        ]
    }

    private static func open(_ input: CaseInput) throws -> JSONObject {
        let envelope = try self.verifiedEnvelope(input)
        let records = try envelope.open(
            with: input.keyPair("d_scope"),
            descriptorDigest: ScopeDescriptor.digest(of: input.bytes("descriptor")),
            epochKey: input.optionalBytes("k_epoch")
        )
        return self.output(records)
    }
}

extension SigncryptionOperations {
    static func verifiedEnvelope(_ input: CaseInput) throws -> VerifiedEnvelope {
        let issuer = try CertificateOperations.issuer(input)
        return try ParsedEnvelope(bytes: input.bytes("envelope"))
            .verify(sender: CertifiedKey(bytes: input.bytes("sender_cert"), from: issuer))
    }

    static func output(_ records: [EnvelopeRecord]) -> JSONObject {
        let objects = records.map { record in
            JSONValue.object([
                "id": .string(record.id), "type": .string(record.type), "time": .integer(record.time),
                "data": .hex(record.data),
            ])
        }
        return ["records": .array(objects)]
    }

    /// `cert_digest` of bytes that need not be a certificate.
    static func certificateDigest(_ bytes: [UInt8]) -> [UInt8] { TaggedHash.digest("ECQV-CERT-ID", bytes) }

    private static func verifiedScope(_ input: CaseInput) throws -> VerifiedScope {
        let issuer = try CertificateOperations.issuer(input)
        let certificate = try input.bytes("owner_cert")
        let now = try input.time("now")
        let descriptor = try ScopeDescriptor(bytes: input.bytes("descriptor"))
        return try descriptor.verify(owner: try CertifiedKey(bytes: certificate, from: issuer), at: now)
    }

    private static func header(_ fields: CaseInput) throws -> EnvelopeHeader {
        let scopeKey = try fields.bytes("Q_scope")
        // A header holds 33 bytes; what an encoding of another length is called is up to the point's decoder.
        if scopeKey.count != 33 { _ = try P256PublicKey(scopeKey) }
        return try EnvelopeHeader(
            mode: EnvelopeMode(code: UInt8(clamping: fields.u64("mode"))),
            sender: fields.text("sender"),
            senderCertificateDigest: fields.bytes("sender_cd"),
            scopeDigest: fields.bytes("scope_digest"),
            scopeKey: scopeKey,
            capsuleDigest: fields.bytes("capsule"),
            created: fields.u64("created"),
            sequence: fields.u64("seq"),
            policyDigest: fields.bytes("policy_digest"),
            recordCount: fields.integer("n_records", as: UInt32.self)
        )
    }

    private static func record(_ fields: CaseInput) throws -> EnvelopeRecord {
        EnvelopeRecord(
            id: try fields.text("id"),
            type: try fields.text("type"),
            time: try fields.u64("time"),
            data: try fields.bytes("data")
        )
    }

    /// The fields of an envelope, as the vectors list them.
    private static func parts(of envelope: [UInt8]) throws -> JSONObject {
        var reader = CanonicalReader(envelope)
        try reader.magic("WLE1")
        return [
            "header": .hex(try reader.lengthPrefixed()), "Y": .hex(try reader.take(33)),
            "g": .hex(try reader.take(32)), "z": .hex(try reader.take(32)), "zr": .hex(try reader.take(32)),
            "ct": .hex(try reader.lengthPrefixed()), "envelope": .hex(envelope),
            "H1": .hex(ParsedEnvelope.indexPointer(of: envelope)),
        ]
    }
}
