package import Incentives
package import Ledger

extension RejectionCode {
    package static let notAHub = RejectionCode(1_001, "not-a-hub")
    package static let noSuchChain = RejectionCode(1_002, "no-such-chain")
    package static let chainFrozen = RejectionCode(1_003, "chain-frozen")
    package static let chainRetired = RejectionCode(1_004, "chain-retired")
    package static let chainExpired = RejectionCode(1_005, "chain-expired")
    package static let badSourceProof = RejectionCode(1_006, "bad-proof")
    package static let sourceCommitteeUnknown = RejectionCode(1_007, "committee-unknown")
    package static let sourceCommitteeOutdated = RejectionCode(1_008, "committee-outdated")
    package static let sourceFollowedAlready = RejectionCode(1_009, "followed-already")
    package static let ruleNotBuilt = RejectionCode(1_010, "rule-not-built")
    package static let wrongBundleHash = RejectionCode(1_011, "wrong-proof-hash")
    package static let anotherLeaf = RejectionCode(1_012, "another-message")
    package static let wrongPayloadHash = RejectionCode(1_013, "bad-payload")
    package static let groupTooLarge = RejectionCode(1_014, "group-too-large")
    package static let badSourceList = RejectionCode(1_015, "bad-list")
    package static let sourceListKnown = RejectionCode(1_016, "list-known")
    package static let sourceListUnknown = RejectionCode(1_017, "list-unknown")
    package static let sourcePathMissing = RejectionCode(1_018, "path-missing")
    package static let anotherSourceBlock = RejectionCode(1_019, "another-block")
    package static let badRegistration = RejectionCode(1_020, "bad-registration")
    package static let chainExists = RejectionCode(1_021, "chain-exists")
    package static let notTheOperator = RejectionCode(1_022, "not-the-operator")
    package static let standingAlready = RejectionCode(1_023, "standing-already")
    package static let notFrozen = RejectionCode(1_024, "not-frozen")
    package static let appealedAlready = RejectionCode(1_025, "appealed-already")
    package static let nothingDue = RejectionCode(1_026, "nothing-due")
    package static let nothingToSayAgain = RejectionCode(1_027, "nothing-to-repeat")
    package static let leased = RejectionCode(1_028, "leased")
    package static let notConflicting = RejectionCode(1_029, "not-conflicting")
    package static let faultsKnown = RejectionCode(1_030, "faults-known")
    package static let noSuchRelayService = RejectionCode(1_031, "no-such-service")
    package static let answersAnother = RejectionCode(1_032, "another-request")
    package static let noSuchNode = RejectionCode(1_033, "no-such-node")
    package static let leavingAlready = RejectionCode(1_034, "leaving-already")
    package static let notACanary = RejectionCode(1_035, "not-a-canary")

    /// First of the codes of the value-transfer contract.
    package static let incentivesBase: UInt16 = 1_100

    /// The code of what the value-transfer contract refuses.
    package static func incentive(_ rejection: IncentiveRejection) -> RejectionCode {
        RejectionCode(self.incentivesBase + rejection.rawValue, rejection.name)
    }

    static let relayCodes: [RejectionCode] =
        [
            .notAHub, .noSuchChain, .chainFrozen, .chainRetired, .chainExpired, .badSourceProof,
            .sourceCommitteeUnknown, .sourceCommitteeOutdated, .sourceFollowedAlready, .ruleNotBuilt, .wrongBundleHash,
            .anotherLeaf, .wrongPayloadHash, .groupTooLarge, .badSourceList, .sourceListKnown, .sourceListUnknown,
            .sourcePathMissing, .anotherSourceBlock, .badRegistration, .chainExists, .notTheOperator,
            .standingAlready, .notFrozen, .appealedAlready, .nothingDue, .nothingToSayAgain, .leased,
            .notConflicting, .faultsKnown, .noSuchRelayService, .answersAnother, .noSuchNode, .leavingAlready,
            .notACanary,
        ] + Self.crossChain(in: Self.relayBase) + IncentiveRejection.allCases.map(Self.incentive)
}

extension CrossChainCodes {
    /// Of contract `relay`.
    static let relay = CrossChainCodes(
        base: RejectionCode.relayBase,
        expired: .chainExpired,
        badProof: .badSourceProof,
        committeeUnknown: .sourceCommitteeUnknown,
        committeeOutdated: .sourceCommitteeOutdated,
        followedAlready: .sourceFollowedAlready,
        badList: .badSourceList,
        listKnown: .sourceListKnown,
        listUnknown: .sourceListUnknown,
        pathMissing: .sourcePathMissing,
        anotherAnchor: .anotherSourceBlock,
        badAnchor: .badRegistration
    )
}
