package import AttributeEncryption
internal import CanonicalBytes
package import Certificates
package import ChainReading
internal import Contracts
package import Credentials
internal import Ledger
internal import Transcripts
package import Uplink

/// Why a requester has no attribute key.
package struct AttributeKeyFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable: the authority's code, a code of the specification, or one of these: `authority-key-unknown` when the chain
    /// holds no public key, `authority-unreachable`, `chain-unavailable`.
    package let code: String
    package let description: String

    init(_ code: String, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// Gets attribute keys from an authority, and believes only the public key that the chain proves.
package struct AttributeKeyClient: Sendable {
    private let authority: PartyName
    private let server: AttributeAuthorityClient
    private let chain: any ChainFacts

    /// - Parameters:
    ///   - authority: whose key it is.
    ///   - url: where the authority is.
    ///   - client: presents the requester's own identity; lets in the role `attribute-authority`.
    ///   - chain: proves the public key.
    package init(authority: PartyName, url: ServiceURL, client: SecureClient, chain: any ChainFacts) {
        self.authority = authority
        self.server = AttributeAuthorityClient(base: url, client: client)
        self.chain = chain
    }

    /// The authority's public key as the chain proves it.
    ///
    /// - Throws: ``AttributeKeyFailure``.
    package func publicKey() async throws -> AttributePublicKey {
        try await Self.publicKey(of: self.authority, on: self.chain)
    }

    /// An authority's public key as the chain proves it.
    ///
    /// - Throws: ``AttributeKeyFailure``.
    package static func publicKey(
        of authority: PartyName,
        on chain: any ChainFacts
    ) async throws -> AttributePublicKey {
        let outcome: Result<ChainFact, any Error>
        do {
            outcome = .success(try await chain.fact(of: RegistryKey.attributeKey(authority), on: .access))
        } catch { outcome = .failure(error) }
        let fact: ChainFact
        switch outcome {
        case .success(let found): fact = found
        case .failure(let error):
            let code = (error as? ChainReadingError)?.reason.rawValue ?? "chain-unavailable"
            throw AttributeKeyFailure(code, "\(error)")
        }
        guard let bytes = fact.value, let record = try? AttributeKeyRecord(bytes: bytes) else {
            throw AttributeKeyFailure("authority-key-unknown", "the chain holds no public key of \(authority)")
        }
        return try Self.failing("the public key on the chain") { () throws(ProtocolFailure) in
            let key = try AttributePublicKey(bytes: record.publicKey)
            let isOurs = key.authority.utf8.elementsEqual(authority.description.utf8)
            try require(isOurs, .context, "it names another authority")
            return key
        }
    }

    /// Gets a key for the attributes of the requester's identity and one permission.
    ///
    /// - Parameters:
    ///   - permission: its identifier, 32 bytes.
    ///   - requester: what the permission names: a pseudonym, or the identity itself.
    ///   - identity: the requester's own, which the connection presents.
    /// - Returns: the key, checked under the public key that the chain proves.
    /// - Throws: ``AttributeKeyFailure``.
    package func key(
        permission: [UInt8],
        requester: RequesterKey,
        identity: Identity
    ) async throws -> AttributeKey {
        try await self.file(permission: permission, requester: requester, identity: identity).key
    }

    /// Gets a key as ``key(permission:requester:identity:)`` does, with what is needed to use it later.
    ///
    /// - Throws: ``AttributeKeyFailure``.
    package func file(
        permission: [UInt8],
        requester: RequesterKey,
        identity: Identity
    ) async throws -> AttributeKeyFile {
        let publicKey = try await self.publicKey()
        let request = try Self.failing("the request") { () throws(ProtocolFailure) in
            try AttributeKeyRequest(
                permission: permission,
                authority: self.authority.description,
                requester: requester,
                identity: identity.certificate,
                identityKey: identity.key
            )
        }
        var bytes = try await self.ask(request)
        defer { bytes.wipe() }
        return try Self.failing("the authority's key") { () throws(ProtocolFailure) in
            let key = try AttributeKey(bytes: bytes)
            try key.check(under: publicKey)
            return AttributeKeyFile(permission: permission, publicKey: publicKey, key: key)
        }
    }

    private func ask(_ request: AttributeKeyRequest) async throws(AttributeKeyFailure) -> [UInt8] {
        do throws(UplinkFailure) { return try await self.server.key(request.bytes) } catch {
            if case .refused(let status, let code, let detail, _) = error {
                throw AttributeKeyFailure(code.isEmpty ? "http-\(status)" : code, "\(self.authority): \(detail)")
            }
            throw AttributeKeyFailure("authority-unreachable", "\(self.authority): \(error)")
        }
    }

    private static func failing<Value>(
        _ what: String,
        _ step: () throws(ProtocolFailure) -> Value
    ) throws(AttributeKeyFailure) -> Value {
        do throws(ProtocolFailure) { return try step() } catch {
            throw AttributeKeyFailure(error.code.rawValue, "\(what): \(error.detail)")
        }
    }
}
