package import CanonicalBytes
package import Contracts
package import Ledger
internal import Transcripts

/// What a share's folder holds of one scope.
package struct ScopeFolder: Sendable {
    package let share: ShareFolder
    package let entry: ShareRecord.Scope
    package let scope: [UInt8]
    package let request: [UInt8]

    /// - Throws: ``ShareFolderError/damaged(_:)`` for digits that are none.
    package init(_ share: ShareFolder, _ entry: ShareRecord.Scope) throws {
        guard let scope = [UInt8](hex: entry.scope), scope.count == 32, let request = [UInt8](hex: entry.request),
            request.count == 32
        else { throw ShareFolderError.damaged("\(share.path)/\(ShareFolder.Names.record)") }
        self.share = share
        self.entry = entry
        self.scope = scope
        self.request = request
    }

    var folder: String { "scopes/\(self.scope.hex)" }

    /// Files that there is one of.
    enum File: String {
        /// What is submitted: `LP(contract) || LP(method) || LP(arguments)`.
        case call = "call.wlra"
        case request = "request.wltp"
        case permission = "permission.wltp"
        /// The consents as the access channel held them after the last delivery.
        case consents = "consents.wlvp"
        /// The consents about the scope's whole label at the same time; only of a scope whose label the chain knows.
        case labelConsents = "label-consents.wlvp"
        case attributeAuthority = "attribute-authority.wlm"
        case grant = "grant.wlgf"
        case grantRecord = "grant.wltp"
        /// Of a request over the relay chain: how far it is on its way.
        case exchange = "exchange.json"
        /// The home chain's proof that it opened the exchange.
        case exchangeCall = "exchange.wltp"
    }

    func name(_ file: File) -> String { "\(self.folder)/\(file.rawValue)" }

    func has(_ file: File) -> Bool { self.share.has(self.name(file)) }

    func read(_ file: File) throws -> [UInt8]? { try self.share.read(self.name(file)) }

    func write(_ bytes: [UInt8], to file: File) throws { try self.share.write(bytes, to: self.name(file)) }

    /// A kept transaction proof; nil when there is none.
    func proof(_ file: File) throws -> TransactionProof? {
        guard let bytes = try self.read(file) else { return nil }
        return try self.parse(file) { () throws(ProtocolFailure) in try TransactionProof(bytes: bytes) }
    }

    /// The permission that a kept proof shows; nil when there is none yet.
    package func permission() throws -> Permission? {
        guard let proof = try self.proof(.permission) else { return nil }
        return try self.parse(.permission) { () throws(ProtocolFailure) in try proof.permission() }
    }

    private func parse<Value>(_ file: File, _ body: () throws(ProtocolFailure) -> Value) throws -> Value {
        do throws(ProtocolFailure) { return try body() } catch {
            throw ShareFolderError.damaged("\(self.share.path)/\(self.name(file))")
        }
    }

    // MARK: - Secrets

    enum Secret {
        case attributeKey
        /// Of a sealed index key's digest.
        case indexKey([UInt8])
        /// Of the data of a gateway, under some parameters.
        case identityKey(String)
    }

    func name(_ secret: Secret) -> String {
        switch secret {
        case .attributeKey: "attribute-\(self.scope.hex).key"
        case .indexKey(let digest): "index-\(digest.hex).key"
        case .identityKey(let sender):
            "identity-\(TaggedHash.digest("SHARE-KEY-FILE", self.scope, Array(sender.utf8)).hex).key"
        }
    }

    func has(_ secret: Secret) -> Bool { self.share.hasSecret(self.name(secret)) }

    func read(_ secret: Secret) throws -> [UInt8]? { try self.share.readSecret(self.name(secret)) }

    func write(_ bytes: [UInt8], to secret: Secret) throws {
        try self.share.writeSecret(bytes, to: self.name(secret))
    }
}

extension TransactionProof {
    /// The permission that the transaction brought.
    ///
    /// - Throws: `CONTEXT` when it brought none; `FORMAT`.
    package func permission() throws(ProtocolFailure) -> Permission {
        guard self.receipt.code == 0,
            let event = self.receipt.events.first(where: { $0.topic.isSame(as: "access.permitted") })
        else { throw ProtocolFailure(.context, "the transaction brought no permission") }
        return try Permission(bytes: event.data)
    }

    /// The arguments of a method that the transaction called.
    ///
    /// - Throws: `CONTEXT` for another method; as reading the arguments does.
    package func arguments<Arguments: MethodArguments>(
        _ type: Arguments.Type
    ) throws(ProtocolFailure) -> Arguments {
        let body = self.transaction.body
        let isMeant =
            body.contract.isSame(as: type.contract) && body.method.isSame(as: type.method)
            && type.channels.contains(body.channel)
        try require(isMeant, .context, "the transaction calls \(body.contract).\(body.method)")
        return try Arguments(bytes: body.arguments)
    }
}
