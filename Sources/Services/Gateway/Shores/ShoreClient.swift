internal import Attesting
internal import CanonicalBytes
internal import ChainReading
internal import Consensus
internal import Contracts
internal import Ledger
internal import Relaying
internal import Synchronization
internal import Uplink

/// What a gateway reads of one chain; everything is proven, apart from that a block is the newest.
final class ShoreClient: Sendable {
    let shore: Shore
    /// The registered name of an application chain; the relay chain's own.
    let name: String
    let genesis: Genesis
    let committees: CommitteeFollower
    let facts: any ChainFacts
    let writer: any ChainWriting
    let chain: Uplink.ChainClient
    private let explorers: [ExplorerClient]
    private let outbound: [OutboundClient]
    private let turn = Mutex(0)

    init(
        _ shore: Shore,
        name: String,
        genesis: Genesis,
        urls: [ServiceURL],
        scheme: any SignatureScheme,
        client: SecureClient,
        facts: any ChainFacts,
        writer: any ChainWriting
    ) {
        self.shore = shore
        self.name = name
        self.genesis = genesis
        self.committees = CommitteeFollower(
            validators: urls,
            genesis: genesis,
            channel: .access,
            scheme: scheme,
            client: client
        )
        self.facts = facts
        self.writer = writer
        self.chain = Uplink.ChainClient(validators: urls, genesis: genesis, scheme: scheme, client: client)
        self.explorers = urls.map { ExplorerClient(base: $0, client: client) }
        self.outbound = urls.map { OutboundClient(base: $0, client: client) }
    }

    /// The newest value of a key of channel `access`, proven; nil when it has none.
    func value(of key: [UInt8]) async throws -> [UInt8]? { try await self.facts.fact(of: key, on: .access).value }

    /// A record of channel `access`.
    func record<Record: StateRecord>(_ type: Record.Type, at key: [UInt8]) async throws -> Record? {
        guard let bytes = try await self.value(of: key) else { return nil }
        return try Record(bytes: bytes)
    }

    /// The places of all validators, each time beginning with the next.
    private func inTurn() -> [Int] {
        let count = self.explorers.count
        let start = self.turn.withLock { turn in
            turn = (turn + 1) % max(count, 1)
            return turn
        }
        return (0..<count).map { (start + $0) % count }
    }

    // MARK: - Heights

    /// The chain's last certified header, as `f + 1` validators show it; nil while there is no block.
    ///
    /// - Throws: when none of them answers.
    func tip() async throws -> CertifiedHead? {
        let asked = self.inTurn().prefix(self.genesis.committee.oneCorrect)
        var (tip, answers): (CertifiedHead?, Int) = (nil, 0)
        var failure: any Error = UplinkFailure.unreachable("no validator is configured")
        for place in asked {
            do {
                if let head = try await self.tip(of: place), head.header.height > tip?.header.height ?? 0 { tip = head }
                answers += 1
            } catch { failure = error }
        }
        guard answers > 0 else { throw failure }
        return tip
    }

    private func tip(of place: Int) async throws -> CertifiedHead? {
        let bytes: CertifiedBytes
        do throws(UplinkFailure) { bytes = try await self.explorers[place].block(at: nil, on: .access) } catch {
            // A chain without blocks has none that is the latest.
            guard case .refused(404, _, _, _) = error else { throw error }
            return nil
        }
        let head = CertifiedHead(
            header: try LedgerBlock(bytes: bytes.payload).header,
            certificate: try QuorumCertificate(bytes: bytes.certificate)
        )
        try await self.require(head)
        return head
    }

    /// The chain's newest certified header above a height, as `f + 1` validators show it; nil when they show none.
    ///
    /// - Throws: when none of them answers.
    func newest(above height: Height) async throws -> CertifiedHead? {
        let asked = Array(self.inTurn().prefix(self.genesis.committee.oneCorrect))
        var newest: CertifiedHead?
        var failure: (any Error)?
        let answers = await withTaskGroup(of: Result<CertifiedHead?, any Error>.self) { group in
            for place in asked { group.addTask { await self.newest(above: height, from: place) } }
            var answers: [Result<CertifiedHead?, any Error>] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
        for answer in answers {
            switch answer {
            case .success(let head):
                if let head, head.header.height > newest?.header.height ?? height { newest = head }
            case .failure(let error): failure = error
            }
        }
        if let newest { return newest }
        if let failure, answers.allSatisfy({ if case .failure = $0 { true } else { false } }) { throw failure }
        return nil
    }

    private func newest(above height: Height, from place: Int) async -> Result<CertifiedHead?, any Error> {
        do {
            let most = 4_096
            let found = try await self.explorers[place].headers(since: height, limit: most, on: .access)
            guard let last = found.last else { return .success(nil) }
            let head = CertifiedHead(header: last.header, certificate: last.certificate)
            try await self.require(head)
            return .success(head)
        } catch { return .failure(error) }
    }

    /// Requires a header that the chain has certified.
    func require(_ head: CertifiedHead) async throws {
        guard head.header.channel == .access else { throw UplinkFailure.malformed("a block of another channel") }
        let view = try await self.committees.view(reaching: head.header.epoch)
        try head.verify(by: view)
    }

    // MARK: - Leaves

    /// The leaves of a stretch of blocks, proven to be all.
    ///
    /// - Parameters:
    ///   - after: the block before the first.
    ///   - last: the last block, or an earlier one when the limit is reached.
    ///   - limit: leaves at most, but those of one block.
    /// - Returns: up to which block, and the leaves.
    /// - Throws: when no validator shows them; ``UplinkFailure`` with 410 when all have pruned them.
    func leaves(after: Height, through last: Height, limit: Int) async throws -> (through: Height, [LeafRecord]) {
        var failure: any Error = UplinkFailure.unreachable("no validator is configured")
        for place in self.inTurn() {
            do { return try await self.leaves(after: after, through: last, limit: limit, from: place) } catch {
                failure = error
            }
        }
        throw failure
    }

    private func leaves(
        after: Height,
        through last: Height,
        limit: Int,
        from place: Int
    ) async throws -> (through: Height, [LeafRecord]) {
        let count = Int(min(last - after, 4_096))
        let found = try await self.explorers[place].headers(since: after, limit: count, on: .access)
        guard let tip = found.last, found.first?.header.height == after + 1 else {
            throw UplinkFailure.unreachable("the validator does not have block \(after + 1) yet")
        }
        // One certificate vouches for all that its block continues.
        try await self.require(CertifiedHead(header: tip.header, certificate: tip.certificate))
        for (one, next) in zip(found, found.dropFirst()) {
            guard next.header.parent == one.header.hash, next.header.height == one.header.height + 1 else {
                throw UplinkFailure.malformed("headers that do not continue each other")
            }
        }
        var records: [LeafRecord] = []
        var through = after
        for (header, _) in found where header.height <= last {
            if OutboundTree.allCases.contains(where: { header.root(of: $0) != BlockHeader.noRoot }) {
                let leaves = try await self.leaves(of: header, from: place)
                if !records.isEmpty, records.count + leaves.count > limit { return (through, records) }
                records += leaves
            }
            through = header.height
        }
        return (through, records)
    }

    private func leaves(of header: BlockHeader, from place: Int) async throws -> [LeafRecord] {
        let receipts = try await self.explorers[place].receipts(at: header.height, on: .access)
        guard BlockTrees.root(receipts.map(\.bytes)) == header.receiptRoot else {
            throw UplinkFailure.malformed("receipts that the header does not have")
        }
        var records: [LeafRecord] = []
        for tree in OutboundTree.allCases {
            var index: UInt32 = 0
            for receipt in receipts {
                for data in tree.leaves(of: [receipt]) {
                    let place = LeafPlace(
                        shore: self.shore,
                        height: header.height,
                        tree: tree.rawValue,
                        index: index
                    )
                    index += 1
                    // A leaf of another version is for another gateway.
                    guard let leaf = try? OutboundLeaf(bytes: data) else { continue }
                    records.append(
                        LeafRecord(
                            place: place,
                            bytes: data,
                            leaf: leaf,
                            transaction: receipt.transaction,
                            epoch: header.epoch
                        )
                    )
                }
            }
        }
        return records
    }

    /// A leaf that is known by its place.
    func leaf(at place: LeafPlace) async throws -> LeafRecord? {
        let found = try await self.leaves(after: place.height - 1, through: place.height, limit: .max).1
        return found.first { $0.place == place }
    }

    /// The proof of a leaf, verified.
    ///
    /// - Throws: when no validator proves it; ``UplinkFailure`` with 410 when all have pruned the block.
    func proof(of record: LeafRecord) async throws -> OutboundProof {
        var failure: any Error = UplinkFailure.unreachable("no validator is configured")
        for place in self.inTurn() {
            do { return try await self.proof(of: record, from: place) } catch { failure = error }
        }
        throw failure
    }

    private func proof(of record: LeafRecord, from place: Int) async throws -> OutboundProof {
        let found = try await self.outbound[place].proof(
            of: record.place.index,
            in: record.tree,
            at: record.place.height,
            on: .access
        )
        guard let found, found.leaf == record.bytes, found.header.height == record.place.height else {
            throw UplinkFailure.malformed("the validator proves something else")
        }
        let view = try await self.committees.view(reaching: found.header.epoch)
        try found.verify(by: view)
        return found
    }
}
