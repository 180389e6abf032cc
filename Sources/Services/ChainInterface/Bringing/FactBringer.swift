internal import CanonicalBytes
internal import Certificates
package import Consensus
internal import Contracts
package import Credentials
internal import Foundation
internal import Ledger
package import Logging
internal import ServiceLifecycle

/// Tells the index channel, in a validator's name, what the access channel decided: committees, issuers, parameters,
/// validators' names, activations, revocations of certificates and permissions, and consents.
///
/// Every validator does so. The leader of the index channel is the first; each of the others waits a step longer and
/// looks again, so that a faulty leader delays a fact and the chain does not keep it four times.
package struct FactBringer: Service {
    /// Times and the clock's hands, which tests turn themselves.
    package struct Pace: Sendable {
        /// One validator's start over the next.
        package var step = Duration.milliseconds(500)
        /// Until the next attempt after a failure, doubled up to 64 times.
        package var retry = Duration.seconds(1)
        /// Waits.
        package var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

        package init() {}
    }

    /// How long its transactions may take effect, ms.
    private static let lifetime: UInt64 = 60_000
    /// Blocks after which the place is noted.
    private static let blocksPerNote: Height = 1_000
    /// Rejections of facts until it pauses.
    private static let rejectionsMax = 8

    private let backend: any ChainBackend
    private let identity: IdentityWatch
    private let contracts: ConsortiumContracts
    private let pace: Pace
    private let logger: Logger
    private let note: FactNote
    /// Whether the values of both channels may differ.
    private var isComparing = true
    /// Everything that access blocks up to this one revoked is revoked on index, and their consents are known there.
    private(set) var height: Height

    /// - Parameters:
    ///   - backend: the validator.
    ///   - identity: the validator's own, signs.
    ///   - scheme: how the chain's certificates are made.
    ///   - directory: takes the file ``FactNote/fileName``.
    ///   - pace: of several validators.
    ///   - logger: for what was told, and failures.
    package init(
        _ backend: any ChainBackend,
        identity: Identity,
        scheme: any SignatureScheme,
        directory: String,
        pace: Pace = Pace(),
        logger: Logger
    ) {
        self.backend = backend
        self.identity = IdentityWatch(identity)
        self.contracts = ConsortiumContracts(scheme: scheme)
        self.pace = pace
        self.logger = logger
        self.note = FactNote(directory: directory, genesis: backend.genesis.digest)
        self.height = self.note.read()
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var bringer = self
            var failures = 0
            while !Task.isCancelled {
                let height = bringer.height
                do {
                    try await bringer.catchUp()
                    failures = 0
                    await bringer.backend.waitForBlock(above: bringer.height, on: .access)
                } catch {
                    guard !Task.isCancelled else { return }
                    failures += 1
                    bringer.logger.info("cannot tell the index channel yet", metadata: ["reason": "\(error)"])
                }
                // A chain that stands still, or has stopped, is not asked without end.
                guard failures > 0 || bringer.height == height else { continue }
                try? await bringer.pace.pause(bringer.pace.retry * (1 << min(max(failures - 1, 0), 6)))
            }
        }
    }

    /// Tells everything that the access channel has decided up to now.
    ///
    /// - Throws: what keeps it from doing so now; to be tried again later.
    mutating func catchUp() async throws {
        if self.isComparing { try await self.settle() }
        while self.height < self.backend.height(of: .access) {
            try Task.checkCancellation()
            let next = self.height + 1
            do {
                guard let block = try await self.backend.block(at: next, on: .access) else { return }
                try await self.tell(of: block)
                self.height = next
            } catch ChainRefusal.pruned(let earliest) where earliest > next {
                // What is gone here was told by those who had it.
                self.height = earliest - 1
            }
            if self.height % Self.blocksPerNote == 0 { self.note.write(self.height) }
        }
        if self.isComparing { try await self.settle() }
    }

    private mutating func tell(of block: ServedBlock) async throws {
        var consents: [ConsentPlace] = []
        for (place, receipt) in block.receipts.enumerated() where receipt.code == 0 {
            for event in receipt.events {
                switch event.topic {
                case "governance.enacted": self.isComparing = true
                case "registry.revoked":
                    // Proofs of an epoch hold where its committee is known.
                    if self.isComparing { try await self.settle() }
                    try await self.settle(revocation: place, in: block)
                case PermissionRevoked.topic:
                    if self.isComparing { try await self.settle() }
                    try await self.settle(permissionRevokedBy: event, at: place, in: block)
                default:
                    for changed in ConsentPlace.changed(by: event) where !consents.contains(changed) {
                        consents.append(changed)
                    }
                }
            }
        }
        for place in consents { try await self.settle(consents: place, changedAt: block.block.header.height) }
    }

    // MARK: - Values and committees

    private mutating func settle() async throws {
        let source = BackendFacts(backend: self.backend)
        guard self.backend.height(of: .access) > 0 else { return }
        var (last, stepsWaited, rejections) = (SharedFact?.none, 0, 0)
        while let fact = try await source.sharedFacts(self.contracts).missing.first {
            if fact != last { (last, stepsWaited) = (fact, 0) }
            guard try await self.isOurTurn(after: stepsWaited) else {
                stepsWaited += 1
                continue
            }
            guard let call = try await source.call(telling: fact) else { return }
            guard try await self.submit(call) != 0 else { continue }
            rejections += 1
            guard rejections < Self.rejectionsMax else { throw BringingFailure("the contract rejects it") }
        }
        self.isComparing = false
    }

    // MARK: - Revocations

    private func settle(revocation place: Int, in block: ServedBlock) async throws {
        let proof = TransactionProof(
            place,
            of: block.block,
            receipts: block.receipts,
            certificate: block.certificate
        )
        guard let proof, let list = try? Revoke(bytes: proof.transaction.body.arguments).list else { return }
        try await self.tell("a revocation") {
            try await self.isRevoked(list) ? nil : BringRevocations(proof: proof)
        }
    }

    /// Whether the index channel knows all of a list.
    private func isRevoked(_ list: RevocationList) async throws -> Bool {
        let source = BackendFacts(backend: self.backend)
        for digest in list.revoked {
            let key = StateKey.revocation(of: digest, by: list.issuer)
            guard try await source.value(of: key, on: .index)?.value != nil else { return false }
        }
        return true
    }

    private func settle(
        permissionRevokedBy event: ContractEvent,
        at place: Int,
        in block: ServedBlock
    ) async throws {
        let proof = TransactionProof(
            place,
            of: block.block,
            receipts: block.receipts,
            certificate: block.certificate
        )
        guard let proof, let permission = try? PermissionRevoked(bytes: event.data).permission else { return }
        let key = SharingKey.revokedPermission(permission)
        let source = BackendFacts(backend: self.backend)
        try await self.tell("a revocation") {
            guard try await source.value(of: key, on: .index)?.value == nil else { return nil }
            return BringPermissionRevocation(proof: proof)
        }
    }

    // MARK: - Consents

    /// Brings consents as they are now, unless index knows them as they were after a change, or later.
    private mutating func settle(consents place: ConsentPlace, changedAt height: Height) async throws {
        let source = BackendFacts(backend: self.backend)
        if self.isComparing { try await self.settle() }
        guard try await place.heightKnown(to: source) < height else { return }
        // The newest block may be of a committee that blocks up to this one do not tell of.
        if try await source.isEpochAhead() { try await self.settle() }
        try await self.tell("consents") {
            guard try await place.heightKnown(to: source) < height else { return nil }
            // A consent about a label that was stated before labels had records has nothing to bring.
            guard let proof = try await source.value(of: place.key, on: .access), proof.value != nil else { return nil }
            return BringConsents(proof: proof)
        }
    }

    // MARK: - Telling

    /// Makes a call when it is this validator's turn, until there is nothing to tell any more.
    private func tell(_ what: String, _ call: () async throws -> (any MethodArguments)?) async throws {
        var (stepsWaited, rejections) = (0, 0)
        while let arguments = try await call() {
            guard try await self.isOurTurn(after: stepsWaited) else {
                stepsWaited += 1
                continue
            }
            guard try await self.submit(arguments) != 0 else { continue }
            rejections += 1
            guard rejections < Self.rejectionsMax else { throw BringingFailure("the contract rejects \(what)") }
        }
    }

    /// Whether this validator may speak now; false after a step's wait.
    private func isOurTurn(after stepsWaited: Int) async throws -> Bool {
        guard try await stepsWaited < self.stepsToWait() else { return true }
        try await self.pace.pause(self.pace.step)
        return false
    }

    /// Validators that come before this one.
    private func stepsToWait() async throws -> Int {
        let status = await self.backend.status()
        let leader = status.channels.first { $0.channel == Channel.index.name }?.leader
        let committee = try await self.backend.handovers(after: 0, on: .index).last?.next
        let numbers = (committee ?? self.backend.genesis.committee).members.map(\.id.number)
        guard let own = numbers.firstIndex(of: status.number) else { return numbers.count }
        return (own - (numbers.firstIndex { $0 == leader } ?? 0) + numbers.count) % numbers.count
    }

    /// Calls a method of the index channel.
    ///
    /// - Returns: the receipt's code.
    private func submit(_ arguments: some MethodArguments) async throws -> UInt16 {
        let identity = self.identity.current
        let microseconds = UInt64(max(0, Date().timeIntervalSince1970 * 1_000_000))
        let body = arguments.body(
            chain: Array(self.backend.genesis.chain.utf8),
            channel: .index,
            signer: identity.certificate.digest,
            nonce: microseconds,
            validUntil: microseconds / 1_000 + Self.lifetime
        )
        let transaction = try Transaction(signing: body, certificate: identity.certificate, key: identity.key)
        guard let proof = try await self.backend.submit(transaction.bytes, waitMilliseconds: Self.lifetime / 2) else {
            throw BringingFailure("nobody knows yet what becomes of \(transaction.id.hex)")
        }
        self.logger.info(
            "told the index channel",
            metadata: ["method": "\(body.contract).\(body.method)", "code": "\(proof.receipt.code)"]
        )
        return proof.receipt.code
    }
}

/// Why a fact waits.
struct BringingFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The facts as the validator itself holds them.
struct BackendFacts: SharedFactSource {
    let backend: any ChainBackend

    var genesis: Genesis { self.backend.genesis }

    func handovers(of channel: Channel) async throws -> [Handover] {
        try await self.backend.handovers(after: 0, on: channel)
    }

    func value(of key: [UInt8], on channel: Channel) async throws -> ValueProof? {
        guard self.backend.height(of: channel) > 0 else { return nil }
        return try await self.backend.valueProof(of: key, on: channel)
    }
}
