internal import Merkle
internal import Records
internal import Synchronization

/// One batch on its way into the store, within one transaction.
struct AppendTransaction {
    private struct SequenceKey: Hashable {
        let sender: Digest
        let scope: Digest
        let sequence: UInt64
    }

    private struct Place {
        let leafIndex: UInt64
        let receivedMilliseconds: UInt64
    }

    private enum Decision {
        case store(leafIndex: UInt64)
        case known(Place)
        case refuse(AppendOutcome)
    }

    /// The tree with what the batch added.
    private(set) var frontier: MerkleFrontier
    private let batch: [NewEnvelope]
    private let db: any StoreConnection
    private var tally: Tally
    private var places: [Digest: Place] = [:]
    private var sequences: Set<SequenceKey> = []
    private var certificates: Set<Digest> = []
    private var rows: [[SQLValue]] = []
    private var completed: [MerkleFrontier.Completed] = []
    private var nodes: [MerkleNode: Digest] = [:]

    init(_ batch: [NewEnvelope], store: RelationalStore, _ db: any StoreConnection) throws {
        self.batch = batch
        self.db = db
        // The lock makes appends of several processes follow each other.
        self.tally = try Tally.read(.envelopes, lock: store.engine.rowLock, db)
        self.frontier = try Self.frontier(self.tally, cached: store.frontier.withLock { $0 }, db)
        for subtree in self.frontier.subtrees { self.nodes[subtree.node] = subtree.hash }
        try self.findCertificates(store)
        try self.findPlaces()
        try self.findSequences()
    }

    mutating func run() throws -> AppendedBatch {
        let decisions = self.batch.map { self.decide($0) }
        if !self.rows.isEmpty {
            _ = try self.db.bulk(TableShape.envelope.insert, self.rows)
            _ = try self.db.bulk(TableShape.node.insert, self.completed.map(RowCoding.node))
            self.tally.count = self.frontier.size
            self.tally.digest = self.frontier.root
            try self.tally.update(self.db)
        }
        return AppendedBatch(
            outcomes: try decisions.map { try self.outcome($0) },
            head: TreeHead(size: self.tally.count, root: self.tally.digest)
        )
    }

    private mutating func decide(_ envelope: NewEnvelope) -> Decision {
        if let place = self.places[envelope.h1] { return .known(place) }
        guard self.certificates.contains(envelope.sender) else { return .refuse(.certificateUnknown) }
        let key = SequenceKey(sender: envelope.sender, scope: envelope.scope, sequence: envelope.sequence)
        guard self.sequences.insert(key).inserted else { return .refuse(.sequenceRepeated) }
        let leafIndex = self.frontier.size
        for subtree in self.frontier.append(envelope.leafHash) {
            self.completed.append(subtree)
            self.nodes[subtree.node] = subtree.hash
        }
        self.rows.append(RowCoding.envelope(envelope, leafIndex: leafIndex))
        self.tally.bytes += UInt64(envelope.bytes.count)
        self.places[envelope.h1] = Place(
            leafIndex: leafIndex,
            receivedMilliseconds: envelope.receivedMilliseconds
        )
        return .store(leafIndex: leafIndex)
    }

    private func outcome(_ decision: Decision) throws -> AppendOutcome {
        switch decision {
        case .store(let leafIndex): .stored(try self.proof(leafIndex))
        case .known(let place):
            .alreadyStored(try self.proof(place.leafIndex), receivedMilliseconds: place.receivedMilliseconds)
        case .refuse(let outcome): outcome
        }
    }

    /// New leaves need no query: all that is left of them are peaks of the tree before.
    private func proof(_ leafIndex: UInt64) throws -> InclusionProof {
        let source = StoredNodes(known: self.nodes, db: self.db)
        guard let proof = try InclusionProof(leafIndex: leafIndex, treeSize: self.tally.count, from: source) else {
            throw StoreError.damaged("the leaf \(leafIndex) lies outside of the tree")
        }
        return proof
    }

    private static func frontier(
        _ tally: Tally,
        cached: MerkleFrontier,
        _ db: any StoreConnection
    ) throws -> MerkleFrontier {
        if cached.size == tally.count, cached.root == tally.digest { return cached }
        let peaks = try StoredNodes(db: db).hashes(of: MerkleNode.peaks(ofSize: tally.count))
        guard let frontier = MerkleFrontier(size: tally.count, peaks: peaks), frontier.root == tally.digest else {
            throw StoreError.damaged("the tree's nodes do not lead to its root")
        }
        return frontier
    }
}

// What the store holds already
extension AppendTransaction {
    private static let placesByH1 = BulkStatement(
        single: "SELECT h1, leaf_index, received_ms FROM envelope WHERE h1 = $1",
        set: "SELECT h1, leaf_index, received_ms FROM envelope WHERE h1 = ANY($1::bytea[])"
    )
    private static let sequencesByKey = BulkStatement(
        single: """
            SELECT sender, scope, sequence FROM envelope WHERE sender = $1 AND scope = $2 AND sequence = $3
            """,
        set: """
            SELECT e.sender, e.scope, e.sequence
            FROM unnest($1::bytea[], $2::bytea[], $3::bigint[]) AS k (sender, scope, sequence)
            JOIN envelope e ON e.sender = k.sender AND e.scope = k.scope AND e.sequence = k.sequence
            """
    )
    private static let certificatesByDigest = BulkStatement(
        single: "SELECT digest FROM certificate WHERE digest = $1",
        set: "SELECT digest FROM certificate WHERE digest = ANY($1::bytea[])"
    )

    private mutating func findCertificates(_ store: RelationalStore) throws {
        let senders = Set(self.batch.map(\.sender))
        let known = store.knownCertificates.withLock { $0.intersection(senders) }
        self.certificates = known
        let asked = senders.subtracting(known)
        guard !asked.isEmpty else { return }
        for row in try self.db.bulk(Self.certificatesByDigest, asked.map { [.blob($0.bytes)] }) {
            self.certificates.insert(try RowCoding.digest(row, 0))
        }
        // Only what is committed may be remembered: this transaction itself puts no certificate.
        store.knownCertificates.withLock { $0.formUnion(self.certificates) }
    }

    private mutating func findPlaces() throws {
        for row in try self.db.bulk(Self.placesByH1, self.batch.map { [.blob($0.h1.bytes)] }) {
            self.places[try RowCoding.digest(row, 0)] = Place(
                leafIndex: try row.number(1),
                receivedMilliseconds: try row.number(2)
            )
        }
    }

    private mutating func findSequences() throws {
        let keys = self.batch.filter { self.places[$0.h1] == nil }.map { envelope -> [SQLValue] in
            [.blob(envelope.sender.bytes), .blob(envelope.scope.bytes), RowCoding.integer(envelope.sequence)]
        }
        for row in try self.db.bulk(Self.sequencesByKey, keys) {
            self.sequences.insert(
                SequenceKey(
                    sender: try RowCoding.digest(row, 0),
                    scope: try RowCoding.digest(row, 1),
                    sequence: try row.number(2)
                )
            )
        }
    }
}
