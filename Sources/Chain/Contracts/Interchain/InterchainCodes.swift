package import Ledger

extension RejectionCode {
    package static let notConnected = RejectionCode(901, "not-connected")
    package static let relayFrozen = RejectionCode(902, "relay-frozen")
    package static let badRelayProof = RejectionCode(903, "bad-proof")
    package static let relayCommitteeUnknown = RejectionCode(904, "committee-unknown")
    package static let relayCommitteeOutdated = RejectionCode(905, "committee-outdated")
    package static let relayFollowedAlready = RejectionCode(906, "followed-already")
    package static let notForThisChain = RejectionCode(907, "not-for-this-chain")
    package static let wrongProofHash = RejectionCode(908, "wrong-proof-hash")
    package static let anotherMessage = RejectionCode(909, "another-message")
    package static let badPayload = RejectionCode(910, "bad-payload")
    package static let badExtension = RejectionCode(911, "bad-extension")
    package static let noSuchService = RejectionCode(912, "no-such-service")
    package static let badDestination = RejectionCode(913, "bad-destination")
    package static let connectedOtherwise = RejectionCode(914, "connected-otherwise")
    package static let badConnection = RejectionCode(915, "bad-connection")
    package static let badNodeList = RejectionCode(916, "bad-list")
    package static let nodeListKnown = RejectionCode(917, "list-known")
    package static let nodeListUnknown = RejectionCode(918, "list-unknown")
    package static let pathMissing = RejectionCode(919, "path-missing")
    package static let anotherBlock = RejectionCode(920, "another-block")
    package static let notEnded = RejectionCode(921, "not-ended")
    package static let anotherShareRequest = RejectionCode(922, "another-request")
    package static let notADelivery = RejectionCode(923, "not-a-delivery")
    package static let toldAlready = RejectionCode(924, "told-already")
    package static let nothingToRepeat = RejectionCode(925, "nothing-to-repeat")
    package static let relaysFull = RejectionCode(926, "relays-full")

    static let interchainCodes: [RejectionCode] =
        [
            .notConnected, .relayFrozen, .badRelayProof, .relayCommitteeUnknown, .relayCommitteeOutdated,
            .relayFollowedAlready, .notForThisChain, .wrongProofHash, .anotherMessage, .badPayload, .badExtension,
            .noSuchService, .badDestination, .connectedOtherwise, .badConnection, .badNodeList, .nodeListKnown,
            .nodeListUnknown, .pathMissing, .anotherBlock, .notEnded, .anotherShareRequest, .notADelivery,
            .toldAlready, .nothingToRepeat, .relaysFull,
        ] + Self.crossChain(in: Self.interchainBase)
}

extension CrossChainCodes {
    /// Of contract `interchain`.
    static let interchain = CrossChainCodes(
        base: RejectionCode.interchainBase,
        expired: .relayFrozen,
        badProof: .badRelayProof,
        committeeUnknown: .relayCommitteeUnknown,
        committeeOutdated: .relayCommitteeOutdated,
        followedAlready: .relayFollowedAlready,
        badList: .badNodeList,
        listKnown: .nodeListKnown,
        listUnknown: .nodeListUnknown,
        pathMissing: .pathMissing,
        anotherAnchor: .anotherBlock,
        badAnchor: .badConnection
    )
}
