/// Why the value-transfer contract does not allow a transition.
///
/// Numbers are relative to those of the chain contract that the transition is part of.
package enum IncentiveRejection: UInt16, CaseIterable, Sendable {
    // Credits.
    case amountOutOfRange = 1
    case insufficientCredits = 2
    case insufficientPool = 3
    case supplyExhausted = 4

    // Messages.
    case escrowExists = 10
    case noSuchEscrow = 11
    case escrowClosed = 12
    case escrowOpen = 13
    case routeOutOfRange = 14
    case backupIsAssignee = 15
    case depositTooSmall = 16
    case relayUnbonding = 17
    case budgetTooSmall = 18
    case deadlineOutOfRange = 19
    case noSuchSlot = 20
    case notAssigned = 21
    case windowOpen = 22
    case pastDeadline = 23
    case notTimedOut = 24
    case repaidAlready = 25

    // Deposits.
    case nothingDeposited = 30
    case unbondingAlready = 31
    case notUnbonding = 32
    case stillBonded = 33

    // Faults.
    case punishedAlready = 40
    case evidenceTooOld = 41
    case evidenceFromFuture = 42
    case nothingToSlash = 43

    // Contract code.
    case codeExists = 50
    case noSuchCode = 51
    case notTheOwner = 52
    case codeRetired = 53
    case sameCode = 54
    case upgradePending = 55
    case noUpgradePending = 56
    case activationOutOfRange = 57
    case trialNotOver = 58
    case codeInUse = 59

    // Parameters.
    case notConfigured = 60
    case parameterOutOfRange = 61
    case unbondingTooShort = 62
    case relayingDoesNotPay = 70
    case droppingPays = 71
    case forgingPays = 72
    case lazinessPays = 73
    case coalitionPays = 74
    case selfReportingPays = 75
    case briberyPays = 76
    case budgetDoesNotCover = 77

    /// The stable word for people and programs, such as `insufficient-credits`.
    package var name: String {
        var words: [UInt8] = []
        for letter in "\(self)".utf8 {
            let isCapital = (65...90).contains(letter)
            if isCapital { words.append(45) }
            words.append(isCapital ? letter + 32 : letter)
        }
        return String(decoding: words, as: UTF8.self)
    }
}
