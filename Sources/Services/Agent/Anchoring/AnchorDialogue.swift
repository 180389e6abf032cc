internal import CanonicalBytes
internal import Certificates
internal import Contracts
internal import Ledger
internal import Spool
internal import TraceContexts
internal import Uplink

/// What to do for one window on the network.
struct AnchorJob: Sendable {
    let window: UInt64
    /// Signed for it, oldest first; never empty.
    let attempts: [AnchorAttempt]
    /// Whether the newest may still take effect and is to be handed in; otherwise it is only asked what became of all.
    let isToSubmit: Bool
    /// What is said of it here and in the logs of validators belongs together.
    let trace = TraceContext()
}

/// What became of a window's transactions.
enum AnchorFinding: Sendable {
    case anchored(TransactionProof)
    /// The newest is in a block, and the contract refused it; none of the others anchored the window.
    case rejected(attempt: [UInt8], code: UInt16)
    /// Handed in, and no block yet.
    case open
    /// Nobody has any of them.
    case unknown
    /// Its nonce was used, or is older than those that the chain remembers; the greatest one of this key, when that was told.
    case nonceUsed(attempt: [UInt8], UplinkFailure, newest: (signer: [UInt8], nonce: UInt64)?)
    /// It was not taken.
    case notTaken(attempt: [UInt8], UplinkFailure)
    /// Nothing was learnt.
    case away(UplinkFailure)
}

/// Hands in transactions, and believes only what a quorum certified.
struct AnchorDialogue: Sendable {
    let sink: any AnchorSink
    let book: CommitteeBook

    /// Brings a window further; every proof is verified.
    func carryOut(_ job: AnchorJob) async -> AnchorFinding {
        guard let newest = job.attempts.last else { return .unknown }
        var rejection: (attempt: [UInt8], code: UInt16)?
        do throws(UplinkFailure) {
            if job.isToSubmit {
                guard let proof = try await self.submit(newest) else { return .open }
                guard proof.receipt.code != 0 else { return .anchored(proof) }
                rejection = (newest.id, proof.receipt.code)
            }
        } catch {
            guard case .refused(_, let code, _, _) = error else { return .away(error) }
            guard code == ChainClient.nonceUsed else { return .notTaken(attempt: newest.id, error) }
            return .nonceUsed(attempt: newest.id, error, newest: await self.newestNonce(of: newest))
        }
        do throws(UplinkFailure) {
            // An earlier one may have anchored the window: then the chain refuses this one for that reason.
            for attempt in job.attempts.reversed() where attempt.id != rejection?.attempt {
                guard let proof = try await self.sink.proof(of: attempt.id) else { continue }
                try await self.check(proof, attempt)
                guard proof.receipt.code != 0 else { return .anchored(proof) }
                rejection = rejection ?? (attempt.id, proof.receipt.code)
            }
        } catch { return .away(error) }
        return rejection.map { .rejected(attempt: $0.attempt, code: $0.code) } ?? .unknown
    }

    private func submit(_ attempt: AnchorAttempt) async throws(UplinkFailure) -> TransactionProof? {
        let transaction: Transaction
        do throws(ProtocolFailure) { transaction = try Transaction(bytes: attempt.bytes) } catch {
            throw .malformed("a stored transaction cannot be read: \(error)")
        }
        guard let proof = try await self.sink.submit(transaction) else { return nil }
        try await self.check(proof, attempt)
        return proof
    }

    private func newestNonce(of attempt: AnchorAttempt) async -> (signer: [UInt8], nonce: UInt64)? {
        guard let signer = try? Transaction(bytes: attempt.bytes).body.signer,
            let nonce = try? await self.sink.newestNonce(of: signer)
        else { return nil }
        return (signer, nonce)
    }

    private func check(_ proof: TransactionProof, _ attempt: AnchorAttempt) async throws(UplinkFailure) {
        guard proof.transaction.bytes == attempt.bytes else { throw .malformed("a proof of another transaction") }
        try await self.book.verify(proof, from: self.sink)
    }
}

extension TransactionProof {
    /// Whether the contract marked the anchor as late.
    var isLateAnchor: Bool { self.receipt.events.contains { $0.topic.utf8.elementsEqual("anchor.late".utf8) } }
}

/// What the index contract's refusals mean to a gateway.
enum AnchorRejection {
    /// A scope is at fault, not the whole window.
    static func isOfScope(_ code: UInt16) -> Bool {
        [.writerNotListed, .scopeEpoch, .scopeUnlisted].contains(RejectionCode(code, ""))
    }

    /// The chain has another anchor under the window's number.
    static func isOfNumber(_ code: UInt16) -> Bool {
        [.anchoredAlready, .windowReused].contains(RejectionCode(code, ""))
    }

    /// Time alone mends it.
    static func isPassing(_ code: UInt16) -> Bool { RejectionCode.createdInFuture.number == code }

    /// The code's name for people.
    static func name(_ code: UInt16) -> String {
        RejectionCode.name(code) ?? "rejected with code \(code)"
    }
}
