internal import CanonicalBytes
internal import Certificates
package import ChainReading
package import Contracts
internal import Ledger
internal import Transcripts

/// Brings the requests of a share to the chain, each at most once whatever interrupts it.
package struct AccessAsker: Sendable {
    /// Milliseconds in which a request has to be decided.
    package static let requestMilliseconds: UInt64 = 7 * 86_400_000
    /// Proofs that are made for one request: what one is out of date by may happen again.
    private static let proofsMax = 5

    private let parties: ShareParties
    private let receiver: RequesterKey
    private let proofs: (any ProofSource)?
    private let emergency: EmergencyReason?

    /// - Parameters:
    ///   - parties: of the consortium.
    ///   - receiver: whom the folder names.
    ///   - proofs: makes proofs; nil asks without.
    ///   - emergency: the reason, for a share of that kind.
    package init(
        parties: ShareParties,
        receiver: RequesterKey,
        proofs: (any ProofSource)? = nil,
        emergency: EmergencyReason? = nil
    ) {
        self.parties = parties
        self.receiver = receiver
        self.proofs = proofs
        self.emergency = emergency
    }

    /// Asks for every scope of a share that was not asked for yet.
    ///
    /// - Returns: what was refused or could not be sent, by scope.
    /// - Throws: for a folder that cannot be read or written.
    @discardableResult
    package func ask(_ folder: ShareFolder) async throws -> [(scope: ShareRecord.Scope, trouble: ShareTrouble)] {
        let record = try folder.record()
        var troubles: [(ShareRecord.Scope, ShareTrouble)] = []
        var slots: Set<UInt32> = []
        for entry in record.scopes {
            let scope = try ScopeFolder(folder, entry)
            let notebook = Notebook(folder, entry)
            // The chain keeps every transaction, also those that it rejects: the same one again says nothing new.
            if !scope.has(.request), let verdict = notebook.verdict(at: .request) {
                troubles.append((entry, verdict))
                continue
            }
            do {
                try await self.ask(scope, record, &slots)
                try notebook.note(.request, .done, at: self.parties.clock())
                if scope.has(.permission) { try notebook.note(.permission, .done, at: self.parties.clock()) }
            } catch {
                let trouble = try ShareTrouble(error, at: .request)
                try notebook.note(trouble, at: self.parties.clock())
                troubles.append((entry, trouble))
            }
        }
        return troubles
    }

    private func ask(_ scope: ScopeFolder, _ record: ShareRecord, _ slots: inout Set<UInt32>) async throws {
        if scope.has(.request) { return }
        if try await self.isAsked(scope) { return }
        // A proof may be out of date when it arrives, or its slot be taken by another request: then another one is made.
        for attempt in 1...Self.proofsMax {
            do {
                try await self.submit(scope, record, &slots)
                return
            } catch let error as ChainSubmissionError {
                guard let code = error.code else { throw error }
                let name = RejectionMeaning.name(code)
                if code == RejectionCode.requestExists.number, try await self.isAsked(scope) { return }
                let isStale = Self.staleProofs.contains { $0.number == code }
                scope.share.remove(scope.name(.call))
                guard isStale, attempt < Self.proofsMax, record.way == .proof else {
                    throw ShareTrouble(
                        .request,
                        isWaiting: false,
                        code: name,
                        "the contract rejected it: \(code) \(name)"
                    )
                }
            }
        }
    }

    private static let staleProofs: [RejectionCode] = [
        .rootTooOld, .rootUnknown, .rootRevoked, .notTheEpoch, .nymUsed, .anotherPolicy, .anotherCircuit,
    ]

    /// Whether the chain has the request already; then its proof is kept.
    private func isAsked(_ scope: ScopeFolder) async throws -> Bool {
        let fact = try await self.parties.chain.fact(of: AccessKey.request(scope.request), on: .access)
        guard let bytes = fact.value, let request = try? AccessRequest(bytes: bytes) else { return false }
        guard request.requester == self.receiver.certificate.digest else {
            throw ShareTrouble(.request, isWaiting: false, "the chain has this request of somebody else")
        }
        for topic in ["access.requested", "access.permitted"] {
            let found = try await self.parties.chain.first(topic, about: scope.request, on: .access)
            guard let found, found.transaction.body.signer == self.receiver.certificate.digest else { continue }
            try self.keep(found, scope)
            return true
        }
        throw ShareTrouble(.request, isWaiting: true, "no validator shows the transaction of the request yet")
    }

    private func keep(_ proof: TransactionProof, _ scope: ScopeFolder) throws {
        if (try? proof.permission()) != nil { try scope.write(proof.bytes, to: .permission) }
        try scope.write(proof.bytes, to: .request)
    }

    // MARK: - What is submitted

    // One function for each way: the compiler (Swift 6.3) crashes on all of it in one, in optimized builds.
    private func submit(_ scope: ScopeFolder, _ record: ShareRecord, _ slots: inout Set<UInt32>) async throws {
        let proof: TransactionProof
        switch record.way {
        case .request: proof = try await self.submitRequest(scope, record)
        case .proof:
            let arguments = try await self.proof(scope, record, slots)
            slots.insert(arguments.slot)
            proof = try await self.hand(in: arguments)
        case .offer: proof = try await self.submitAcceptance(scope, record)
        case .emergency: proof = try await self.submitEmergency(scope)
        }
        try self.keep(proof, scope)
    }

    @inline(never) private func submitRequest(
        _ scope: ScopeFolder,
        _ record: ShareRecord
    ) async throws -> TransactionProof {
        if let kept = try self.kept(scope, RequestAccess.self) { return try await self.hand(in: kept) }
        let policy = try await self.policy(of: scope, record)
        return try await self.hand(in: try self.noted(self.access(scope, record, policy), scope))
    }

    @inline(never) private func proof(
        _ scope: ScopeFolder,
        _ record: ShareRecord,
        _ taken: Set<UInt32>
    ) async throws -> ProveAccess {
        if let kept = try self.kept(scope, ProveAccess.self) { return kept }
        return try self.noted(try await self.proven(scope, record, taken), scope)
    }

    @inline(never) private func submitAcceptance(
        _ scope: ScopeFolder,
        _ record: ShareRecord
    ) async throws -> TransactionProof {
        if let kept = try self.kept(scope, AcceptOffer.self) { return try await self.hand(in: kept) }
        guard let offer = record.offer.flatMap({ [UInt8](hex: $0) }), offer.count == 32 else {
            throw ShareFolderError.damaged("\(scope.share.path)/\(ShareFolder.Names.record)")
        }
        let arguments = AcceptOffer(
            offer: offer,
            request: scope.request,
            scope: scope.scope,
            nonce: SecureRandom.bytes(32)
        )
        return try await self.hand(in: try self.noted(arguments, scope))
    }

    @inline(never) private func submitEmergency(_ scope: ScopeFolder) async throws -> TransactionProof {
        if let kept = try self.kept(scope, EmergencyAccess.self) { return try await self.hand(in: kept) }
        return try await self.hand(in: try self.noted(try self.emergencyAccess(scope), scope))
    }

    @inline(never) private func hand(in arguments: some MethodArguments) async throws -> TransactionProof {
        try await self.parties.writer(self.receiver).submit(arguments)
    }

    /// What is submitted for a scope, as an interrupted command left it.
    private func kept<Arguments: MethodArguments>(_ scope: ScopeFolder, _ type: Arguments.Type) throws -> Arguments? {
        try scope.read(.call).flatMap { try? Arguments(bytes: $0) }
    }

    /// Keeps what is about to be submitted.
    private func noted<Arguments: MethodArguments>(_ arguments: Arguments, _ scope: ScopeFolder) throws -> Arguments {
        try scope.write(arguments.bytes, to: .call)
        return arguments
    }

    private func access(_ scope: ScopeFolder, _ record: ShareRecord, _ policy: [UInt8]) -> RequestAccess {
        RequestAccess(
            request: scope.request,
            scope: scope.scope,
            policy: policy,
            organization: scope.entry.organization,
            purpose: record.purpose,
            nonce: SecureRandom.bytes(32),
            expires: self.parties.clock() + Self.requestMilliseconds
        )
    }

    private func proven(_ scope: ScopeFolder, _ record: ShareRecord, _ taken: Set<UInt32>) async throws -> ProveAccess {
        guard let proofs = self.proofs else {
            throw ShareTrouble(.request, isWaiting: true, "the credential and the proving keys are needed to go on")
        }
        let binding = try await self.binding(scope)
        return try await proofs.proof(
            for: self.access(scope, record, binding.policy),
            binding,
            requester: self.receiver.certificate.digest,
            slotsTaken: taken
        )
    }

    /// The policy that a request without a proof names: the scope's, or the data set's, which privacy centers compare
    /// with the one that envelopes were sealed under.
    @inline(never) private func policy(of scope: ScopeFolder, _ record: ShareRecord) async throws -> [UInt8] {
        if let binding = try await self.statedBinding(scope) { return binding.policy }
        guard let dataset = record.dataset.flatMap({ [UInt8](hex: $0) }) else { return zero }
        let fact = try await self.parties.chain.fact(of: IndexKey.dataset(dataset), on: .index)
        return try fact.value.map { try Dataset(bytes: $0).arguments.policy } ?? zero
    }

    /// What requests for a scope have to prove.
    private func binding(_ scope: ScopeFolder) async throws -> PolicyBinding {
        if let binding = try await self.statedBinding(scope) { return binding }
        throw ShareTrouble(.request, isWaiting: false, code: "no-policy", "the scope has no policy to prove")
    }

    /// The scope's own policy, or the one of its organization; nil when neither is stated.
    @inline(never) private func statedBinding(_ scope: ScopeFolder) async throws -> PolicyBinding? {
        for key in [scope.scope, SetPolicy.everyScope] {
            let fact = try await self.parties.chain.fact(
                of: ZeroKnowledgeKey.binding(of: key, scope.entry.organization),
                on: .access
            )
            if let bytes = fact.value { return try PolicyBinding(bytes: bytes) }
        }
        return nil
    }

    private func emergencyAccess(_ scope: ScopeFolder) throws -> EmergencyAccess {
        guard let reason = self.emergency, let text = try scope.share.readSecret(ShareFolder.statementFile) else {
            throw ShareTrouble(.request, isWaiting: true, "the reason of the emergency is needed to go on")
        }
        return EmergencyAccess(
            request: scope.request,
            scope: scope.scope,
            organization: scope.entry.organization,
            reason: reason,
            statement: try EmergencyStatement.digest(of: String(decoding: text, as: UTF8.self)),
            nonce: SecureRandom.bytes(32)
        )
    }
}

/// In the place of a policy: none is proven.
private let zero = [UInt8](repeating: 0, count: 32)
