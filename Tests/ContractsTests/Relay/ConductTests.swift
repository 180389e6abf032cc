import CanonicalBytes
import IBTP
import Incentives
import Ledger
import PathProofs
import Testing
import ThresholdSignatures

@testable import Contracts

/// How what the relay chain records of verification nodes becomes their chain's next list.
@Suite("Conduct of verification nodes") struct ConductTests {
    let world: Archipelago

    init() throws { self.world = try Archipelago() }

    private var hub: Consortium { self.world.hub }

    private func recorded(_ list: VerificationNodeList) throws -> [NodeConduct?] {
        try list.nodes.map { node in
            try self.hub.access.record(NodeConduct.self, at: RelayKey.conduct(list.chain, list.epoch, node.name))
        }
    }

    /// The next list as everybody makes it of what is recorded.
    private func next(
        after list: VerificationNodeList,
        candidates: [VerificationNode] = []
    ) throws -> Succession {
        let book = try ConductBook(of: list, recorded: self.recorded(list))
        return try list.successor(after: book, candidates: candidates)
    }

    @Test("who certifies gains, who is left out of most hops loses; the list made of it is one that the contract takes")
    func presence() throws {
        for _ in 0..<10 {
            try self.world.ask()
            let carried = try self.world.message(from: "alpha", signers: [[0, 2], [1]])
            #expect(try self.world.bring(carried) == 0)
        }
        let list = try self.world.list("alpha")
        let conducts = try self.recorded(list)
        #expect(conducts.map { $0?.work ?? 0 } == [10, 0, 10, 0, 10])
        #expect(conducts.map { $0?.absences ?? 0 } == [0, 10, 0, 10, 0])
        let succession = try self.next(after: list)
        let values = succession.list.nodes.map(\.credibility.value)
        #expect(values == [820_000, 760_000, 820_000, 760_000, 820_000])
        #expect(succession.departed.isEmpty && succession.deferred.isEmpty)
        let handover = try list.succession(to: succession.list, at: 500)
        let follow = FollowNodeList(chain: "alpha", succession: handover)
        #expect(try self.hub.call(follow, by: Archipelago.gateway) == 0)
        // Another record makes another list.
        let shifted = try ConductBook(of: list, recorded: Array(conducts.dropFirst()) + [nil])
        let another = try list.successor(after: shifted, candidates: [])
        #expect(another.list != succession.list)
        #expect(throws: ProtocolFailure.self) { try ConductBook(of: list, recorded: Array(conducts.dropFirst())) }
    }

    private func leave(_ name: String, _ list: VerificationNodeList, keysOf signer: String? = nil) throws -> LeaveList {
        let node = try #require(list.node(signer ?? name))
        let signature = try NodeKeyRing.secret(of: node).sign(list.leavingMessage(of: name)).encoded
        return LeaveList(chain: list.chain, epoch: list.epoch, node: name, signature: signature)
    }

    @Test(
        "a node leaves by its own key alone, once, and its seat is empty in the next list if its subgroup can spare it"
    )
    func leaving() throws {
        let old = try self.world.list("alpha")
        let list = try old.adding(key: 20)
        let follow = FollowNodeList(chain: "alpha", succession: try old.succession(to: list, at: 500))
        try #require(try self.hub.call(follow, by: Archipelago.gateway) == 0)
        let name = "alpha:relay:v1"
        let cases: [(LeaveList, RejectionCode)] = try [
            (self.leave(name, list, keysOf: "alpha:relay:v2"), .noSuchNode),
            (self.leave("alpha:relay:v9", list, keysOf: name), .noSuchNode),
            (self.leave(name, old), .sourceListUnknown),
            (
                LeaveList(chain: "zulu", epoch: 1, node: name, signature: self.leave(name, list).signature),
                .sourceListUnknown
            ),
        ]
        for (leave, code) in cases {
            let refused = try self.hub.call(leave, by: Archipelago.gateway)
            #expect(refused == code.number)
        }
        let staying = try self.next(after: list)
        #expect(staying.departed.isEmpty)
        let good = try self.leave(name, list)
        #expect(try self.hub.call(good, by: Archipelago.gateway) == 0)
        #expect(try self.hub.call(good, by: Archipelago.gateway) == RejectionCode.leavingAlready.number)
        let succession = try self.next(after: list)
        #expect(succession.departed.map(\.name) == [name] && succession.departed.map(\.cause) == [.request])
        #expect(succession.list.seatCount == list.seatCount - 1)
        // Of five nodes none can be spared.
        let needed = try self.leave("bravo:relay:v1", self.world.list("bravo"))
        #expect(try self.hub.call(needed, by: Archipelago.gateway) == 0)
        let kept = try self.next(after: self.world.list("bravo"))
        #expect(kept.departed.isEmpty && kept.deferred.map(\.name) == ["bravo:relay:v1"])
    }

    // MARK: - Canaries

    private func evidence(
        _ path: PathProof,
        _ node: VerificationNode,
        secret: [UInt8],
        shown: [UInt8]? = nil
    ) throws -> CanaryEvidence {
        let record = try #require(path.hops.last?.record)
        let signature = try NodeKeyRing.secret(of: node).sign(record.signedBytes(of: path.message)).encoded
        return try CanaryEvidence(secret: shown ?? secret, path: path, node: node.name, signature: signature)
    }

    @Test(
        "a node that certifies a message that nobody has sent pays and goes; one that certifies what was sent does not"
    )
    func canary() throws {
        let name = "alpha:relay:v0"
        let reporter = "south:relay:g2"
        try #require(try self.hub.decide(.incentives(.standard)) == 0)
        let give = ChangeCredits(action: .issue, account: Array(name.utf8), millionths: 100_000_000)
        try #require(try self.hub.decide(.credits(give)) == 0)
        try #require(try self.hub.call(DepositCredits(millionths: 100_000_000), by: name) == 0)
        try self.world.ask()
        let sent = try #require(try self.world.message(from: "alpha").path)
        let node = try #require(try self.world.list("alpha").node(name))
        let canary = try Canary.path(like: sent, secret: id(7))
        let other = try #require(try self.world.list("alpha").node("alpha:relay:v1"))
        let strangers = try CanaryEvidence(
            secret: id(7),
            path: canary,
            node: other.name,
            signature: self.evidence(canary, node, secret: id(7)).signature
        )
        let wrong = try [
            self.evidence(sent, node, secret: id(7)), self.evidence(canary, node, secret: id(7), shown: id(8)),
            self.evidence(self.refusing(canary), node, secret: id(7)), strangers,
        ]
        for evidence in wrong {
            let refused = try self.hub.call(ReportCanary(evidence: evidence), by: reporter)
            #expect(refused == RejectionCode.notACanary.number)
        }
        #expect(try self.account(name).deposit == Credits(100))
        let report = ReportCanary(evidence: try self.evidence(canary, node, secret: id(7)))
        #expect(try self.hub.call(report, by: reporter) == 0)
        #expect(try self.account(name).deposit == Credits(90))
        #expect(try self.account(reporter).free > .zero)
        // Not again for this list, by whatever other canary.
        let second = try Canary.path(like: sent, secret: id(9))
        for evidence in [report.evidence, try self.evidence(second, node, secret: id(9))] {
            let refused = try self.hub.call(ReportCanary(evidence: evidence), by: reporter)
            #expect(refused == RejectionCode.faultsKnown.number)
        }
        #expect(try self.account(name).deposit == Credits(90))
        let next = try self.next(after: self.world.list("alpha"))
        let judged = try #require(next.list.node(name))
        #expect(judged.status == .jailed && judged.credibility.value == 100_000)
    }

    /// The same hop, saying that the chain does not pass the message on.
    private func refusing(_ path: PathProof) throws -> PathProof {
        let record = try #require(path.hops.last?.record)
        let refused = try HopRecord(
            previous: record.previous,
            link: record.link,
            anchor: record.anchor,
            certifier: record.certifier,
            verdict: .refused,
            expiry: record.expiry
        )
        return try PathProof(message: path.message, hops: [.init(record: refused, certificate: [])])
    }

    private func account(_ name: String) throws -> Account {
        let key = RelayKey.credit(IncentiveKey.account(try AccountID(Array(name.utf8))))
        return try self.hub.access.values.values[key].map { try Account(bytes: $0) } ?? .empty
    }
}
