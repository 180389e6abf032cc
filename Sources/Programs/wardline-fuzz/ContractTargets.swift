import CanonicalBytes
import Contracts
import Ledger

/// The arguments of every method and the records of the contracts' state, and the contracts behind them.
enum ContractTargets {
    static let all: [Target] = [
        Self.decoders("contract-arguments", weight: 12, Self.arguments),
        Self.decoders("state-record", weight: 8, Self.records),
        Target(name: "contract-call", weight: 2, family: .contracts) { bench, payload, random in
            guard let exercise = bench.contracts else { return .broken("no chain") }
            return exercise.run(payload, &random)
        },
    ]

    typealias Decoder = @Sendable ([UInt8]) throws(ProtocolFailure) -> [UInt8]

    private static func arguments<Arguments: MethodArguments>(_ type: Arguments.Type) -> Decoder {
        { (bytes) throws(ProtocolFailure) in try Arguments(bytes: bytes).bytes }
    }

    private static func record<Record: StateRecord>(_ type: Record.Type) -> Decoder {
        { (bytes) throws(ProtocolFailure) in try Record(bytes: bytes).bytes }
    }

    /// In the order of ``ContractSeeds/arguments``.
    private static let arguments: [Decoder] = [
        arguments(FollowCommittee.self), arguments(BringRevocations.self), arguments(BringIssuers.self),
        arguments(BringParameter.self), arguments(BringValidator.self), arguments(BringActivation.self),
        arguments(Register.self), arguments(Revoke.self), arguments(SetCredentialRoot.self),
        arguments(RequestAccess.self), arguments(PermitAccess.self), arguments(DenyAccess.self),
        arguments(RevokePermission.self), arguments(SetConsent.self), arguments(WithdrawConsent.self),
        arguments(Propose.self), arguments(Approve.self), arguments(Reject.self), arguments(Withdraw.self),
        arguments(SetScopeWriters.self), arguments(Anchor.self), arguments(WrapIndexKey.self),
        arguments(PublishDataset.self), arguments(WithdrawDataset.self), arguments(RecordGrant.self),
        arguments(RevokeGrant.self), arguments(BringPermissionRevocation.self), arguments(RecordDelivery.self),
        arguments(AcknowledgeDelivery.self), arguments(ReportEvidence.self),
        arguments(SetPolicy.self), arguments(WithdrawPolicy.self), arguments(AddCredentials.self),
        arguments(RevokeCredentials.self), arguments(ProveAccess.self), arguments(Propose.self),
        arguments(SetScopeHolder.self), arguments(OfferAccess.self), arguments(WithdrawOffer.self),
        arguments(AcceptOffer.self), arguments(EmergencyAccess.self), arguments(OrderTrace.self),
        arguments(AnswerTrace.self), arguments(SetAttributeKey.self), arguments(RecordRefusal.self),
        arguments(RecordFault.self), arguments(BringConsents.self), arguments(SetScopeLabel.self),
    ]

    /// In the order of ``ContractSeeds/records``.
    private static let records: [Decoder] = [
        record(IssuerList.self), record(Governors.self), record(Proposal.self), record(RegisteredCertificate.self),
        record(CredentialRoots.self), record(AccessRequest.self), record(Permission.self), record(Consent.self),
        record(ScopeConsents.self), record(ScopeRecord.self), record(AnchorRecord.self), record(IndexKeyWrap.self),
        record(Dataset.self), record(Grant.self), record(Delivery.self),
        record(RegisteredCircuit.self), record(RecentRoots.self), record(CertifiedLeaf.self),
        record(Offer.self), record(ScopeHolder.self), record(TraceOrder.self), record(AttributeKeyRecord.self),
        record(BroughtConsents.self), record(Refusal.self), record(Faults.self), record(PolicyBinding.self),
        record(ProvenRequest.self),
    ]

    /// A payload's first byte says which decoder gets the rest.
    private static func decoders(_ name: String, weight: Int, _ decoders: [Decoder]) -> Target {
        Target.canonical(name, weight: weight, family: .contracts) { (payload) throws(ProtocolFailure) in
            guard let first = payload.first else { throw ProtocolFailure(.format, "nothing") }
            return [first] + (try decoders[Int(first) % decoders.count](Array(payload.dropFirst())))
        }
    }
}
