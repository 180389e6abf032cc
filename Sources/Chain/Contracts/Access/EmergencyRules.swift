internal import Certificates
internal import Ledger

/// Access in an emergency: nobody is asked, and everybody is told.
enum EmergencyRules {
    static var methods: [Method] { [Method(self.take)] }

    @Sendable private static func take(_ arguments: EmergencyAccess, _ call: ContractCall) throws(ContractFailure) {
        let clinician = try call.party(in: [.clinician])
        let seconds = try call.parameter(.emergencySeconds)
        let decision = Permission.Decision(
            decider: clinician,
            validUntil: call.block.time + seconds * 1_000,
            kind: .emergency,
            basis: arguments.statement
        )
        let asked = RequestAccess(
            request: arguments.request,
            scope: arguments.scope,
            policy: Permission.noBasis,
            organization: arguments.organization,
            purpose: EmergencyAccess.purpose,
            nonce: arguments.nonce,
            expires: decision.validUntil
        )
        try AccessContract.requireNew(asked, call)
        let request = try AccessContract.open(asked, name: clinician.description, call)
        let permission = try AccessContract.permit(request, decision, call)
        try call.emit(EmergencyDeclared(permission, reason: arguments.reason))
    }
}
