package import Ledger

extension RejectionCode {
    package static let circuitExists = RejectionCode(801, "circuit-exists")
    package static let badVerificationKey = RejectionCode(802, "bad-verification-key")
    package static let noSuchCircuit = RejectionCode(803, "no-such-circuit")
    package static let circuitRetired = RejectionCode(804, "circuit-retired")

    package static let badPolicy = RejectionCode(805, "bad-policy")
    package static let circuitOfAnotherPolicy = RejectionCode(806, "circuit-of-another-policy")
    package static let policyTooLarge = RejectionCode(807, "policy-too-large")
    package static let permissionTooLong = RejectionCode(808, "permission-too-long")
    package static let noPolicy = RejectionCode(809, "no-policy")

    package static let credentialKnown = RejectionCode(810, "credential-known")
    package static let credentialTreeFull = RejectionCode(811, "credential-tree-full")
    package static let noSuchCredential = RejectionCode(812, "no-such-credential")
    package static let credentialRevokedAlready = RejectionCode(813, "credential-revoked-already")

    package static let anotherPolicy = RejectionCode(820, "another-policy")
    package static let anotherCircuit = RejectionCode(821, "another-circuit")
    package static let rootUnknown = RejectionCode(822, "root-unknown")
    package static let rootRevoked = RejectionCode(823, "root-revoked")
    package static let rootTooOld = RejectionCode(824, "root-too-old")
    package static let notTheEpoch = RejectionCode(825, "not-the-epoch")
    package static let slotBeyondLimit = RejectionCode(826, "slot-beyond-limit")
    package static let nymUsed = RejectionCode(827, "nym-used")
    package static let anotherRequester = RejectionCode(828, "another-requester")
    package static let anotherRequest = RejectionCode(829, "another-request")

    package static let proofFormat = RejectionCode(840, "proof-format")
    package static let proofPoint = RejectionCode(841, "proof-point")
    package static let proofSubgroup = RejectionCode(842, "proof-subgroup")
    package static let proofIdentity = RejectionCode(843, "proof-identity")
    package static let proofWrong = RejectionCode(844, "proof-wrong")
}
