package import AttributeEncryption
package import ChainReading
package import Contracts
package import IdentityEncryption
package import Ledger
package import Receiving
internal import Records
package import Signcryption

/// An attribute key with the public key of the authority that issued it.
package struct HeldAttributeKey: Sendable {
    package let key: AttributeKey
    package let publicKey: AttributePublicKey

    package init(key: AttributeKey, publicKey: AttributePublicKey) {
        self.key = key
        self.publicKey = publicKey
    }
}

/// Issues attribute keys for permitted scopes.
package protocol AttributeKeySource: Sendable {
    /// The key for a permission's scope, to its requester.
    ///
    /// - Throws: ``ShareTrouble`` for a refusal, anything else for what may pass.
    func key(for permission: Permission, to receiver: RequesterKey) async throws -> HeldAttributeKey
}

/// Shows what the centers keep of sealed index keys.
package protocol WrapSource: Sendable {
    /// The sealed index key of a digest, from any center; its digest is compared by the caller.
    func wraps(of digest: [UInt8]) async throws -> [[UInt8]]
}

/// What a custodian says about a permission.
package enum GrantAnswer: Sendable {
    case granted(GrantFile)
    /// Not decided yet.
    case pending(String)
    /// Stable code, and why.
    case refused(code: String, why: String)
}

/// Shows grants.
package protocol GrantSource: Sendable {
    /// What the custodian says; it may wait so long for the grant to be made.
    func grant(of permission: Permission, waitMilliseconds: Int) async throws -> GrantAnswer

    /// The index keys of a scope, encrypted to the permission's requester; for an accepted offer or an emergency.
    ///
    /// - Throws: ``ShareTrouble`` for a refusal, anything else for what may pass.
    func indexKeys(of permission: Permission) async throws -> IndexKeyHandover

    /// Tells the data's custodian the reason of an emergency, whose digest is the permission's basis.
    func tell(_ statement: String, of permission: Permission, by receiver: RequesterKey) async throws
}

/// A key of an identity that is asked for.
package struct IdentityKeyWish: Sendable {
    package let permission: [UInt8]
    package let descriptor: ScopeDescriptor
    package let ownerCertificate: [UInt8]
    /// The gateway's name.
    package let sender: String
}

/// Lets all issuing parties issue the key of an identity.
package protocol IdentityKeySource: Sendable {
    /// - Throws: ``FalseKeyStep`` for a step that a party made wrongly; ``ShareTrouble`` for a refusal.
    func key(_ wish: IdentityKeyWish, to receiver: RequesterKey) async throws -> IdentityKey

    /// A key that was issued before.
    func key(stored bytes: [UInt8]) throws -> IdentityKey
}

/// A party's step towards an identity key that is wrong.
package struct FalseKeyStep: Error, Sendable, CustomStringConvertible {
    /// The party's name.
    package let party: String
    /// What it sent.
    package let evidence: [UInt8]
    package let description: String

    package init(party: String, evidence: [UInt8], description: String) {
        self.party = party
        self.evidence = evidence
        self.description = description
    }
}

/// Everybody whom a requester deals with.
package struct ShareParties: Sendable {
    package let chain: any RequesterChain
    /// Submits in the name of a key.
    package let writer: @Sendable (RequesterKey) -> any ChainWriting
    /// Of the genesis.
    package let issuers: [TrustedIssuer]
    /// The centers of a grant, in its order, for its receiver.
    package let centers: @Sendable (GrantFile, RequesterKey) throws -> [any SharingCenter]
    package let wraps: any WrapSource
    package let attributeKeys: any AttributeKeySource
    package let grants: any GrantSource
    package let identityKeys: any IdentityKeySource
    /// Milliseconds since 1970.
    package let clock: @Sendable () -> UInt64

    package init(
        chain: any RequesterChain,
        writer: @escaping @Sendable (RequesterKey) -> any ChainWriting,
        issuers: [TrustedIssuer],
        centers: @escaping @Sendable (GrantFile, RequesterKey) throws -> [any SharingCenter],
        wraps: any WrapSource,
        attributeKeys: any AttributeKeySource,
        grants: any GrantSource,
        identityKeys: any IdentityKeySource,
        clock: @escaping @Sendable () -> UInt64
    ) {
        self.chain = chain
        self.writer = writer
        self.issuers = issuers
        self.centers = centers
        self.wraps = wraps
        self.attributeKeys = attributeKeys
        self.grants = grants
        self.identityKeys = identityKeys
        self.clock = clock
    }

    /// The same parties, with another way to the chain for requests.
    package func asking(over writer: any ChainWriting) -> ShareParties {
        ShareParties(
            chain: self.chain,
            writer: { _ in writer },
            issuers: self.issuers,
            centers: self.centers,
            wraps: self.wraps,
            attributeKeys: self.attributeKeys,
            grants: self.grants,
            identityKeys: self.identityKeys,
            clock: self.clock
        )
    }
}
