package import Ledger

extension RejectionCode {
    /// Every code that a ledger with these contracts gives, ascending.
    package static let all: [RejectionCode] = Self.consortium + Self.interchainCodes + Self.relayCodes

    private static let consortium: [RejectionCode] = [
        .tooMuchWork, .unknownContract, .unknownMethod, .malformedArguments, .notAllowed, .unlawfulCommittee,
        .wrongChannel, .notActive, .badCitation, .citesSomethingElse, .followedAlready, .committeeNotFollowed,
        .citationOutdated, .nothingNew, .registeredAlready, .notRegistered, .listNotSigned, .listOutdated,
        .listTooLong, .foreignCertificate, .rootKnown, .rootEpoch, .attributeKeyKnown, .requestExists,
        .noSuchRequest, .requestDecided, .requestExpired, .accessTimeOutOfRange, .consentForbids, .consentRequired,
        .noSuchPermission, .permissionRevokedAlready, .consentExists, .noSuchConsent, .consentWithdrawnAlready,
        .tooManyConsents, .notTheHolder, .holderKnown, .offerExists, .noSuchOffer, .offerWithdrawn, .offerExpired,
        .notTheGrantee, .scopeNotOffered, .offerAcceptedAlready, .traceExists, .noSuchTrace, .traceAnsweredAlready,
        .tooManyAnswers, .labelForbids, .labelConsentRequired, .labelKnown, .anotherLabel, .notAGovernor,
        .noSuchProposal, .proposalClosed, .proposalExpired, .votedAlready,
        .notTheProposer, .proposalTimeOutOfRange, .unknownParameter, .valueOutOfRange, .validatorNames,
        .validatorNumberUsed, .validatorKeyShared, .issuerKnown, .issuerUnknown, .lastAuthority, .notToBePutOff,
        .governorsOutOfOrder, .tooManyIssuers, .validatorKeyUnfit, .anotherGateway, .anchoredAlready, .windowReused,
        .writerNotListed, .scopeEpoch, .scopeUnlisted, .createdInFuture, .notTheOwner, .epochFixed, .scopeUnknown,
        .wrapKnown, .datasetExists, .noSuchDataset, .datasetWithdrawnAlready, .anotherPermission, .permissionExpired,
        .permissionRevoked, .permissionUsed, .notTheDataOwner, .grantTimeOutOfRange, .grantExists, .noSuchGrant,
        .grantRevoked, .grantNotValidNow, .anotherReceiver, .deliveryExists, .noSuchDelivery, .acknowledgedAlready,
        .consentObjects, .refusalKnown, .faultKnown, .tooManyFaults, .notEvidence, .recordedAlready, .circuitExists,
        .badVerificationKey, .noSuchCircuit, .circuitRetired, .badPolicy, .circuitOfAnotherPolicy, .policyTooLarge,
        .permissionTooLong, .noPolicy, .credentialKnown, .credentialTreeFull, .noSuchCredential,
        .credentialRevokedAlready, .anotherPolicy, .anotherCircuit, .rootUnknown, .rootRevoked, .rootTooOld,
        .notTheEpoch, .slotBeyondLimit, .nymUsed, .anotherRequester, .anotherRequest, .proofFormat, .proofPoint,
        .proofSubgroup, .proofIdentity, .proofWrong,
    ]

    private static let names = Dictionary(uniqueKeysWithValues: Self.all.map { ($0.number, $0.name) })

    /// What a number says, for people: its name, and the number.
    package static func text(_ number: UInt16) -> String {
        Self.names[number].map { "\($0) (\(number))" } ?? "code \(number)"
    }

    /// The word of a number; nil for one that this version does not know.
    package static func name(_ number: UInt16) -> String? { Self.names[number] }
}
