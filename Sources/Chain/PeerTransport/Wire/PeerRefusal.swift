/// Why a validator does not talk to another one; the number is what a refusal frame carries.
package enum PeerRefusal: UInt8, Error, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case malformed = 1
    case version = 2
    case chain = 3
    case genesis = 4
    case role = 5
    case unknownNumber = 6
    case otherName = 7
    case revoked = 8
    case expired = 9
    case penalized = 10
    case ownNumber = 11
    case otherNumber = 12
    case tooLong = 13
    case misbehaved = 14

    package var description: String {
        switch self {
        case .malformed: "the handshake or a frame is malformed"
        case .version: "the other end speaks another protocol version"
        case .chain: "the other end belongs to another chain"
        case .genesis: "the other end has another genesis block"
        case .role: "the certificate is not a validator's"
        case .unknownNumber: "the number is of no validator in the committee"
        case .otherName: "the certificate's name is not the one that the number has in the committee"
        case .revoked: "the certificate was revoked"
        case .expired: "the certificate has expired"
        case .penalized: "the peer misbehaved and has to wait"
        case .ownNumber: "the other end uses the same validator number, or is this validator itself"
        case .otherNumber: "another validator answers at this address"
        case .tooLong: "a frame is longer than its kind allows"
        case .misbehaved: "the peer misbehaved too often"
        }
    }

    /// What an operator does about it.
    package var advice: String {
        switch self {
        case .malformed: "check that the address and port are those of a validator's peer transport"
        case .version: "run the same release on both validators"
        case .chain: "compare the chain identifiers in both configurations"
        case .genesis: "compare the genesis files of both validators; both must come from the same ceremony"
        case .role: "enrol the validator with the role 'validator'"
        case .unknownNumber: "compare the committees of both validators; one may be behind"
        case .otherName: "compare the party names in the committee with the certificates of both validators"
        case .revoked: "enrol again with a new token, or remove the validator from the committee"
        case .expired: "renew the certificate; check the clocks"
        case .penalized: "read this peer's score and its earlier log entries; it is let in again by itself"
        case .ownNumber: "give every validator its own number, and no validator its own address as a peer"
        case .otherNumber: "check the peer's address in the configuration"
        case .tooLong: "run the same release and the same limits on both validators"
        case .misbehaved: "read this validator's log on the other side; its software may be broken"
        }
    }
}
