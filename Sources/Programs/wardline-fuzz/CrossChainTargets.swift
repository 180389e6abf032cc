import CanonicalBytes
import Contracts
import Ledger

/// The arguments of the contracts between chains, what they keep, and what they say to other chains.
enum CrossChainTargets {
    static let all: [Target] = [
        Self.decoders("cross-chain-arguments", weight: 8, Self.arguments),
        Self.decoders("cross-chain-record", weight: 6, Self.records),
        Target.canonical("outbound-leaf", weight: 4, family: .crossChain) { (bytes) throws(ProtocolFailure) in
            try OutboundLeaf(bytes: bytes).bytes
        },
        Target.canonical("proof-bundle", weight: 4, family: .crossChain) { (bytes) throws(ProtocolFailure) in
            try ProofBundle(bytes: bytes).bytes
        },
    ]

    private typealias Decoder = @Sendable ([UInt8]) throws(ProtocolFailure) -> [UInt8]

    private static func arguments<Arguments: MethodArguments>(_ type: Arguments.Type) -> Decoder {
        { (bytes) throws(ProtocolFailure) in try Arguments(bytes: bytes).bytes }
    }

    private static func record<Record: StateRecord>(_ type: Record.Type) -> Decoder {
        { (bytes) throws(ProtocolFailure) in try Record(bytes: bytes).bytes }
    }

    /// In the order of ``CrossChainSeeds/arguments``.
    private static let arguments: [Decoder] = [
        arguments(FollowRelay.self), arguments(BringNodeList.self), arguments(CallService.self),
        arguments(DeliverMessage.self), arguments(CloseCall.self), arguments(FinishCall.self),
        arguments(TellDelivery.self), arguments(FollowIndex.self), arguments(RepeatMessage.self),
        arguments(FollowChain.self), arguments(FollowNodeList.self), arguments(RegisterService.self),
        arguments(RelayMessage.self), arguments(ExpireExchanges.self), arguments(RepeatNotice.self),
        arguments(AppealFreeze.self), arguments(TakeLease.self), arguments(ReportNodes.self),
        arguments(LeaveList.self), arguments(ReportCanary.self), arguments(DepositCredits.self),
        arguments(RefundEscrow.self), arguments(DeployCode.self), arguments(UpgradeCode.self),
        arguments(SettleCode.self), arguments(Propose.self), arguments(Propose.self), arguments(Propose.self),
        arguments(Propose.self), arguments(Propose.self), arguments(Propose.self), arguments(Propose.self),
    ]

    /// In the order of ``CrossChainSeeds/records``.
    private static let records: [Decoder] = [
        record(ClientAnchor.self), record(ClientReign.self), record(ListAnchor.self), record(ListRecord.self),
        record(InterchainLink.self), record(GatewayList.self), record(NodeConduct.self), record(RelayLease.self),
        record(ConflictRecord.self), record(RegisteredChain.self), record(RegisteredService.self),
        record(ForeignClient.self), record(OpenedCall.self), record(AskedService.self), record(ToldDelivery.self),
        record(ListSuccession.self), record(FurtherRelays.self),
    ]

    /// A payload's first byte says which decoder gets the rest.
    private static func decoders(_ name: String, weight: Int, _ decoders: [Decoder]) -> Target {
        Target.canonical(name, weight: weight, family: .crossChain) { (payload) throws(ProtocolFailure) in
            guard let first = payload.first else { throw ProtocolFailure(.format, "nothing") }
            return [first] + (try decoders[Int(first) % decoders.count](Array(payload.dropFirst())))
        }
    }
}
