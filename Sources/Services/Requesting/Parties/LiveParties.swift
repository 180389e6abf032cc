internal import AttributeIssuing
internal import BLSCertificates
internal import CanonicalBytes
internal import Certificates
package import ChainReading
package import Consortium
internal import Contracts
package import Credentials
internal import Foundation
internal import IdentityEncryption
internal import KeyIssuing
internal import Ledger
internal import Receiving
internal import Records
internal import Signcryption
internal import Transcripts
internal import Uplink

/// A consortium as a requester reaches it.
///
/// Under a pseudonym nobody but the attribute authority and the custodian's discovery sees who asks: all other
/// connections present no certificate.
package final class LiveParties: Sendable {
    /// Servers that see only the certificate that a request is made under.
    private static let openRoles: [PartyRole] = [.validator, .privacyCenter, .kgc, .custodian, .institution]
    private static let namedRoles: [PartyRole] = [.attributeAuthority, .custodian, .institution]

    private let open: SecureClient
    private let named: SecureClient
    package let parties: ShareParties
    /// Brings signed transactions to the chain.
    package let line: any TransactionSettling
    /// Reads keys of keywords.
    package let discovery: any DiscoveryKeySource

    /// - Parameters:
    ///   - file: says who is where.
    ///   - identity: the requester's own.
    ///   - isPseudonym: whether requests are made under a pseudonym.
    /// - Throws: for files that cannot be read.
    package init(_ file: ConsortiumFile, identity: Identity, isPseudonym: Bool) throws {
        let watch = IdentityWatch(identity)
        let open = SecureClient(
            identity: watch,
            servers: Self.openRoles,
            presents: isPseudonym ? .nothing : .certificate,
            of: .allies,
            requestSeconds: 60
        )
        let named = SecureClient(identity: watch, servers: Self.namedRoles, of: .allies, requestSeconds: 60)
        self.open = open
        self.named = named
        let scheme = try ChainSignatures.required(of: file.genesis.committee)
        let client = ChainClient(validators: file.validators, genesis: file.genesis, scheme: scheme, client: open)
        let book = CommitteeBook(
            genesis: file.genesis,
            scheme: scheme,
            validators: file.validators.map { ValidatorClient(base: $0, client: open) }
        )
        let chain = LiveChain(client: client, committees: book)
        self.discovery = LiveDiscovery(file: file, client: named)
        self.line = ChainSubmitter(client, key: RequesterKey(identity))
        self.parties = ShareParties(
            chain: chain,
            writer: { ChainSubmitter(client, key: $0) },
            issuers: file.genesis.issuers,
            centers: { grant, receiver in try Self.centers(of: grant, file, receiver, open) },
            wraps: LiveWraps(file: file, client: open),
            attributeKeys: LiveAttributeKeys(file: file, identity: identity, client: named, chain: chain),
            grants: LiveGrants(file: file, open: open, named: named),
            identityKeys: try LiveIdentityKeys(file, client: open),
            clock: ChainSubmitter.systemClock
        )
    }

    /// Ends all connections.
    package func close() async {
        await self.open.close()
        await self.named.close()
    }

    /// The centers of a grant: where the consortium's file says, else where the grant says.
    private static func centers(
        of grant: GrantFile,
        _ file: ConsortiumFile,
        _ receiver: RequesterKey,
        _ client: SecureClient
    ) throws -> [any SharingCenter] {
        let centers = try ParsedGrant(bytes: grant.grant).terms.centers
        return try centers.enumerated().map { place, center in
            let known = file.centers.first { $0.name.description.isSame(as: center.id) }?.url
            let hinted = grant.addresses.indices.contains(place) ? ServiceURL(grant.addresses[place]) : nil
            guard let url = known ?? hinted else {
                let why = "nobody says where the privacy center \(center.id) is: add it to the consortium's file"
                throw ShareTrouble(.delivery, isWaiting: true, why)
            }
            return PrivacyCenterClient(name: center.id, base: url, client: client, receiver: receiver.key)
        }
    }
}

/// Sealed index keys at the consortium's centers.
private struct LiveWraps: WrapSource {
    let file: ConsortiumFile
    let client: SecureClient

    func wraps(of digest: [UInt8]) async throws -> [[UInt8]] {
        guard let digest = Digest(bytes: digest) else { return [] }
        var blobs: [[UInt8]] = []
        var last: UplinkFailure?
        for center in self.file.centers {
            let client = PrivacyCenterClient(name: center.name.description, base: center.url, client: self.client)
            do throws(UplinkFailure) {
                let blob = try await client.wrap(digest)
                // The first good one is enough; what does not fit is passed on to be told.
                if TaggedHash.digest("INDEX-WRAP", blob) == digest.bytes { return [blob] }
                blobs.append(blob)
            } catch { last = error }
        }
        if blobs.isEmpty, let last { throw last }
        return blobs
    }
}

private struct LiveAttributeKeys: AttributeKeySource {
    let file: ConsortiumFile
    let identity: Identity
    let client: SecureClient
    let chain: LiveChain

    func key(for permission: Permission, to receiver: RequesterKey) async throws -> HeldAttributeKey {
        guard let authority = self.file.attributeAuthority else {
            throw ShareTrouble(.attributeKey, isWaiting: true, "the consortium's file names no attribute authority")
        }
        let client = AttributeKeyClient(
            authority: authority.name,
            url: authority.url,
            client: self.client,
            chain: self.chain
        )
        do {
            let file = try await client.file(
                permission: permission.id,
                requester: receiver,
                identity: self.identity
            )
            return HeldAttributeKey(key: file.key, publicKey: file.publicKey)
        } catch let failure as AttributeKeyFailure {
            let passing = [
                "authority-unreachable", "chain-unavailable", "authority-key-unknown", "no-permission",
                "too-many-requests", "busy",
            ]
            throw ShareTrouble(
                .attributeKey,
                isWaiting: passing.contains(failure.code),
                code: failure.code,
                failure.description
            )
        }
    }
}

private struct LiveGrants: GrantSource {
    /// A custodian waits no longer.
    private static let waitMax = 10_000

    let file: ConsortiumFile
    let open: SecureClient
    let named: SecureClient

    func grant(of permission: Permission, waitMilliseconds: Int) async throws -> GrantAnswer {
        let client = CustodianClient(base: try self.custodian(permission.organization), client: self.open)
        do throws(UplinkFailure) {
            let bytes = try await client.grant(
                under: permission.id,
                waitMilliseconds: min(waitMilliseconds, Self.waitMax)
            )
            do throws(ProtocolFailure) { return .granted(try GrantFile(bytes: bytes)) } catch {
                return .refused(code: "false-grant", why: "the custodian's answer is no grant: \(error)")
            }
        } catch {
            guard case .refused(404, let code, let detail, _) = error else { throw error }
            // A custodian that has not heard of a permission yet will.
            guard code.isSame(as: "grant-refused") else { return .pending(detail) }
            return .refused(code: Self.word(of: detail, code), why: detail)
        }
    }

    func indexKeys(of permission: Permission) async throws -> IndexKeyHandover {
        let client = CustodianClient(base: try self.custodian(permission.organization), client: self.open)
        let bytes: [UInt8]
        do throws(UplinkFailure) {
            bytes = try await client.indexKeys(under: permission.id, bytesMax: IndexKeyHandover.bytesMax)
        } catch {
            guard case .refused(404, let code, let detail, _) = error else { throw error }
            let isFinal = code.isSame(as: "grant-refused") || code.isSame(as: "not-for-this-kind")
            throw ShareTrouble(.indexKeys, isWaiting: !isFinal, code: Self.word(of: detail, code), detail)
        }
        do throws(ProtocolFailure) { return try IndexKeyHandover(bytes: bytes) } catch {
            let why = "the custodian's answer holds no index keys: \(error)"
            throw ShareTrouble(.indexKeys, isWaiting: true, code: "false-index-key", why)
        }
    }

    /// The word that the detail of a refused grant begins with, else the code.
    private static func word(of detail: String, _ code: String) -> String {
        guard code.isSame(as: "grant-refused") else { return code }
        let word = detail.prefix { $0 != ":" }
        let isWord = word.utf8.allSatisfy { (97...122).contains($0) || $0 == 45 } && !word.isEmpty
        return isWord ? String(word) : code
    }

    func tell(_ statement: String, of permission: Permission, by receiver: RequesterKey) async throws {
        let client = CustodianClient(base: try self.custodian(permission.organization), client: self.named)
        try await client.stateEmergency(permission: permission.id, text: statement)
    }

    private func custodian(_ organization: String) throws -> ServiceURL {
        guard let custodian = self.file.custodian(of: organization) else {
            throw ShareTrouble(.grant, isWaiting: true, "the consortium's file names no custodian of \(organization)")
        }
        return custodian.url
    }
}

private struct LiveDiscovery: DiscoveryKeySource {
    let file: ConsortiumFile
    let client: SecureClient

    func discoveryKey(of organization: String, epoch: UInt64) async throws -> [UInt8] {
        guard let custodian = self.file.custodian(of: organization) else {
            throw ShareTrouble(.request, isWaiting: true, "the consortium's file names no custodian of \(organization)")
        }
        return try await CustodianClient(base: custodian.url, client: self.client).discoveryKey(epoch: epoch)
    }
}

/// Keys of identities from the issuing parties of the consortium's parameters.
private struct LiveIdentityKeys: IdentityKeySource {
    private let sets: [ParametersFile]
    private let keys: [IdentityParameters]
    /// The consortium's authorities, one of which certified the issuing parties; the requester's may be another.
    private let issuers: [CertificateIssuer]
    private let client: SecureClient

    init(_ file: ConsortiumFile, client: SecureClient) throws {
        self.sets = try file.identityParameterPaths.map { path in
            let bytes = try PrivateFile.read(path, upTo: ParametersFile.bytesMax, isSecret: false)
            return try ParametersFile(bytes: bytes)
        }
        self.keys = self.sets.map(\.parameters)
        self.issuers = file.genesis.issuers.filter { $0.kind == .authority }.map(\.issuer)
        self.client = client
    }

    func key(_ wish: IdentityKeyWish, to receiver: RequesterKey) async throws -> IdentityKey {
        guard let file = self.sets.last else {
            throw ShareTrouble(.identityKeys, isWaiting: true, "the consortium's file names no identity_keys")
        }
        do {
            let requester = try self.requester(file, receiver)
            return try await requester.key(
                KeyRequester.Wish(
                    permission: wish.permission,
                    descriptor: wish.descriptor,
                    ownerCertificate: wish.ownerCertificate,
                    sender: wish.sender
                )
            )
        } catch let failure as DrivingFailure { throw Self.trouble(failure, of: file) }
    }

    private func requester(_ file: ParametersFile, _ receiver: RequesterKey) throws -> KeyRequester {
        var last: any Error = ProtocolFailure(.context, "the consortium has no authority")
        for issuer in self.issuers {
            do {
                return try KeyRequester(
                    file,
                    parties: PartyDirectory(file.plan, client: self.client),
                    requester: receiver,
                    issuer: issuer
                )
            } catch { last = error }
        }
        throw last
    }

    func key(stored bytes: [UInt8]) throws -> IdentityKey {
        var last: ProtocolFailure?
        for parameters in self.keys {
            do throws(ProtocolFailure) { return try IdentityKey(fileBytes: bytes, parameters: parameters) } catch {
                last = error
            }
        }
        throw last ?? ProtocolFailure(.context, "no parameters are known")
    }

    /// A refusal, or the party whose step does not hold.
    private static func trouble(_ failure: DrivingFailure, of file: ParametersFile) -> any Error {
        for (place, party) in file.parties.enumerated()
        where failure.description.contains("a step: party \(place) (\(party.name)) is at fault") {
            return FalseKeyStep(
                party: party.name.description,
                evidence: Array(failure.description.utf8),
                description: failure.description
            )
        }
        let code = failure.code ?? ""
        let isWaiting = !FinalRefusals.contains(code)
        return ShareTrouble(.identityKeys, isWaiting: isWaiting, code: code, failure.description)
    }
}
