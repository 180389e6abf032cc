internal import ChainReading
internal import Contracts
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Relaying
internal import Uplink

/// What a gateway makes of a contract's answer.
enum SubmissionCodes {
    /// - Parameters:
    ///   - error: that handing in ended with.
    ///   - shore: the chain that was to take it.
    /// - Returns: the outcome.
    static func outcome(of error: any Error, on shore: Shore) -> SubmissionOutcome {
        guard let failure = error as? ChainSubmissionError else { return .open }
        switch failure {
        case .rejected(let code, _): return self.outcome(ofCode: code, on: shore)
        case .refused, .open: return .open
        }
    }

    static func outcome(ofCode code: UInt16, on shore: Shore) -> SubmissionOutcome {
        let base = shore == .relay ? RejectionCode.relayBase : RejectionCode.interchainBase
        let isBook: (InterchainRefusal) -> Bool = { RejectionCode.book($0, in: base).number == code }
        let isPath: (PathRefusal.Reason) -> Bool = { RejectionCode.path($0, in: base).number == code }
        if isBook(.indexExists) { return .alreadyThere }
        if isBook(.indexGap(expected: 0)) { return .gap }
        if isPath(.unknownList) { return .behind(.verificationNodes) }
        if isPath(.listNotValid) { return .outdated }
        if isPath(.expired) || isPath(.wrongCommittee) { return .stale }
        return self.standing(code, shore) ?? .refused(code)
    }

    private static func standing(_ code: UInt16, _ shore: Shore) -> SubmissionOutcome? {
        switch (shore, RejectionCode(code, "")) {
        case (.relay, .sourceCommitteeUnknown), (.application, .relayCommitteeUnknown): .behind(.committee)
        case (.relay, .sourceCommitteeOutdated), (.application, .relayCommitteeOutdated): .outdated
        case (.relay, .sourceListUnknown), (.application, .nodeListUnknown): .behind(.verificationNodes)
        case (.relay, .noSuchChain), (.relay, .chainFrozen), (.relay, .chainRetired), (.relay, .chainExpired),
            (.application, .notConnected), (.application, .relayFrozen):
            .held
        // Governance has put the contract or the method off.
        case (_, .notActive): .held
        default: nil
        }
    }
}
