package import IBTP
package import Ledger
package import PathProofs

/// The codes that both contracts have, each in its own thousand.
struct CrossChainCodes: Sendable {
    /// Where the contract's codes of books and paths begin.
    let base: UInt16
    /// The trust period is over.
    let expired: RejectionCode
    let badProof: RejectionCode
    let committeeUnknown: RejectionCode
    let committeeOutdated: RejectionCode
    let followedAlready: RejectionCode
    let badList: RejectionCode
    let listKnown: RejectionCode
    let listUnknown: RejectionCode
    let pathMissing: RejectionCode
    let anotherAnchor: RejectionCode
    let badAnchor: RejectionCode

    /// The code of what a book refuses.
    func code(of refusal: InterchainRefusal) -> RejectionCode { .book(refusal, in: self.base) }

    /// The code of a path that is refused.
    func code(of refusal: PathRefusal) -> RejectionCode { .path(refusal.reason, in: self.base) }
}

extension RejectionCode {
    /// First of the codes of contract `interchain`.
    package static let interchainBase: UInt16 = 900
    /// First of the codes of contract `relay`.
    package static let relayBase: UInt16 = 1_000

    private static let bookNames = [
        "malformed-message", "another-hub", "wrong-type", "index-exists", "index-gap", "conflicting-request",
        "unknown-request", "unexpected-receipt", "not-of-the-group",
    ]

    /// What a book of exchanges refuses, from 40 on.
    package static func book(_ refusal: InterchainRefusal, in base: UInt16) -> RejectionCode {
        let place: UInt16 =
            switch refusal {
            case .malformed: 0
            case .anotherHub: 1
            case .wrongType: 2
            case .indexExists: 3
            case .indexGap: 4
            case .conflictingRequest: 5
            case .unknownRequest: 6
            case .unexpectedReceipt: 7
            case .notOfTheGroup: 8
            }
        return RejectionCode(base + 40 + place, self.bookNames[Int(place)])
    }

    /// Why a path is refused, from 50 on, in the order of the rules.
    package static func path(_ reason: PathRefusal.Reason, in base: UInt16) -> RejectionCode {
        let place = PathRefusal.Reason.allCases.firstIndex(of: reason) ?? 0
        return RejectionCode(base + 50 + UInt16(place), "path-" + reason.rawValue)
    }

    /// Those two lists.
    static func crossChain(in base: UInt16) -> [RejectionCode] {
        self.bookNames.enumerated().map { RejectionCode(base + 40 + UInt16($0.offset), $0.element) }
            + PathRefusal.Reason.allCases.map { self.path($0, in: base) }
    }
}
