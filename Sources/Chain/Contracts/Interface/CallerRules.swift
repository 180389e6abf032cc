internal import Certificates
internal import Ledger

extension ContractCall {
    /// The caller as a certified party in one of these roles.
    ///
    /// - Throws: `not-allowed`.
    func party(in roles: [PartyRole]) throws(ContractFailure) -> PartyName {
        let party = try self.party()
        try ensure(roles.contains(party.role), .notAllowed, "not a thing for a \(party.role.rawValue) to do")
        return party
    }

    /// The caller as a certified party.
    ///
    /// - Throws: `not-allowed`.
    func party() throws(ContractFailure) -> PartyName {
        guard case .party(let name, _) = self.caller else {
            throw .rejected(.notAllowed, "only a certified party may do this")
        }
        return name
    }

    /// The digest of the certificate that signed.
    ///
    /// - Throws: `not-allowed` when nobody signed.
    func signer() throws(ContractFailure) -> [UInt8] {
        guard let certificate = self.caller.certificate else {
            throw .rejected(.notAllowed, "nobody signed")
        }
        return certificate.digest
    }
}

extension [PartyRole] {
    /// Those who decide about an organization's data.
    static let dataOwners: [PartyRole] = [.steward, .custodian, .institution]
}
