import CanonicalBytes
import Certificates
import Consensus
import IBTP
import Ledger
import PathProofs
import Records
import Testing

@testable import Contracts

@Suite("Lies between chains") struct ByzantineTests {
    let world: Archipelago

    init() throws { self.world = try Archipelago() }

    private func asked() throws -> Carried {
        try self.world.ask()
        return try self.world.message(from: "alpha")
    }

    @Test("a path without a privileged subgroup, with too few signers, over other chains or none at all is refused")
    func paths() throws {
        try self.world.ask()
        let cases: [([[Int]], PathRefusal.Reason)] = [
            ([[0, 1, 2], []], .missingSubgroup), ([[1], [0, 1]], .belowThreshold), ([[0], [0]], .belowThreshold),
        ]
        for (signers, reason) in cases {
            let carried = try self.world.message(from: "alpha", signers: signers)
            #expect(try self.world.bring(carried) == RejectionCode.ofPath(reason))
        }
        var bare = try self.world.message(from: "alpha")
        bare.path = nil
        #expect(try self.world.bring(bare) == RejectionCode.sourcePathMissing.number)
        let good = try self.world.message(from: "alpha")
        #expect(try self.world.bring(good) == 0)
        for (signers, reason) in cases {
            let told = try self.world.told("bravo", signers: signers)
            #expect(try self.world.bring(told) == RejectionCode.ofPath(reason, on: "interchain"))
        }
        var short = try self.world.told("bravo")
        short.path = good.path
        #expect(try self.world.bring(short) == RejectionCode.ofPath(.dropped, on: "interchain"))
        var twice = try self.world.told("bravo")
        let path = try #require(twice.path)
        twice.path = try PathProof(message: path.message, hops: [path.hops[0], path.hops[0]])
        #expect(try self.world.bring(twice) == RejectionCode.ofPath(.repeated, on: "interchain"))
        #expect(try self.world.bring(try self.world.told("bravo")) == 0)
    }

    @Test("a hop that another chain's nodes sign, or that speaks of another block, is refused")
    func strangers() throws {
        var carried = try self.asked()
        let start = try self.world.start(of: carried.message, from: "alpha")
        let list = try self.world.list("bravo")
        let foreign = try self.world.hop(
            0,
            on: "alpha",
            to: "hub",
            after: start.digest,
            of: start,
            at: carried.proof,
            [[0, 1], [0]],
            by: list
        )
        carried.path = try PathProof(message: start, hops: [foreign])
        #expect(try self.world.bring(carried) == RejectionCode.ofPath(.unknownList))
        let block = try self.world.proof(0, .out, of: try #require(self.world.chain("alpha").access.blocks.last))
        let moved = try OutboundProof.saying(block.leaf, on: self.world.chain("charlie"))
        let elsewhere = try self.world.hop(
            0,
            on: "alpha",
            to: "hub",
            after: start.digest,
            of: start,
            at: moved,
            [[0, 1], [0]]
        )
        carried.path = try PathProof(message: start, hops: [elsewhere])
        #expect(try self.world.bring(carried) == RejectionCode.anotherSourceBlock.number)
        let astray = try self.world.hop(
            0,
            on: "alpha",
            to: "bravo",
            after: start.digest,
            of: start,
            at: carried.proof,
            [[0, 1], [0]]
        )
        carried.path = try PathProof(message: start, hops: [astray])
        #expect(try self.world.bring(carried) == RejectionCode.ofPath(.dropped))
    }

    @Test("a certificate of too few validators, of strangers or of another committee is refused")
    func certificates() throws {
        let good = try self.asked()
        let alpha = try self.world.chain("alpha")
        let header = good.proof.header
        let strangers = try Consortium(chain: "chain-alpha", seed: 99)
        let forged = strangers.access.certify(header, by: strangers.access.committee)
        let few = try #require(Committee(epoch: 0, members: Array(alpha.access.committee.members.prefix(2))))
        for certificate in [forged, alpha.access.certify(header, by: few)] {
            var carried = good
            carried.proof = try OutboundProof.with(good.proof, certificate)
            #expect(try self.world.bring(carried) == RejectionCode.badSourceProof.number)
        }
        #expect(try self.world.bring(good) == 0)
        let told = try self.world.told("bravo")
        var wrong = told
        wrong.proof = try OutboundProof.with(told.proof, forged)
        #expect(try self.world.bring(wrong) == RejectionCode.badRelayProof.number)
    }

    @Test("no byte of a bundle may be another", arguments: 0..<4)
    func everyByte(_ part: Int) throws {
        let good = try self.asked()
        let bundle = good.bundle.bytes
        let hub = self.world.hub
        var accepted: [Int] = []
        for place in stride(from: part, to: bundle.count, by: 4 * 7) {
            var changed = bundle
            changed[place] ^= 1 << UInt8(place % 8)
            var message = good.message
            message.proof = Digest.sha256(of: changed).bytes
            let call = RelayMessage(message: message, bundle: changed)
            let transaction = try hub.transaction(call, by: hub.party(Archipelago.gateway), on: hub.access)
            let receipts = try #require(try hub.access.build([transaction]).0).receipts
            if receipts[0].code == 0 { accepted.append(place) }
        }
        #expect(accepted.isEmpty, "of \(bundle.count)")
    }

    @Test("a source that states one request in two ways is caught, recorded and frozen until governors let it go on")
    func conflict() throws {
        let good = try self.asked()
        #expect(try self.world.bring(good) == 0)
        let lie = try self.second(of: good)
        #expect(try self.world.bring(lie) == 0)
        let id = try good.message.id
        let record = try self.world.hub.access.record(ConflictRecord.self, at: RelayKey.conflict(id))
        #expect(record?.first == good.message.hash.bytes && record?.second == lie.message.hash.bytes)
        let chain = try self.world.hub.access.record(RegisteredChain.self, at: RelayKey.chain("alpha"))
        #expect(chain?.standing == .frozen && chain?.cause == .conflict)
        #expect(try self.world.status(id) == .begin)
        try self.world.ask()
        let next = try self.world.message(from: "alpha")
        #expect(try self.world.bring(next) == RejectionCode.chainFrozen.number)
        try self.world.ask(from: "bravo", ["alpha"])
        let towards = try self.world.message(from: "bravo")
        #expect(try self.world.bring(towards) == 0)
        #expect(try self.world.status(towards.message.id) == .beginFailure)
        let hub = self.world.hub
        let appeal = AppealFreeze(chain: "alpha", statement: id32(5))
        #expect(try hub.call(appeal, by: "south:operator:o2") == RejectionCode.notTheOperator.number)
        #expect(try hub.call(appeal, by: Archipelago.operatorName) == 0)
        #expect(try hub.call(appeal, by: Archipelago.operatorName) == RejectionCode.appealedAlready.number)
        #expect(try hub.decide(.standing(ChangeStanding(chain: "alpha", action: .thaw))) == 0)
        #expect(try hub.call(appeal, by: Archipelago.operatorName) == RejectionCode.notFrozen.number)
        #expect(try self.world.bring(next) == 0)
    }

    /// Another request of the same identifier, which the chain's committee and nodes certify as well.
    private func second(of good: Carried) throws -> Carried {
        var message = good.message
        let content = InterchainContent(function: "share.request", arguments: [[66]])
        message.payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
        let proof = try OutboundProof.saying(OutboundLeaf.message(message).bytes, on: self.world.chain("alpha"))
        let start = try self.world.start(of: message, from: "alpha")
        let hop = try self.world.hop(
            0,
            on: "alpha",
            to: "hub",
            after: start.digest,
            of: start,
            at: proof,
            [[0, 1], [1]]
        )
        return Carried(message: message, proof: proof, path: try PathProof(message: start, hops: [hop]))
    }

    @Test("verification nodes that certify both are named, once each, and lose what they put down")
    func evidence() throws {
        let good = try self.asked()
        let lie = try self.second(of: good)
        let (first, second) = (try #require(good.path), try #require(lie.path))
        let hub = self.world.hub
        let report = ReportNodes(first: first, second: second)
        #expect(try hub.call(report, by: Archipelago.gateway) == 0)
        // The first was signed by 0, 2 and one regulator, the second by 0, 1 and the same.
        for (node, faults) in [("v0", 1), ("v1", nil), ("v2", nil), ("v3", nil), ("v4", 1)] as [(String, UInt32?)] {
            let key = RelayKey.conduct("alpha", 0, "alpha:relay:\(node)")
            #expect(try hub.access.record(NodeConduct.self, at: key)?.faults == faults, "\(node)")
        }
        #expect(try hub.call(report, by: Archipelago.gateway) == RejectionCode.faultsKnown.number)
        let same = ReportNodes(first: first, second: first)
        #expect(try hub.call(same, by: Archipelago.gateway) == RejectionCode.notConflicting.number)
        let forged = try PathProof(
            message: second.message,
            hops: [PathProof.Hop(record: second.hops[0].record, certificate: first.hops[0].certificate)]
        )
        let unproven = ReportNodes(first: first, second: forged)
        #expect(try hub.call(unproven, by: Archipelago.gateway) == RejectionCode.ofPath(.signature))
        try self.world.bring(good)
        let told = try self.world.told("bravo")
        #expect(try self.world.bring(told) == 0)
    }

    @Test("good work of verification nodes is counted with every message that they carried")
    func work() throws {
        for _ in 0..<2 { #expect(try self.world.bring(try self.asked()) == 0) }
        let counts = try (0..<5).map { node in
            let key = RelayKey.conduct("alpha", 0, "alpha:relay:v\(node)")
            return try self.world.hub.access.record(NodeConduct.self, at: key)?.work ?? 0
        }
        #expect(counts == [2, 0, 2, 0, 2])
    }

    @Test("what is of another relay chain, of a chain that is not known or has left, or of no kind is refused")
    func elsewhere() throws {
        let good = try self.asked()
        func changed(_ edit: (inout InterchainMessage) throws -> Void) throws -> UInt16 {
            var carried = good
            try edit(&carried.message)
            return try self.world.bring(carried)
        }
        #expect(try changed { $0.to = "hup:bravo:share" } == RejectionCode.ofBook(.anotherHub))
        #expect(try changed { $0.from = "hub:zulu:share" } == RejectionCode.noSuchChain.number)
        #expect(try changed { $0.type = .receiptRollbackEnd } == RejectionCode.ofBook(.wrongType))
        #expect(try changed { $0.index = 0 } == RejectionCode.ofBook(.malformed(ProtocolFailure(.format, ""))))
        #expect(
            try changed {
                $0.group = try ServiceIndices((0..<13).map { .init(service: "hub:bravo:s\($0)", index: 1) })
            } == RejectionCode.groupTooLarge.number
        )
        let hub = self.world.hub
        #expect(try hub.decide(.standing(ChangeStanding(chain: "alpha", action: .retire))) == 0)
        #expect(try self.world.bring(good) == RejectionCode.chainRetired.number)
        let thaw = Propose(
            expires: hub.access.now + 1_000,
            change: .standing(ChangeStanding(chain: "alpha", action: .thaw))
        )
        #expect(try hub.call(thaw, by: "north:operator:g1") == RejectionCode.chainRetired.number)
    }

    @Test("governors cannot register what could not be judged")
    func registrations() throws {
        let hub = self.world.hub
        func propose(_ change: ProposedChange, on chain: Consortium) throws -> UInt16 {
            try chain.call(Propose(expires: chain.access.now + 1_000, change: change), by: "north:operator:g1")
        }
        let party = try #require(PartyName(Archipelago.operatorName))
        func register(_ name: String, _ basis: RegisterChain.Basis, list: String) throws -> RegisterChain {
            RegisterChain(name: name, basis: basis, operatorName: party, list: try self.world.listAnchor(list))
        }
        let anchor = try self.world.anchor("alpha")
        let cases: [(RegisterChain, RejectionCode)] = [
            (try register("alpha", .wardline(anchor), list: "alpha"), .chainExists),
            (try register("delta", .wardline(anchor), list: "alpha"), .badSourceList),
            (try register("delta", .wardline(self.world.anchor("hub")), list: "alpha"), .badRegistration),
            (try register("delta", .hub, list: "alpha"), .badRegistration),
            (try register("delta", .attested([1]), list: "alpha"), .badRegistration),
        ]
        for (register, expected) in cases {
            #expect(try propose(.registerChain(register), on: hub) == expected.number)
        }
        let dashed = try Consortium(chain: "no-hub")
        let fresh = try register("alpha", .wardline(anchor), list: "alpha")
        #expect(try propose(.registerChain(fresh), on: dashed) == RejectionCode.notAHub.number)
    }

    @Test("one gateway at a time holds a lane, and the next one's token is greater")
    func lease() throws {
        let hub = self.world.hub
        let take = TakeLease(lane: "alpha", seconds: 60)
        #expect(try hub.call(take, by: "north:relay:g1") == 0)
        #expect(try hub.call(take, by: "south:relay:g2") == RejectionCode.leased.number)
        #expect(try hub.call(take, by: "north:relay:g1") == 0)
        #expect(try hub.call(take, by: "north:steward:s1") == RejectionCode.notAllowed.number)
        self.world.wait(61_000)
        #expect(try hub.call(take, by: "south:relay:g2") == 0)
        let lease = try hub.access.record(RelayLease.self, at: RelayKey.lease("alpha"))
        #expect(lease?.holder == "south:relay:g2" && lease?.token == 2)
        #expect(try hub.call(TakeLease(lane: "alpha", seconds: 0), by: "south:relay:g2") == 0)
        #expect(try hub.call(take, by: "north:relay:g1") == 0)
    }
}

extension OutboundProof {
    /// The proof with another certificate.
    static func with(_ proof: OutboundProof, _ certificate: QuorumCertificate) throws -> OutboundProof {
        let old = proof.bytes
        let range = try #require(old.firstRange(of: proof.certificate.bytes))
        let new = certificate.bytes
        return try OutboundProof(
            bytes: Array(old[..<(range.lowerBound - 4)]) + UInt32(new.count).bigEndianBytes + new
                + Array(old[range.upperBound...])
        )
    }
}
