import AccessPolicies
import AttributeEncryption
import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Foundation
import IndexPages
import KeywordTags
import Ledger
import Logging
import Synchronization
import Testing
import Transcripts

@testable import Custodian

/// The chain and the centers of a desk of data sets.
final class TestIndex: DatasetChain, IndexKeyPost {
    struct State {
        var calls: [[UInt8]] = []
        var policies: [SetPolicy] = []
        /// The policies that stand, by scope.
        var bindings: [[UInt8]: SetPolicy] = [:]
        var endedPolicies: [[UInt8]] = []
        var published: [PublishDataset] = []
        var withdrawn: [[UInt8]] = []
        var wraps: [WrapIndexKey] = []
        var holders: [SetScopeHolder] = []
        var labels: [SetScopeLabel] = []
        var keys: [String: [CollectedIndexKey]] = [:]
        var blobs: [String: [[UInt8]: [UInt8]]] = [:]
        var away: Set<String> = []
        var isRejecting = false
    }

    let state = Mutex(State())
    let centers = ["https://one:7402", "https://two:7402"]
    let authority = AttributeAuthority(name: "south:attribute-authority:aa")

    func policyBinding(of scope: [UInt8]) async throws -> PolicyBinding? {
        guard let stated = self.state.withLock({ $0.bindings[scope] }) else { return nil }
        var writer = CanonicalWriter()
        writer.raw(try AccessPolicy(canonical: stated.text).digest)
        writer.raw(stated.circuit)
        writer.raw([UInt8](repeating: 0, count: 32))
        writer.u64(stated.permissionSeconds)
        writer.lengthPrefixed("north:custodian:records")
        writer.u64(1)
        return try PolicyBinding(bytes: writer.bytes)
    }

    func dataset(_ id: [UInt8]) async throws -> Dataset? {
        guard let arguments = self.state.withLock({ $0.published.first { $0.dataset == id } }) else { return nil }
        var writer = CanonicalWriter()
        writer.lengthPrefixed("north:custodian:records")
        writer.u64(1)
        writer.u64(self.state.withLock { $0.withdrawn.contains(id) } ? 2 : 0)
        writer.lengthPrefixed(arguments.bytes)
        return try Dataset(bytes: writer.bytes)
    }

    func attributeKey(of authority: PartyName) async throws -> [UInt8]? { try self.authority.publicKey().bytes }

    func call(_ arguments: some MethodArguments, needless: Set<RejectionCode>) async throws {
        try self.state.withLock { state in
            if state.isRejecting { throw ChainSubmissionError.rejected(code: 510, transaction: []) }
            switch arguments {
            case let arguments as SetPolicy:
                state.policies.append(arguments)
                state.bindings[arguments.scope] = arguments
            case let arguments as WithdrawPolicy:
                state.endedPolicies.append(arguments.scope)
                state.bindings[arguments.scope] = nil
            case let arguments as PublishDataset: state.published.append(arguments)
            case let arguments as WithdrawDataset: state.withdrawn.append(arguments.dataset)
            case let arguments as WrapIndexKey: state.wraps.append(arguments)
            case let arguments as SetScopeHolder: state.holders.append(arguments)
            case let arguments as SetScopeLabel: state.labels.append(arguments)
            default: throw ProtocolFailure(.context, "not of data sets")
            }
        }
    }

    func collect(
        _ scope: RegisteredScope,
        at center: String,
        from position: UInt64?,
        mark: [UInt8],
        take: ([CollectedIndexKey]) throws -> Void
    ) async throws -> UInt64? {
        let keys = try self.state.withLock { state in
            if state.away.contains(center) { throw CustodianError.center(center, "away") }
            return state.keys[scope.digest.hex] ?? []
        }
        try take(keys)
        return nil
    }

    func put(_ blob: [UInt8], digest: [UInt8], to center: String) async throws {
        try self.state.withLock { state in
            if state.away.contains(center) { throw CustodianError.center(center, "away") }
            state.blobs[center, default: [:]][digest] = blob
        }
    }
}

@Suite struct DatasetDeskTests {
    let institution: TestInstitution
    let custodian: Custodian
    let index = TestIndex()
    let desk: DatasetDesk

    init() throws {
        self.institution = try TestInstitution()
        self.custodian = try self.institution.custodian()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.desk = DatasetDesk(
            custodian: self.custodian,
            store: DatasetStore(queue: try ShareStore(directory: self.custodian.directory).queue),
            chain: self.index,
            post: self.index,
            attributeAuthority: PartyName("south:attribute-authority:aa"),
            epochSeconds: 604_800,
            logger: logger,
            clock: { TestDesk.start }
        )
    }

    private func order(
        _ labels: [String] = ["0a1b.*"],
        policy: String = "role:researcher",
        circuit: String? = nil
    ) -> DatasetOrder {
        DatasetOrder(
            dataset: SecureRandom.bytes(32).hex,
            labels: labels,
            policy: policy,
            circuit: circuit,
            permissionSeconds: circuit == nil ? 0 : 3_600,
            keywords: ["Sepsis", "heart rate"]
        )
    }

    private func scopes() throws -> [RegisteredScope] {
        [
            try self.custodian.scope(label: "0a1b.vitals", epoch: 2_970),
            try self.custodian.scope(label: "0a1b.vitals", epoch: 2_971),
            try self.custodian.scope(label: "0a1bc.vitals", epoch: 2_970),
            try self.custodian.scope(label: "0a1b.vitals.epoch-keys", epoch: 2_970),
        ]
    }

    @Test func `publishing states the policy of each scope, then the data set with its tags`() async throws {
        let scopes = try self.scopes()
        let circuit = SecureRandom.bytes(32)
        let order = self.order(circuit: circuit.hex)
        let taken = try self.desk.publish(order)
        #expect(taken.state == .publishing)
        try await self.desk.work()
        let expected = [scopes[0].digest, scopes[1].digest].sorted { $0.lexicographicallyPrecedes($1) }
        let state = self.index.state.withLock { $0 }
        #expect(state.policies.map(\.scope) == expected)
        #expect(state.policies.allSatisfy { $0.circuit == circuit && $0.permissionSeconds == 3_600 })
        let published = try #require(state.published.first)
        #expect(published.dataset.hex == order.dataset)
        #expect(published.scopes == expected)
        #expect(published.from == 2_970 * 604_800_000)
        #expect(published.to == 2_972 * 604_800_000 - 1)
        let key = try KeywordKey(self.custodian.discoveryKey(epoch: 2_970))
        #expect(published.tags == KeywordTags.tags([try Keyword("heart rate"), try Keyword("sepsis")], key))
        #expect(try self.desk.store.dataset(taken.plan.id)?.state == .published)
        // The same order again is the same data set; another order under its identifier is not.
        #expect(try self.desk.publish(order).state == .published)
        var other = order
        other.keywords = []
        #expect(throws: DatasetError.exists) { try self.desk.publish(other) }
        try await self.desk.work()
        #expect(self.index.state.withLock { $0.published.count } == 1)
    }

    @Test func `what the chain rejects is told and tried again`() async throws {
        _ = try self.scopes()
        let taken = try self.desk.publish(self.order())
        self.index.state.withLock { $0.isRejecting = true }
        try await self.desk.work()
        let waiting = try #require(try self.desk.store.dataset(taken.plan.id))
        #expect(waiting.state == .publishing)
        #expect(waiting.reason.contains("510"))
        #expect(waiting.nextTry > TestDesk.start)
    }

    @Test(arguments: [
        (["none.*"], "role:researcher", "no scope"), ([], "role:researcher", "labels"),
        (["0a1b.*"], "role:", ""),
    ])
    func `a wrong order is refused`(labels: [String], policy: String, why: String) throws {
        _ = try self.scopes()
        let error = try #require(throws: DatasetError.self) {
            try self.desk.publish(self.order(labels, policy: policy))
        }
        guard case .order(let text) = error else {
            Issue.record("another error")
            return
        }
        #expect(why.isEmpty || text.contains(why))
    }

    @Test func `a scope has one policy at a time`() async throws {
        _ = try self.scopes()
        let first = try self.desk.publish(self.order())
        #expect(throws: DatasetError.anotherPolicy(first.plan.order.dataset)) {
            try self.desk.publish(self.order(policy: "role:clinician"))
        }
        _ = try self.desk.publish(self.order())
        _ = try self.desk.publish(self.order(["0a1bc.*"], policy: "role:clinician"))
        try await self.desk.work()
        _ = try self.desk.withdraw(first.plan.id)
        try await self.desk.work()
        #expect(self.index.state.withLock { $0.withdrawn } == [first.plan.id])
        #expect(try self.desk.store.dataset(first.plan.id)?.state == .withdrawn)
    }

    @Test func `withdrawing ends the policies of scopes that no other data set has, also after a failure`() async throws
    {
        let scopes = try self.scopes()
        let (circuit, other) = (SecureRandom.bytes(32), SecureRandom.bytes(32))
        let first = try self.desk.publish(self.order(circuit: circuit.hex))
        try await self.desk.work()
        var narrow = self.order(circuit: other.hex)
        narrow.firstEpoch = 2_971
        let second = try self.desk.publish(narrow)
        try await self.desk.work()
        _ = try self.desk.withdraw(first.plan.id)
        self.index.state.withLock { $0.isRejecting = true }
        try await self.desk.work()
        let waiting = try #require(try self.desk.store.dataset(first.plan.id))
        #expect(waiting.state == .withdrawing && waiting.reason.contains("510"))
        #expect(self.index.state.withLock { $0.endedPolicies.isEmpty && $0.withdrawn.isEmpty })
        self.index.state.withLock { $0.isRejecting = false }
        let later = self.laterDesk()
        try await later.work()
        #expect(self.index.state.withLock { $0.endedPolicies } == [scopes[0].digest])
        #expect(self.index.state.withLock { $0.bindings[scopes[1].digest]?.circuit } == other)
        #expect(self.index.state.withLock { $0.withdrawn } == [first.plan.id])
        // The other data set was the last one of its scope.
        _ = try later.withdraw(second.plan.id)
        try await later.work()
        #expect(self.index.state.withLock { $0.endedPolicies } == [scopes[0].digest, scopes[1].digest])
        #expect(try later.store.dataset(second.plan.id)?.state == .withdrawn)
        try await later.work()
        #expect(self.index.state.withLock { $0.endedPolicies.count } == 2)
    }

    @Test func `withdrawing gives a scope the policy of the data set that remains`() async throws {
        let scope = try self.scopes()[0]
        let (circuit, other) = (SecureRandom.bytes(32), SecureRandom.bytes(32))
        _ = try self.desk.publish(self.order(circuit: circuit.hex))
        try await self.desk.work()
        let second = try self.desk.publish(self.order(circuit: other.hex))
        try await self.desk.work()
        #expect(self.index.state.withLock { $0.bindings[scope.digest]?.circuit } == other)
        _ = try self.desk.withdraw(second.plan.id)
        try await self.desk.work()
        #expect(self.index.state.withLock { $0.bindings[scope.digest]?.circuit } == circuit)
        #expect(self.index.state.withLock { $0.endedPolicies.isEmpty })
    }

    @Test func `withdrawing leaves a policy that was stated in other words`() async throws {
        let scopes = try self.scopes()
        let circuit = SecureRandom.bytes(32)
        let taken = try self.desk.publish(self.order(circuit: circuit.hex))
        try await self.desk.work()
        let stated = SetPolicy(
            scope: scopes[0].digest,
            circuit: circuit,
            permissionSeconds: 60,
            text: try AccessPolicy("role:clinician").text
        )
        self.index.state.withLock { $0.bindings[stated.scope] = stated }
        _ = try self.desk.withdraw(taken.plan.id)
        try await self.desk.work()
        #expect(self.index.state.withLock { $0.endedPolicies } == [scopes[1].digest])
        #expect(self.index.state.withLock { $0.bindings[stated.scope] } == stated)
    }

    /// The desk when whatever failed is due again.
    private func laterDesk() -> DatasetDesk {
        DatasetDesk(
            custodian: self.custodian,
            store: self.desk.store,
            chain: self.index,
            post: self.index,
            attributeAuthority: self.desk.attributeAuthority,
            epochSeconds: self.desk.epochSeconds,
            logger: self.desk.logger,
            clock: { TestDesk.start + 3_600_000 }
        )
    }

    @Test func `index keys are sealed once, brought to all centers and named on the chain`() async throws {
        let scope = try self.scopes()[0]
        _ = try self.desk.publish(self.order())
        try await self.desk.work()
        let key = SecureRandom.bytes(32)
        self.index.state.withLock { state in
            state.keys[scope.digest.hex] = [CollectedIndexKey(sender: "north:gateway:gw-1", key: key)]
            state.away = [self.index.centers[0]]
        }
        try await self.desk.wrap()
        try await self.desk.wrap()
        let wrap = try #require(self.index.state.withLock { $0.wraps }.first)
        #expect(self.index.state.withLock { $0.wraps.count } == 1)
        #expect(wrap.scope == scope.digest && wrap.sender.description == "north:gateway:gw-1")
        #expect(self.index.state.withLock { $0.blobs[self.index.centers[0]] } == nil)
        self.index.state.withLock { $0.away = [] }
        try await self.desk.wrap()
        let blobs = self.index.state.withLock { state in self.index.centers.map { state.blobs[$0]?[wrap.digest] } }
        let blob = try #require(blobs[0])
        #expect(blobs[1] == blob)
        #expect(SealedIndexKey.digest(of: blob) == wrap.digest)
        try self.requireOpens(blob, scope, key)
        // A new gateway's key is sealed later, by itself.
        self.index.state.withLock { state in
            state.keys[scope.digest.hex, default: []].append(
                CollectedIndexKey(sender: "north:gateway:gw-2", key: SecureRandom.bytes(32))
            )
        }
        try await self.desk.wrap()
        #expect(self.index.state.withLock { $0.wraps.map(\.sender.name) } == ["gw-1", "gw-2"])
        #expect(try self.desk.store.wrapCount(of: scope.digest) == 2)
    }

    /// The attributes and the permission open the sealed key; the attributes alone do not.
    private func requireOpens(_ blob: [UInt8], _ scope: RegisteredScope, _ key: [UInt8]) throws {
        let permission = try IndexPolicy.permission(scopeDigest: scope.digest)
        let publicKey = try self.index.authority.publicKey()
        func opened(_ attributes: [String]) throws -> [UInt8] {
            let issued = try self.index.authority.issue(AttributeSet(attributes))
            let decryptor = AttributeDecryptor(issued, publicKey: publicKey)
            return try IndexKeySealing.open(blob, scopeDigest: scope.digest, with: decryptor).secretBytes()
        }
        #expect(try opened(["role:researcher", permission]) == key)
        #expect(throws: ProtocolFailure.self) { try opened(["role:researcher"]) }
    }

    @Test func `a label's digest is the same each week, another one's is another, and none is the label's hash`() throws
    {
        let digest = self.custodian.labelDigest("0a1b.vitals")
        #expect(self.custodian.labelDigest("0a1b.vitals") == digest && digest.count == 32)
        #expect(self.custodian.labelDigest("0a1b.notes") != digest)
        let other = try TestInstitution().custodian()
        #expect(other.labelDigest("0a1b.vitals") != digest)
    }

    @Test func `the chain is told of which label a scope is before it is told whose it is`() async throws {
        let scope = try self.scopes()[0]
        #expect(try self.desk.store.isTold(scope))
        try self.desk.hold(#require(PartyName("north:patient:p1")), prefix: "0a1b")
        #expect(try !self.desk.store.isTold(scope))
        self.index.state.withLock { $0.isRejecting = true }
        await #expect(throws: ChainSubmissionError.self) { try await self.desk.tellHolders() }
        #expect(try !self.desk.store.isTold(scope) && self.desk.store.labelled().isEmpty)
        self.index.state.withLock { $0.isRejecting = false }
        try await self.desk.tellHolders()
        #expect(try self.desk.store.isTold(scope))
        // Another holder has to be told anew; of which label it is, never again.
        try self.desk.hold(#require(PartyName("north:patient:p2")), prefix: "0a1b")
        #expect(try !self.desk.store.isTold(scope))
        try await self.desk.tellHolders()
        #expect(try self.desk.store.isTold(scope))
        #expect(self.index.state.withLock { $0.labels.count == 1 && $0.holders.count == 2 })
    }

    @Test func `a holder holds the labels of her tag, also of later weeks, and no others`() async throws {
        let scopes = try self.scopes()
        let patient = try #require(PartyName("north:patient:p1"))
        try self.desk.hold(patient, prefix: "0a1b.")
        try await self.desk.tellHolders()
        try await self.desk.tellHolders()
        let (told, labels) = self.index.state.withLock { ($0.holders, $0.labels) }
        let vitals = self.custodian.labelDigest("0a1b.vitals")
        #expect(told.count == 1)
        #expect(Set(told[0].scopes) == [scopes[0].digest, scopes[1].digest, vitals])
        #expect(told[0].holder == patient)
        #expect(labels.map(\.label) == [vitals] && Set(labels[0].scopes) == [scopes[0].digest, scopes[1].digest])
        let later = try self.custodian.scope(label: "0a1b.notes", epoch: 2_980)
        let next = try self.custodian.scope(label: "0a1b.vitals", epoch: 2_980)
        try await self.desk.tellHolders()
        let notes = self.custodian.labelDigest("0a1b.notes")
        // The label of earlier weeks is hers already.
        #expect(self.index.state.withLock { Set($0.holders.last?.scopes ?? []) } == [later.digest, next.digest, notes])
        let since = self.index.state.withLock { $0.labels.dropFirst() }
        #expect(Set(since.map { [$0.label] + $0.scopes }) == [[notes, later.digest], [vitals, next.digest]])
        #expect(throws: DatasetError.self) {
            try self.desk.hold(#require(PartyName("south:patient:p1")), prefix: "0a1b")
        }
        #expect(throws: DatasetError.self) {
            try self.desk.hold(#require(PartyName("north:steward:p1")), prefix: "0a1b")
        }
    }
}
