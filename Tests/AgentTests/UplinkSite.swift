import Authority
import Bundles
import CanonicalBytes
import Certificates
import Credentials
import Custodian
import Foundation
import Normalization
import P256Group
import PrivacyCenter
import Records
import ServiceLifecycle
import Signcryption
import Spool
import Synchronization

@testable import Agent

/// A gateway with an authority, a custodian and a privacy center around it, each in a folder of its own.
final class UplinkSite: Sendable {
    static let centerName = "cloud:privacy-center:one"

    let site: TestSite
    let authority: Authority
    let gateway: Identity
    let custodianIdentity: Identity
    let custodian: Custodian
    let centerIdentity: Identity

    init() throws {
        self.site = try TestSite()
        let folder = self.site.folder
        let now = UInt64(Date().timeIntervalSince1970)
        for name in ["authority", "gateway", "custodian-id", "center-id"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)",
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        try FileManager.default.removeItem(atPath: "\(folder)/authority")
        try Authority.create(
            directory: "\(folder)/authority",
            organization: "ward",
            name: "ca",
            hosts: [.dns("localhost")],
            at: now
        )
        let authority = try Authority(directory: "\(folder)/authority")
        func enroll(_ name: String, into directory: String) throws -> Identity {
            guard let party = PartyName(name), let host = HostName("127.0.0.1") else { throw NoSuchParty() }
            let hosts = party.role == .gateway ? [] : [host]
            return try authority.install(party, hosts: hosts, into: "\(folder)/\(directory)", at: now)
        }
        self.authority = authority
        self.gateway = try enroll("ward:gateway:g1", into: "gateway")
        self.custodianIdentity = try enroll("ward:custodian:c1", into: "custodian-id")
        self.centerIdentity = try enroll(Self.centerName, into: "center-id")
        self.custodian = try Custodian(directory: "\(folder)/custodian", identity: self.custodianIdentity)
    }

    struct NoSuchParty: Error {}

    /// The agent's configuration with an uplink; with parameters, under dual control.
    func configuration(
        custodianPort: Int = 1,
        centerPort: Int = 1,
        identityParameters: [String] = []
    ) throws -> AgentConfiguration {
        try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: \(self.site.folder)/state
                spool: {master_key_file: \(self.site.folder)/spool.key, bytes_max: 1GiB, free_bytes_min: 1MiB}
                devices: \(self.site.folder)/devices
                brokers: [{host: 127.0.0.1, port: 1883}]
                uplink:
                  identity: \(self.site.folder)/gateway
                  custodian: https://127.0.0.1:\(custodianPort)
                  privacy_centers: [{name: "\(Self.centerName)", url: "https://127.0.0.1:\(centerPort)"}]
                  policy: "role:researcher"
                  identity_parameters: [\(identityParameters.joined(separator: ", "))]
                  envelope: {age_seconds_max: 1, readings_max: 5}
                  audit_seconds: 1
                """,
            file: "agent.yaml"
        )
    }

    /// Stores and normalizes one message per device and value, with their raw messages; each device is a stream, because
    /// none is associated.
    func ingest(
        devices: [String],
        values: Range<Int>,
        receivedMs: Int64,
        _ store: AgentStore
    ) throws {
        let arrivals = values.flatMap { value in
            devices.map { device in
                Arrival(
                    topic: "ward/7/bed/3/thermometer/\(device)",
                    payload: "\(30 + value % 10).\(value / 10)",
                    receivedAt: (receivedMs + Int64(value)) * 1_000_000
                )
            }
        }
        var processor = MessageProcessor(
            library: self.site.library,
            state: try store.decoderState(),
            normalizer: try store.normalizer(naming: .withheld),
            streams: try store.streamNaming()
        )
        _ = try store.inbox.append(burst(arrivals))
        while let batch = try store.inbox.nextBatch(after: store.spool.cursor) {
            var output = NormalizedBatch()
            processor.process(batch.burst, batch: batch.id, into: &output)
            _ = try store.spool.commit(output)
        }
    }

    /// Makes the scopes known that the book wants, as the custodian would; except those of some streams.
    func answer(_ book: ScopeBook, now: Int64, except: Set<PatientStream> = []) throws {
        let scopes = try book.wanted.filter { !except.contains($0.stream) }.map { request in
            let scope = try self.custodian.scope(label: request.label, epoch: UInt64(request.epoch))
            return StoredScope(
                stream: request.stream,
                purpose: request.purpose,
                epoch: request.epoch,
                descriptor: scope.descriptor,
                ownerCertificate: scope.ownerCertificate
            )
        }
        if !scopes.isEmpty { try book.learn(scopes, identity: self.gateway, now: now) }
    }

    /// What the outbox holds, opened with the owner's keys: Observations as lines, envelope by envelope.
    func opened(_ spool: Spool) throws -> [(header: EnvelopeHeader, bundle: Bundles.Bundle)] {
        try self.records(spool).filter { $0.record.type == Bundles.Bundle.recordType }
            .map { ($0.header, try Bundles.Bundle(data: $0.record.data)) }
    }

    /// The accounts that the outbox holds, opened with the owner's keys.
    func accounts(_ spool: Spool) throws -> [AccountRecord] {
        try self.records(spool).filter { $0.record.type == AccountRecord.recordType }
            .map { try AccountRecord(data: $0.record.data) }
    }

    /// The first record of each envelope of the outbox.
    private func records(_ spool: Spool) throws -> [(header: EnvelopeHeader, record: EnvelopeRecord)] {
        let sender = try CertifiedKey(self.gateway.certificate, from: self.authority.issuer)
        return try spool.outbox(.oldestFirst, max: 10_000).map { entry in
            let envelope = try ParsedEnvelope(bytes: try spool.envelope(entry.id) ?? [])
            let verified = try envelope.verify(sender: sender)
            for scope in try self.custodian.registry.scopes() where scope.digest == envelope.header.scopeDigest {
                let key = try self.custodian.scopeKey(label: scope.label, epoch: scope.epoch)
                let records = try verified.open(with: key.keyPair, descriptorDigest: scope.digest)
                return (envelope.header, records[0])
            }
            throw NoSuchParty()
        }
    }
}

extension Bundles.Bundle {
    /// The Observations as lines with their newline.
    var lines: [String] { self.observations.map { String(decoding: $0.json, as: UTF8.self) + "\n" } }
}
