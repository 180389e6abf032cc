internal import Contracts
internal import Ledger

/// What a contract's number says.
package enum RejectionMeaning {
    /// The word of a method's rejection; empty for a number that this version does not know.
    package static func name(_ code: UInt16) -> String { RejectionCode.name(code) ?? "" }
}
