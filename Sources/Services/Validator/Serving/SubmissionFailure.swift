/// Why a transaction was not committed, as far as this validator knows.
package enum SubmissionFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes are no transaction.
    case malformed(String)
    /// The signature or the certificate does not hold.
    case badSignature(String)
    /// It cannot stand in a block: a stable code of `AdmissionFailure`.
    case inadmissible(code: String)
    /// No room in the pool, for this signer or at all: a stable code of `PoolRefusal`.
    case poolFull(code: String)
    /// The validator is starting, stopping, silent or out of disk space.
    case notReady(String)
    /// Nobody knows yet whether it will be committed; ask for it by its id.
    case timedOut(id: [UInt8])

    /// A stable word for clients.
    package var code: String {
        switch self {
        case .malformed: "malformed"
        case .badSignature: "bad-signature"
        case .inadmissible(let code), .poolFull(let code): code
        case .notReady: "not-ready"
        case .timedOut: "timed-out"
        }
    }

    package var description: String {
        switch self {
        case .malformed(let text): "the bytes are no transaction: \(text)"
        case .badSignature(let text): "the transaction is not signed as it should be: \(text)"
        case .inadmissible(let code): "the transaction cannot stand in a block: \(code)"
        case .poolFull(let code): "the pool does not take the transaction: \(code)"
        case .notReady(let text): "the validator takes no transactions now: \(text)"
        case .timedOut: "the transaction was not committed in time; its outcome is unknown, ask for it by its id"
        }
    }
}

/// Why a question cannot be answered.
package enum QueryFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The blocks below this height have been pruned here.
    case pruned(earliest: UInt64)
    /// The validator is stopping or has too much to do.
    case notReady(String)
    /// The channel has no block yet: nobody has certified its state, which is that of the genesis.
    case noBlock
    /// The store cannot be read.
    case damaged(String)

    package var description: String {
        switch self {
        case .pruned(let earliest): "blocks below \(earliest) have been pruned"
        case .notReady(let text): text
        case .noBlock: "there is no block yet"
        case .damaged(let text): text
        }
    }
}
