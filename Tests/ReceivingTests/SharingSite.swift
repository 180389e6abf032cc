import BLS12381
import Bundles
import CanonicalBytes
import Certificates
import Credentials
import Custodian
import FiniteFields
import Foundation
import IdentityEncryption
import Logging
import P256Group
import PrivacyCenter
import PrivacyCenterStore
import Receiving
import Records
import SecretSharing
import ServiceLifecycle
import Signcryption
import Synchronization
import TestIdentities
import Testing
import Uplink

/// Privacy centers on loopback, an institution with a gateway, and researchers; keys of identities come from one secret.
final class SharingSite: Sendable {
    let directory: String
    let authority: TestAuthority
    let centerIdentities: [Identity]
    let gateway: Identity
    let researcher: Identity
    let custodian: Custodian
    let scope: RegisteredScope
    let parameters: IdentityParameters
    private let secret: SecretFr
    private let epochKey: EncapsulatedKey
    private let clients = Mutex<[SecureClient]>([])
    private let running = Mutex<[(group: ServiceGroup, task: Task<Void, any Error>, port: Int)]>([])

    static var now: UInt64 { UInt64(Date().timeIntervalSince1970) }

    private init(_ directory: String, centers: Int) throws {
        self.directory = directory
        let authority = try TestAuthority(directory: directory)
        self.authority = authority
        self.centerIdentities = try (1...centers).map { try authority.enroll("cloud-\($0):privacy-center:store") }
        self.gateway = try authority.enroll("ward:gateway:bed-1")
        self.researcher = try authority.enroll("lab:researcher:r")
        self.custodian = try Custodian(
            directory: "\(directory)/custodian",
            identity: authority.enroll("ward:custodian:records")
        )
        self.scope = try self.custodian.scope(label: "0a1b.vitals", epoch: 2_970)
        self.secret = .random()
        self.parameters = try IdentityParameters(self.secret.withValue { G2Point.generator(times: $0) }.encoded())
        self.epochKey = try EncapsulationKey(
            identity: EpochCapsule.dataIdentity(
                owner: self.custodian.owner,
                label: self.scope.label,
                epoch: self.scope.epoch,
                sender: self.gateway.name.description
            ),
            parameters: self.parameters
        ).encapsulate()
    }

    /// Runs a body against some centers.
    static func with(centers: Int = 1, _ body: (SharingSite) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "sharing-\(UUID())").path()
        try PrivateFile.makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let site = try SharingSite(directory, centers: centers)
        let outcome: Result<Void, any Error>
        do {
            for place in 0..<centers { try await site.start(place) }
            outcome = .success(try await body(site))
        } catch { outcome = .failure(error) }
        for client in site.clients.withLock({ $0 }) { await client.close() }
        for place in 0..<centers { try await site.stop(place) }
        try outcome.get()
    }

    private func start(_ place: Int) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let service = try PrivacyCenterService(
            configuration: PrivacyCenterConfiguration(
                identityDirectory: self.centerIdentities[place].directory,
                address: "127.0.0.1",
                port: 0,
                store: .sqlite(directory: "\(self.directory)/store-\(place)")
            ),
            logger: logger
        )
        let group = ServiceGroup(services: [service], logger: logger)
        let task = Task { try await group.run() }
        let port = try await service.port()
        self.running.withLock { $0.append((group, task, port)) }
    }

    /// Stops a center; stopping it again does nothing.
    func stop(_ place: Int) async throws {
        guard self.running.withLock({ place < $0.count }) else { return }
        let running = self.running.withLock { $0[place] }
        await running.group.triggerGracefulShutdown()
        try await running.task.value
    }

    // MARK: - Centers

    func url(_ place: Int) -> String { "https://localhost:\(self.running.withLock { $0[place].port })" }

    var urls: [String] { self.centerIdentities.indices.map { self.url($0) } }

    func client(_ place: Int, as identity: Identity) throws -> PrivacyCenterClient {
        let client = SecureClient(identity: IdentityWatch(identity), servers: [.privacyCenter])
        self.clients.withLock { $0.append(client) }
        return PrivacyCenterClient(
            name: self.centerIdentities[place].name.description,
            base: try #require(ServiceURL(self.url(place))),
            client: client
        )
    }

    func clients(as identity: Identity) throws -> [PrivacyCenterClient] {
        try self.centerIdentities.indices.map { try self.client($0, as: identity) }
    }

    // MARK: - Data

    /// Seals an Observation under dual control and delivers it to some centers; all by default.
    ///
    /// - Returns: H1.
    @discardableResult
    func deliver(
        _ sequence: UInt64,
        _ json: String,
        to places: [Int]? = nil,
        mode: EnvelopeMode = .scopeAndEpochKey
    ) async throws -> Digest {
        let isDual = mode == .scopeAndEpochKey
        let header = try EnvelopeHeader(
            mode: mode,
            sender: self.gateway.name.description,
            senderCertificateDigest: self.gateway.certificate.digest,
            scopeDigest: self.scope.digest,
            scopeKey: ScopeDescriptor(bytes: self.scope.descriptor).scopeKey,
            capsuleDigest: isDual ? self.epochKey.capsule.digest : [],
            created: Self.now,
            sequence: sequence,
            policyDigest: [UInt8](repeating: 9, count: 32),
            recordCount: 1
        )
        let record = EnvelopeRecord(id: "", type: Bundles.Bundle.recordType, time: 1, data: try Self.bundle(json))
        let envelope = try header.seal([record], by: self.gateway.key, epochKey: isDual ? self.epochKey.key : nil)
        let h1 = ParsedEnvelope.indexPointer(of: envelope)
        let certificate = self.gateway.certificate
        let parcel = EnvelopeParcel(
            h1: h1,
            envelope: envelope,
            companions: [
                .init(.certificate, digest: certificate.digest, bytes: certificate.bytes),
                .init(.capsule, digest: self.epochKey.capsule.digest, bytes: self.epochKey.capsule.bytes),
            ]
        )
        for place in places ?? Array(self.centerIdentities.indices) {
            _ = try await self.client(place, as: self.gateway).put(parcel)
        }
        return try #require(Digest(bytes: h1))
    }

    /// The key of the gateway's data, or of another gateway's.
    func identityKey(of sender: String = "ward:gateway:bed-1") throws -> IdentityKey {
        let identity = EpochCapsule.dataIdentity(
            owner: self.custodian.owner,
            label: self.scope.label,
            epoch: self.scope.epoch,
            sender: sender
        )
        let point = try G1Point(IdentityPoint.encoded(identity))
        return try IdentityKey(
            stored: self.secret.withValue { $0 * point }.encoded(),
            identity: identity,
            parameters: self.parameters
        )
    }

    // MARK: - Sharing

    func order(
        to receiver: Identity? = nil,
        threshold: Int? = nil,
        permission: UInt8 = 7,
        validity: (UInt64, UInt64)? = nil
    ) -> GrantOrder {
        GrantOrder(
            permission: [UInt8](repeating: permission, count: 32),
            scope: self.scope,
            receiverCertificate: (receiver ?? self.researcher).certificate.bytes,
            centers: self.urls,
            threshold: threshold,
            notBefore: validity?.0 ?? Self.now - 10,
            notAfter: validity?.1 ?? Self.now + 600
        )
    }

    func grant(_ order: GrantOrder, renew: Bool = false) async throws -> GrantOutcome {
        let desk = try GrantDesk(custodian: self.custodian)
        let outcome: Result<GrantOutcome, any Error>
        do { outcome = .success(try await desk.grant(order, renew: renew, at: Self.now)) } catch {
            outcome = .failure(error)
        }
        await desk.close()
        return try outcome.get()
    }

    func receiver(
        _ file: GrantFile,
        as identity: Identity? = nil,
        keys: [IdentityKey]? = nil,
        centers: [any SharingCenter]? = nil
    ) throws -> EnvelopeReceiver {
        let identity = identity ?? self.researcher
        return try EnvelopeReceiver(
            file,
            identity: identity,
            keys: keys ?? [self.identityKey()],
            centers: centers ?? self.clients(as: identity)
        )
    }
}

/// A center that answers with parts that somebody changed.
struct LyingCenter: SharingCenter {
    let center: PrivacyCenterClient
    /// Whether it gives many envelopes at once.
    var takesBatches = true
    let forge: @Sendable ([UInt8]) -> [UInt8]

    func putCertificate(_ bytes: [UInt8], digest: Digest) async throws(UplinkFailure) {
        try await self.center.putCertificate(bytes, digest: digest)
    }

    func envelopes(
        ofScope scope: [UInt8],
        after next: UInt64?,
        under grant: Digest?
    ) async throws(UplinkFailure) -> EnvelopeListPage {
        try await self.center.envelopes(ofScope: scope, after: next, under: grant)
    }

    func envelope(_ h1: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8] {
        try await self.center.envelope(h1, under: grant)
    }

    func envelopes(_ h1s: [Digest], under grant: Digest) async throws(UplinkFailure) -> [[UInt8]] {
        guard self.takesBatches else {
            throw .refused(status: 404, code: "", detail: "no such route", retryAfterSeconds: nil)
        }
        return try await self.center.envelopes(h1s, under: grant)
    }

    func capsule(_ digest: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8] {
        try await self.center.capsule(digest, under: grant)
    }

    func certificate(_ digest: Digest) async throws(UplinkFailure) -> [UInt8] {
        try await self.center.certificate(digest)
    }

    func answer(_ question: ReencryptionQuestion) async throws(UplinkFailure) -> SharingAnswer {
        let answer = try await self.center.answer(question)
        return SharingAnswer(parts: answer.parts.mapValues(self.forge), delivery: answer.delivery, head: answer.head)
    }
}

/// Collects lines.
struct Lines {
    var texts: [String] = []

    mutating func append(_ line: ArraySlice<UInt8>) { self.texts.append(String(decoding: line, as: UTF8.self)) }
}

extension SharingSite {
    /// The identity with another generation in its directory, as a rotation leaves it.
    func rotate(_ identity: Identity) throws -> Identity {
        let fresh = try self.authority.enroll(identity.name.description)
        let number = identity.generation + 1
        let folder = "\(identity.directory)/generations/\(number)"
        let files = FileManager.default
        try files.copyItem(atPath: "\(fresh.directory)/generations/1", toPath: folder)
        let record = try String(contentsOfFile: "\(folder)/identity.json", encoding: .utf8)
            .replacing(#""generation": 1"#, with: #""generation": \#(number)"#)
        try PrivateFile.write(Array(record.utf8), to: "\(folder)/identity.json")
        try files.removeItem(atPath: "\(identity.directory)/current")
        try files.createSymbolicLink(
            atPath: "\(identity.directory)/current",
            withDestinationPath: "generations/\(number)"
        )
        return try Identity.load(directory: identity.directory)
    }

    /// A record's data with one message and one Observation.
    private static func bundle(_ json: String) throws -> [UInt8] {
        let writer = try BundleWriter()
        writer.beginMessage(
            topic: Array("ward/icu-1/bed/1".utf8)[...],
            payload: Array(#"{"hr":72}"#.utf8)[...],
            receivedNs: 1,
            flags: [],
            profile: .init(id: "monitor", version: "1")
        )
        writer.add(observation: Array(json.utf8)[...])
        return try writer.finish()
    }
}
