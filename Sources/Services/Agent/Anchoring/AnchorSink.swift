internal import CanonicalBytes
internal import Consensus
internal import Credentials
internal import Ledger
internal import Uplink

/// The chain as the agent needs it.
protocol AnchorSink: Sendable {
    /// Hands in a transaction and waits some time for its block; the same one may come again.
    ///
    /// - Returns: the proof that it is in a block; nil when the outcome is open.
    /// - Throws: ``UplinkFailure`` when nobody took it.
    func submit(_ transaction: Transaction) async throws(UplinkFailure) -> TransactionProof?

    /// - Returns: the proof that a transaction is in a block; nil when nobody has it.
    func proof(of id: [UInt8]) async throws(UplinkFailure) -> TransactionProof?

    /// The greatest nonce that a key has used on the index channel, as of a certified block; 0 before the first.
    func newestNonce(of signer: [UInt8]) async throws(UplinkFailure) -> UInt64

    /// The blocks that named committees of epochs after the given one.
    func handovers(after epoch: CommitteeEpoch) async throws(UplinkFailure) -> [Handover]
}

/// The validators' interfaces.
struct ValidatorSink: AnchorSink {
    private let client: ChainClient
    private let validators: [ValidatorClient]

    /// - Parameters:
    ///   - urls: of the validators.
    ///   - genesis: of the chain.
    ///   - scheme: how its certificates are made.
    ///   - client: presents the gateway's identity.
    init(_ urls: [ServiceURL], genesis: Genesis, scheme: any SignatureScheme, client: SecureClient) {
        self.client = ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: client)
        self.validators = urls.map { ValidatorClient(base: $0, client: client) }
    }

    func submit(_ transaction: Transaction) async throws(UplinkFailure) -> TransactionProof? {
        try await self.client.submit(transaction)
    }

    func proof(of id: [UInt8]) async throws(UplinkFailure) -> TransactionProof? {
        try await self.client.proof(of: id, on: .index)
    }

    func newestNonce(of signer: [UInt8]) async throws(UplinkFailure) -> UInt64 {
        let proof = try await self.client.value(of: StateKey.nonces(of: signer), on: .index)
        do throws(ProtocolFailure) { return try NonceWindow(bytes: proof.value).recent.last ?? 0 } catch {
            throw .malformed("a signer's nonces cannot be read: \(error)")
        }
    }

    func handovers(after epoch: CommitteeEpoch) async throws(UplinkFailure) -> [Handover] {
        var last = UplinkFailure.unreachable("no validator is configured")
        for validator in self.validators {
            do throws(UplinkFailure) {
                let found = try await validator.handovers(after: epoch, on: .index)
                if !found.isEmpty { return found }
                last = .malformed("\(validator.base) knows no later committee")
            } catch { last = error }
        }
        throw last
    }
}
