internal import CanonicalBytes
internal import FiniteFields
internal import P256Group
internal import SecretSharing
internal import ThresholdSignatures

/// Set F, certificates of committees (specification section 9).
enum ThresholdOperations {
    static let all = Self.signatures + Self.certificates + Self.keyGeneration

    private static let signatures: [Operation] = [
        Operation("xbls.sign") {
            let key = try $0.signatureKey("sk")
            return [
                "pk": .hex(key.publicKey.encoded), "sig": .hex(try key.sign($0.bytes("msg")).encoded),
                "pop": .hex(try key.proofOfPossession().encoded),
            ]
        },
        Operation("xbls.verify") {
            try BLSPublicKey($0.bytes("pk")).verify($0.bytes("sig"), of: $0.bytes("msg"))
            return [:]
        },
        Operation("xbls.pop_verify") {
            try BLSPublicKey($0.bytes("pk")).verifyPossession($0.bytes("pop"))
            return [:]
        },
        Operation("xbls.register") { input in
            let identity = try input.keyPair("d_id")
            let registration = try Self.registration(input)
            return ["sig": .hex(try registration.sign(identity, aux: input.bytes("aux")))]
        },
        Operation("xbls.register_verify") { input in
            let identity = try input.publicKey("Q_id")
            _ = try Self.registration(input).verified(by: identity, signature: input.bytes("sig"))
            return [:]
        },
    ]

    private static let certificates: [Operation] = [
        Operation("xbls.committee", committee),
        Operation("xbls.tx_message", crossChainMessage),
        Operation("xbls.certificate", certificate),
        Operation("xbls.certificate_verify") {
            let committee = try PrivilegedCommittee(bytes: $0.bytes("committee"))
            let message = CrossChainMessage.signedBytes(committee: committee.digest, payload: try $0.bytes("payload"))
            try BitmapCertificate.verify($0.bytes("certificate"), of: message, by: committee)
            return [:]
        },
        Operation("xbls.commit_message") { ["message": .hex(try Self.commitMessage($0).bytes)] },
        Operation("xbls.commit_verify") { input in
            let message = try Self.commitMessage(input)
            try message.verify(input.bytes("certificate"), by: PrivilegedCommittee(bytes: input.bytes("committee")))
            return [:]
        },
        Operation("xbls.tcommittee", thresholdCommittee),
        Operation("xbls.tcertificate") {
            let committee = try ThresholdCommittee(bytes: $0.bytes("committee"))
            let certificate = try ThresholdCertificate(
                committee: committee,
                signatures: $0.byteLists("group_sigs")
            )
            return ["certificate": .hex(certificate.bytes)]
        },
        Operation("xbls.tcertificate_verify") {
            let committee = try ThresholdCommittee(bytes: $0.bytes("committee"))
            let message = CrossChainMessage.signedBytes(committee: committee.digest, payload: try $0.bytes("payload"))
            try ThresholdCertificate.verify($0.bytes("certificate"), of: message, by: committee)
            return [:]
        },
    ]

    private static let keyGeneration: [Operation] = [
        Operation("xbls.dkg_pop") {
            let proof = try DealerCommitments.provePossession(
                of: $0.signatureKey("a0"),
                session: $0.bytes("session"),
                dealer: $0.integer("dealer", as: UInt16.self)
            )
            return ["pop": .hex(proof)]
        },
        Operation("xbls.dkg_pop_verify") {
            try DealerCommitments.verifyPossession(
                $0.bytes("pop"),
                of: $0.bytes("A0"),
                session: $0.bytes("session"),
                dealer: $0.integer("dealer", as: UInt16.self)
            )
            return [:]
        },
        Operation("xbls.dkg_deal", deal),
        Operation("xbls.dkg_check") {
            let share = try Fr($0.bytes("share"))
            let threshold = try $0.integer("t", as: Int.self)
            try DealerCommitments($0.byteLists("commitments"), threshold: threshold)
                .check(share: share, of: $0.integer("index", as: UInt16.self))
            return [:]
        },
        Operation("xbls.dkg_finalize", finalize),
        Operation("xbls.partial_verify") {
            let member = try $0.integer("index", as: UInt16.self)
            try require(member >= 1, .format, "members are numbered from 1")
            try JointKey($0.byteLists("joint")).verify($0.bytes("sig"), of: $0.bytes("msg"), by: member)
            return [:]
        },
        Operation("xbls.combine") {
            let parts = try $0.objects("parts").map { part in
                (member: try part.integer("index", as: UInt16.self), signature: try part.bytes("sig"))
            }
            return ["sig": .hex(try JointKey.combine(parts, threshold: $0.integer("t", as: Int.self)).encoded)]
        },
    ]

    private static func registration(_ input: CaseInput) throws -> MemberRegistration {
        MemberRegistration(
            committee: try input.text("name"),
            key: try input.bytes("pk"),
            possession: try input.bytes("pop")
        )
    }

    private static func committee(_ input: CaseInput) throws -> JSONObject {
        let groups = try input.objects("groups").map { group in
            PrivilegedCommittee.Group(
                name: try group.text("name"),
                threshold: try group.integer("t", as: UInt16.self),
                keys: try group.byteLists("keys")
            )
        }
        let committee = try PrivilegedCommittee(
            threshold: input.integer("total", as: UInt16.self),
            groups: groups
        )
        return ["committee": .hex(committee.bytes), "digest": .hex(committee.digest)]
    }

    private static func crossChainMessage(_ input: CaseInput) throws -> JSONObject {
        let message = CrossChainMessage(
            source: try input.text("src"),
            destination: try input.text("dst"),
            sequence: try input.u64("seq"),
            expiry: try input.u64("expiry"),
            transaction: try input.bytes("tx_digest")
        )
        let signed = message.signedBytes(committee: try input.bytes("committee_digest"))
        return ["payload": .hex(message.payload), "message": .hex(signed)]
    }

    private static func certificate(_ input: CaseInput) throws -> JSONObject {
        let certificate = try BitmapCertificate(
            committee: PrivilegedCommittee(bytes: input.bytes("committee")),
            signers: input.integerLists("signers"),
            signatures: input.byteLists("sigs")
        )
        return ["certificate": .hex(certificate.bytes)]
    }

    private static func commitMessage(_ input: CaseInput) throws -> CommitMessage {
        try CommitMessage(
            chain: input.text("chain"),
            channel: input.text("channel"),
            epoch: input.u64("epoch"),
            view: input.u64("view"),
            height: input.u64("height"),
            blockHash: input.bytes("block_hash")
        )
    }

    private static func thresholdCommittee(_ input: CaseInput) throws -> JSONObject {
        let groups = try input.objects("groups").map { group in
            ThresholdCommittee.Group(
                name: try group.text("name"),
                threshold: try group.integer("t", as: UInt16.self),
                memberCount: try group.integer("n", as: UInt16.self),
                key: try group.bytes("pk")
            )
        }
        let committee = try ThresholdCommittee(groups)
        return ["committee": .hex(committee.bytes), "digest": .hex(committee.digest)]
    }

    private static func deal(_ input: CaseInput) throws -> JSONObject {
        let coefficients = try input.byteLists("coeffs").map { try Fr($0) }
        guard !coefficients.isEmpty else { throw MalformedInput("`coeffs` is empty") }
        let polynomial = SharingPolynomial(coefficients)
        let count = try input.u64("n")
        guard count <= UInt16.max else { throw MalformedInput("`n` is more members than there can be") }
        let shares = (0..<count).map { JSONValue.hex(polynomial.value(at: $0 + 1).bytes) }
        let commitments = try DealerCommitments(to: polynomial).encoded
        return ["commitments": .array(commitments.map(JSONValue.hex)), "shares": .array(shares)]
    }

    private static func finalize(_ input: CaseInput) throws -> JSONObject {
        let dealers = try input.byteListLists("dealers")
        let degree = dealers.first?.count ?? 0
        // Of dealers of different degrees none is decoded.
        try require(dealers.allSatisfy { $0.count == degree }, .format, "polynomials of different degrees")
        let joint = try JointKey(dealers: dealers.map { try DealerCommitments($0, threshold: degree) })
        return ["joint": .array(joint.encoded.map(JSONValue.hex))]
    }
}

extension CaseInput {
    fileprivate func signatureKey(_ name: String) throws -> BLSKeyPair {
        try BLSKeyPair(secret: SecretFr(bytes: self.bytes(name)))
    }
}
