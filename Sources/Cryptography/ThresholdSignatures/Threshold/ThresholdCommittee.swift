package import CanonicalBytes
internal import Transcripts

/// Groups that sign with jointly generated keys: the committee of certificates of constant size, "WLQT" (specification
/// section 9.2).
///
/// Each group's members hold shares of one key. A last group named `*` unites all members where more signatures are
/// wanted than the groups' thresholds add up to.
package struct ThresholdCommittee: Sendable, Hashable {
    /// A group's name, threshold, number of members and joint key.
    package struct Group: Sendable {
        package let name: String
        package let threshold: UInt16
        package let memberCount: UInt16
        /// `E(PK)`, 48 bytes; whether it is a point shows when it is used.
        package let key: [UInt8]

        package init(name: String, threshold: UInt16, memberCount: UInt16, key: [UInt8]) {
            self.name = name
            self.threshold = threshold
            self.memberCount = memberCount
            self.key = key
        }
    }

    /// Name of the group that all members belong to.
    package static let unionName = "*"

    package let groups: [Group]
    /// The canonical encoding.
    package let bytes: [UInt8]
    /// `committee_digest`, 32 bytes.
    package let digest: [UInt8]

    /// Encodes a committee.
    ///
    /// - Parameter groups: with keys whose possession was verified by a proof of each group.
    /// - Throws: `DUPLICATE` for no groups and for a name or key that occurs twice, `THRESHOLD` for one that cannot be
    ///   reached, `FORMAT` for a union group that is not the last, more than 255 groups or a key of another length.
    package init(_ groups: [Group]) throws(ProtocolFailure) {
        let names = Set(groups.map { Array($0.name.utf8) })
        let keys = Set(groups.map(\.key))
        let isDistinct = names.count == groups.count && keys.count == groups.count
        try require(!groups.isEmpty && isDistinct, .duplicate, "groups are not distinct, or there are none")
        let isReachable = groups.allSatisfy { $0.threshold >= 1 && $0.threshold <= $0.memberCount }
        try require(isReachable, .threshold, "a group's threshold is out of range")
        let isUnionLast = groups.dropLast().allSatisfy { !$0.name.utf8.elementsEqual(Self.unionName.utf8) }
        try require(isUnionLast, .format, "the union group is not the last")
        try require(groups.count <= 255, .format, "a committee has at most 255 groups")
        try require(groups.allSatisfy { $0.key.count == 48 }, .format, "a key has 48 bytes")
        self.groups = groups
        self.bytes = Self.encode(groups)
        self.digest = TaggedHash.digest("XCHAIN-COMMITTEE", self.bytes)
    }

    /// Parses a committee.
    ///
    /// - Throws: `FORMAT`; then as ``init(_:)``.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLQT")
        var groups: [Group] = []
        for _ in 0..<(try reader.u8()) {
            groups.append(
                Group(
                    name: try reader.text(),
                    threshold: try reader.u16(),
                    memberCount: try reader.u16(),
                    key: try reader.take(48)
                )
            )
        }
        try reader.finish()
        try self.init(groups)
        try require(self.bytes == bytes, .format, "a committee that is not canonical")
    }

    private static func encode(_ groups: [Group]) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLQT")
        writer.u8(UInt8(groups.count))
        for group in groups {
            writer.lengthPrefixed(group.name)
            writer.u16(group.threshold)
            writer.u16(group.memberCount)
            writer.raw(group.key)
        }
        return writer.bytes
    }

    package static func == (a: ThresholdCommittee, b: ThresholdCommittee) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.digest) }
}
