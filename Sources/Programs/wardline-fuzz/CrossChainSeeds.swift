import CanonicalBytes
import Certificates
import Contracts
import IBTP
import Incentives
import Ledger
import PathProofs
import Records

/// One encoding of the arguments of every method between chains, and of records, behind its number in
/// ``CrossChainTargets``; leaves and bundles besides.
enum CrossChainSeeds {
    static let all: [[UInt8]] =
        Self.numbered((try? Self.arguments()) ?? []) + Self.numbered(Self.records) + Self.leaves + Self.bundles

    private static func numbered(_ encodings: [[UInt8]]) -> [[UInt8]] {
        encodings.enumerated().map { [UInt8(truncatingIfNeeded: $0)] + $1 }
    }

    private static func id(_ byte: UInt8) -> [UInt8] { LedgerSeeds.digest(byte) }

    private static let request = InterchainMessage(
        from: "hub:alpha:share",
        to: "hub:bravo:share",
        index: 3,
        timeoutHeight: 9,
        payload: InterchainPayload(isEncrypted: true, content: [1, 2], hash: Self.id(3)).bytes,
        extra: [4]
    )

    private static let notices: [ExchangeNotice] =
        (try? Self.request.id).map { id in
            [
                ExchangeNotice(
                    side: .destination,
                    status: .begin,
                    id: id,
                    requestHash: Self.request.hash.bytes,
                    message: Self.request
                ),
                ExchangeNotice(
                    side: .source,
                    status: .beginRollback,
                    id: id,
                    requestHash: Self.request.hash.bytes,
                    message: nil
                ),
            ]
        } ?? []

    private static let leaves =
        [OutboundLeaf.message(Self.request).bytes] + Self.notices.map { OutboundLeaf.notice($0).bytes }

    private static let bundle = ProofBundle(kind: .outbound, source: [5, 6], path: PathSeeds.proofs.first)
    private static let bundles = [Self.bundle.bytes, ProofBundle(kind: .outbound, source: [7], path: nil).bytes]

    private static var relayed: RelayedMessage {
        var message = Self.request
        message.proof = Self.bundle.digest
        return RelayedMessage(message: message, bundle: Self.bundle.bytes)
    }

    private static func arguments() throws -> [[UInt8]] {
        let (transaction, values) = try LedgerSeeds.proofs()
        guard let proof = transaction, let notice = Self.notices.first, let canary = PathSeeds.canaries.first,
            let path = PathSeeds.proofs.first
        else { return [] }
        let id = notice.id
        let next = LedgerSeeds.consortium.successor
        let header = LedgerSeeds.block(stateRoot: Self.id(1), next: next).header
        let certificate = LedgerSeeds.certify(header)
        let step = ClientStep(header: header, certificate: certificate, next: next)
        let succession = ListSuccession(list: [1, 2], firstHeight: 3, certificate: [4])
        let target = CallService.Target(to: "hub:bravo:share", payload: [1], extra: [2, 3])
        let code = AnnouncedCode(
            name: try CodeName("broker-1"),
            digest: try CodeDigest(Self.id(4)),
            activeFrom: 9
        )
        return [
            FollowRelay(step: step).bytes, BringNodeList(source: .registry(values[0])).bytes,
            CallService(service: "share", timeoutBlocks: 7, targets: [target]).bytes,
            DeliverMessage(relayed: Self.relayed, carrier: [1, 2]).bytes, CloseCall(relayed: Self.relayed).bytes,
            FinishCall(id: id, request: Self.id(1)).bytes, TellDelivery(id: id, proof: proof).bytes,
            FollowIndex(header: header, certificate: certificate, next: next).bytes,
            RepeatMessage(message: Self.request).bytes, FollowChain(chain: "bravo", step: step).bytes,
            FollowNodeList(chain: "bravo", succession: succession).bytes,
            RegisterService(chain: "bravo", service: "share", isOrdered: true, allowed: ["hub:a", "hub:a:b"]).bytes,
            RelayMessage(Self.request, by: Self.bundle).bytes, ExpireExchanges(steps: 5).bytes,
            RepeatNotice(notice: notice).bytes, AppealFreeze(chain: "bravo", statement: Self.id(2)).bytes,
            TakeLease(lane: "alpha", seconds: 60).bytes, ReportNodes(first: path, second: path).bytes,
            LeaveList(chain: "bravo", epoch: 1, node: "v1", signature: [UInt8](repeating: 3, count: 96)).bytes,
            ReportCanary(evidence: canary).bytes, DepositCredits(millionths: 5).bytes, RefundEscrow(id: id).bytes,
            DeployCode(code).bytes, UpgradeCode(code).bytes, SettleCode(name: code.name, action: .retire).bytes,
        ] + Self.proposals(code.name)
    }

    private static var anchor: ClientAnchor {
        ClientAnchor(
            chain: LedgerSeeds.chain,
            committee: LedgerSeeds.consortium.committee,
            firstHeight: 1,
            trustSeconds: 60
        )
    }

    private static func proposals(_ code: CodeName) -> [[UInt8]] {
        let list = ListAnchor(list: [1, 2, 3], firstHeight: 4)
        guard let party = PartyName("north:operator:o1") else { return [] }
        let changes: [ProposedChange] = [
            .connect(ConnectRelay(name: "alpha", anchor: Self.anchor, lists: [list])),
            .registerChain(RegisterChain(name: "a", basis: .wardline(Self.anchor), operatorName: party, list: list)),
            .registerChain(RegisterChain(name: "b", basis: .attested([1, 2]), operatorName: party, list: list)),
            .standing(ChangeStanding(chain: "a", service: "share", action: .freeze)),
            .reanchor(ReanchorChain(chain: "a", anchor: Self.anchor, list: list)), .incentives(.standard),
            .condemnCode(code),
        ]
        return changes.map { Propose(expires: 1, change: $0).bytes }
    }

    /// Those that only contracts make stand here as they are written.
    private static let records: [[UInt8]] = [
        Self.anchor.bytes, ClientReign(firstHeight: 1, since: 2).bytes,
        ListAnchor(list: [1], firstHeight: 2).bytes, ListRecord(firstHeight: 1, lastHeight: 2, list: [3]).bytes,
        InterchainLink(hub: "hub", name: "alpha", height: 3).bytes, GatewayList([[1], [2]]).bytes,
        [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1],
        Self.written { $0.lengthPrefixed("x") } + [UInt8](repeating: 0, count: 16),
        Self.id(1) + Self.id(2) + [0, 0, 0, 0, 0, 0, 0, 3],
        [2, 1, 0] + Self.written { $0.lengthPrefixed("north:operator:o1") } + Self.id(0)
            + Self.written { $0.lengthPrefixed([1]) },
        [1, 3, 0, 1] + Self.written { $0.lengthPrefixed("hub:alpha") },
        Self.written {
            $0.lengthPrefixed(LedgerSeeds.chain)
            $0.u8(Channel.access.rawValue)
            for number: UInt64 in [60, 0, 1, 8, LedgerSeeds.time] { $0.u64(number) }
        },
        Self.id(1) + Self.id(2) + Self.id(3) + [TransactionStatus.begin.rawValue],
        Self.written {
            $0.raw(Self.id(1) + Self.id(2) + Self.id(3))
            $0.u64(LedgerSeeds.time)
            $0.lengthPrefixed("alpha")
            $0.raw(Self.id(0) + Self.id(0))
        },
        Self.written {
            for exchange in ["hub:alpha:share-hub:bravo:share-3", "hub:alpha:share-hub:bravo:share-4"] {
                $0.lengthPrefixed(exchange)
            }
            $0.raw(Self.id(5))
            $0.u32(2)
            $0.u64(LedgerSeeds.time)
        }, ListSuccession(list: [1, 2, 3], firstHeight: 4, certificate: [5]).bytes,
        [2] + InterchainLink(hub: "hub", name: "alpha", height: 3).bytes
            + InterchainLink(hub: "sea", name: "alpha", height: 4).bytes,
    ]

    private static func written(_ write: (inout CanonicalWriter) -> Void) -> [UInt8] {
        var writer = CanonicalWriter()
        write(&writer)
        return writer.bytes
    }
}
