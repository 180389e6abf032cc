internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Ledger
internal import Receiving
internal import Signcryption

/// Gets the grant of a scope from its custodian, and the chain's word for it.
struct ScopeGrant: Sendable {
    let scope: ScopeFolder
    let parties: ShareParties
    let receiver: RequesterKey
    /// How long the custodian may take its time, ms.
    let patience: Int

    struct Held: Sendable {
        let file: GrantFile
        let grant: VerifiedGrant
    }

    /// The grant that stands on the permission, verified and recorded.
    ///
    /// - Throws: ``ShareTrouble``.
    func grant(under permission: Permission) async throws -> Held {
        let standing = try await self.parties.chain.fact(of: SharingKey.permission(permission.id), on: .index)
        if let kept = try self.kept(permission) {
            // nil: this validator has not seen the block yet, or the grant was revoked, which centers will say.
            if standing.value == nil || standing.value == kept.grant.digest { return kept }
            self.scope.share.remove(self.scope.name(.grantRecord))
            self.scope.share.remove(self.scope.name(.grant))
        }
        let held = try await self.ask(permission)
        let record = try await self.record(of: held.grant, permission)
        try self.scope.write(held.file.bytes, to: .grant)
        try self.scope.write(record.bytes, to: .grantRecord)
        return held
    }

    /// A grant that was kept complete, for this permission.
    private func kept(_ permission: Permission) throws -> Held? {
        guard self.scope.has(.grantRecord), let bytes = try self.scope.read(.grant),
            let record = try self.scope.proof(.grantRecord),
            let arguments = try? record.arguments(RecordGrant.self), arguments.permission == permission.id,
            let file = try? GrantFile(bytes: bytes)
        else { return nil }
        let held = try self.verified(file, permission)
        return held.grant.digest == arguments.grant ? held : nil
    }

    private func ask(_ permission: Permission) async throws -> Held {
        if permission.kind == .emergency, let text = try self.scope.share.readSecret(ShareFolder.statementFile) {
            let statement = String(decoding: text, as: UTF8.self)
            try await self.parties.grants.tell(statement, of: permission, by: self.receiver)
        }
        switch try await self.parties.grants.grant(of: permission, waitMilliseconds: self.patience) {
        case .granted(let file): return try self.verified(file, permission)
        case .pending(let why): throw ShareTrouble(.grant, isWaiting: true, code: "grant-pending", why)
        case .refused(let code, let why): throw ShareTrouble(.grant, isWaiting: false, code: code, why)
        }
    }

    private func verified(_ file: GrantFile, _ permission: Permission) throws -> Held {
        do throws(ProtocolFailure) {
            let grant = try GrantVerification.verified(file, issuers: self.parties.issuers)
            try require(grant.terms.scopeDigest == self.scope.scope, .context, "it is for another scope")
            let receiver = self.receiver.certificate.digest
            try require(grant.terms.receiverCertificateDigest == receiver, .context, "it is for another receiver")
            let owner = PartyName(grant.terms.owner)
            let isOwners = owner?.organization.isSame(as: permission.organization) ?? false
            try require(isOwners, .context, "it is of another organization than the permission")
            return Held(file: file, grant: grant)
        } catch {
            throw ShareTrouble(.grant, isWaiting: false, code: "false-grant", "the grant does not serve: \(error)")
        }
    }

    /// The transaction that recorded the grant, which a custodian shows before all validators have its block.
    private func record(of grant: VerifiedGrant, _ permission: Permission) async throws -> TransactionProof {
        var waited = 0
        while true {
            let found = try await self.parties.chain.first("sharing.granted", about: grant.digest, on: .index)
            if let found, let arguments = try? found.arguments(RecordGrant.self), arguments.grant == grant.digest {
                guard arguments.scope == self.scope.scope, arguments.permission == permission.id else {
                    let why = "the chain's record is of another grant"
                    throw ShareTrouble(.grant, isWaiting: false, code: "false-grant", why)
                }
                return found
            }
            guard waited < self.patience else { break }
            try await Task.sleep(for: .milliseconds(Self.pause))
            waited += Self.pause
        }
        let why = "the chain holds no record of the grant yet"
        throw ShareTrouble(.grant, isWaiting: true, code: "grant-pending", why)
    }

    /// ms.
    private static let pause = 100
}
