internal import CanonicalBytes
internal import Ledger
internal import TraceContexts
internal import Uplink

/// What to do for one share request on the network.
struct ShareJob: Sendable {
    let id: [UInt8]
    /// The signed transaction.
    let bytes: [UInt8]
    /// Whether it may still take effect and is to be handed in; otherwise it is only asked what became of it.
    let isToSubmit: Bool
    /// What is said of it here and in the logs of validators belongs together.
    let trace = TraceContext()
}

/// What became of a share request.
enum ShareFinding: Sendable {
    case committed(TransactionProof)
    /// Handed in, and no block yet.
    case open
    /// Its time is over and no block has it, which a certified state proves.
    case absent
    /// Its time is over, and nobody shows it; its nonce was used, or the chain does not remember.
    case missing
    /// The chain is not past its time yet, as far as anybody can prove.
    case early
    /// It was not taken.
    case notTaken(UplinkFailure)
    /// Nothing was learnt.
    case away(UplinkFailure)
    /// What is stored cannot be read.
    case damaged(String)
}

/// Hands in share requests and asks after them.
struct ShareDialogue: Sendable {
    let chain: any ShareChain

    func carryOut(_ job: ShareJob) async -> ShareFinding {
        let transaction: Transaction
        do throws(ProtocolFailure) { transaction = try Transaction(bytes: job.bytes) } catch {
            return .damaged("a stored request cannot be read: \(error)")
        }
        return job.isToSubmit ? await self.submit(transaction) : await self.ask(transaction)
    }

    private func submit(_ transaction: Transaction) async -> ShareFinding {
        let refusal: UplinkFailure
        do throws(UplinkFailure) {
            return try await self.chain.submit(transaction).map { .committed($0) } ?? .open
        } catch { refusal = error }
        guard case .refused = refusal else { return .away(refusal) }
        guard refusal.isPermanent else { return .notTaken(refusal) }
        // It may have got into a block on an earlier way: what is refused then is the repetition.
        do throws(UplinkFailure) {
            let proof = try await self.chain.proof(of: transaction.id, on: transaction.body.channel)
            return proof.map { .committed($0) } ?? .notTaken(refusal)
        } catch { return .away(error) }
    }

    private func ask(_ transaction: Transaction) async -> ShareFinding {
        let body = transaction.body
        do throws(UplinkFailure) {
            if let proof = try await self.chain.proof(of: transaction.id, on: body.channel) { return .committed(proof) }
            let nonces = try await self.chain.nonces(of: body.signer, on: body.channel)
            guard nonces.time > body.validUntil else { return .early }
            if nonces.verdict(on: body.nonce) == .unused { return .absent }
            // It may have come into a block between the two questions.
            let proof = try await self.chain.proof(of: transaction.id, on: body.channel)
            return proof.map { .committed($0) } ?? .missing
        } catch { return .away(error) }
    }
}
