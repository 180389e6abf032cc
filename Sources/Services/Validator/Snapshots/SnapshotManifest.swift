package import CanonicalBytes
package import Consensus
package import Ledger
package import StateTree

/// What a snapshot of a channel's state consists of, and why anybody may believe it.
///
/// A certificate proves the header, the header names the state's root, the parts lead to that root, and each part proves
/// its chunk: whoever serves a chunk need not be trusted.
///
/// `"WLSN" || LP(header) || LP(certificate) || handovers || u8 depth || 16^depth × part`, a part being `0` without
/// entries, `1 || key hash || value hash` with one and `2 || hash` with more.
package struct SnapshotManifest: Hashable, Sendable {
    /// What fits into a frame.
    static let bytesMax = (4 << 20) - 1_024

    package let header: BlockHeader
    package let certificate: QuorumCertificate
    /// Every change of the committee up to the header.
    package let handovers: [Handover]
    /// Nibbles of the prefixes of key hashes by which the state is cut.
    package let depth: Int
    package let parts: [StatePart]

    package init(
        header: BlockHeader,
        certificate: QuorumCertificate,
        handovers: [Handover],
        depth: Int,
        parts: [StatePart]
    ) {
        self.header = header
        self.certificate = certificate
        self.handovers = handovers
        self.depth = depth
        self.parts = parts
    }

    var height: Height { self.header.height }

    /// The manifest's encoding.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 1_024 + 34 * self.parts.count)
        writer.magic("WLSN")
        writer.lengthPrefixed(self.header.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        writer.raw(HandoverFile.bytes(self.handovers))
        writer.u8(UInt8(self.depth))
        for part in self.parts {
            switch part {
            case .empty: writer.u8(0)
            case .entry(let leaf):
                writer.u8(1)
                writer.raw(leaf.keyHash)
                writer.raw(leaf.valueHash)
            case .entries(let hash):
                writer.u8(2)
                writer.raw(hash)
            }
        }
        return writer.bytes
    }

    /// Reads a manifest strictly; nothing in it is believed before ``verify(from:)``.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLSN")
        self.header = try BlockHeader(bytes: try reader.lengthPrefixed())
        self.certificate = try QuorumCertificate(bytes: try reader.lengthPrefixed())
        self.handovers = try HandoverFile.read(from: &reader)
        self.depth = Int(try reader.u8())
        try require(self.depth <= StatePart.depthMax, .format, "a state that is cut too small")
        var parts: [StatePart] = []
        for _ in 0..<StateTree.partCount(depth: self.depth) {
            switch try reader.u8() {
            case 0: parts.append(.empty)
            case 1:
                let (key, value) = (try reader.take(32), try reader.take(32))
                parts.append(.entry(StateLeaf(hashedKey: key, hashedValue: value)))
            case 2: parts.append(.entries(hash: try reader.take(32)))
            case let kind: throw ProtocolFailure(.format, "unknown kind of part \(kind)")
            }
        }
        self.parts = parts
        try reader.finish()
    }

    /// Follows the committees to the one that certified the header, and the parts to the root that the header names.
    ///
    /// - Parameter genesis: what this validator was given.
    /// - Returns: the committees up to the snapshot.
    /// - Throws: with the first thing that does not hold.
    package func verify(from genesis: CommitteeView) throws(ProtocolFailure) -> CommitteeView {
        var view = genesis
        for handover in self.handovers {
            try require(
                handover.header.height <= self.height,
                .context,
                "a change of the committee behind the snapshot"
            )
            try view.follow(handover.header, handover.certificate, next: handover.next)
        }
        try view.check(self.header, self.certificate)
        try require(
            CommitteeDigest.of(view.committees.current) == self.header.validatorsRoot,
            .context,
            "the changes of the committee do not lead to the one that the snapshot's block names"
        )
        try require(
            try StateTree.root(of: self.parts) == self.header.stateRoot,
            .context,
            "the parts do not lead to the root that is certified"
        )
        return view
    }

    /// The parts that a chunk has to be fetched for.
    package var wantedParts: [Int] { self.parts.indices.filter { self.parts[$0] != .empty } }
}
