internal import AccessPolicies
internal import AttributeEncryption
internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import IndexPages
internal import KeywordTags
internal import Ledger
internal import Logging
internal import Transcripts

/// An index key out of a scope's envelopes.
struct CollectedIndexKey: Sendable {
    /// The gateway's party name.
    let sender: String
    /// 32 bytes, secret.
    let key: [UInt8]
}

/// Where index keys come from and sealed ones go to.
protocol IndexKeyPost: Sendable {
    /// Addresses of the privacy centers.
    var centers: [String] { get }

    /// The index keys in the envelopes of one scope at one center, from a position of its list on.
    ///
    /// - Parameters:
    ///   - scope: of the custodian.
    ///   - center: its address.
    ///   - position: nil for the beginning.
    ///   - mark: of the way of sealing; what was given under it already may be left out.
    ///   - take: called with the keys of each part of the list.
    /// - Returns: the position to go on from later; nil: where this began.
    /// - Throws: what keeps the center from answering, or makes an envelope untrustworthy.
    func collect(
        _ scope: RegisteredScope,
        at center: String,
        from position: UInt64?,
        mark: [UInt8],
        take: ([CollectedIndexKey]) throws -> Void
    ) async throws -> UInt64?

    func put(_ blob: [UInt8], digest: [UInt8], to center: String) async throws
}

/// What the desk of data sets needs of the chain.
protocol DatasetChain: Sendable {
    func policyBinding(of scope: [UInt8]) async throws -> PolicyBinding?
    func dataset(_ id: [UInt8]) async throws -> Dataset?
    func attributeKey(of authority: PartyName) async throws -> [UInt8]?

    /// Calls a method.
    ///
    /// - Parameters:
    ///   - arguments: name the method.
    ///   - needless: rejections that are as good as success.
    /// - Throws: `ChainSubmissionError`.
    func call(_ arguments: some MethodArguments, needless: Set<RejectionCode>) async throws
}

/// Publishes an institution's data sets, seals the keys of their indexes, and tells the chain who holds which scope.
///
/// Every step may be taken again; what is random is kept before anybody gets it.
struct DatasetDesk: Sendable {
    private static let backoffMax: UInt64 = 300_000

    let custodian: Custodian
    let store: DatasetStore
    let chain: any DatasetChain
    let post: any IndexKeyPost
    /// Whose attribute keys open the index; nil: no index key is sealed.
    let attributeAuthority: PartyName?
    /// Length of an epoch.
    let epochSeconds: UInt64
    let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64

    // MARK: Orders

    /// Takes an order; the same one again is the same data set.
    ///
    /// - Throws: ``DatasetError``, or a database error.
    func publish(_ order: DatasetOrder) throws -> DatasetEntry {
        if let id = [UInt8](hex: order.dataset), let known = try self.store.dataset(id) {
            guard known.plan.order == order else { throw DatasetError.exists }
            return known
        }
        let plan = try DatasetPlan(order, among: self.custodian.registry.scopes(), epochSeconds: self.epochSeconds)
        for other in try self.store.datasets() where other.state == .publishing || other.state == .published {
            // The chain has one policy for a scope, and one seal of a gateway's index key.
            guard other.plan.policy.utf8.elementsEqual(plan.policy.utf8) || !other.plan.shares(with: plan) else {
                throw DatasetError.anotherPolicy(other.plan.order.dataset)
            }
        }
        guard let entry = try self.store.keep(plan, at: self.clock()) else { throw DatasetError.unknown }
        return entry
    }

    /// Withdraws a data set; permissions that were given stay.
    ///
    /// - Throws: ``DatasetError``, or a database error.
    func withdraw(_ id: [UInt8]) throws -> DatasetEntry {
        guard var entry = try self.store.dataset(id) else { throw DatasetError.unknown }
        let state = entry.state
        guard state == .publishing || state == .published else { return entry }
        entry.state = .withdrawing
        entry.nextTry = 0
        try self.store.update(entry, from: state)
        return entry
    }

    // MARK: Work

    /// Takes the next step of every data set that is due.
    func work() async throws {
        for entry in try self.store.datasets() where entry.nextTry <= self.clock() {
            guard entry.state == .publishing || entry.state == .withdrawing else { continue }
            var next = entry
            do {
                try await entry.state == .publishing ? self.publish(entry.plan) : self.withdraw(entry.plan)
                next.state = entry.state == .publishing ? .published : .withdrawn
                (next.reason, next.attempts) = ("", 0)
            } catch {
                next.attempts += 1
                next.reason = String("\(error)".prefix(500))
                next.nextTry = self.clock() + min(Self.backoffMax, 1_000 << UInt64(min(entry.attempts, 10)))
            }
            try self.store.update(next, from: entry.state)
        }
    }

    private func publish(_ plan: DatasetPlan) async throws {
        if let circuit = plan.circuit {
            for scope in plan.scopeDigests { try await self.state(plan, scope, circuit) }
        }
        if let known = try await self.chain.dataset(plan.id), known.withdrawn == 0 { return }
        var key = try self.custodian.discoveryKey(epoch: plan.epoch)
        defer { key.wipe() }
        let arguments = PublishDataset(
            dataset: plan.id,
            scopes: plan.scopeDigests,
            from: plan.from,
            to: plan.to,
            policy: try plan.policyDigest(),
            tags: KeywordTags.tags(try plan.order.keywords.map { try Keyword($0) }, try KeywordKey(key)),
            isSingleControl: plan.order.singleControl
        )
        try await self.chain.call(arguments, needless: [.datasetExists])
        self.logger.notice("published a data set", metadata: ["dataset": "\(plan.order.dataset)"])
    }

    /// States the policy of a scope unless the chain has it.
    private func state(_ plan: DatasetPlan, _ scope: [UInt8], _ circuit: [UInt8]) async throws {
        let wanted = (try plan.policyDigest(), plan.order.permissionSeconds)
        if let known = try await self.chain.policyBinding(of: scope), known.circuit == circuit,
            (known.policy, known.permissionSeconds) == wanted
        {
            return
        }
        let arguments = SetPolicy(
            scope: scope,
            circuit: circuit,
            permissionSeconds: plan.order.permissionSeconds,
            text: plan.policy
        )
        try await self.chain.call(arguments, needless: [])
    }

    /// Ends the policies first: without the data set, requests that name a scope would still be permitted under them.
    private func withdraw(_ plan: DatasetPlan) async throws {
        if plan.circuit != nil {
            let others = try self.otherPolicies(than: plan)
            for scope in plan.scopeDigests { try await self.endPolicy(of: scope, plan, others) }
        }
        guard try await self.chain.dataset(plan.id) != nil else { return }
        try await self.chain.call(WithdrawDataset(dataset: plan.id), needless: [.datasetWithdrawnAlready])
        self.logger.notice("withdrew a data set", metadata: ["dataset": "\(plan.order.dataset)"])
    }

    /// Data sets that stand and state a policy, oldest first.
    private func otherPolicies(than plan: DatasetPlan) throws -> [DatasetPlan] {
        try self.store.datasets()
            .filter { $0.state == .publishing || $0.state == .published }
            .map(\.plan)
            .filter { $0.id != plan.id && $0.circuit != nil }
    }

    /// Withdraws a scope's policy, unless another data set states one; a policy that nobody here stated stays.
    private func endPolicy(of scope: [UInt8], _ plan: DatasetPlan, _ others: [DatasetPlan]) async throws {
        if let other = others.last(where: { $0.scopeDigests.contains(scope) }), let circuit = other.circuit {
            // Circuit and length of permissions may have been those of the data set that ends.
            return try await self.state(other, scope, circuit)
        }
        let policy = try plan.policyDigest()
        guard let known = try await self.chain.policyBinding(of: scope), known.policy == policy else { return }
        try await self.chain.call(WithdrawPolicy(scope: scope), needless: [.noPolicy])
    }

    // MARK: Index keys

    /// Seals what gateways handed over for published scopes, and brings it to centers and chain.
    ///
    /// One scope or center that fails keeps none of the others waiting.
    func wrap() async throws {
        guard let authority = self.attributeAuthority else { return }
        let published = try self.store.datasets().filter { $0.state == .published }
        if !published.isEmpty {
            guard let bytes = try await self.chain.attributeKey(of: authority) else {
                throw CustodianError.grant("\(authority) has published no key; index keys wait for it")
            }
            let publicKey = try AttributePublicKey(bytes: bytes)
            for entry in published {
                for digest in entry.plan.scopeDigests {
                    guard let scope = try self.custodian.registry.scope(digest: digest) else { continue }
                    do { try await self.seal(scope, entry.plan.policy, publicKey) } catch {
                        self.logger.info("index keys wait", metadata: ["scope": "\(digest.hex)", "why": "\(error)"])
                    }
                }
            }
        }
        try await self.bring()
    }

    private func seal(_ scope: RegisteredScope, _ policy: String, _ publicKey: AttributePublicKey) async throws {
        let mark = TaggedHash.digest("CUSTODIAN-SEAL", Array(policy.utf8), publicKey.digest)
        var failure: (any Error)?
        for center in self.post.centers {
            do {
                let position = try self.store.position(scope.digest, center, mark)
                let next = try await self.post.collect(scope, at: center, from: position, mark: mark) { keys in
                    for key in keys { try self.seal(key, scope, policy, publicKey, mark) }
                }
                if let next { try self.store.keep(position: next, scope.digest, center, mark) }
                return
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func seal(
        _ collected: CollectedIndexKey,
        _ scope: RegisteredScope,
        _ policy: String,
        _ publicKey: AttributePublicKey,
        _ mark: [UInt8]
    ) throws {
        let keyMark = TaggedHash.digest("CUSTODIAN-INDEX-KEY", collected.key)
        guard try !self.store.hasWrap(scope.digest, collected.sender, keyMark, mark) else { return }
        let blob = try IndexKeySealing.seal(
            IndexKey(collected.key),
            scopeDigest: scope.digest,
            policy: policy,
            under: publicKey
        )
        try self.store.keep(
            KeptWrap(
                scope: scope.digest,
                sender: collected.sender,
                keyMark: keyMark,
                sealMark: mark,
                blob: blob,
                digest: SealedIndexKey.digest(of: blob),
                missing: self.post.centers,
                isRecorded: false
            )
        )
    }

    /// Brings sealed keys to those that lack them; the chain names one only when a center has it.
    private func bring() async throws {
        for wrap in try self.store.openWraps() {
            var wrap = wrap
            var missing: [String] = []
            for center in wrap.missing where self.post.centers.contains(center) {
                do { try await self.post.put(wrap.blob, digest: wrap.digest, to: center) } catch {
                    missing.append(center)
                    self.logger.info("a sealed index key waits", metadata: ["center": "\(center)", "why": "\(error)"])
                }
            }
            wrap.missing = missing
            if !wrap.isRecorded, missing.count < self.post.centers.count, let sender = PartyName(wrap.sender) {
                do {
                    let arguments = WrapIndexKey(scope: wrap.scope, sender: sender, digest: wrap.digest)
                    try await self.chain.call(arguments, needless: [.wrapKnown])
                    wrap.isRecorded = true
                } catch {
                    self.logger.info(
                        "the chain does not name a sealed index key yet",
                        metadata: ["scope": "\(wrap.scope.hex)", "why": "\(error)"]
                    )
                }
            }
            try self.store.update(wrap)
        }
    }
}

extension DatasetPlan {
    fileprivate func policyDigest() throws -> [UInt8] { try AccessPolicy(canonical: self.policy).digest }

    fileprivate func shares(with other: DatasetPlan) -> Bool { !Set(self.scopes).isDisjoint(with: other.scopes) }
}
