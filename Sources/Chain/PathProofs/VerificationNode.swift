package import CanonicalBytes

/// One entry of a chain's list of verification nodes.
package struct VerificationNode: Sendable, Hashable {
    package enum Status: UInt8, Sendable {
        case active = 1
        /// Proven faulty: leaves at the first epoch boundary that has room for it and earns nothing meanwhile.
        case jailed = 2
        /// Listed for one more epoch, so that everybody sees the reason.
        case left = 3
    }

    package let name: String
    package let organization: String
    /// Name of the privileged subgroup whose threshold the node helps to reach.
    package let subgroup: String
    package let keys: NodeKeys
    package let credibility: Credibility
    /// In units of the value-transfer contract.
    package let deposit: UInt64
    /// Epochs in which the node has a seat in the committee.
    package let validity: Range<UInt64>
    package let status: Status

    /// - Throws: `FORMAT` for a name of 0 or more than 64 bytes and for no epoch.
    package init(
        name: String,
        organization: String,
        subgroup: String,
        keys: NodeKeys,
        credibility: Credibility,
        deposit: UInt64,
        validity: Range<UInt64>,
        status: Status = .active
    ) throws(ProtocolFailure) {
        for text in [name, organization, subgroup] { try NameBounds.check(text) }
        try require(!validity.isEmpty, .format, "a node that is never valid")
        self.name = name
        self.organization = organization
        self.subgroup = subgroup
        self.keys = keys
        self.credibility = credibility
        self.deposit = deposit
        self.validity = validity
        self.status = status
    }

    /// Whether the node is in the committee of an epoch.
    package func isSeated(in epoch: UInt64) -> Bool { self.status != .left && self.validity.contains(epoch) }

    /// The same node with other standing.
    func with(
        credibility: Credibility,
        validUntil: UInt64,
        status: Status
    ) throws(ProtocolFailure) -> VerificationNode {
        try require(self.validity.lowerBound < validUntil, .format, "a node that is never valid")
        return try VerificationNode(
            name: self.name,
            organization: self.organization,
            subgroup: self.subgroup,
            keys: self.keys,
            credibility: credibility,
            deposit: self.deposit,
            validity: self.validity.lowerBound..<validUntil,
            status: status
        )
    }

    /// `LP(name) || LP(organization) || LP(subgroup) || keys(176) || u32 credibility || u64 deposit || u64 from ||
    /// u64 until || u8 status`.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.lengthPrefixed(self.name)
        writer.lengthPrefixed(self.organization)
        writer.lengthPrefixed(self.subgroup)
        writer.raw(self.keys.bytes)
        writer.u32(self.credibility.value)
        writer.u64(self.deposit)
        writer.u64(self.validity.lowerBound)
        writer.u64(self.validity.upperBound)
        writer.u8(self.status.rawValue)
        return writer.bytes
    }

    /// Reads an entry; keys that are not known yet are checked.
    ///
    /// - Throws: `FORMAT`, as ``NodeKeys/init(identity:signature:possession:)``.
    init(from reader: inout CanonicalReader, known: [[UInt8]: NodeKeys]) throws(ProtocolFailure) {
        let name = try reader.name()
        let organization = try reader.name()
        let subgroup = try reader.name()
        let keys = try NodeKeys(from: &reader, known: known)
        let credibility = try Credibility(reader.u32())
        let deposit = try reader.u64()
        let first = try reader.u64()
        let end = try reader.u64()
        guard first < end, let status = Status(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "a node without validity or status")
        }
        try self.init(
            name: name,
            organization: organization,
            subgroup: subgroup,
            keys: keys,
            credibility: credibility,
            deposit: deposit,
            validity: first..<end,
            status: status
        )
    }

    package static func == (a: VerificationNode, b: VerificationNode) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}
