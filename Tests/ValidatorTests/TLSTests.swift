import Authority
import BLSCertificates
import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Foundation
import FreePorts
import Glibc
import Ledger
import LedgerStore
import Logging
import PeerTransport
import Testing

@testable import Validator

@Suite("Validators as operators run them")
struct TLSTests {
    @Test(
        "Four validators, each with its own directory, commit over mutual TLS, and one comes back after a stop",
        arguments: [(ValidatorKeys.Kind.bls, CertificateVersion.blsAggregate), (.ed25519, .ed25519MultiSignature)]
    )
    func consortium(kind: ValidatorKeys.Kind, version: CertificateVersion) async throws {
        let site = try OperatedSite(kind)
        var running: [UInt16: (validator: Validator, task: Task<Void, any Error>)] = [:]
        func start(_ number: UInt16) throws {
            var logger = Logger(label: "v\(number)")
            logger.logLevel = .critical
            let validator = try Validator(configuration: site.configuration(number), logger: logger)
            #expect(validator.number == ReplicaID(number))
            running[number] = (validator, Task { try await validator.run() })
        }
        func stop(_ number: UInt16) async throws {
            let removed = running.removeValue(forKey: number)
            let task = try #require(removed?.task)
            task.cancel()
            try await task.value
        }
        for number in UInt16(1)...4 { try start(number) }
        let first = try #require(running[1]?.validator)
        for channel in Channel.allCases {
            let proof = try await first.submit(try site.transaction(1, channel).bytes)
            let scheme = try ChainSignatures.required(of: site.genesis.committee)
            try proof.verify(by: CommitteeView(genesis: site.genesis, channel: channel, scheme: scheme))
            #expect(proof.certificate.version == version)
        }
        try await stop(3)
        let second = try #require(running[2]?.validator)
        let place = try await second.commit(try site.transaction(2, .index).bytes).place
        try start(3)
        let third = try #require(running[3]?.validator)
        for try await event in try third.events(channel: .index, from: .start) where event.cursor.height >= place.height
        {
            break
        }
        #expect(try third.block(at: place.height, channel: .index) != nil)
        for number in UInt16(1)...4 { try await stop(number) }
    }

    @Test("A description of a member is believed only with its signature")
    func description() throws {
        let site = try OperatedSite()
        let identity = try Identity.load(directory: "\(site.directory)/identity-2")
        let keys = try ValidatorKeys.load("\(site.directory)/v2")
        let description = try MemberDescription(of: keys, number: 2, identity: identity)
        let read = try MemberDescription(bytes: description.bytes)
        #expect(read == description && read.party == identity.name)
        try read.verify(certificate: identity.certificate, issuer: identity.issuer)
        // The longer form of a name is the same party's, and no second encoding of her description.
        let name = Array(identity.name.description.utf8)
        let longer = Array("urn:wardline:".utf8) + name
        let urn =
            description.bytes.prefix(7) + [UInt8(longer.count)] + longer + description.bytes.dropFirst(8 + name.count)
        let refused = #expect(throws: ProtocolFailure.self) { try MemberDescription(bytes: Array(urn)) }
        #expect(refused?.code == .format)
        var forged = description.bytes
        forged[forged.count - 80] ^= 1
        let changed = try MemberDescription(bytes: forged)
        let unsigned = #expect(throws: ProtocolFailure.self) {
            try changed.verify(certificate: identity.certificate, issuer: identity.issuer)
        }
        #expect(unsigned?.code == .signature)
        let other = try Identity.load(directory: "\(site.directory)/identity-1")
        let foreign = #expect(throws: ProtocolFailure.self) {
            try read.verify(certificate: other.certificate, issuer: other.issuer)
        }
        #expect(foreign?.code == .context)
    }
}

/// An authority, enrolled validators and a gateway, keys and a genesis file, all in folders.
final class OperatedSite: Sendable {
    let directory: String
    let genesis: Genesis
    private let gateway: Identity
    private let ports: [Int]

    init(_ kind: ValidatorKeys.Kind = .bls) throws {
        let directory = "\(NSTemporaryDirectory())site-\(UUID().uuidString)"
        let now = WallClock.milliseconds
        try Authority.create(
            directory: directory,
            organization: "clinic",
            name: "ca",
            hosts: [.dns("localhost")],
            at: now / 1_000
        )
        let authority = try Authority(directory: directory)
        var members: [Member] = []
        var validators: [Genesis.Validator] = []
        for number in UInt16(1)...4 {
            let name = try #require(PartyName(organization: "clinic", role: .validator, name: "v\(number)"))
            _ = try authority.install(
                name,
                hosts: [.dns("localhost")],
                into: "\(directory)/identity-\(number)",
                at: now / 1_000
            )
            let keys = try ValidatorKeys.generate("\(directory)/v\(number)", kind: kind)
            members.append(keys.member(ReplicaID(number)))
            validators.append(Genesis.Validator(id: ReplicaID(number), name: name))
        }
        let gateway = try authority.install(
            try #require(PartyName(organization: "clinic", role: .gateway, name: "g")),
            hosts: [],
            into: "\(directory)/gateway",
            at: now / 1_000
        )
        let genesis = try Genesis(
            chain: "test-chain",
            time: now,
            committee: try #require(Committee(epoch: 0, members: members)),
            validators: validators,
            issuers: [TrustedIssuer(kind: .authority, issuer: gateway.issuer)],
            governors: [try #require(PartyName("clinic:operator:o1"))],
            governorThreshold: 1,
            parameters: []
        )
        try Data(genesis.bytes).write(to: URL(fileURLWithPath: "\(directory)/genesis.wlg"))
        self.directory = directory
        self.genesis = genesis
        self.gateway = gateway
        self.ports = try FreePorts.take(4)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.directory) }

    func configuration(_ number: UInt16) -> ValidatorConfiguration {
        var configuration = ValidatorConfiguration(
            identityDirectory: "\(self.directory)/identity-\(number)",
            directory: "\(self.directory)/v\(number)",
            genesisFile: "\(self.directory)/genesis.wlg",
            peers: self.ports.enumerated().map { .init(number: UInt16($0 + 1), host: "localhost", port: $1) }
        )
        configuration.peerHost = "127.0.0.1"
        configuration.peerPort = self.ports[Int(number) - 1]
        return configuration
    }

    /// A transaction that the contracts reject, which is committed all the same.
    func transaction(_ nonce: UInt64, _ channel: Channel) throws -> Transaction {
        try Transaction(
            signing: TransactionBody(
                chain: Array("test-chain".utf8),
                channel: channel,
                signer: self.gateway.certificate.digest,
                nonce: nonce,
                validUntil: WallClock.milliseconds + 600_000,
                contract: "nothing",
                method: "of-the-kind",
                arguments: []
            ),
            certificate: self.gateway.certificate,
            key: self.gateway.key
        )
    }
}
