internal import Attesting
internal import CanonicalBytes
internal import ChainReading
internal import Consensus
internal import Contracts
internal import IBTP
internal import Ledger
internal import Relaying
internal import Synchronization
internal import Uplink

/// The light client that a contract keeps of another chain: `LP(chain) || u8 channel || u64 trust seconds || u64 first
/// epoch || u64 epoch || u64 height || u64 time`.
struct FollowedChainReading {
    let trustSeconds: UInt64
    /// Of the newest committee.
    let epoch: UInt64
    /// Of the newest header, whose time in milliseconds since 1970 is ``time``.
    let height: UInt64
    let time: UInt64

    /// - Throws: `FORMAT`.
    init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        _ = try reader.lengthPrefixed()
        _ = try reader.u8()
        self.trustSeconds = try reader.u64()
        _ = try reader.u64()
        self.epoch = try reader.u64()
        self.height = try reader.u64()
        self.time = try reader.u64()
        try reader.finish()
    }
}

/// Brings committees, lists and newer headers from one chain to the other.
final class Successions: Sendable {
    let application: ShoreClient
    let relay: ShoreClient
    /// The application chain is shown a newer header of the relay chain after so many seconds; 0: after a third of the trust
    /// period, as is done in any case.
    private let headerSeconds: UInt64
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> UInt64
    /// The relay chain's place on the application chain, which it keeps; nil: not read yet, or there is none.
    private let place = Mutex<ConnectedRelay?>(nil)
    /// Other application chains whose lists this one has to know.
    private let peers = Mutex<Set<String>>([])
    private static let peersMax = 256

    init(
        application: ShoreClient,
        relay: ShoreClient,
        headerSeconds: UInt64 = 0,
        clock: @escaping @Sendable () -> UInt64
    ) {
        self.application = application
        self.relay = relay
        self.headerSeconds = headerSeconds
        self.clock = clock
    }

    /// Notes whose hops messages to this gateway's application chain have.
    func notePeer(_ chain: String) {
        self.peers.withLock { peers in
            guard peers.count < Self.peersMax else { return }
            peers.insert(chain)
        }
    }

    private func shore(_ shore: Shore) -> ShoreClient { shore == .relay ? self.relay : self.application }

    private func clientKey(of shore: Shore) -> [UInt8] {
        shore == .application ? RelayKey.client(self.application.name) : InterchainKey.client(self.relay.name)
    }

    /// How far a chain is, and how far the other one has followed.
    ///
    /// - Throws: when a chain does not say.
    func reading(_ succession: ChainSuccession) async throws -> SuccessionReading {
        switch succession.kind {
        case .committee: return try await self.committees(of: succession.shore)
        case .verificationNodes: return try await self.lists(of: succession.shore)
        }
    }

    private func committees(of shore: Shore) async throws -> SuccessionReading {
        let client = try await self.client(of: shore)
        let source = self.shore(shore)
        let handovers = try await source.committees.handovers(after: client.epoch)
        let newest = handovers.last?.next.epoch ?? client.epoch
        let (now, third) = (self.clock(), client.trustSeconds * 1_000 / 3)
        let isToShow = shore == .relay && self.headerSeconds > 0
        let age = isToShow ? min(third, self.headerSeconds * 1_000) : third
        let isOld = now > client.time && now - client.time > age
        return SuccessionReading(newest: newest, known: client.epoch, isTrustOld: isOld)
    }

    /// What the other chain knows of a chain.
    func client(of shore: Shore) async throws -> FollowedChainReading {
        let receiver = self.shore(shore.opposite)
        guard let bytes = try await receiver.value(of: self.clientKey(of: shore)) else {
            throw ChainReadingError(.chainUnavailable, "\(receiver.name) does not follow \(self.shore(shore).name)")
        }
        return try FollowedChainReading(bytes)
    }

    /// Brings the block that ended an epoch.
    ///
    /// - Throws: when the chain does not take it, or the block is not found.
    func follow(_ succession: ChainSuccession, to epoch: UInt64) async throws {
        guard succession.kind == .committee else { return try await self.bringNextList() }
        let source = self.shore(succession.shore)
        let found = try await source.committees.handovers(after: epoch - 1).first { $0.next.epoch == epoch }
        guard let found else { throw UplinkFailure.unreachable("nobody shows the committee of epoch \(epoch)") }
        let step = ClientStep(header: found.header, certificate: found.certificate, next: found.next)
        try await self.show(step, of: succession.shore)
    }

    private func show(_ step: ClientStep, of shore: Shore) async throws {
        if shore == .application {
            try await self.relay.writer.submit(
                FollowChain(chain: self.application.name, step: step),
                needless: [.sourceFollowedAlready]
            )
        } else {
            try await self.application.writer.submit(FollowRelay(step: step), needless: [.relayFollowedAlready])
        }
    }

    /// Shows the other chain a newer header, so that it goes on trusting; an idle relay chain makes one for it.
    ///
    /// - Throws: when there is none, or the chain does not take it.
    func showHeader(of shore: Shore) async throws {
        let client = try await self.client(of: shore)
        let newest = try await self.shore(shore).newest(above: client.height)
        if let newest, shore == .application || !self.isOld(newest.header) {
            return try await self.show(
                ClientStep(header: newest.header, certificate: newest.certificate, next: nil),
                of: shore
            )
        }
        guard shore == .relay else {
            throw UplinkFailure.unreachable("\(self.application.name) has made no block since")
        }
        // The proof has the block's header: other validators may not show that block yet.
        let proof = try await self.relay.writer.submit(ExpireExchanges(steps: 1), needless: [.nothingDue])
        try await self.show(ClientStep(header: proof.header, certificate: proof.certificate, next: nil), of: shore)
    }

    /// Whether a relay chain's header says nothing about whether the chain goes on now.
    private func isOld(_ header: BlockHeader) -> Bool {
        self.headerSeconds > 0 && self.clock() > header.time + self.headerSeconds * 1_000
    }

    // MARK: - Lists of verification nodes

    /// The registry of the relay chain is the source of all lists; only the application chain has to learn them.
    ///
    /// The numbers are sums over all chains whose lists are needed, so that a step of any of them shows.
    private func lists(of shore: Shore) async throws -> SuccessionReading {
        guard shore == .relay else { return SuccessionReading(newest: 0, known: 0) }
        var (newest, known): (UInt64, UInt64) = (0, 0)
        for chain in self.chains {
            let (there, here) = try await self.epochs(of: chain)
            // One more than the epoch, so that epoch 0 counts for something.
            newest += there.map { $0 + 1 } ?? 0
            known += min(here.map { $0 + 1 } ?? 0, there.map { $0 + 1 } ?? 0)
        }
        return SuccessionReading(newest: newest, known: known)
    }

    private var chains: [String] {
        [self.relay.name] + self.peers.withLock { $0.sorted() }.filter { !$0.utf8.elementsEqual(self.relay.name.utf8) }
    }

    private func epochs(of chain: String) async throws -> (there: UInt64?, here: UInt64?) {
        let there = try await self.relay.value(of: RelayKey.listEpoch(chain)).map(Self.number)
        guard let place = try await self.connected() else {
            throw ChainReadingError(
                .chainUnavailable,
                "\(self.application.name) is not connected to \(self.relay.name)"
            )
        }
        let here = try await self.application.value(of: place.listEpoch(chain)).map(Self.number)
        return (there, here)
    }

    private func connected() async throws -> ConnectedRelay? {
        if let known = self.place.withLock({ $0 }) { return known }
        let found = try await RelayReader(self.application.facts).relay(self.relay.name)
        self.place.withLock { $0 = found }
        return found
    }

    private static func number(_ bytes: [UInt8]) throws(ProtocolFailure) -> UInt64 {
        var reader = CanonicalReader(bytes)
        let number = try reader.u64()
        try reader.finish()
        return number
    }

    private func bringNextList() async throws {
        for chain in self.chains {
            let (there, here) = try await self.epochs(of: chain)
            guard let there, there > here ?? 0 || here == nil else { continue }
            guard let here else { return try await self.bringFirstList(of: chain, epoch: there) }
            return try await self.bringList(of: chain, after: here)
        }
    }

    /// The relay chain's state proves the list of a chain of which none is known.
    private func bringFirstList(of chain: String, epoch: UInt64) async throws {
        let proof = try await self.relay.chain.value(of: RelayKey.list(chain, epoch), on: .access)
        try await self.application.writer.submit(
            BringNodeList(source: .registry(proof)),
            needless: [.nodeListKnown]
        )
    }

    /// A later list comes with the certificate of the one before, as somebody brought it to the relay chain.
    private func bringList(of chain: String, after epoch: UInt64) async throws {
        let subject = EventSubjects.topic("relay.list")
        for entry in try await self.relay.chain.events(of: subject, after: nil, on: .access) {
            guard let proof = try await self.relay.chain.proof(of: entry.transaction, on: .access),
                proof.receipt.code == 0, let call = try? FollowNodeList(bytes: proof.transaction.body.arguments),
                call.chain.utf8.elementsEqual(chain.utf8), try Self.epoch(of: call.succession.list) == epoch + 1
            else { continue }
            try await self.application.writer.submit(
                BringNodeList(source: .succession(call.succession)),
                needless: [.nodeListKnown]
            )
            return
        }
        throw UplinkFailure.unreachable("the relay chain does not show how the list after epoch \(epoch) came to be")
    }

    /// `"WLVN" || LP(chain) || u64 epoch || …`.
    private static func epoch(of list: [UInt8]) throws(ProtocolFailure) -> UInt64 {
        var reader = CanonicalReader(list)
        try reader.magic("WLVN")
        _ = try reader.text()
        return try reader.u64()
    }
}
