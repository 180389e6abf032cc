import Authority
import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Normalization
import Records
import Spool

@testable import Agent

/// A gateway with a share outbox, a researcher and the access channel, on clocks that the test sets.
struct ShareSite {
    let site: UplinkSite
    let researcher: Identity
    /// The gateway's, with a loopback host.
    let server: Identity
    let ledger: AnchorLedger
    let store: AgentStore
    /// ms since 1970.
    var wall: Int64
    /// Monotonic ns.
    var now: UInt64 = 1_000_000_000_000
    private let configuration: AgentConfiguration

    /// - Parameters:
    ///   - requestsMax: bound of open requests.
    ///   - port: of the interface; none without.
    ///   - brokerPort: of the one broker.
    /// - Throws: when an identity or the configuration cannot be made.
    init(requestsMax: Int = 1_000, port: Int? = nil, brokerPort: Int = 1_883) throws {
        self.site = try UplinkSite()
        let (folder, authority) = (self.site.site.folder, self.site.authority)
        let seconds = UInt64(Date().timeIntervalSince1970)
        self.wall = Int64(seconds) * 1_000
        func install(_ name: String, hosts: [HostName]) throws -> Identity {
            guard let party = PartyName(name) else { throw UplinkSite.NoSuchParty() }
            let directory = "\(folder)/\(party.name)-id"
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            return try authority.install(party, hosts: hosts, into: directory, at: seconds - 60)
        }
        self.researcher = try install("lab:researcher:r1", hosts: [])
        self.server = try install("ward:gateway:g2", hosts: [.dns("localhost")])
        self.ledger = try AnchorLedger(authority: authority.issuer, clock: UInt64(self.wall), channel: .access)
        try Data(self.ledger.genesis.bytes).write(to: URL(fileURLWithPath: "\(folder)/genesis.wlg"))
        self.configuration = try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: \(folder)/state
                spool: {master_key_file: \(folder)/spool.key, bytes_max: 1GiB, free_bytes_min: 1MiB}
                devices: \(folder)/devices
                brokers: [{host: 127.0.0.1, port: \(brokerPort)}]
                uplink:
                  identity: \(folder)/gateway
                  custodian: https://127.0.0.1:1
                  privacy_centers: [{name: "\(UplinkSite.centerName)", url: "https://127.0.0.1:1"}]
                  policy: "role:researcher"
                chain: {genesis: \(folder)/genesis.wlg, validators: ["https://127.0.0.1:1"]}
                share:
                  identity: \(self.server.directory)
                  requests_max: \(requestsMax)
                \(port.map { "  listen: '127.0.0.1:\($0)'" } ?? "")
                """,
            file: "agent.yaml"
        )
        self.store = try AgentStore(configuration: self.configuration)
    }

    var spool: Spool { self.store.spool }
    var agent: AgentConfiguration { self.configuration }

    func intake() -> ShareIntake { ShareIntake(genesis: self.ledger.genesis) }

    /// The researcher asks for a scope.
    ///
    /// - Parameters:
    ///   - number: of the request, which is another one for each.
    ///   - nonce: `number` without.
    ///   - lifetime: ms.
    ///   - purpose: stands in the request.
    /// - Returns: a signed transaction.
    /// - Throws: what signing throws.
    func transaction(
        _ number: Int,
        nonce: Int? = nil,
        lifetime: Int64 = 600_000,
        purpose: String = "study"
    ) throws -> Transaction {
        let request = [UInt8](repeating: 0, count: 30) + [UInt8(number >> 8), UInt8(number & 255)]
        let arguments = RequestAccess(
            request: request,
            scope: [UInt8](repeating: 5, count: 32),
            policy: [UInt8](repeating: 6, count: 32),
            organization: "ward",
            purpose: purpose,
            nonce: request,
            expires: UInt64(self.wall + 3_600_000)
        )
        return try self.sign(self.body(arguments.bytes, nonce: nonce ?? number, lifetime: lifetime))
    }

    func body(
        _ arguments: [UInt8] = [],
        chain: String? = nil,
        channel: Channel = .access,
        nonce: Int = 1,
        lifetime: Int64 = 600_000,
        contract: String = "access",
        method: String = "request"
    ) -> TransactionBody {
        TransactionBody(
            chain: Array((chain ?? self.ledger.genesis.chain).utf8),
            channel: channel,
            signer: self.researcher.certificate.digest,
            nonce: UInt64(nonce),
            validUntil: UInt64(self.wall + lifetime),
            contract: contract,
            method: method,
            arguments: arguments
        )
    }

    func sign(_ body: TransactionBody) throws -> Transaction {
        try Transaction(signing: body, certificate: self.researcher.certificate, key: self.researcher.key)
    }

    /// Puts a transaction into the outbox as the interface does.
    @discardableResult
    func accept(_ transaction: Transaction) throws -> [UInt8] {
        let request = try self.intake().check(transaction.bytes, from: .http, now: self.wall)
        try self.spool.accept(request)
        return transaction.id
    }

    func desk() -> ShareDesk { ShareDesk(spool: self.spool, logger: TestSite.logger) }

    /// Lets time go by, for the gateway and the chain.
    mutating func advance(milliseconds: Int64) {
        self.wall += milliseconds
        self.now += UInt64(milliseconds) * 1_000_000
        self.ledger.set(clock: UInt64(self.wall))
    }

    /// One round: what is due is begun, carried out and stored.
    ///
    /// - Returns: how many requests were worked on.
    @discardableResult
    func round(_ desk: inout ShareDesk) async throws -> Int {
        let jobs = try desk.begin(now: self.now, wall: self.wall)
        let dialogue = ShareDialogue(chain: self.ledger)
        var findings: [(job: ShareJob, finding: ShareFinding)] = []
        for job in jobs { findings.append((job, await dialogue.carryOut(job))) }
        try desk.take(&findings, now: self.now, wall: self.wall)
        return jobs.count
    }

    func state(_ id: [UInt8]) throws -> StoredShareRequest.State? { try self.spool.shareRequest(id)?.state }

    /// A processor as the agent starts it.
    func processor() throws -> MessageProcessor {
        MessageProcessor(
            library: self.site.site.library,
            state: try self.store.decoderState(),
            normalizer: try self.store.normalizer(naming: .withheld),
            shareIntake: self.intake()
        )
    }

    /// Stores and normalizes payloads that came on the topic of share requests.
    func ingest(_ payloads: [[UInt8]], intake: Bool = true) throws {
        var burst = MessageBurst()
        for (index, payload) in payloads.enumerated() {
            Array(ShareIntake.topic.utf8).withUnsafeBytes { topic in
                payload.withUnsafeBytes { payload in
                    burst.append(
                        topic: topic,
                        payload: payload,
                        receivedAt: self.wall * 1_000_000,
                        packetIdentifier: UInt16(index + 1),
                        retained: false,
                        broker: 0
                    )
                }
            }
        }
        _ = try self.store.inbox.append(burst)
        var processor = intake ? try self.processor() : try self.site.site.processor(self.store)
        while let batch = try self.store.inbox.nextBatch(after: self.spool.cursor) {
            var output = NormalizedBatch()
            processor.process(batch.burst, batch: batch.id, into: &output)
            _ = try self.spool.commit(output)
        }
    }
}
