internal import CanonicalBytes
internal import Contracts
internal import Ledger
package import Uplink

/// Why a transaction did not take effect.
package enum ChainSubmissionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It is in a block, and the contract rejected it; the number of the ``RejectionCode``.
    case rejected(code: UInt16, transaction: [UInt8])
    /// Validators refuse it, or none is reached; it is in no block that anybody showed.
    case refused(UplinkFailure)
    /// Nobody said in time what became of it: it may still take effect.
    case open(transaction: [UInt8])

    package var description: String {
        switch self {
        case .rejected(let code, _): "the contract rejected it: \(RejectionCode.text(code))"
        case .refused(let failure): "the validators did not take it: \(failure)"
        case .open(let id): "nobody knows yet what becomes of \(id.hex)"
        }
    }

    /// The contract's code, when it is one.
    package var code: UInt16? { if case .rejected(let code, _) = self { code } else { nil } }
}
