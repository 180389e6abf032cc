import AccessPolicies
import AttributeEncryption
import BLS12381
import Bundles
import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import FiniteFields
import Foundation
import IdentityEncryption
import IndexPages
import Ledger
import P256Group
import Receiving
import Records
import Requesting
import SecretSharing
import Signcryption
import Synchronization
import Testing
import Transcripts

import struct Bundles.Bundle

/// A hospital with a custodian, a gateway and privacy centers, and somebody who asks for its data.
final class Scene: Sendable {
    struct State {
        var envelopes: [(h1: Digest, bytes: [UInt8])] = []
        var sequence: UInt64 = 0
        var window: UInt64 = 0
        var grants: [[UInt8]: GrantFile] = [:]
        var shares: [[UInt8]: [KeyShare]] = [:]
        var refusal: (code: String, why: String)?
        var attributeQuestions = 0
        var identityQuestions = 0
        var grantQuestions = 0
        var envelopeQuestions = 0
        var falseStepOf: String?
        var statements: [String] = []
        /// Keys of the receivers of grants, by permission.
        var receivers: [[UInt8]: P256PublicKey] = [:]
        var handoverQuestions = 0
        /// Changes a handover on its way.
        var tampering: (@Sendable ([UInt8]) -> [UInt8])?
    }

    static let policy = "role:researcher"

    let directory: String
    let chain: SceneChain
    let owner: RequesterKey
    let steward: RequesterKey
    let gateway: RequesterKey
    let pseudonym: RequesterKey
    let centers: [RequesterKey]
    let scopeKey: ScopeKey
    let descriptor: ScopeDescriptor
    let attributes: AttributeAuthority
    let indexKey = IndexPages.IndexKey.generate()
    let parameters: IdentityParameters
    private let identitySecret: SecretFr
    private let epochKey: EncapsulatedKey
    private let wrap: [UInt8]
    let state = Mutex(State())

    static let ownerName = "ward:custodian:records"
    static let gatewayName = "ward:gateway:bed-1"

    init(_ directory: String, centers: Int = 2, isWrapped: Bool = true, on known: SceneChain? = nil) throws {
        self.directory = directory
        self.chain = try known ?? SceneChain()
        self.owner = try self.chain.key(Self.ownerName)
        self.steward = try self.chain.key("ward:steward:s")
        self.gateway = try self.chain.key(Self.gatewayName, usage: [.sign])
        self.pseudonym = try self.chain.pseudonym()
        self.centers = try (1...centers).map { [chain] in try chain.key("cloud-\($0):privacy-center:store") }
        let secret = OwnerSecret.generate()
        self.scopeKey = try secret.scopeKey(owner: Self.ownerName, label: "0a1b.vitals", epoch: SceneChain.epoch)
        self.descriptor = try ScopeDescriptor(
            signing: self.scopeKey,
            owner: self.owner.key,
            certificateDigest: self.owner.certificate.digest
        )
        self.attributes = AttributeAuthority(name: "aa:attribute-authority:a")
        self.wrap = try self.attributes.publicKey().seal(
            self.indexKey.secretBytes(),
            under: IndexPolicy(Self.policy, scopeDigest: self.descriptor.digest).policy,
            associated: self.descriptor.digest
        )
        self.identitySecret = .random()
        self.parameters = try IdentityParameters(
            self.identitySecret.withValue { G2Point.generator(times: $0) }.encoded()
        )
        self.epochKey = try EncapsulationKey(
            identity: EpochCapsule.dataIdentity(
                owner: Self.ownerName,
                label: "0a1b.vitals",
                epoch: SceneChain.epoch,
                sender: Self.gatewayName
            ),
            parameters: self.parameters
        ).encapsulate()
        let writers = SetScopeWriters(
            scope: self.descriptor.digest,
            epoch: SceneChain.epoch,
            isSingleControl: false,
            writers: [.party(try #require(PartyName(Self.gatewayName)))]
        )
        try self.chain.call(writers, by: self.owner)
        if isWrapped { try self.publishIndexKey() }
    }

    func publishIndexKey() throws {
        let wrap = WrapIndexKey(
            scope: self.descriptor.digest,
            sender: try #require(PartyName(Self.gatewayName)),
            digest: TaggedHash.digest("INDEX-WRAP", self.wrap)
        )
        let proof = try self.chain.call(wrap, by: self.owner)
        #expect(proof.receipt.code == 0)
    }

    /// Runs a body with a scene in a folder of its own.
    static func with(
        centers: Int = 2,
        isWrapped: Bool = true,
        _ body: (Scene) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "requesting-\(UUID())").path()
        try PrivateFile.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(try Scene(directory, centers: centers, isWrapped: isWrapped))
    }

    // MARK: - Data

    /// Seals Observations, and anchors all of them in one window.
    @discardableResult
    func anchor(_ jsons: [String], isAnchored: Bool = true) throws -> [Digest] {
        let sealed = try jsons.map { try self.seal($0) }
        self.state.withLock { $0.envelopes += sealed }
        guard isAnchored else { return sealed.map(\.h1) }
        let window = self.state.withLock { state in
            state.window += 1
            return state.window
        }
        let page = try IndexPage(sealed.map { IndexPage.Entry(h1: $0.h1.bytes, tags: []) })
        let place = try IndexPlace(
            scope: self.descriptor.digest,
            window: window,
            sender: Array(Self.gatewayName.utf8)
        )
        let seconds = self.chain.now / 1_000
        let anchor = Anchor(
            chain: self.chain.identifier,
            gateway: try #require(PartyName(Self.gatewayName)),
            certificate: self.gateway.certificate.digest,
            window: window,
            root: [UInt8](repeating: 7, count: 32),
            count: UInt32(sealed.count),
            createdMin: seconds,
            createdMax: seconds,
            pages: [Anchor.Page(scope: self.descriptor.digest, page: self.indexKey.seal(page, at: place))]
        )
        let proof = try self.chain.call(anchor, by: self.gateway)
        #expect(proof.receipt.code == 0)
        return sealed.map(\.h1)
    }

    private func seal(_ json: String) throws -> (h1: Digest, bytes: [UInt8]) {
        let sequence = self.state.withLock { state in
            state.sequence += 1
            return state.sequence
        }
        let header = try EnvelopeHeader(
            mode: .scopeAndEpochKey,
            sender: Self.gatewayName,
            senderCertificateDigest: self.gateway.certificate.digest,
            scopeDigest: self.descriptor.digest,
            scopeKey: self.descriptor.scopeKey,
            capsuleDigest: self.epochKey.capsule.digest,
            created: self.chain.now / 1_000,
            sequence: sequence,
            policyDigest: [UInt8](repeating: 9, count: 32),
            recordCount: 1
        )
        let writer = try BundleWriter()
        writer.beginMessage(
            topic: Array("ward/bed/1".utf8)[...],
            payload: Array(#"{"hr":72}"#.utf8)[...],
            receivedNs: 1,
            flags: [],
            profile: .init(id: "monitor", version: "1")
        )
        writer.add(observation: Array(json.utf8)[...])
        let record = EnvelopeRecord(id: "", type: Bundle.recordType, time: 1, data: try writer.finish())
        let envelope = try header.seal([record], by: self.gateway.key, epochKey: self.epochKey.key)
        let h1 = try #require(Digest(bytes: ParsedEnvelope.indexPointer(of: envelope)))
        return (h1, envelope)
    }

    var capsule: [UInt8] { self.epochKey.capsule.bytes }

    // MARK: - Deeds of the hospital

    /// Permits a request.
    func permit(_ folder: ShareFolder, seconds: UInt64 = 3_600) throws {
        for scope in try folder.record().scopes {
            let request = try #require([UInt8](hex: scope.request))
            let permit = PermitAccess(request: request, validUntil: self.chain.now + seconds * 1_000)
            #expect(try self.chain.call(permit, by: self.steward).receipt.code == 0)
        }
    }

    /// Grants the permission of a folder's only scope and records it.
    @discardableResult
    func grant(_ folder: ShareFolder, to receiver: RequesterKey? = nil, threshold: Int = 2) throws -> GrantFile {
        let entry = try #require(try folder.record().scopes.first)
        let request = try #require([UInt8](hex: entry.request))
        let value = try #require(self.chain.value(AccessKey.request(request), .access))
        let id = try AccessRequest(bytes: value).permission
        let receiver = receiver ?? self.pseudonym
        let now = self.chain.now / 1_000
        let issued = try self.scopeKey.grant(
            to: GrantReceiver(
                id: receiver.certificate.fields.subject,
                key: CertifiedKey(receiver.certificate, from: receiver.issuer),
                at: now
            ),
            through: self.centers.map {
                try GrantCenter(
                    id: $0.certificate.fields.subject,
                    key: CertifiedKey($0.certificate, from: $0.issuer),
                    at: now
                )
            },
            descriptor: self.descriptor,
            ownerCertificateDigest: self.owner.certificate.digest,
            ownerKey: self.owner.key,
            validity: (now - 100, now + 3_000),
            randomness: GrantRandomness(threshold: threshold, of: self.centers.count)
        )
        let file = GrantFile(
            grant: issued.grant,
            descriptor: self.descriptor.bytes,
            ownerCertificate: self.owner.certificate.bytes,
            addresses: self.centers.map { _ in "https://localhost:1" }
        )
        let verified = try GrantVerification.verified(file, issuers: self.chain.genesis.issuers)
        let shares = try zip(self.centers, issued.packages).enumerated().map { place, pair in
            try verified.openPackage(pair.1, index: UInt8(place + 1), key: pair.0.key)
        }
        self.state.withLock { state in
            state.grants[id] = file
            state.receivers[id] = receiver.key.publicKey
            state.shares[verified.digest] = shares
        }
        try self.record(verified.digest, id, request)
        return file
    }

    private func record(_ grant: [UInt8], _ permission: [UInt8], _ request: [UInt8]) throws {
        let value = try #require(self.chain.value(AccessKey.permission(permission), .access))
        let until = try Permission(bytes: value).validUntil
        let proof = try self.proof("access.permitted", about: request)
        let arguments = RecordGrant(
            grant: grant,
            scope: self.descriptor.digest,
            permission: permission,
            notBefore: self.chain.now - 100_000,
            notAfter: min(until, self.chain.now + 3_000_000),
            proof: proof
        )
        let code = try self.chain.call(arguments, by: self.owner).receipt.code
        #expect(code == 0)
    }

    private func proof(_ topic: String, about subject: [UInt8]) throws -> TransactionProof {
        let chain = self.chain
        return try #require(chain.transaction(topic, about: subject, on: .access))
    }

    // MARK: - The requester

    /// Makes a folder for a request of the scope without proof.
    func folder(_ name: String = "share", by key: RequesterKey? = nil) throws -> ShareFolder {
        let order = ShareOrder(
            way: .request,
            purpose: "research",
            scopes: [ShareOrder.Scope(digest: self.descriptor.digest, organization: "ward")]
        )
        return try ShareFolder(
            creating: "\(self.directory)/\(name)",
            order,
            for: key ?? self.pseudonym,
            chain: self.chain.identifier
        )
    }

    func parties(_ centers: [any SharingCenter]? = nil) -> ShareParties {
        let honest = self.centers.indices.map { SceneCenter(scene: self, place: $0) }
        let chain = self.chain
        return ShareParties(
            chain: chain,
            writer: { chain.writer($0) },
            issuers: chain.genesis.issuers,
            centers: { _, _ in centers ?? honest },
            wraps: self,
            attributeKeys: self,
            grants: self,
            identityKeys: self,
            clock: { chain.now }
        )
    }

    /// Asks, lets the hospital permit and grant, and fetches.
    func share(_ format: ShareFormat = .ndjson, centers: [any SharingCenter]? = nil) async throws -> ShareFolder {
        let folder = try self.folder()
        #expect(try await self.asker().ask(folder).isEmpty)
        try self.permit(folder)
        try self.grant(folder)
        _ = try await self.fetch(folder, format, centers: centers)
        return folder
    }

    func asker(_ key: RequesterKey? = nil, emergency: EmergencyReason? = nil) -> AccessAsker {
        AccessAsker(parties: self.parties(), receiver: key ?? self.pseudonym, emergency: emergency)
    }

    @discardableResult
    func fetch(
        _ folder: ShareFolder,
        _ format: ShareFormat = .ndjson,
        centers: [any SharingCenter]? = nil,
        by key: RequesterKey? = nil
    ) async throws -> FetchOutcome {
        try await ShareFetch(
            folder,
            parties: self.parties(centers),
            receiver: key ?? self.pseudonym,
            patience: 0
        ).run(format) { _ in }
    }

    func check(_ folder: ShareFolder) -> ShareReport { ShareCheck(folder, genesis: self.chain.genesis).run() }
}

extension Scene: WrapSource, AttributeKeySource, GrantSource, IdentityKeySource {
    func wraps(of digest: [UInt8]) async throws -> [[UInt8]] {
        TaggedHash.digest("INDEX-WRAP", self.wrap) == digest ? [self.wrap] : []
    }

    func key(for permission: Permission, to receiver: RequesterKey) async throws -> HeldAttributeKey {
        self.state.withLock { $0.attributeQuestions += 1 }
        let isClinician = receiver.certificate.fields.subject.contains(":clinician:")
        let role = isClinician ? "role:clinician" : Self.policy
        let names = [role, try IndexPolicy.permission(scopeDigest: permission.scope)]
        return HeldAttributeKey(
            key: try self.attributes.issue(AttributeSet(names)),
            publicKey: try self.attributes.publicKey()
        )
    }

    func grant(of permission: Permission, waitMilliseconds: Int) async throws -> GrantAnswer {
        let (file, refusal) = self.state.withLock { state in
            state.grantQuestions += 1
            return (state.grants[permission.id], state.refusal)
        }
        if let refusal { return .refused(code: refusal.code, why: refusal.why) }
        return file.map { .granted($0) } ?? .pending("a steward decides")
    }

    func indexKeys(of permission: Permission) async throws -> IndexKeyHandover {
        let (receiver, tampering) = self.state.withLock { state in
            state.handoverQuestions += 1
            return (state.receivers[permission.id], state.tampering)
        }
        guard let receiver else { throw ShareTrouble(.indexKeys, isWaiting: true, "nothing is granted") }
        let handover = try IndexKeyHandover(
            [(sender: Self.gatewayName, key: self.indexKey.secretBytes())],
            permission: permission.id,
            scope: permission.scope,
            to: receiver
        )
        return try tampering.map { try IndexKeyHandover(bytes: $0(handover.bytes)) } ?? handover
    }

    func tell(_ statement: String, of permission: Permission, by receiver: RequesterKey) async throws {
        self.state.withLock { $0.statements.append(statement) }
    }

    func key(_ wish: IdentityKeyWish, to receiver: RequesterKey) async throws -> IdentityKey {
        let liar = self.state.withLock { state in
            state.identityQuestions += 1
            return state.falseStepOf
        }
        if let liar {
            throw FalseKeyStep(party: liar, evidence: [1, 2, 3], description: "a step of \(liar) is wrong")
        }
        let identity = EpochCapsule.dataIdentity(
            owner: wish.descriptor.owner,
            label: wish.descriptor.label,
            epoch: wish.descriptor.epoch,
            sender: wish.sender
        )
        let point = try G1Point(IdentityPoint.encoded(identity))
        return try IdentityKey(
            stored: self.identitySecret.withValue { $0 * point }.encoded(),
            identity: identity,
            parameters: self.parameters
        )
    }

    func key(stored bytes: [UInt8]) throws -> IdentityKey {
        try IdentityKey(fileBytes: bytes, parameters: self.parameters)
    }
}

extension SceneChain {
    /// The first transaction of a topic about a subject.
    func transaction(_ topic: String, about subject: [UInt8], on channel: Ledger.Channel) -> TransactionProof? {
        self.found(subject, on: channel).first { $0.topic == topic }.flatMap { self.kept($0.transaction, on: channel) }
    }
}
