internal import Certificates

/// Parties as somebody may see them who has no business with who the patients are.
package enum PatientNames {
    /// A party's name; of a patient, `organization:patient` without her own.
    package static func left(out party: String) -> String {
        guard let name = PartyName(party), name.role == .patient else { return party }
        return "\(name.organization):patient"
    }
}

extension AuditEntry {
    /// The entry without the names of patients: neither who acted nor whom it is about.
    var withoutPatients: AuditEntry {
        var entry = self
        if case .party(let name) = self.actor { entry.actor = .party(PatientNames.left(out: name)) }
        switch self.action {
        case .offered(let grantee): entry.action = .offered(to: PatientNames.left(out: grantee))
        case .holderNamed(let holder): entry.action = .holderNamed(PatientNames.left(out: holder))
        case .faulted(let kind, let accused):
            entry.action = .faulted(kind, accused: PatientNames.left(out: accused))
        default: break
        }
        return entry
    }
}
