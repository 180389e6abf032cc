internal import CanonicalBytes
internal import Certificates
internal import Ledger

/// What the parties of a share report of each other: refusals and faults.
enum ReportRules {
    static var methods: [Method] { [Method(self.refuse), Method(self.fault)] }

    /// Without a grant this channel does not know the permission: who may refuse is all that can be checked, and one
    /// record for each party and step is all that is kept.
    @Sendable private static func refuse(_ arguments: RecordRefusal, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party(in: arguments.step.roles)
        if arguments.step == .grant, let (_, grant) = try self.lastGrant(on: arguments.permission, call) {
            let isTheirs = grant.organization.isSame(as: party.organization)
            try ensure(isTheirs, .notTheDataOwner, "a share of another organization's data")
        }
        let key = SharingKey.refusal(arguments.permission, arguments.step, by: party)
        let known = try call.record(Refusal.self, at: key)
        let isKnown = known?.code.isSame(as: arguments.code) ?? false
        try ensure(!isKnown, .refusalKnown, "this refusal is known")
        try call.store(Refusal(arguments.code, at: call.block.time), at: key)
        try call.emit(
            ShareRefused(
                permission: arguments.permission,
                step: arguments.step,
                party: party,
                code: arguments.code
            )
        )
    }

    @Sendable private static func fault(_ arguments: RecordFault, _ call: ContractCall) throws(ContractFailure) {
        let signer = try call.signer()
        guard let (digest, grant) = try self.lastGrant(on: arguments.permission, call) else {
            throw .rejected(.noSuchGrant, "no grant on the permission")
        }
        try ensure(grant.receiver == signer, .anotherReceiver, "another's permission")
        let key = SharingKey.faults(arguments.permission)
        var faults = try call.record(Faults.self, at: key) ?? Faults()
        let isKnown = faults.entries.contains {
            $0.accused == arguments.accused && $0.kind == arguments.kind && $0.evidence == arguments.evidence
        }
        try ensure(!isKnown, .faultKnown, "this fault is known")
        let hasRoom = faults.entries.count < Faults.countMax
        try ensure(hasRoom, .tooManyFaults, "more than \(Faults.countMax) faults under one permission")
        faults.add(
            Faults.Entry(
                accused: arguments.accused,
                kind: arguments.kind,
                evidence: arguments.evidence,
                time: call.block.time
            )
        )
        try call.store(faults, at: key)
        try call.emit(FaultReported(arguments, under: digest, grant))
    }

    /// The last grant on a permission, also one that was revoked: an owner must not silence reports by revoking it.
    private static func lastGrant(
        on permission: [UInt8],
        _ call: ContractCall
    ) throws(ContractFailure) -> (digest: [UInt8], Grant)? {
        guard let digest = try call.value(of: SharingKey.lastGrant(permission)) else { return nil }
        return (digest, try call.grant(digest))
    }
}
