import Authority
import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Spool
import Synchronization

@testable import Agent

/// A gateway with delivered envelopes and a chain, on clocks that the test sets.
struct AnchorSite {
    let site: UplinkSite
    let store: AgentStore
    let ledger: AnchorLedger
    /// ms since 1970.
    var wall: Int64
    /// Monotonic ns.
    var now: UInt64 = 1_000_000_000_000
    var limits = AnchorLimits(ageMillisecondsMax: 10_000, envelopesMax: 8)

    init(parameters: [(name: String, value: UInt64)] = []) throws {
        self.site = try UplinkSite()
        self.wall = Int64(Date().timeIntervalSince1970 * 1_000)
        self.store = try AgentStore(configuration: try self.site.configuration())
        try self.store.spool.setAnchoring(true)
        self.ledger = try AnchorLedger(
            authority: self.site.authority.issuer,
            clock: UInt64(self.wall),
            parameters: parameters
        )
    }

    private init(_ other: AnchorSite, store: AgentStore, ledger: AnchorLedger) {
        self.site = other.site
        self.store = store
        self.ledger = ledger
        self.wall = other.wall
        self.now = other.now
        self.limits = other.limits
    }

    /// What a crash leaves: the files as they are now, and the chain of this or another moment.
    func afterCrash(_ name: String, ledger: AnchorLedger) throws -> AnchorSite {
        let copy = "\(self.site.site.folder)/crash-\(name)"
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(self.site.site.folder)/state", toPath: "\(copy)/state")
        for file in ["spool.db-shm", "inbox.db-shm"] {
            try? FileManager.default.removeItem(atPath: "\(copy)/state/\(file)")
        }
        let configuration = try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: \(copy)/state
                spool: {master_key_file: \(self.site.site.folder)/spool.key, bytes_max: 1GiB, free_bytes_min: 1MiB}
                devices: \(self.site.site.folder)/devices
                brokers: [{host: 127.0.0.1, port: 1883}]
                """,
            file: "agent.yaml"
        )
        return AnchorSite(self, store: try AgentStore(configuration: configuration), ledger: ledger)
    }

    var spool: Spool { self.store.spool }

    static func scope(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }

    static func h1(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number &* 37), count: 30) + [
            UInt8(number >> 8), UInt8(number & 255),
        ]
    }

    /// Puts delivered envelopes into the spool; envelope n belongs to scope n modulo `scopes`.
    mutating func deliver(_ numbers: Range<Int>, scopes: Int = 2) throws {
        let sender = self.site.gateway.certificate.digest
        var window = SealedWindow()
        window.sender = sender
        window.senderCertificate = self.site.gateway.certificate.bytes
        var next: [[UInt8]: UInt64] = [:]
        for number in numbers {
            let scope = Self.scope(UInt8(number % scopes + 1))
            let sequence = try next[scope] ?? self.spool.nextSequence(sender: sender, scope: scope)
            next[scope] = sequence + 1
            window.envelopes.append(
                SealedEnvelope(
                    h1: Self.h1(number),
                    scope: scope,
                    sequence: sequence,
                    created: UInt64(self.wall / 1_000),
                    observations: 1,
                    bytes: [UInt8(number & 255)],
                    tags: [[1, UInt8(number & 255)]]
                )
            )
        }
        try self.spool.commit(window)
        try self.spool.store(
            numbers.map { StoredReceipt(h1: Self.h1($0), center: UplinkSite.centerName, bytes: [1]) },
            copies: 1
        )
        // The spool is on the real clock, which goes on while a busy machine runs the test.
        let real = Int64(Date().timeIntervalSince1970 * 1_000) + 1
        if self.wall < real { self.advance(milliseconds: real - self.wall) }
    }

    func desk(_ identity: IdentityWatch? = nil) -> AnchorDesk {
        AnchorDesk(
            spool: self.spool,
            identity: identity ?? IdentityWatch(self.site.gateway),
            chain: Array(self.ledger.genesis.chain.utf8),
            limits: self.limits,
            logger: TestSite.logger
        )
    }

    func dialogue() throws -> AnchorDialogue {
        AnchorDialogue(
            sink: self.ledger,
            book: try CommitteeBook(genesis: self.ledger.genesis, scheme: Ed25519Scheme(), spool: self.spool)
        )
    }

    /// Lets time go by, for the gateway and the chain.
    mutating func advance(milliseconds: Int64) {
        self.wall += milliseconds
        self.now += UInt64(milliseconds) * 1_000_000
        self.ledger.set(clock: UInt64(self.wall))
    }

    /// One round: what is due is begun, carried out and stored.
    ///
    /// - Returns: how many windows were worked on.
    @discardableResult
    func round(_ desk: inout AnchorDesk) async throws -> Int {
        let jobs = try desk.begin(now: self.now, wall: self.wall)
        let dialogue = try self.dialogue()
        var findings: [(job: AnchorJob, finding: AnchorFinding)] = []
        for job in jobs { findings.append((job, await dialogue.carryOut(job))) }
        try desk.take(&findings, now: self.now)
        return jobs.count
    }

    /// Rounds until nothing more is to be done, with time going by.
    mutating func settle(_ desk: inout AnchorDesk, rounds: Int = 40) async throws {
        for _ in 0..<rounds {
            self.advance(milliseconds: 10_001)
            try await self.round(&desk)
        }
    }

    /// Gives the gateway a new key.
    func rotate() throws -> Identity {
        guard let party = PartyName("ward:gateway:g1") else { preconditionFailure("not a party's name") }
        return try self.site.authority.install(
            party,
            hosts: [],
            into: self.site.gateway.directory,
            at: UInt64(Date().timeIntervalSince1970)
        )
    }

    func anchoredH1s() throws -> [[UInt8]] {
        try self.spool.anchorWindows(.anchored, max: 10_000).flatMap {
            try self.spool.anchorEntries(ofWindow: $0.number)
        }
        .map(\.h1)
    }
}
