package import Certificates
package import ChainInterface
package import Validator

/// Everything that a node in the role `validator` is told by its operator.
package struct ValidatorRoleConfiguration: Sendable {
    /// Another validator as the operator knows it.
    package struct Peer: Sendable, Hashable {
        package let number: UInt16
        package let name: PartyName
        package let host: String
        package let port: Int
    }

    package var validator: ValidatorConfiguration
    /// What clients are granted.
    package var clients: ChainAPILimits
    package let peers: [Peer]

    init(_ validator: ValidatorConfiguration, peers: [Peer]) {
        self.validator = validator
        self.clients = ChainAPILimits()
        self.peers = peers
    }
}
