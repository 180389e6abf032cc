internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Ledger
internal import Receiving
internal import Records
internal import Signcryption

/// Checks one scope of a share from files alone.
struct ScopeCheck {
    let scope: ScopeFolder
    let record: ShareRecord
    let certificate: ImplicitCertificate
    let issuers: [TrustedIssuer]
    let chain: ChainView

    private typealias Step = ShareReport.Step

    func run() -> [ShareReport.Step] {
        var steps: [Step] = []
        var permission: Permission?
        var grant: VerifiedGrant?
        steps.append(self.step("request") { try self.request() })
        steps.append(
            self.step("permission") {
                let (found, step) = try self.permission()
                permission = found
                return step
            }
        )
        guard let permission else { return steps }
        steps.append(self.step("consents") { try self.consents(permission) })
        steps.append(
            self.step("grant") {
                let (found, step) = try self.grant(permission)
                grant = found
                return step
            }
        )
        guard let grant else { return steps }
        var delivered: [[UInt8]: Set<Int>] = [:]
        steps.append(
            self.step("deliveries") {
                let (found, step) = try self.deliveries(grant)
                delivered = found
                return step
            }
        )
        var anchored: [[UInt8]: String] = [:]
        steps.append(
            self.step("anchors") {
                let (found, step) = try self.anchors()
                anchored = found
                return step
            }
        )
        steps.append(self.step("envelopes") { try self.envelopes(grant, anchored, delivered) })
        steps.append(self.step("content") { try self.content() })
        return steps
    }

    private func step(_ name: String, _ body: () throws -> ShareReport.Step) -> ShareReport.Step {
        do { return try body() } catch let missing as Missing {
            return ShareReport.Step(name: name, state: .missing, text: missing.what, facts: [:])
        } catch { return ShareReport.Step(name: name, state: .failed, text: "\(error)", facts: [:]) }
    }

    private struct Missing: Error { let what: String }

    private func proof(_ file: ScopeFolder.File, _ what: String) throws -> TransactionProof {
        guard let proof = try self.scope.proof(file) else { throw Missing(what: "\(what) is not kept") }
        try self.chain.verify(proof)
        return proof
    }

    private func place(_ proof: TransactionProof) -> [String: String] {
        [
            "transaction": proof.transaction.id.hex, "height": "\(proof.header.height)",
            "time_ms": "\(proof.header.time)",
        ]
    }

    // MARK: - Request and permission

    private func request() throws -> ShareReport.Step {
        let proof = try self.proof(.request, "the request")
        let isOurs = proof.transaction.body.signer == self.certificate.digest
        try require(isOurs, .context, "the request is signed under another certificate")
        let (request, scope, purpose): ([UInt8], [UInt8], String?)
        switch self.record.way {
        case .request:
            let arguments = try proof.arguments(RequestAccess.self)
            (request, scope, purpose) = (arguments.request, arguments.scope, arguments.purpose)
        case .proof:
            let arguments = try proof.arguments(ProveAccess.self)
            (request, scope, purpose) = (arguments.access.request, arguments.access.scope, arguments.access.purpose)
        case .offer:
            let arguments = try proof.arguments(AcceptOffer.self)
            (request, scope, purpose) = (arguments.request, arguments.scope, nil)
        case .emergency:
            let arguments = try proof.arguments(EmergencyAccess.self)
            (request, scope, purpose) = (arguments.request, arguments.scope, EmergencyAccess.purpose)
        }
        let isMeant = request == self.scope.request && scope == self.scope.scope
        try require(isMeant, .context, "the transaction is another request")
        let isPurpose = purpose?.isSame(as: self.record.purpose) ?? true
        try require(isPurpose, .context, "the request names another purpose")
        try require(proof.receipt.code == 0, .context, "the contract rejected it with code \(proof.receipt.code)")
        let text = "in block \(proof.header.height) of the access channel, signed by the requester"
        let facts = self.place(proof).merging(["way": self.record.way.rawValue]) { $1 }
        return .init(name: "request", state: .verified, text: text, facts: facts)
    }

    private func permission() throws -> (Permission, ShareReport.Step) {
        let proof = try self.proof(.permission, "the permission")
        let permission = try proof.permission()
        let isOurs =
            permission.request == self.scope.request && permission.scope == self.scope.scope
            && permission.requester == self.certificate.digest
            && permission.organization.isSame(as: self.scope.entry.organization)
        try require(isOurs, .context, "the permission is of another request, scope, requester or organization")
        let reason =
            switch permission.kind {
            case .decided: "decided by \(permission.decider)"
            case .proven: "given for a proof of the policy \(permission.policy.hex)"
            case .offered: "given by an offer of \(permission.decider)"
            case .emergency: "taken in an emergency by \(permission.decider)"
            }
        let facts = self.place(proof).merging([
            "permission": permission.id.hex, "purpose": permission.purpose,
            "valid_until_ms": "\(permission.validUntil)",
            "policy": permission.policy.hex, "basis": permission.basis.hex,
        ]) { $1 }
        return (permission, .init(name: "permission", state: .verified, text: reason, facts: facts))
    }

    private func consents(_ permission: Permission) throws -> ShareReport.Step {
        let (scope, proof) = try self.consents(.consents, about: permission.scope, permission.organization)
        var (label, time) = (ScopeConsents?.none, proof.header.time)
        if let digest = scope.label {
            let (about, second) = try self.consents(.labelConsents, about: digest, permission.organization)
            label = about
            time = max(time, second.header.time)
        }
        let judgement = ConsentJudgement(scope: scope, label: label)
        if let objection = judgement.objection(to: permission, at: time) {
            throw ProtocolFailure(.context, "a consent objects: \(objection.name)")
        }
        let count = judgement.count
        let what = scope.label == nil ? "the scope" : "the scope and its label"
        let text = "\(count == 0 ? "none" : "\(count)") about \(what) after the last delivery, and none objects"
        let facts = ["height": "\(proof.header.height)", "time_ms": "\(proof.header.time)"]
        return .init(name: "consents", state: .verified, text: text, facts: facts)
    }

    /// What a kept proof tells about a scope, or about its label.
    private func consents(
        _ file: ScopeFolder.File,
        about digest: [UInt8],
        _ organization: String
    ) throws -> (ScopeConsents, ValueProof) {
        guard let bytes = try self.scope.read(file) else { throw Missing(what: "the consents are not kept") }
        let proof = try ValueProof(bytes: bytes)
        try self.chain.verify(proof)
        let key = AccessKey.consents(of: digest, organization)
        try require(proof.key == key && proof.header.channel == .access, .context, "a proof of something else")
        return (try proof.value.map { try ScopeConsents(bytes: $0) } ?? ScopeConsents(), proof)
    }

    // MARK: - Grant and deliveries

    private func grant(_ permission: Permission) throws -> (VerifiedGrant, ShareReport.Step) {
        guard let bytes = try self.scope.read(.grant) else { throw Missing(what: "the grant is not kept") }
        let grant = try GrantVerification.verified(try GrantFile(bytes: bytes), issuers: self.issuers)
        let terms = grant.terms
        let isOurs =
            terms.scopeDigest == self.scope.scope && terms.receiverCertificateDigest == self.certificate.digest
        try require(isOurs, .context, "the grant is for another scope or receiver")
        let isOwners = PartyName(terms.owner)?.organization.isSame(as: permission.organization) ?? false
        try require(isOwners, .context, "the grant is of another organization than the permission")
        let proof = try self.proof(.grantRecord, "the record of the grant")
        let arguments = try proof.arguments(RecordGrant.self)
        let isRecorded =
            proof.receipt.code == 0 && arguments.grant == grant.digest && arguments.permission == permission.id
            && arguments.scope == self.scope.scope
        try require(isRecorded, .context, "the record is of another grant")
        let text =
            "by \(terms.owner), through \(terms.threshold) of \(terms.centers.count) privacy centers, recorded in block "
            + "\(proof.header.height) of the index channel"
        let facts = self.place(proof).merging(["grant": grant.digest.hex]) { $1 }
        return (grant, .init(name: "grant", state: .verified, text: text, facts: facts))
    }

    /// Which centers delivered which envelopes.
    private func deliveries(_ grant: VerifiedGrant) throws -> ([[UInt8]: Set<Int>], ShareReport.Step) {
        var delivered: [[UInt8]: Set<Int>] = [:]
        var acknowledged = 0
        let ids = self.scope.deliveries
        guard !ids.isEmpty else { throw Missing(what: "no delivery is kept") }
        for id in ids {
            let delivery = try self.scope.delivery(id)
            try self.chain.verify(delivery.proof)
            let center = try grant.terms.centers.firstIndex { center in
                guard let name = PartyName(center.id) else { return false }
                return try Delivery.id(delivery.proof.arguments(RecordDelivery.self), by: name) == id
            }
            guard let center, let name = PartyName(grant.terms.centers[center].id) else {
                throw ProtocolFailure(.context, "the delivery \(id.hex) is of no center of the grant")
            }
            _ = try delivery.check(center: name, grant: grant.digest, receiver: self.certificate.digest)
            for h1 in delivery.envelopes { delivered[h1, default: []].insert(center) }
            if try self.isAcknowledged(id) { acknowledged += 1 }
        }
        let text = "\(ids.count) recorded, \(acknowledged) of them acknowledged by the requester"
        let facts = ["deliveries": "\(ids.count)", "acknowledged": "\(acknowledged)"]
        return (delivered, .init(name: "deliveries", state: .verified, text: text, facts: facts))
    }

    private func isAcknowledged(_ id: [UInt8]) throws -> Bool {
        guard let bytes = try self.scope.share.read(self.scope.acknowledgementName(id)) else { return false }
        let proof = try TransactionProof(bytes: bytes)
        try self.chain.verify(proof)
        let arguments = try proof.arguments(AcknowledgeDelivery.self)
        let isOurs = arguments.delivery == id && proof.transaction.body.signer == self.certificate.digest
        try require(isOurs, .context, "an acknowledgement of something else")
        return true
    }

    // MARK: - Envelopes

    /// The gateways that anchored envelopes, by H1.
    private func anchors() throws -> ([[UInt8]: String], ShareReport.Step) {
        var anchored: [[UInt8]: String] = [:]
        var count = 0
        for number in self.scope.segments(.anchors) {
            for anchor in try self.scope.anchors(number) {
                let proof = try TransactionProof(bytes: anchor.proof)
                try self.chain.verify(proof)
                let anchored32 = try PageOpening.envelopes(proof, key: anchor.pageKey, scope: self.scope.scope)
                for envelope in anchored32 { anchored[envelope.h1.bytes] = envelope.sender }
                count += 1
            }
        }
        guard count > 0 else { throw Missing(what: "no anchor is kept") }
        let text = "\(count) anchors in certified blocks list \(anchored.count) envelopes of the scope"
        let facts = ["anchors": "\(count)", "envelopes": "\(anchored.count)"]
        return (anchored, .init(name: "anchors", state: .verified, text: text, facts: facts))
    }

    private func envelopes(
        _ grant: VerifiedGrant,
        _ anchored: [[UInt8]: String],
        _ delivered: [[UInt8]: Set<Int>]
    ) throws -> ShareReport.Step {
        var senders: [[UInt8]: CertifiedKey] = [:]
        var count = 0
        for number in self.scope.segments(.records) {
            for kept in try self.scope.envelopes(number) {
                let envelope = try ParsedEnvelope(bytes: kept.envelope)
                let h1 = envelope.indexPointer
                guard let sender = anchored[h1], sender.isSame(as: envelope.header.sender) else {
                    throw ProtocolFailure(.context, "the envelope \(h1.hex) is not anchored by its sender")
                }
                let isOfScope = envelope.header.scopeDigest == self.scope.scope
                try require(isOfScope, .context, "the envelope \(h1.hex) is of another scope")
                let isDelivered = delivered[h1]?.count ?? 0 >= grant.terms.threshold
                try require(isDelivered, .context, "the envelope \(h1.hex) was not delivered by enough centers")
                let key = try self.sender(envelope.header.senderCertificateDigest, &senders)
                _ = try envelope.verify(sender: key)
                let capsule = EpochCapsule(bytes: kept.capsule)
                let isNamed = envelope.header.capsuleDigest == capsule.digest
                try require(isNamed, .context, "the capsule of \(h1.hex) is another one")
                count += 1
            }
        }
        guard count > 0 else { throw Missing(what: "no envelope is kept") }
        let open = anchored.count - count
        let rest = open > 0 ? "; \(open) anchored ones were not opened" : ""
        let text = "\(count) sealed and signed by their gateways, anchored, and delivered by enough centers\(rest)"
        return .init(name: "envelopes", state: .verified, text: text, facts: ["envelopes": "\(count)"])
    }

    private func sender(_ digest: [UInt8], _ known: inout [[UInt8]: CertifiedKey]) throws -> CertifiedKey {
        if let key = known[digest] { return key }
        let name = "\(self.scope.folder)/senders/\(digest.hex).wlc"
        guard let bytes = try self.scope.share.read(name) else { throw Missing(what: "\(name) is not kept") }
        let certificate = try ImplicitCertificate(bytes: bytes)
        try require(certificate.digest == digest, .context, "\(name) is another certificate")
        let issuer = try TrustedParty.issuer(of: certificate, among: self.issuers).trusted.issuer
        let key = try CertifiedKey(certificate, from: issuer)
        known[digest] = key
        return key
    }

    /// The records stand beside just the envelopes that they came from, and these held them: each commits to its content.
    private func content() throws -> ShareReport.Step {
        var count = 0
        for number in self.scope.segments(.records) {
            let envelopes = try self.scope.envelopes(number)
            let records = try self.scope.records(number)
            let pointers = envelopes.map { ParsedEnvelope.indexPointer(of: $0.envelope) }
            try require(pointers == records.map(\.h1), .context, "records of other envelopes than are kept")
            for (kept, entry) in zip(envelopes, records) {
                do throws(ProtocolFailure) {
                    try entry.content.requireContained(in: ParsedEnvelope(bytes: kept.envelope))
                } catch { throw ProtocolFailure(error.code, "the envelope \(entry.h1.hex): \(error.detail)") }
            }
            count += records.count
        }
        guard count > 0 else { throw Missing(what: "no content is kept") }
        let text = "the \(count) envelopes held just the records that are kept beside them"
        return .init(name: "content", state: .verified, text: text, facts: ["envelopes": "\(count)"])
    }
}
