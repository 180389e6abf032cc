/// What moves an exchange on (bitxhub v2.8, `transaction_manager.go`).
package enum TransactionEvent: UInt8, Sendable, CaseIterable {
    /// The request came, and the destination can be reached.
    case begin
    /// The request came and the destination cannot be reached, or another request of its group failed.
    case beginFailure
    /// The block came that the request had to be answered by.
    case timeout
    case success
    case failure
    case rollback
    /// The destination's relay chain gave the request up as failed.
    case destinationFailure
    /// The destination's relay chain gave the request up as late.
    case destinationRollback

    /// The event that an answer is; nil for what is none, and for ``MessageType/receiptRollbackEnd``, which no relay
    /// chain sees.
    package init?(receipt type: MessageType) {
        switch type {
        case .receiptSuccess: self = .success
        case .receiptFailure: self = .failure
        case .receiptRollback: self = .rollback
        case .interchain, .receiptRollbackEnd: return nil
        }
    }
}

/// The table of an exchange's states.
package enum TransactionRules {
    /// The state after an event.
    ///
    /// - Parameters:
    ///   - status: nil before the request.
    ///   - event: that happens.
    /// - Returns: nil when the event does not fit.
    package static func next(_ status: TransactionStatus?, _ event: TransactionEvent) -> TransactionStatus? {
        switch (status, event) {
        case (nil, .begin): .begin
        case (nil, .beginFailure), (.begin, .beginFailure): .beginFailure
        case (.begin, .timeout): .beginRollback
        case (.begin, .success): .success
        case (.begin, .failure), (.beginFailure, .failure), (.begin, .destinationFailure): .failure
        // A destination that never did what it was asked answers with a failure also after the time was up.
        case (.beginRollback, .rollback), (.beginRollback, .failure), (.begin, .destinationRollback): .rollback
        default: nil
        }
    }

    /// Which of the two chains must be told of a change.
    package static func notices(
        from previous: TransactionStatus?,
        to current: TransactionStatus
    ) -> (source: Bool, destination: Bool) {
        switch (previous, current) {
        case (nil, .begin): (false, true)
        case (nil, .beginFailure), (.begin, .beginFailure), (.begin, .beginRollback): (true, true)
        case (.begin, .success), (.begin, .failure), (.begin, .rollback): (true, false)
        // The source knows since the first half of the failure; the destination has just said so.
        default: (false, false)
        }
    }
}
