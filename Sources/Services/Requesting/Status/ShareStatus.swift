internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Ledger

/// Where a share stands, from its folder and, if it is asked, from the chain.
package struct ShareStatus: Sendable, Codable {
    package struct Scope: Sendable, Codable {
        package let scope: String
        package let organization: String
        package let request: String
        package internal(set) var permission: String?
        /// Milliseconds since 1970; nil without a permission.
        package internal(set) var validUntil: UInt64?
        /// Every step, in order.
        package internal(set) var steps: [StepNote]
        /// Refusals that parties recorded on the chain.
        package internal(set) var refusals: [Refusal] = []
        package let envelopes: Int
        /// Of a request that goes over the relay chain.
        package internal(set) var exchange: ExchangeStatus?
    }

    package struct Refusal: Sendable, Codable, Hashable {
        package let step: String
        package let party: String
        package let code: String
        package let advice: String
        /// Milliseconds since 1970.
        package let time: UInt64
    }

    package let share: ShareRecord
    package internal(set) var scopes: [Scope]

    /// Reads the folder alone.
    ///
    /// - Throws: ``ShareFolderError``.
    package init(_ folder: ShareFolder) throws {
        self.share = try folder.record()
        let steps = ShareStep.steps(of: self.share.way)
        self.scopes = try self.share.scopes.map { entry in
            let scope = try ScopeFolder(folder, entry)
            let permission = try scope.permission()
            let notes = folder.notes(of: entry.scope)
            return Scope(
                scope: entry.scope,
                organization: entry.organization,
                request: entry.request,
                permission: permission?.id.hex,
                validUntil: permission?.validUntil,
                steps: steps.map { step in
                    notes.first { $0.step == step } ?? StepNote(step: step, state: .open)
                },
                envelopes: try scope.segments(.records).reduce(0) { try $0 + scope.records($1).count },
                exchange: try scope.carried().map { ExchangeStatus($0) }
            )
        }
    }

    /// Adds what the chain says now: the fate of the request and the permission, and recorded refusals.
    ///
    /// - Parameters:
    ///   - chain: of the share.
    ///   - now: ms since 1970; the chain's last block may be older than what has expired since.
    /// - Throws: what keeps the chain from being read.
    package mutating func read(_ chain: any RequesterChain, now: UInt64) async throws {
        for place in self.scopes.indices {
            let scope = self.scopes[place]
            guard let request = [UInt8](hex: scope.request), let digest = [UInt8](hex: scope.scope) else { continue }
            let fact = try await chain.fact(of: AccessKey.request(request), on: .access)
            let fate = fact.value.flatMap { try? AccessRequest(bytes: $0) }
            self.set(Self.note(of: fate, at: max(fact.time, now)), at: place)
            guard let fate, fate.status == .permitted else { continue }
            try await self.read(fate.permission, digest, chain, now, at: place)
        }
    }

    private mutating func read(
        _ id: [UInt8],
        _ scope: [UInt8],
        _ chain: any RequesterChain,
        _ now: UInt64,
        at place: Int
    ) async throws {
        let fact = try await chain.fact(of: AccessKey.permission(id), on: .access)
        let time = max(fact.time, now)
        guard let permission = fact.value.flatMap({ try? Permission(bytes: $0) }) else { return }
        let consents = try await Self.consents(about: scope, permission.organization, chain)
        self.scopes[place].permission = permission.id.hex
        self.scopes[place].validUntil = permission.validUntil
        var note = StepNote(step: .permission, state: .done)
        note.time = permission.granted / 1_000
        if permission.revoked > 0 {
            note = Self.failure("permission-revoked", "the permission was revoked", permission.revoked)
        } else if permission.validUntil < time {
            note = Self.failure("permission-expired", "the permission is over", permission.validUntil)
        } else if let objection = consents.objection(to: permission, at: time) {
            note = Self.failure(objection.name, "a consent objects", time)
        }
        self.set(note, at: place)
        self.scopes[place].refusals = try await Self.refusals(permission.id, chain)
    }

    /// What is said about a scope and about its label.
    private static func consents(
        about scope: [UInt8],
        _ organization: String,
        _ chain: any RequesterChain
    ) async throws -> ConsentJudgement {
        func record(_ digest: [UInt8]) async throws -> ScopeConsents {
            let fact = try await chain.fact(of: AccessKey.consents(of: digest, organization), on: .access)
            return fact.value.flatMap { try? ScopeConsents(bytes: $0) } ?? ScopeConsents()
        }
        let about = try await record(scope)
        guard let label = about.label else { return ConsentJudgement(scope: about, label: nil) }
        return ConsentJudgement(scope: about, label: try await record(label))
    }

    private static func refusals(_ permission: [UInt8], _ chain: any RequesterChain) async throws -> [Refusal] {
        var refusals: [Refusal] = []
        let events = try await chain.events(of: permission, after: nil, on: .index)
        for event in events where event.topic.isSame(as: "sharing.refused") {
            guard let proof = try await chain.proof(of: event.transaction, on: .index), proof.receipt.code == 0,
                let arguments = try? proof.arguments(RecordRefusal.self), arguments.permission == permission
            else { continue }
            let step = Self.step(arguments.step)
            refusals.append(
                Refusal(
                    step: step.rawValue,
                    party: Self.party(of: proof),
                    code: arguments.code,
                    advice: Advice.text(for: arguments.code, at: step, isWaiting: false),
                    time: proof.header.time
                )
            )
        }
        return refusals
    }

    private static func step(_ step: SharingStep) -> ShareStep {
        switch step {
        case .attributeKey: .attributeKey
        case .identityKey: .identityKeys
        case .grant: .grant
        case .reencryption: .delivery
        }
    }

    /// Who signed a transaction; the validators have verified the signature.
    private static func party(of proof: TransactionProof) -> String {
        guard case .identity(let bytes, _) = proof.transaction.authorization,
            let certificate = try? ImplicitCertificate(bytes: bytes)
        else { return "a pseudonym" }
        return certificate.fields.subject
    }

    private static func note(of fate: AccessRequest?, at time: UInt64) -> StepNote {
        guard let fate else {
            var note = StepNote(step: .request, state: .waiting)
            note.why = "the chain does not know the request, or not yet"
            note.advice = Advice.text(for: "", at: .request, isWaiting: true)
            return note
        }
        switch fate.status {
        case .denied: return self.failure("request-denied", "the request was denied", time)
        case .permitted: return StepNote(step: .request, state: .done)
        case .open:
            if fate.arguments.expires < time { return self.failure("request-expired", "nobody decided in time", time) }
            var note = StepNote(step: .permission, state: .waiting)
            note.why = "nobody has decided the request yet"
            note.advice = Advice.text(for: "", at: .permission, isWaiting: true)
            return note
        }
    }

    private static func failure(_ code: String, _ why: String, _ time: UInt64) -> StepNote {
        var note = StepNote(step: .permission, state: .failed)
        note.code = code
        note.why = why
        note.advice = Advice.text(for: code, at: .permission, isWaiting: false)
        note.time = time / 1_000
        return note
    }

    /// The chain's word replaces what was noted, but for a contract's rejection of the request.
    private mutating func set(_ note: StepNote, at place: Int) {
        guard let index = self.scopes[place].steps.firstIndex(where: { $0.step == note.step }) else { return }
        let known = self.scopes[place].steps[index]
        if note.state == .waiting, known.state == .failed, !known.code.isEmpty { return }
        self.scopes[place].steps[index] = note
    }
}
