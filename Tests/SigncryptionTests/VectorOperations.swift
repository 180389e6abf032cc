internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Signcryption
internal import VectorFiles

/// The operations of vector set C.
enum VectorOperations {
    struct Unknown: Error { let op: String }

    static func run(_ op: String, _ i: VectorInput) throws -> [String: VectorValue] {
        switch op {
        case "cbsre.scope_key": try self.scopeKey(i)
        case "cbsre.scope_descriptor": try self.scopeDescriptor(i)
        case "cbsre.scope_verify": try self.scopeVerify(i)
        case "cbsre.signcrypt": try self.signcrypt(i)
        case "cbsre.verify": try self.verify(i)
        case "cbsre.decrypt_owner": try self.decryptOwner(i)
        case "cbsre.rekey": try self.rekey(i)
        case "cbsre.grant_verify": try self.grantVerify(i)
        case "cbsre.open_package": try self.openPackage(i)
        case "cbsre.reencrypt": try self.reencrypt(i)
        case "cbsre.check_part": try self.checkPart(i)
        case "cbsre.decrypt_receiver": try self.decryptReceiver(i)
        default: throw Unknown(op: op)
        }
    }

    private static func scopeKey(_ i: VectorInput) throws -> [String: VectorValue] {
        let key = try OwnerSecret(i.bytes("owner_secret")).scopeKey(
            owner: i.text("owner"),
            label: i.text("label"),
            epoch: i.number("epoch")
        )
        return [
            "d_scope": .text(key.keyPair.secretBytes().hex), "Q_scope": .text(key.keyPair.publicKey.encoded.hex),
        ]
    }

    private static func scopeDescriptor(_ i: VectorInput) throws -> [String: VectorValue] {
        let scope = ScopeKey(
            owner: try i.text("owner"),
            label: try i.text("label"),
            epoch: try i.number("epoch"),
            keyPair: try i.key("d_scope")
        )
        let descriptor = try ScopeDescriptor(
            signing: scope,
            owner: i.key("d_owner"),
            certificateDigest: i.certificateDigest("owner_cert"),
            possessionAux: i.bytes("aux1"),
            signatureAux: i.bytes("aux2")
        )
        return ["descriptor": .text(descriptor.bytes.hex), "digest": .text(descriptor.digest.hex)]
    }

    private static func verifiedScope(_ i: VectorInput) throws -> VerifiedScope {
        let issuer = try i.issuer()
        let certificate = try i.bytes("owner_cert")
        return try ScopeDescriptor(bytes: i.bytes("descriptor")).verify(
            owner: CertifiedKey(bytes: certificate, from: issuer),
            at: i.number("now")
        )
    }

    private static func scopeVerify(_ i: VectorInput) throws -> [String: VectorValue] {
        let scope = try self.verifiedScope(i)
        return [
            "owner": .text(scope.descriptor.owner), "label": .text(scope.descriptor.label),
            "epoch": .number(scope.descriptor.epoch), "Q_scope": .text(scope.publicKey.encoded.hex),
        ]
    }

    private static func signcrypt(_ i: VectorInput) throws -> [String: VectorValue] {
        let h = try i.object("header")
        let scope = !i.has("descriptor") ? nil : try self.verifiedScope(i)
        let header = try EnvelopeHeader(
            mode: EnvelopeMode(code: UInt8(clamping: h.number("mode"))),
            sender: h.text("sender"),
            senderCertificateDigest: h.bytes("sender_cd"),
            scopeDigest: h.bytes("scope_digest"),
            scopeKey: h.bytes("Q_scope"),
            capsuleDigest: h.bytes("capsule"),
            created: h.number("created"),
            sequence: h.number("seq"),
            policyDigest: h.bytes("policy_digest"),
            recordCount: UInt32(h.number("n_records"))
        )
        let records = try i.objects("records").map {
            EnvelopeRecord(
                id: try $0.text("id"),
                type: try $0.text("type"),
                time: try $0.number("time"),
                data: try $0.bytes("data")
            )
        }
        let randomness = SealingRandomness(eta: try i.bytes("eta"), aux: try i.bytes("aux"))
        let (key, epochKey) = (try i.key("d_s"), try i.optionalBytes("k_epoch"))
        let bytes =
            if let scope {
                try scope.seal(records, under: header, by: key, epochKey: epochKey, randomness: randomness)
            } else { try header.seal(records, by: key, epochKey: epochKey, randomness: randomness) }
        let y = 8 + header.bytes.count
        return [
            "header": .text(header.bytes.hex), "Y": .text(bytes[y..<y + 33].hex),
            "g": .text(bytes[y + 33..<y + 65].hex), "z": .text(bytes[y + 65..<y + 97].hex),
            "zr": .text(bytes[y + 97..<y + 129].hex), "ct": .text(bytes[(y + 133)...].hex),
            "envelope": .text(bytes.hex), "H1": .text(ParsedEnvelope.indexPointer(of: bytes).hex),
        ]
    }

    private static func verifiedEnvelope(_ i: VectorInput) throws -> VerifiedEnvelope {
        let issuer = try i.issuer()
        let envelope = try ParsedEnvelope(bytes: i.bytes("envelope"))
        return try envelope.verify(
            certificate: ImplicitCertificate(bytes: i.bytes("sender_cert")),
            from: issuer
        )
    }

    private static func verify(_ i: VectorInput) throws -> [String: VectorValue] {
        let envelope = try self.verifiedEnvelope(i)
        return [
            "H1": .text(envelope.indexPointer.hex), "sender": .text(envelope.header.sender),
            "seq": .number(envelope.header.sequence),
        ]
    }

    private static func decryptOwner(_ i: VectorInput) throws -> [String: VectorValue] {
        let records = try self.verifiedEnvelope(i).open(
            with: i.key("d_scope"),
            descriptorDigest: ScopeDescriptor.digest(of: i.bytes("descriptor")),
            epochKey: i.optionalBytes("k_epoch")
        )
        return ["records": self.value(records)]
    }

    private static func value(_ records: [EnvelopeRecord]) -> VectorValue {
        .list(
            records.map {
                .object([
                    "id": .text($0.id), "type": .text($0.type), "time": .number($0.time), "data": .text($0.data.hex),
                ])
            }
        )
    }

    private static func rekey(_ i: VectorInput) throws -> [String: VectorValue] {
        let issuer = try i.issuer()
        let isForeign = i.has("receiver_issuer")
        let receiverIssuer = isForeign ? try i.issuer(name: "receiver_issuer", key: "receiver_Q_ca") : issuer
        let now = try i.number("now")
        let receiver = try GrantReceiver(
            id: i.text("receiver"),
            key: CertifiedKey(bytes: i.bytes("receiver_cert"), from: receiverIssuer),
            at: now
        )
        let centers = try i.objects("cpcs").map {
            try GrantCenter(id: $0.text("id"), key: CertifiedKey(bytes: $0.bytes("cert"), from: issuer), at: now)
        }
        let descriptor = try ScopeDescriptor(bytes: i.bytes("descriptor"))
        let scope = ScopeKey(
            owner: try i.text("owner"),
            label: descriptor.label,
            epoch: descriptor.epoch,
            keyPair: try i.key("d_scope")
        )
        let issued = try scope.grant(
            to: receiver,
            through: centers,
            descriptor: descriptor,
            ownerCertificateDigest: i.certificateDigest("owner_cert"),
            ownerKey: i.key("d_owner"),
            validity: (i.number("not_before"), i.number("not_after")),
            randomness: GrantRandomness(
                grantID: i.bytes("grant_id"),
                x: i.scalar("x"),
                coefficients: i.bytesList("coeffs").map { try P256Scalar($0) },
                ephemerals: i.bytesList("ephemerals").map { try P256Scalar($0) },
                aux: i.bytes("aux")
            )
        )
        // The scheme itself never lets these out of the function; a vector states them.
        let (d, x, q) = (try i.scalar("d_scope"), try i.scalar("x"), receiver.key.publicKey)
        let blinding = try GrantBlinding.scalar(
            ParsedGrant(bytes: issued.grant).terms,
            receiver: q,
            scopeShared: d * q.point,
            ephemeralShared: x * q.point
        )
        return [
            "grant": .text(issued.grant.hex), "packages": .list(issued.packages.map { .text($0.hex) }),
            "rk": .text((d * blinding.inverse).bytes.hex), "S": .text(blinding.bytes.hex),
        ]
    }

    private static func verifiedGrant(_ i: VectorInput, at now: UInt64?) throws -> VerifiedGrant {
        let issuer = try i.issuer()
        let grant = try ParsedGrant(bytes: i.bytes("grant"))
        return try grant.verify(
            owner: CertifiedKey(bytes: i.bytes("owner_cert"), from: issuer),
            descriptor: i.bytes("descriptor"),
            at: now
        )
    }

    private static func grantVerify(_ i: VectorInput) throws -> [String: VectorValue] {
        let grant = try self.verifiedGrant(i, at: i.number("now"))
        return [
            "digest": .text(grant.digest.hex), "t": .number(UInt64(grant.terms.threshold)),
            "n": .number(UInt64(grant.terms.centers.count)), "receiver": .text(grant.terms.receiver),
        ]
    }

    private static func openPackage(_ i: VectorInput) throws -> [String: VectorValue] {
        let share = try self.verifiedGrant(i, at: i.number("now")).openPackage(
            i.bytes("package"),
            index: UInt8(clamping: i.number("index")),
            key: i.key("d_cpc")
        )
        return ["share": .text(share.keyPair.secretBytes().hex)]
    }

    private static func reencrypt(_ i: VectorInput) throws -> [String: VectorValue] {
        let now = try i.number("now")
        let grant = try self.verifiedGrant(i, at: now)
        let share = KeyShare(index: UInt8(clamping: try i.number("index")), keyPair: try i.key("share"))
        let part = try self.verifiedEnvelope(i).reencrypt(
            under: grant,
            share: share,
            nonce: i.bytes("nonce"),
            at: now,
            singleControl: i.isTrue("single_control"),
            aux: i.bytes("aux")
        )
        return ["part": .text(part.hex)]
    }

    private static func checkPart(_ i: VectorInput) throws -> [String: VectorValue] {
        let envelope = try ParsedEnvelope(bytes: i.bytes("envelope"))
        let part = try self.verifiedGrant(i, at: nil).check(i.bytes("part"), of: envelope, nonce: i.bytes("nonce"))
        return ["index": .number(UInt64(part.index)), "Y_prime": .text(part.transformed.encoded.hex)]
    }

    private static func decryptReceiver(_ i: VectorInput) throws -> [String: VectorValue] {
        let reader = GrantReader(
            grant: try self.verifiedGrant(i, at: nil),
            key: try i.key("d_r"),
            certificateDigest: try i.certificateDigest("receiver_cert")
        )
        let records = try reader.open(
            self.verifiedEnvelope(i),
            parts: i.bytesList("parts"),
            context: GrantReader.Context(
                nonce: i.bytes("nonce"),
                epochKey: i.optionalBytes("k_epoch"),
                capsule: i.optionalBytes("capsule").map(EpochCapsule.init(bytes:)),
                singleControl: i.isTrue("single_control")
            )
        )
        return ["records": self.value(records)]
    }
}
