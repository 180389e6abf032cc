import CanonicalBytes
import Certificates
import Consensus
import IBTP
import Ledger
import PathProofs
import Records
import Testing
import ThresholdSignatures
import Transcripts

@testable import Contracts

/// A message with all that vouches for it, on its way.
struct Carried {
    var message: InterchainMessage
    var proof: OutboundProof
    var path: PathProof?

    var bundle: ProofBundle { ProofBundle(kind: .outbound, source: self.proof.bytes, path: self.path) }

    /// As the relay chain takes it.
    var toRelay: RelayMessage { RelayMessage(self.message, by: self.bundle) }
}

/// What the relay chain tells a chain, on its way.
struct Told {
    var notice: ExchangeNotice
    var proof: OutboundProof
    var path: PathProof?

    var relayed: RelayedMessage {
        let bundle = ProofBundle(kind: .outbound, source: self.proof.bytes, path: self.path)
        var message = self.notice.message
        message?.proof = bundle.digest
        return RelayedMessage(message: message, bundle: bundle.bytes)
    }
}

/// A relay chain with aggregated certificates, and three alliances around it with certificates of both kinds; every block
/// is made and judged by real executors and certified by real keys.
final class Archipelago {
    static let operatorName = "north:operator:o1"
    static let gateway = "north:relay:g1"
    static let trustSeconds: UInt64 = 86_400

    let hub: Consortium
    /// The relay chain's identifier.
    let hubName: String
    let chains: [String: Consortium]
    private(set) var lists: [String: VerificationNodeList] = [:]
    /// The newest path of every message, by its hash.
    private var paths: [[UInt8]: PathProof] = [:]
    private var nonce: UInt8 = 0

    static let names = ["alpha", "bravo", "charlie"]

    init(isOrdered: Bool = false, connected: Bool = true, parameters: [(name: String, value: UInt64)] = []) throws {
        self.hub = try Consortium(parameters: parameters, chain: "hub", seed: 16, isAggregate: true)
        self.hubName = "hub"
        var chains: [String: Consortium] = [:]
        for (place, name) in Self.names.enumerated() {
            let seed = UInt8(32 + 16 * place)
            chains[name] = try Consortium(chain: "chain-\(name)", seed: seed, isAggregate: place == 1)
        }
        self.chains = chains
        self.lists["hub"] = try VerificationNodeList.sample(of: "hub", firstKey: 0)
        for (place, name) in Self.names.enumerated() {
            self.lists[name] = try VerificationNodeList.sample(of: name, firstKey: 5 + 5 * place)
        }
        guard connected else { return }
        try self.connectAll(isOrdered: isOrdered)
    }

    /// Another relay chain between the same alliances, with a registry of its own: other verification nodes speak for them
    /// there.
    init(beside other: Archipelago, named name: String = "port") throws {
        self.hub = try Consortium(chain: name, seed: 96, isAggregate: true)
        self.hubName = name
        self.chains = other.chains
        self.nonce = 100
        self.lists[name] = try VerificationNodeList.sample(of: name, firstKey: 2)
        for (place, name) in Self.names.enumerated() {
            self.lists[name] = try VerificationNodeList.sample(of: name, firstKey: 7 + 4 * place)
        }
        try self.connectAll(isOrdered: false)
    }

    func chain(_ name: String) throws -> Consortium {
        name == self.hubName ? self.hub : try #require(self.chains[name])
    }

    func list(_ name: String) throws -> VerificationNodeList { try #require(self.lists[name]) }

    func anchor(_ name: String, height: Height = 1) throws -> ClientAnchor {
        let chain = try self.chain(name)
        return ClientAnchor(
            chain: chain.chain,
            committee: chain.access.committee,
            firstHeight: height,
            trustSeconds: Self.trustSeconds
        )
    }

    func listAnchor(_ name: String, height: UInt64 = 1) throws -> ListAnchor {
        ListAnchor(list: try self.list(name).bytes, firstHeight: height)
    }

    func registration(_ name: String) throws -> RegisterChain {
        RegisterChain(
            name: name,
            basis: name == self.hubName ? .hub : .wardline(try self.anchor(name)),
            operatorName: try #require(PartyName(Self.operatorName)),
            list: try self.listAnchor(name)
        )
    }

    func connection(of name: String) throws -> ConnectRelay {
        let others = try (Self.names.filter { $0 != name } + [self.hubName]).map { try self.listAnchor($0) }
        return ConnectRelay(name: name, anchor: try self.anchor(self.hubName), lists: others)
    }

    private func connectAll(isOrdered: Bool) throws {
        for name in Self.names + [self.hubName] {
            try #require(try self.hub.decide(.registerChain(self.registration(name))) == 0)
        }
        for name in Self.names {
            try #require(try self.chain(name).decide(.connect(self.connection(of: name))) == 0)
            for service in ["share", "delivery"] {
                let register = RegisterService(chain: name, service: service, isOrdered: isOrdered)
                try #require(try self.hub.call(register, by: Self.operatorName) == 0)
            }
        }
        self.wait(0)
    }

    /// Lets time pass on all chains, which then have one clock.
    func wait(_ milliseconds: UInt64) {
        let all = [self.hub] + Self.names.compactMap { self.chains[$0] }
        let now = all.flatMap { [$0.access.now, $0.index.now] }.max() ?? 0
        for chain in all {
            chain.access.now = now + milliseconds
            chain.index.now = now + milliseconds
        }
    }

    // MARK: - What blocks say

    /// What a block of a chain says, in a tree's order.
    func leaves(_ block: CommittedBlock, _ tree: OutboundTree = .out) throws -> [OutboundLeaf] {
        try tree.leaves(of: block.receipts).map { try OutboundLeaf(bytes: $0) }
    }

    func proof(_ place: Int, _ tree: OutboundTree, of block: CommittedBlock) throws -> OutboundProof {
        try #require(
            OutboundProof(
                place,
                of: tree,
                header: block.block.header,
                receipts: block.receipts,
                certificate: block.certificate
            )
        )
    }

    /// A message that the newest block of a chain says, certified by the chain's verification nodes.
    func message(from name: String, _ place: Int = 0, signers: [[Int]] = [[0, 2], [1]]) throws -> Carried {
        let block = try #require(try self.chain(name).access.blocks.last)
        let proof = try self.proof(place, .out, of: block)
        guard case .message(let message) = try OutboundLeaf(bytes: proof.leaf) else {
            throw ProtocolFailure(.context, "not a message")
        }
        let start = try self.start(of: message, from: name)
        let hop = try self.hop(0, on: name, to: self.hubName, after: start.digest, of: start, at: proof, signers)
        let path = try PathProof(message: start, hops: [hop])
        self.paths[message.hash.bytes] = path
        return Carried(message: message, proof: proof, path: path)
    }

    func start(of message: InterchainMessage, from name: String) throws -> PathMessage {
        let id = try message.id
        let other = id.from.chain == name ? id.to.chain : id.from.chain
        return try PathMessage(of: message, id, from: name, to: other)
    }

    /// What the newest block of the relay chain tells a chain.
    func told(
        _ name: String,
        _ tree: OutboundTree = .out,
        at place: Int = 0,
        in block: CommittedBlock? = nil,
        signers: [[Int]] = [[0, 1], [0]]
    ) throws -> Told {
        let block = try #require(block ?? self.hub.access.blocks.last)
        let leaves = try self.leaves(block, tree)
        let places = leaves.indices.filter {
            if case .notice(let notice) = leaves[$0] { notice.chain == name } else { false }
        }
        try #require(places.indices.contains(place), "\(places.count) leaves for \(name)")
        let proof = try self.proof(places[place], tree, of: block)
        guard case .notice(let notice) = leaves[places[place]] else { throw ProtocolFailure(.context, "no notice") }
        var path: PathProof?
        if let message = notice.message {
            let first = try #require(self.paths[message.hash.bytes])
            let hop = try self.hop(
                1,
                on: self.hubName,
                to: name,
                after: first.digest,
                of: first.message,
                at: proof,
                signers
            )
            path = try first.appending(hop)
        }
        return Told(notice: notice, proof: proof, path: path)
    }

    /// A hop that a chain's verification nodes certify.
    func hop(
        _ index: UInt8,
        on name: String,
        to next: String,
        after previous: [UInt8],
        of message: PathMessage,
        at proof: OutboundProof,
        _ signers: [[Int]],
        by list: VerificationNodeList? = nil
    ) throws -> PathProof.Hop {
        let list = try list ?? self.list(name)
        let record = try HopRecord(
            previous: previous,
            link: .init(index: index, chain: name, nextChain: next, gateway: Self.gateway),
            anchor: HopRecord.Anchor(proof),
            certifier: .init(epoch: list.epoch, listRoot: list.root, committee: list.committee.digest),
            expiry: proof.header.time / 1_000 + 3_600
        )
        return PathProof.Hop(
            record: record,
            certificate: try list.certificate(of: record.signedBytes(of: message), by: signers)
        )
    }

    /// Notes how a message came that is of none of the alliances.
    func note(_ path: PathProof, of message: InterchainMessage) { self.paths[message.hash.bytes] = path }

    /// Lets a list be followed by the next one.
    func hand(over name: String, to next: VerificationNodeList) { self.lists[name] = next }

    // MARK: - Steps of an exchange

    /// Asks for data of another chain under a pseudonym.
    ///
    /// - Returns: the request that is to be filed there, and the code.
    @discardableResult
    func ask(
        from name: String = "alpha",
        _ targets: [String] = ["bravo"],
        timeout: UInt64 = 0,
        as label: String = "ada",
        edit: (inout CallService.Target) throws -> Void = { _ in }
    ) throws -> (requests: [RequestAccess], code: UInt16) {
        let chain = try self.chain(name)
        let asker = try chain.pseudonym(label)
        var requests: [RequestAccess] = []
        var list: [CallService.Target] = []
        for target in targets {
            let request = try self.request(on: target)
            requests.append(request)
            var entry = try self.target(target, request, asker, as: label)
            try edit(&entry)
            list.append(entry)
        }
        let code = try chain.call(CallService(service: "share", timeoutBlocks: timeout, targets: list), by: asker)
        return (requests, code)
    }

    private func request(on name: String) throws -> RequestAccess {
        self.nonce += 1
        return RequestAccess(
            request: id(self.nonce),
            scope: id(7),
            policy: id(8),
            organization: "north",
            purpose: "TREAT",
            nonce: id(9),
            expires: try self.chain(name).access.now + 600_000
        )
    }

    func target(
        _ name: String,
        _ request: RequestAccess,
        _ asker: Signer,
        as label: String
    ) throws -> CallService.Target {
        let content = InterchainContent(function: "share.request", arguments: [[1, 2, 3, self.nonce]])
        let payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content))
        let requester = try self.chain(name).pseudonym(label).certificate.digest
        let extra = try RelayExtension(
            pathNonce: id(200 + self.nonce % 50),
            expiry: self.hub.access.now / 1_000 + 7_200,
            certificate: asker.certificate.bytes,
            shareRequest: ShareRequest.digest(
                request,
                by: requester,
                asker: Digest.sha256(of: asker.certificate.bytes).bytes
            )
        )
        return CallService.Target(to: "\(self.hubName):\(name):share", payload: payload.bytes, extra: extra.bytes)
    }

    /// Brings a message to the relay chain.
    @discardableResult
    func bring(_ carried: Carried, by name: String = gateway) throws -> UInt16 {
        try self.hub.call(carried.toRelay, by: name)
    }

    /// Brings what the relay chain said to where it is told.
    @discardableResult
    func bring(_ told: Told, carrier: String = gateway) throws -> UInt16 {
        let chain = try self.chain(told.notice.chain)
        switch told.notice.side {
        case .destination:
            let deliver = DeliverMessage(relayed: told.relayed, carrier: Array(carrier.utf8))
            return try chain.call(deliver, by: Self.gateway)
        case .source: return try chain.call(CloseCall(relayed: told.relayed), by: Self.gateway)
        }
    }

    /// Files the request where the data is, and lets a steward decide.
    func decide(_ request: RequestAccess, on name: String, isPermitted: Bool = true, as label: String = "ada") throws {
        let chain = try self.chain(name)
        try #require(try chain.call(request, by: chain.pseudonym(label)) == 0)
        if isPermitted {
            let permit = PermitAccess(request: request.request, validUntil: chain.access.now + 1_000_000)
            try #require(try chain.call(permit, by: "north:steward:s1") == 0)
        } else {
            try #require(try chain.call(DenyAccess(request: request.request), by: "north:steward:s1") == 0)
        }
    }

    /// From the call to the destination's answer, which the newest block there says.
    @discardableResult
    func exchange(timeout: UInt64 = 0, isPermitted: Bool = true) throws -> (id: MessageID, request: RequestAccess) {
        let asked = try self.ask(timeout: timeout)
        try #require(asked.code == 0)
        let carried = try self.message(from: "alpha")
        try #require(try self.bring(carried) == 0)
        try #require(try self.bring(try self.told("bravo")) == 0)
        try self.decide(asked.requests[0], on: "bravo", isPermitted: isPermitted)
        let id = try carried.message.id
        try #require(try self.finish(id, asked.requests[0]) == 0)
        return (id, asked.requests[0])
    }

    func finish(_ id: MessageID, _ request: RequestAccess) throws -> UInt16 {
        try self.chain(id.to.chain).call(FinishCall(id: id, request: request.request), by: Self.gateway)
    }

    // MARK: - What is known

    /// Where an exchange stands on the relay chain.
    func status(_ id: MessageID) throws -> TransactionStatus? {
        let session = StateSession(over: self.hub.access.values)
        return try InterchainBook(hub: self.hubName, storage: SessionStorage(session: session), prefix: RelayKey.prefix)
            .status(of: id)
    }

    func call(_ id: MessageID) throws -> OpenedCall? {
        try self.chain(id.from.chain).access.record(OpenedCall.self, at: InterchainKey.call(id))
    }
}

/// A state that nobody charges for.
struct SessionStorage: InterchainStorage {
    let session: StateSession

    func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? { try self.session.value(of: key) }
    func set(_ key: [UInt8], to value: [UInt8]?) throws(ProtocolFailure) { self.session.set(key, to: value) }
}

extension RejectionCode {
    static func ofBook(_ refusal: InterchainRefusal, on name: String = "relay") -> UInt16 {
        RejectionCode.book(refusal, in: name == "relay" ? Self.relayBase : Self.interchainBase).number
    }

    static func ofPath(_ reason: PathRefusal.Reason, on name: String = "relay") -> UInt16 {
        RejectionCode.path(reason, in: name == "relay" ? Self.relayBase : Self.interchainBase).number
    }
}
