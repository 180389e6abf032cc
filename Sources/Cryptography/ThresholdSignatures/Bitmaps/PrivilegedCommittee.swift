package import CanonicalBytes
internal import Transcripts

/// Groups of signers of whom each must be represented: the committee of bitmap certificates, "WLQC" (specification
/// section 9.1).
package struct PrivilegedCommittee: Sendable, Hashable {
    /// Signers with a threshold of their own.
    package struct Group: Sendable {
        package let name: String
        /// Signatures that the group must contribute at least.
        package let threshold: UInt16
        /// The members' keys as encoded, 48 bytes each; whether they are points shows when they are used.
        package let keys: [[UInt8]]

        package init(name: String, threshold: UInt16, keys: [[UInt8]]) {
            self.name = name
            self.threshold = threshold
            self.keys = keys
        }
    }

    /// Signatures that all groups must contribute together at least.
    package let threshold: UInt16
    package let groups: [Group]
    /// The canonical encoding.
    package let bytes: [UInt8]
    /// `committee_digest`, 32 bytes.
    package let digest: [UInt8]
    /// Of every group, its members' keys decoded once for all verifications.
    let members: [[Member]]

    enum Member: Sendable {
        case key(BLSPublicKey)
        case invalid(ProtocolFailure)

        func key() throws(ProtocolFailure) -> BLSPublicKey {
            switch self {
            case .key(let key): return key
            case .invalid(let failure): throw failure
            }
        }
    }

    /// Encodes a committee.
    ///
    /// - Parameters:
    ///   - threshold: signatures needed of all groups together.
    ///   - groups: 1 to 255, with keys whose possession was verified (``MemberRegistration``).
    /// - Throws: `FORMAT` for another number of groups or a key of another length, `DUPLICATE` for a name or key that
    ///   occurs twice in the committee, `THRESHOLD` for thresholds that cannot be reached or that the groups' exceed.
    package init(threshold: UInt16, groups: [Group]) throws(ProtocolFailure) {
        try Self.validate(threshold, groups)
        self.threshold = threshold
        self.groups = groups
        self.bytes = Self.encode(threshold, groups)
        self.digest = TaggedHash.digest("XCHAIN-COMMITTEE", self.bytes)
        self.members = groups.map { $0.keys.map(Member.init) }
    }

    /// Parses a committee.
    ///
    /// - Throws: `FORMAT`; then as ``init(threshold:groups:)``.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLQC")
        let threshold = try reader.u16()
        var groups: [Group] = []
        for _ in 0..<(try reader.u8()) { groups.append(try Self.group(&reader)) }
        try reader.finish()
        try self.init(threshold: threshold, groups: groups)
        try require(self.bytes == bytes, .format, "a committee that is not canonical")
    }

    private static func group(_ reader: inout CanonicalReader) throws(ProtocolFailure) -> Group {
        let name = try reader.text()
        let threshold = try reader.u16()
        var keys: [[UInt8]] = []
        for _ in 0..<(try reader.u16()) { keys.append(try reader.take(48)) }
        return Group(name: name, threshold: threshold, keys: keys)
    }

    private static func validate(_ threshold: UInt16, _ groups: [Group]) throws(ProtocolFailure) {
        try require((1...255).contains(groups.count), .format, "a committee has 1 to 255 groups")
        let names = Set(groups.map { Array($0.name.utf8) })
        try require(names.count == groups.count, .duplicate, "two groups have one name")
        let keys = groups.flatMap(\.keys)
        try require(Set(keys).count == keys.count, .duplicate, "a key occurs twice")
        for group in groups {
            try require(group.keys.allSatisfy { $0.count == 48 }, .format, "a key has 48 bytes")
            try require(group.keys.count <= Int(UInt16.max), .format, "a group has more members than 65535")
            let isReachable = group.threshold >= 1 && Int(group.threshold) <= group.keys.count
            try require(isReachable, .threshold, "a group's threshold is out of range")
        }
        let least = groups.reduce(0) { $0 + Int($1.threshold) }
        let isReachable = least <= Int(threshold) && Int(threshold) <= keys.count
        try require(isReachable, .threshold, "the committee's threshold is out of range")
    }

    private static func encode(_ threshold: UInt16, _ groups: [Group]) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLQC")
        writer.u16(threshold)
        writer.u8(UInt8(groups.count))
        for group in groups {
            writer.lengthPrefixed(group.name)
            writer.u16(group.threshold)
            writer.u16(UInt16(group.keys.count))
            for key in group.keys { writer.raw(key) }
        }
        return writer.bytes
    }

    package static func == (a: PrivilegedCommittee, b: PrivilegedCommittee) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.digest) }
}

extension PrivilegedCommittee.Member {
    fileprivate init(_ encoded: [UInt8]) {
        do throws(ProtocolFailure) { self = .key(try BLSPublicKey(encoded)) } catch { self = .invalid(error) }
    }
}
