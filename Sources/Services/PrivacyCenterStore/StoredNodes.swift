internal import Merkle
internal import Records

/// The complete subtrees of a store's tree, asked for in one query.
struct StoredNodes: MerkleNodeSource {
    /// Nodes that need no query.
    var known: [MerkleNode: Digest] = [:]
    let db: any StoreConnection

    private static let nodesByKey = BulkStatement(
        single: "SELECT level, position, hash FROM node WHERE level = $1 AND position = $2",
        set: """
            SELECT n.level, n.position, n.hash FROM unnest($1::bigint[], $2::bigint[]) AS k (level, position)
            JOIN node n ON n.level = k.level AND n.position = k.position
            """
    )

    func hashes(of nodes: [MerkleNode]) throws(any Error) -> [Digest] {
        var found = self.known
        let asked = nodes.filter { found[$0] == nil }
        if !asked.isEmpty {
            let keys = asked.map { node -> [SQLValue] in
                [.integer(Int64(node.level)), RowCoding.integer(node.position)]
            }
            for row in try self.db.bulk(Self.nodesByKey, keys) {
                let node = MerkleNode(level: Int(try row.integer(0)), position: try row.number(1))
                found[node] = try RowCoding.digest(row, 2)
            }
        }
        return try nodes.map { node in
            guard let hash = found[node] else {
                throw StoreError.damaged("the tree's node \(node.level)/\(node.position) is missing")
            }
            return hash
        }
    }
}
