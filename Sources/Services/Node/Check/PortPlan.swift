internal import Attesting
internal import AttributeIssuing
internal import Authority
internal import Custodian
internal import Dashboard
internal import Gateway
internal import KeyIssuing
internal import PrivacyCenter
internal import Pseudonymity
internal import Validator

/// Every port of a node, and which of them two roles want.
struct PortPlan {
    struct Port: Equatable {
        let field: String
        let address: String
        let number: Int
    }

    let ports: [Port]

    init(_ configuration: NodeConfiguration) {
        let known: [(String, (String, Int)?)] = [
            ("authority.listen", configuration.authority.map { ($0.address, $0.port) }),
            ("custodian.listen", configuration.custodian.map { ($0.address, $0.port) }),
            ("privacy_center.listen", configuration.privacyCenter.map { ($0.address, $0.port) }),
            ("validator.listen", configuration.validator.map { ($0.validator.apiHost, $0.validator.apiPort) }),
            ("validator.peers_listen", configuration.validator.map { ($0.validator.peerHost, $0.validator.peerPort) }),
            ("key_issuing.listen", configuration.keyIssuing.map { ($0.address, $0.port) }),
            ("attribute_authority.listen", configuration.attributeAuthority.map { ($0.address, $0.port) }),
            (
                "registration_authority.listen",
                configuration.registrationAuthority.map { ($0.base.address, $0.base.port) }
            ),
            ("pseudonym_authority.listen", configuration.pseudonymAuthority.map { ($0.base.address, $0.base.port) }),
            ("attester.listen", configuration.attester.map { ($0.address, $0.port) }),
            ("attester.listen", configuration.evmAttester.map { ($0.address, $0.port) }),
            ("relay.listen", configuration.relay.map { ($0.address, $0.port) }),
            ("relay.listen", configuration.evmRelay.map { ($0.address, $0.port) }),
            ("dashboard.listen", configuration.dashboard.map { ($0.address, $0.port) }),
        ]
        self.ports = known.compactMap { field, place in
            place.map { Port(field: field, address: $0.0, number: $0.1) }
        }
    }

    /// Sentences about ports that two want at addresses that meet; in the order of the roles.
    var conflicts: [String] {
        var found: [String] = []
        for (index, port) in self.ports.enumerated() {
            let earlier = self.ports[..<index].first { other in
                other.number == port.number && (other.address == port.address || other.isAny || port.isAny)
            }
            guard let earlier else { continue }
            found.append("\(port.field): port \(port.number) is that of \(earlier.field) already; choose another")
        }
        return found
    }
}

extension PortPlan.Port {
    /// All addresses of the machine.
    var isAny: Bool { ["0.0.0.0", "::"].contains(self.address) }
}
