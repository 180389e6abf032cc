internal import Attesting
internal import AttributeIssuing
internal import Authority
internal import ChainReading
internal import Custodian
internal import Dashboard
internal import Foundation
internal import Gateway
internal import KeyIssuing
internal import PrivacyCenter
internal import Pseudonymity
internal import Validator

/// What the roles of a configuration name outside of it: directories, and other servers.
extension NodeConfiguration {
    /// A directory, and the key that names it.
    package struct Place: Equatable, Sendable {
        package let field: String
        package let directory: String
    }

    struct Neighbour: Equatable {
        let field: String
        let host: String
        let port: Int
    }

    /// Where the roles keep data on this machine.
    package var dataDirectories: [Place] {
        let places: [(String, String?)] = [
            ("authority.directory", self.authority?.directory), ("custodian.directory", self.custodian?.directory),
            ("privacy_center.store.sqlite", self.privacyCenter?.store.directory),
            ("validator.directory", self.validator?.validator.directory),
            ("key_issuing.directory", self.keyIssuing?.directory),
            ("attribute_authority.directory", self.attributeAuthority?.directory),
            ("registration_authority.directory", self.registrationAuthority?.base.directory),
            ("pseudonym_authority.directory", self.pseudonymAuthority?.base.directory),
            ("attester.directory", self.attester?.directory ?? self.evmAttester?.directory),
            ("relay.directory", self.relay?.directory ?? self.evmRelay?.directory),
        ]
        return Self.present(places)
    }

    /// The identities of the roles; each directory once.
    var identityDirectories: [Place] {
        let places: [(String, String?)] = [
            ("custodian.identity", self.custodian?.identityDirectory),
            ("privacy_center.identity", self.privacyCenter?.identityDirectory),
            ("validator.identity", self.validator?.validator.identityDirectory),
            ("key_issuing.identity", self.keyIssuing?.identityDirectory),
            ("attribute_authority.identity", self.attributeAuthority?.identityDirectory),
            ("registration_authority.identity", self.registrationAuthority?.base.identityDirectory),
            ("pseudonym_authority.identity", self.pseudonymAuthority?.base.identityDirectory),
            ("attester.identity", self.attester?.identityDirectory ?? self.evmAttester?.identityDirectory),
            ("relay.identity", self.relay?.relay.identityDirectory ?? self.evmRelay?.relay.identityDirectory),
            ("dashboard.identity", self.dashboard?.identityDirectory),
        ]
        return Self.present(places).reduce(into: []) { known, place in
            if !known.contains(where: { $0.directory == place.directory }) { known.append(place) }
        }
    }

    /// The servers that roles speak to, besides the authority; each address once.
    var neighbours: [Neighbour] {
        var found = (self.validator?.peers ?? []).map {
            Neighbour(field: "validator.peers", host: $0.host, port: $0.port)
        }
        let addresses: [(String, [String])] = [
            ("custodian.privacy_centers", self.custodian?.privacyCenters ?? []),
            ("custodian.chain", self.custodian?.chain?.validators ?? []),
            ("privacy_center.chain", self.privacyCenter?.chain?.validators ?? []),
            ("key_issuing.chain", self.keyIssuing?.validators ?? []),
            ("attribute_authority.chain", self.attributeAuthority?.chain.validators ?? []),
            ("attester.chain", self.attester?.chain.validators ?? []),
            ("attester.relay", self.evmAttester?.relay.validators ?? []),
            ("relay.application", self.relay?.application.chain.validators ?? []),
            ("relay.relay", (self.relay?.relay ?? self.evmRelay?.relay)?.chain.validators ?? []),
        ]
        for (field, urls) in addresses {
            for url in urls {
                guard let parts = URLComponents(string: url), let host = parts.host else { continue }
                let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
                let neighbour = Neighbour(field: field, host: bare, port: parts.port ?? 443)
                let isKnown = found.contains { $0.host == neighbour.host && $0.port == neighbour.port }
                if !isKnown { found.append(neighbour) }
            }
        }
        return found
    }

    private static func present(_ places: [(String, String?)]) -> [Place] {
        places.compactMap { field, directory in directory.map { Place(field: field, directory: $0) } }
    }
}
