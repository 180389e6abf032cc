internal import Contracts
internal import Ledger

/// What a contract's number says.
package enum RejectionMeaning {
    /// The word of a method's rejection; empty for a number that this version does not know.
    package static func name(_ code: UInt16) -> String { self.names[code] ?? "" }

    private static let names: [UInt16: String] = {
        var names: [UInt16: String] = [:]
        for code in Self.known { names[code.number] = code.name }
        return names
    }()

    private static let known: [RejectionCode] = [
        .notAllowed, .requestExists, .noSuchRequest, .requestDecided, .requestExpired, .accessTimeOutOfRange,
        .consentForbids, .consentRequired, .noSuchPermission, .permissionRevokedAlready, .noSuchConsent,
        .anotherPermission, .permissionExpired, .permissionRevoked, .permissionUsed, .grantExists, .noSuchGrant,
        .grantRevoked, .grantNotValidNow, .anotherReceiver, .deliveryExists, .noSuchDelivery, .acknowledgedAlready,
        .noSuchCircuit, .circuitRetired, .noPolicy, .anotherPolicy, .anotherCircuit, .rootUnknown, .rootRevoked,
        .rootTooOld, .notTheEpoch, .slotBeyondLimit, .nymUsed, .anotherRequester, .anotherRequest, .proofFormat,
        .proofPoint, .proofSubgroup, .proofIdentity, .proofWrong,
    ]
}
