internal import CanonicalBytes
package import Consensus
package import Ledger
internal import Synchronization

/// A client of a chain that believes no validator: every answer is proven by a quorum certificate.
///
/// Transactions go to more than `f` validators at once, so that one of them at least is correct and brings it to the
/// leader; the nonce keeps it from taking effect twice.
package final class ChainClient: Sendable {
    let validators: [ValidatorClient]
    let genesis: Genesis
    let client: SecureClient
    private let scheme: any SignatureScheme
    private let views: Mutex<[Channel: CommitteeView]>
    private let turn: Mutex<Int>

    /// The code of those whose nonce another transaction of the same signer has.
    package static let nonceUsed = "nonce-used"

    /// - Parameters:
    ///   - validators: where the validators' interfaces are.
    ///   - genesis: of the chain, from a trusted file.
    ///   - scheme: how its certificates are made.
    ///   - client: presents the identity.
    package init(validators: [ServiceURL], genesis: Genesis, scheme: any SignatureScheme, client: SecureClient) {
        self.client = client
        self.validators = validators.map { ValidatorClient(base: $0, client: client) }
        self.genesis = genesis
        self.scheme = (scheme as? RememberingScheme) ?? RememberingScheme(scheme)
        self.views = Mutex([:])
        // Programs that live for one command would all begin with the same validator.
        self.turn = Mutex(Int.random(in: 0..<max(1, validators.count)))
    }

    package var chain: [UInt8] { Array(self.genesis.chain.utf8) }

    /// Hands in a transaction and waits until it is in a block.
    ///
    /// - Parameters:
    ///   - transaction: signed; it may be handed in again.
    ///   - waitMilliseconds: for the block.
    /// - Returns: the verified proof; nil when the outcome is open, ask again with ``proof(of:on:)``.
    /// - Throws: ``UplinkFailure`` when no validator took it; with the code ``nonceUsed`` it can never get into a block.
    package func submit(
        _ transaction: Transaction,
        waitMilliseconds: Int = 10_000
    ) async throws(UplinkFailure) -> TransactionProof? {
        let id = transaction.id
        let channel = transaction.body.channel
        do throws(UplinkFailure) {
            return try await self.find(id, on: channel) { (validator) throws(UplinkFailure) in
                try await validator.submit(transaction, waitMilliseconds: waitMilliseconds)
            }
        } catch {
            guard case .refused(_, Self.nonceUsed, _, _) = error else { throw error }
            // A repeated hand-in is refused for its nonce although it is committed. Otherwise another one has its nonce.
            if let proof = try await self.proof(of: id, on: channel) { return proof }
            throw error
        }
    }

    /// The verified proof of a committed transaction; nil when nobody has it.
    package func proof(of id: [UInt8], on channel: Channel) async throws(UplinkFailure) -> TransactionProof? {
        try await self.find(id, on: channel) { (validator) throws(UplinkFailure) in
            try await validator.proof(of: id, on: channel)
        }
    }

    /// A key's value with its verified proof; validators are asked in turn until one can prove it.
    package func value(of key: [UInt8], on channel: Channel) async throws(UplinkFailure) -> ValueProof {
        var last = UplinkFailure.unreachable("no validator is configured")
        for validator in self.inTurn {
            do throws(UplinkFailure) {
                let bytes = try await validator.value(of: key, on: channel)
                let proof = try Self.parse { () throws(ProtocolFailure) in try ValueProof(bytes: bytes) }
                guard proof.key == key else { throw .malformed("a proof of another key") }
                try await self.verify(proof.header, channel, validator) { (view) throws(ProtocolFailure) in
                    try proof.verify(by: view)
                }
                return proof
            } catch { last = error }
        }
        throw last
    }

    /// Blocks from a height upwards out of one validator's store, not verified: an audit does that.
    package func blocks(from height: Height, on channel: Channel) async throws(UplinkFailure) -> [CertifiedBytes] {
        var last = UplinkFailure.unreachable("no validator is configured")
        for validator in self.inTurn {
            do throws(UplinkFailure) { return try await validator.blocks(from: height, on: channel) } catch {
                last = error
            }
        }
        throw last
    }

    // MARK: - Asking

    /// All validators, each time beginning with the next; the first time anywhere.
    var inTurn: [ValidatorClient] {
        guard !self.validators.isEmpty else { return [] }
        let start = self.turn.withLock { turn in
            turn = (turn + 1) % self.validators.count
            return turn
        }
        return Array(self.validators[start...] + self.validators[..<start])
    }

    /// Asks `f + 1` validators at once, and the others when those bring nothing, until one proves what is wanted.
    private func find(
        _ id: [UInt8],
        on channel: Channel,
        _ ask: @escaping @Sendable (ValidatorClient) async throws(UplinkFailure) -> [UInt8]?
    ) async throws(UplinkFailure) -> TransactionProof? {
        let all = self.inTurn
        guard !all.isEmpty else { throw .unreachable("no validator is configured") }
        let count = self.genesis.committee.oneCorrect
        var outcome = await self.race(Array(all.prefix(count)), id, channel, ask)
        if outcome.proof == nil, all.count > count {
            let rest = await self.race(Array(all.dropFirst(count)), id, channel, ask)
            outcome = Outcome(
                proof: rest.proof,
                isOpen: outcome.isOpen || rest.isOpen,
                failures: outcome.failures + rest.failures
            )
        }
        if let proof = outcome.proof { return proof }
        // One validator that refuses for good may lie; one of so many is correct.
        let refusals = outcome.failures.filter(\.isPermanent)
        if refusals.count >= min(count, all.count), let refusal = refusals.first { throw refusal }
        if !outcome.isOpen, let failure = outcome.failures.first(where: { !$0.isPermanent }) { throw failure }
        return nil
    }

    private struct Outcome {
        var proof: TransactionProof?
        /// Somebody answered that there is nothing yet.
        var isOpen = false
        var failures: [UplinkFailure] = []
    }

    /// The first good answer wins; the slower ones are not waited for.
    private func race(
        _ validators: [ValidatorClient],
        _ id: [UInt8],
        _ channel: Channel,
        _ ask: @escaping @Sendable (ValidatorClient) async throws(UplinkFailure) -> [UInt8]?
    ) async -> Outcome {
        await withTaskGroup(of: Result<TransactionProof?, UplinkFailure>.self) { group in
            for validator in validators {
                group.addTask {
                    do throws(UplinkFailure) {
                        guard let bytes = try await ask(validator) else { return .success(nil) }
                        return .success(try await self.proven(bytes, id, channel, validator))
                    } catch { return .failure(error) }
                }
            }
            var outcome = Outcome()
            for await result in group {
                switch result {
                case .success(.some(let proof)):
                    outcome.proof = proof
                    group.cancelAll()
                    return outcome
                case .success(nil): outcome.isOpen = true
                case .failure(let failure): outcome.failures.append(failure)
                }
            }
            return outcome
        }
    }

    private func proven(
        _ bytes: [UInt8],
        _ id: [UInt8],
        _ channel: Channel,
        _ validator: ValidatorClient
    ) async throws(UplinkFailure) -> TransactionProof {
        let proof = try Self.parse { () throws(ProtocolFailure) in try TransactionProof(bytes: bytes) }
        guard proof.transaction.id == id else { throw .malformed("a proof of another transaction") }
        try await self.verify(proof.header, channel, validator) { (view) throws(ProtocolFailure) in
            try proof.verify(by: view)
        }
        return proof
    }

    // MARK: - Verifying

    private func verify(
        _ header: BlockHeader,
        _ channel: Channel,
        _ validator: ValidatorClient,
        _ check: (CommitteeView) throws(ProtocolFailure) -> Void
    ) async throws(UplinkFailure) {
        guard header.channel == channel else { throw .malformed("a proof of another channel") }
        let view = try await self.view(channel, reaching: header.epoch, from: validator)
        do throws(ProtocolFailure) { try check(view) } catch { throw .malformed("the proof does not hold: \(error)") }
    }

    /// The committees up to an epoch; newer ones are learnt from the blocks that named them.
    private func view(
        _ channel: Channel,
        reaching epoch: CommitteeEpoch,
        from validator: ValidatorClient
    ) async throws(UplinkFailure) -> CommitteeView {
        let known = self.views.withLock { $0[channel] }
        var view = known ?? CommitteeView(genesis: self.genesis, channel: channel, scheme: self.scheme)
        guard view.committees.current.epoch < epoch else { return view }
        for handover in try await validator.handovers(after: view.committees.current.epoch, on: channel) {
            do throws(ProtocolFailure) {
                try view.follow(handover.header, handover.certificate, next: handover.next)
            } catch { throw .malformed("a committee that its predecessor did not name: \(error)") }
        }
        let learnt = view
        self.views.withLock { views in
            let current = views[channel]?.committees.current.epoch ?? 0
            if learnt.committees.current.epoch > current { views[channel] = learnt }
        }
        return view
    }

    private static func parse<Value>(
        _ read: () throws(ProtocolFailure) -> Value
    ) throws(UplinkFailure) -> Value {
        do throws(ProtocolFailure) { return try read() } catch {
            throw .malformed("the validator's answer is no proof: \(error)")
        }
    }
}
