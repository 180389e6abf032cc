import CanonicalBytes
import Certificates
import Consensus
import IBTP
import Incentives
import Ledger
import PathProofs
import Testing

@testable import Contracts

/// One of each kind that the contracts between chains read, with real proofs.
enum CrossChainEncodings {
    static func all() throws -> [Encoding] {
        let world = try Archipelago()
        try world.exchange()
        let answer = try world.message(from: "bravo")
        try world.bring(answer)
        let told = try world.told("alpha")
        let bravo = try world.chain("bravo")
        let proof = try #require(bravo.access.blocks.last).proof()
        let value = try world.hub.access.prove(RelayKey.list("alpha", 0))
        #expect(try bravo.decide(bravo.committeeChange(1, [1, 2, 3, 5])) == 0)
        let change = try bravo.follow()
        let step = ClientStep(header: change.header, certificate: change.certificate, next: change.next)
        let shown = ClientStep(header: change.header, certificate: change.certificate, next: nil)
        let succession = ListSuccession(list: [1, 2], firstHeight: 3, certificate: [4])
        let target = CallService.Target(to: "hub:bravo:share", payload: [1], extra: [2, 3])
        let other = CallService.Target(to: "hub:charlie:share", payload: [], extra: [])
        let path = try #require(answer.path)
        let id = told.notice.id
        let code = AnnouncedCode(name: try CodeName("broker-1"), digest: try CodeDigest(id32(4)), activeFrom: 9)
        return [
            Encoding(FollowRelay(step: step)), Encoding(FollowRelay(step: shown), "shown"),
            Encoding(BringNodeList(source: .succession(succession))),
            Encoding(BringNodeList(source: .registry(value)), "2"),
            Encoding(CallService(service: "share", timeoutBlocks: 7, targets: [target, other])),
            Encoding(DeliverMessage(relayed: told.relayed, carrier: [1, 2])),
            Encoding(CloseCall(relayed: told.relayed)),
            Encoding(CloseCall(relayed: RelayedMessage(message: nil, bundle: [1])), "bare"),
            Encoding(FinishCall(id: id, request: id32(1))), Encoding(TellDelivery(id: id, proof: proof)),
            Encoding(FollowIndex(header: change.header, certificate: change.certificate, next: change.next)),
            Encoding(RepeatMessage(message: answer.message)), Encoding(FollowChain(chain: "bravo", step: step)),
            Encoding(FollowNodeList(chain: "bravo", succession: succession)),
            Encoding(
                RegisterService(chain: "bravo", service: "share", isOrdered: true, allowed: ["hub:a", "hub:a:b"])
            ),
            Encoding(answer.toRelay), Encoding(ExpireExchanges(steps: 5)), Encoding(RepeatNotice(notice: told.notice)),
            Encoding(AppealFreeze(chain: "bravo", statement: id32(2))), Encoding(TakeLease(lane: "alpha", seconds: 60)),
            Encoding(ReportNodes(first: path, second: path)), Encoding(DepositCredits(millionths: 5)),
            Encoding(UnbondDeposit()), Encoding(WithdrawDeposit()), Encoding(RefundEscrow(id: id)),
            Encoding(LeaveList(chain: "bravo", epoch: 1, node: "v1", signature: [UInt8](repeating: 3, count: 96))),
            Encoding(
                ReportCanary(
                    evidence: try CanaryEvidence(
                        secret: id32(1),
                        path: path,
                        node: "v1",
                        signature: [UInt8](repeating: 3, count: 96)
                    )
                )
            ),
            Encoding(DeployCode(code)), Encoding(UpgradeCode(code)),
            Encoding(SettleCode(name: code.name, action: .release)),
        ] + (try self.records(world, id)) + (try self.changes(world))
    }

    private static func records(_ world: Archipelago, _ id: MessageID) throws -> [Encoding] {
        let party = try #require(PartyName(Archipelago.operatorName))
        let anchor = try world.anchor("alpha")
        var asked = AskedService(hash: id32(1), share: id32(2), asker: id32(3), expiry: 4, carrier: [5])
        asked.permission = id32(6)
        var conduct = NodeConduct()
        conduct.faults = 3
        conduct.absences = 4
        return [
            Encoding(record: ForeignClient(anchor, at: 5)), Encoding(record: anchor),
            Encoding(record: ClientReign(firstHeight: 1, since: 2)),
            Encoding(record: ListAnchor(list: [1], firstHeight: 2)),
            Encoding(record: ListRecord(firstHeight: 1, lastHeight: 2, list: [3])),
            Encoding(record: InterchainLink(hub: "hub", name: "alpha", height: 3)),
            Encoding(
                record: FurtherRelays([
                    InterchainLink(hub: "port", name: "alpha", height: 4),
                    InterchainLink(hub: "haven", name: "beta", height: 5),
                ])
            ),
            Encoding(record: OpenedCall(hash: id32(1), leaf: id32(2), share: id32(3))), Encoding(record: asked),
            Encoding(record: ToldDelivery(id: id, share: id, list: id32(1), count: 2, time: 3)),
            Encoding(record: ExchangeReceived(id: id, share: id32(1))),
            Encoding(record: ExchangeUndone(id: id, permission: id32(1))),
            Encoding(record: ExchangeClosed(id: id, status: .success, payload: [1])),
            Encoding(record: DeliveryTold(delivery: id32(1), share: id)),
            Encoding(record: RegisteredChain(rule: .attested, operatorName: party, parameters: [1, 2])),
            Encoding(
                record: RegisteredService(
                    isOrdered: true,
                    isFrozenByOperator: true,
                    isFrozenByGovernors: true,
                    allowed: ["hub:alpha"]
                )
            ), Encoding(record: ConflictRecord(first: id32(1), second: id32(2), height: 3)),
            Encoding(record: RelayLease(holder: "x", token: 1, until: 2)), Encoding(record: GatewayList([[1], [2]])),
            Encoding(record: conduct),
        ]
    }

    private static func changes(_ world: Archipelago) throws -> [Encoding] {
        let party = try #require(PartyName(Archipelago.operatorName))
        let anchor = try world.anchor("alpha")
        let list = ListAnchor(list: [1, 2, 3], firstHeight: 4)
        let connect = ConnectRelay(name: "alpha", anchor: try world.anchor("hub"), lists: [list, list])
        let changes: [ProposedChange] = [
            .connect(connect),
            .registerChain(RegisterChain(name: "a", basis: .wardline(anchor), operatorName: party, list: list)),
            .registerChain(RegisterChain(name: "b", basis: .attested([1, 2]), operatorName: party, list: list)),
            .registerChain(RegisterChain(name: "hub", basis: .hub, operatorName: party, list: list)),
            .standing(ChangeStanding(chain: "a", service: "share", action: .freeze)),
            .reanchor(ReanchorChain(chain: "a", anchor: anchor, list: list)),
            .reanchor(ReanchorChain(chain: "a", anchor: nil, list: list)), .incentives(.standard),
            .credits(ChangeCredits(action: .retire, account: [1], millionths: 2)),
            .condemnCode(try CodeName("broker-1")),
        ]
        return changes.enumerated().map { Encoding(Propose(expires: 1, change: $1), "\($1.bytes[0]) \($0)") }
    }
}

@Suite("Encodings between chains") struct CrossChainEncodingTests {
    @Test("leaves and bundles are read back as they were written, and in no other form")
    func leaves() throws {
        let world = try Archipelago()
        try world.ask()
        let request = try world.message(from: "alpha")
        try world.bring(request)
        let told = try world.told("bravo")
        let forms: [([UInt8], ([UInt8]) throws -> [UInt8])] = [
            (OutboundLeaf.message(request.message).bytes, { try OutboundLeaf(bytes: $0).bytes }),
            (OutboundLeaf.notice(told.notice).bytes, { try OutboundLeaf(bytes: $0).bytes }),
            (request.bundle.bytes, { try ProofBundle(bytes: $0).bytes }),
        ]
        for (bytes, again) in forms {
            #expect(try again(bytes) == bytes)
            for length in bytes.indices {
                #expect(throws: ProtocolFailure.self) { _ = try again(Array(bytes[..<length])) }
            }
            #expect(throws: ProtocolFailure.self) { _ = try again(bytes + [0]) }
            for place in bytes.indices {
                for flip in [1, 0x80, 0xff] as [UInt8] {
                    var damaged = bytes
                    damaged[place] ^= flip
                    guard let read = try? again(damaged) else { continue }
                    #expect(read == damaged, "byte \(place) has two encodings")
                }
            }
        }
        var proven = request.message
        proven.proof = id32(1)
        #expect(throws: ProtocolFailure.self) { try OutboundLeaf(bytes: OutboundLeaf.message(proven).bytes) }
    }
}
