package import CanonicalBytes
internal import Merkle
internal import Records
package import ThresholdSignatures
internal import Transcripts

/// The verification nodes of one chain in one epoch, "WLVN": who certifies its messages to other chains.
///
/// A list never changes. What is recorded in its epoch makes the next one.
package struct VerificationNodeList: Sendable, Hashable {
    /// The most entries.
    package static let nodesMax = 256
    /// No list has more bytes: 16 subgroups, and entries with names of 64 bytes.
    package static let bytesMax = 128 * 1_024

    package let chain: String
    package let epoch: UInt64
    package let policy: ListPolicy
    /// Ascending by the bytes of their names, which are distinct.
    package let nodes: [VerificationNode]
    /// The canonical encoding.
    package let bytes: [UInt8]
    /// Root of the tree of ``leaves``, 32 bytes.
    package let root: [UInt8]
    /// Those with a seat, as signers of bitmap certificates: the policy's subgroups with their members in the order of
    /// the list.
    package let committee: PrivilegedCommittee
    /// Of every subgroup, its members with a seat in the committee's order.
    package let seats: [[VerificationNode]]

    /// Forms a list.
    ///
    /// - Parameters:
    ///   - chain: 1 to 64 bytes.
    ///   - epoch: such that two more follow.
    ///   - policy: in force in the epoch.
    ///   - nodes: in any order, at most ``nodesMax``.
    /// - Throws: `FORMAT` for names, numbers of nodes and a standing that does not fit the epoch; `DUPLICATE` for a name
    ///   or key that occurs twice; `CONTEXT` for a subgroup that the policy does not have; `THRESHOLD` for a subgroup
    ///   below its least number of seats and for fewer seats than signatures are needed.
    package init(
        chain: String,
        epoch: UInt64,
        policy: ListPolicy,
        nodes: [VerificationNode]
    ) throws(ProtocolFailure) {
        try NameBounds.check(chain)
        try require(nodes.count <= Self.nodesMax, .format, "more than \(Self.nodesMax) nodes")
        try require(epoch < .max - 1, .format, "no epoch follows")
        for node in nodes { try Self.checkStanding(of: node, in: epoch) }
        try Self.checkDistinct(nodes)
        let ordered = nodes.sorted { $0.name.isBefore($1.name) }
        self.seats = try Self.seats(of: ordered, policy, epoch)
        self.committee = try Self.committee(policy, self.seats)
        self.chain = chain
        self.epoch = epoch
        self.policy = policy
        self.nodes = ordered
        let head = Self.head(chain, epoch, policy)
        let entries = ordered.map(\.bytes)
        self.bytes = Self.encode(head, entries)
        self.root = Self.root(Self.leaves(head, entries))
    }

    /// Parses a list; keys that are not known are checked for proofs of possession.
    ///
    /// - Parameters:
    ///   - bytes: of any origin.
    ///   - old: a list whose keys were checked.
    /// - Throws: `FORMAT`; then as ``NodeKeys/init(identity:signature:possession:)`` and
    ///   ``init(chain:epoch:policy:nodes:)``.
    package init(bytes: [UInt8], knowing old: VerificationNodeList? = nil) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "a list has at most \(Self.bytesMax) bytes")
        let known = Dictionary((old?.nodes ?? []).map { ($0.keys.bytes, $0.keys) }) { first, _ in first }
        var reader = CanonicalReader(bytes)
        try reader.magic("WLVN")
        let chain = try reader.name()
        let epoch = try reader.u64()
        let policy = try ListPolicy(from: &reader)
        let count = Int(try reader.u16())
        try require(count <= Self.nodesMax, .format, "more than \(Self.nodesMax) nodes")
        var nodes: [VerificationNode] = []
        for _ in 0..<count { nodes.append(try VerificationNode(from: &reader, known: known)) }
        try reader.finish()
        try self.init(chain: chain, epoch: epoch, policy: policy, nodes: nodes)
        try require(self.bytes == bytes, .format, "a list that is not canonical")
    }

    /// The node of a name.
    package func node(_ name: String) -> VerificationNode? { self.nodes.first { $0.name.hasBytes(of: name) } }

    /// How many nodes have a seat.
    package var seatCount: Int { self.seats.reduce(0) { $0 + $1.count } }

    /// Faulty nodes that the committee survives: `⌊(n-1)/3⌋`.
    package var faults: Int { max(self.seatCount - 1, 0) / 3 }

    /// What the tree is made of: the list's head, then every node (RFC 9162 leaves, each under a tag of its own).
    package var leaves: [[UInt8]] {
        Self.leaves(Self.head(self.chain, self.epoch, self.policy), self.nodes.map(\.bytes))
    }

    package static func == (a: VerificationNodeList, b: VerificationNodeList) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.root) }
}

// How a list is checked and encoded.
extension VerificationNodeList {
    private static func checkStanding(of node: VerificationNode, in epoch: UInt64) throws(ProtocolFailure) {
        try require(node.validity.lowerBound <= epoch, .format, "a node that is not valid yet")
        let isOver = node.validity.upperBound <= epoch
        let fits =
            switch node.status {
            case .active: !isOver
            case .jailed: true
            case .left: isOver
            }
        try require(fits, .format, "a node's status does not fit its validity")
    }

    private static func checkDistinct(_ nodes: [VerificationNode]) throws(ProtocolFailure) {
        let names = Set(nodes.map { Array($0.name.utf8) })
        try require(names.count == nodes.count, .duplicate, "two nodes have one name")
        let identities = Set(nodes.map(\.keys.identity))
        let keys = Set(nodes.map(\.keys.signature))
        let isDistinct = identities.count == nodes.count && keys.count == nodes.count
        try require(isDistinct, .duplicate, "two nodes have one key")
    }

    private static func seats(
        of nodes: [VerificationNode],
        _ policy: ListPolicy,
        _ epoch: UInt64
    ) throws(ProtocolFailure) -> [[VerificationNode]] {
        var seats = [[VerificationNode]](repeating: [], count: policy.subgroups.count)
        for node in nodes {
            guard let place = policy.place(of: node.subgroup) else {
                throw ProtocolFailure(.context, "a node of a subgroup that there is not")
            }
            if node.isSeated(in: epoch) { seats[place].append(node) }
        }
        for (subgroup, members) in zip(policy.subgroups, seats) {
            try require(members.count >= subgroup.seatsMin, .threshold, "a subgroup with too few seats")
        }
        return seats
    }

    private static func committee(
        _ policy: ListPolicy,
        _ seats: [[VerificationNode]]
    ) throws(ProtocolFailure) -> PrivilegedCommittee {
        let groups = zip(policy.subgroups, seats).map { subgroup, members in
            PrivilegedCommittee.Group(
                name: subgroup.name,
                threshold: subgroup.threshold,
                keys: members.map(\.keys.signature.encoded)
            )
        }
        return try PrivilegedCommittee(threshold: policy.threshold, groups: groups)
    }

    /// `LP(chain) || u64 epoch || policy`.
    private static func head(_ chain: String, _ epoch: UInt64, _ policy: ListPolicy) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.lengthPrefixed(chain)
        writer.u64(epoch)
        policy.write(to: &writer)
        return writer.bytes
    }

    /// `"WLVN" || head || u16 n || n × entry`.
    private static func encode(_ head: [UInt8], _ entries: [[UInt8]]) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLVN")
        writer.raw(head)
        writer.u16(UInt16(entries.count))
        for entry in entries { writer.raw(entry) }
        return writer.bytes
    }

    private static func leaves(_ head: [UInt8], _ entries: [[UInt8]]) -> [[UInt8]] {
        [transcript(domainSeparationTag("NODE-LIST"), head)]
            + entries.map { transcript(domainSeparationTag("NODE-LIST-ENTRY"), $0) }
    }

    private static func root(_ leaves: [[UInt8]]) -> [UInt8] {
        var frontier = MerkleFrontier()
        for leaf in leaves { _ = frontier.append(MerkleHash.leaf(leaf)) }
        return frontier.root.bytes
    }
}
