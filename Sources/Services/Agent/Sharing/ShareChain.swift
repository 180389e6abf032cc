internal import CanonicalBytes
internal import Consensus
internal import Credentials
internal import Ledger
internal import Uplink

/// The chain as share requests need it; every answer is proven by a quorum certificate.
protocol ShareChain: Sendable {
    /// Hands in a transaction and waits some time for its block; the same one may come again.
    ///
    /// - Returns: the verified proof that it is in a block; nil when the outcome is open.
    /// - Throws: ``UplinkFailure`` when nobody took it.
    func submit(_ transaction: Transaction) async throws(UplinkFailure) -> TransactionProof?

    /// - Returns: the verified proof that a transaction is in a block; nil when nobody has it.
    func proof(of id: [UInt8], on channel: Channel) async throws(UplinkFailure) -> TransactionProof?

    /// A signer's last nonces as of a certified block.
    func nonces(of signer: [UInt8], on channel: Channel) async throws(UplinkFailure) -> UsedNonces
}

/// Nonces that a signer has used, and until when that is known.
struct UsedNonces: Sendable, Hashable {
    /// Of the block, ms since 1970.
    let time: UInt64
    /// Ascending; the newest at most.
    let recent: [UInt64]

    enum Verdict: Sendable, Hashable {
        case used
        case unused
        /// So old that the chain does not remember it.
        case forgotten
    }

    /// What they say of one nonce.
    func verdict(on nonce: UInt64) -> Verdict {
        if self.recent.contains(nonce) { return .used }
        guard self.recent.count >= NonceWindow.size, let oldest = self.recent.first, nonce < oldest else {
            return .unused
        }
        return .forgotten
    }
}

/// The validators' interfaces; a relay that serves the same routes does as well.
struct ValidatorShareChain: ShareChain {
    private let client: ChainClient

    /// - Parameters:
    ///   - urls: of the validators.
    ///   - genesis: of the chain.
    ///   - scheme: how its certificates are made.
    ///   - client: presents the gateway's identity, never the requester's.
    init(_ urls: [ServiceURL], genesis: Genesis, scheme: any SignatureScheme, client: SecureClient) {
        self.client = ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: client)
    }

    func submit(_ transaction: Transaction) async throws(UplinkFailure) -> TransactionProof? {
        try await self.client.submit(transaction)
    }

    func proof(of id: [UInt8], on channel: Channel) async throws(UplinkFailure) -> TransactionProof? {
        try await self.client.proof(of: id, on: channel)
    }

    func nonces(of signer: [UInt8], on channel: Channel) async throws(UplinkFailure) -> UsedNonces {
        let proof = try await self.client.value(of: StateKey.nonces(of: signer), on: channel)
        do throws(ProtocolFailure) {
            return UsedNonces(time: proof.header.time, recent: try NonceWindow(bytes: proof.value).recent)
        } catch { throw .malformed("a signer's nonces cannot be read: \(error)") }
    }
}
