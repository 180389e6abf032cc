package import CanonicalBytes

/// A privileged subgroup of a committee: nothing is certified without it.
package struct SubgroupPolicy: Sendable, Hashable {
    package let name: String
    /// Signatures that the subgroup must contribute at least.
    package let threshold: UInt16
    /// Members that may fail without the subgroup losing its voice.
    package let faults: UInt16

    package init(name: String, threshold: UInt16, faults: UInt16) {
        self.name = name
        self.threshold = threshold
        self.faults = faults
    }

    /// Seats that the subgroup never falls below.
    package var seatsMin: Int { Int(self.threshold) + Int(self.faults) }

    package static func == (a: SubgroupPolicy, b: SubgroupPolicy) -> Bool {
        a.name.hasBytes(of: b.name) && a.threshold == b.threshold && a.faults == b.faults
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(Array(self.name.utf8)) }
}

/// What a chain's committee certifies with, and who may enter it or must leave.
package struct ListPolicy: Sendable, Hashable {
    /// The most subgroups.
    package static let subgroupsMax = 16

    /// Signatures that a certificate needs in all.
    package let threshold: UInt16
    /// 1 to ``subgroupsMax``, in the order of the committee's groups.
    package let subgroups: [SubgroupPolicy]
    /// A node needs so much to enter.
    package let entryCredibility: Credibility
    /// A node with less leaves; below the former, so that nobody goes in and out.
    package let exitCredibility: Credibility
    /// A node needs so much to enter, in units of the value-transfer contract.
    package let depositMin: UInt64
    /// Nobody enters whose organization has so many seats.
    package let organizationSeatsMax: UInt16

    /// - Throws: `FORMAT` for another number of subgroups, a name that is none or that of the union of all members,
    ///   and credibilities in the wrong order; `DUPLICATE` for a name that occurs twice; `THRESHOLD` for thresholds of
    ///   zero and for a total that is below their sum.
    package init(
        threshold: UInt16,
        subgroups: [SubgroupPolicy],
        entryCredibility: Credibility,
        exitCredibility: Credibility,
        depositMin: UInt64,
        organizationSeatsMax: UInt16
    ) throws(ProtocolFailure) {
        let count = 1...Self.subgroupsMax
        try require(count.contains(subgroups.count), .format, "a policy has 1 to \(Self.subgroupsMax) subgroups")
        for subgroup in subgroups {
            try NameBounds.check(subgroup.name)
            try require(!subgroup.name.hasBytes(of: "*"), .format, "* names the union of all subgroups")
            try require(subgroup.threshold >= 1, .threshold, "a subgroup without voice")
        }
        let names = Set(subgroups.map { Array($0.name.utf8) })
        try require(names.count == subgroups.count, .duplicate, "two subgroups have one name")
        let least = subgroups.reduce(0) { $0 + Int($1.threshold) }
        try require(least <= Int(threshold), .threshold, "fewer signatures in all than of the subgroups")
        try require(exitCredibility < entryCredibility, .format, "who may enter would have to leave")
        try require(organizationSeatsMax >= 1, .format, "no organization may have a seat")
        self.threshold = threshold
        self.subgroups = subgroups
        self.entryCredibility = entryCredibility
        self.exitCredibility = exitCredibility
        self.depositMin = depositMin
        self.organizationSeatsMax = organizationSeatsMax
    }

    /// Place of the subgroup of a name.
    package func place(of subgroup: String) -> Int? {
        self.subgroups.firstIndex { $0.name.hasBytes(of: subgroup) }
    }

    /// `u16 t || u8 m || m × (LP(name) || u16 t_j || u16 f_j) || u32 entry || u32 exit || u64 deposit || u16 seats`.
    func write(to writer: inout CanonicalWriter) {
        writer.u16(self.threshold)
        writer.u8(UInt8(self.subgroups.count))
        for subgroup in self.subgroups {
            writer.lengthPrefixed(subgroup.name)
            writer.u16(subgroup.threshold)
            writer.u16(subgroup.faults)
        }
        writer.u32(self.entryCredibility.value)
        writer.u32(self.exitCredibility.value)
        writer.u64(self.depositMin)
        writer.u16(self.organizationSeatsMax)
    }

    /// - Throws: as ``init(threshold:subgroups:entryCredibility:exitCredibility:depositMin:organizationSeatsMax:)``.
    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        let threshold = try reader.u16()
        var subgroups: [SubgroupPolicy] = []
        for _ in 0..<(try reader.u8()) {
            subgroups.append(
                SubgroupPolicy(name: try reader.name(), threshold: try reader.u16(), faults: try reader.u16())
            )
        }
        try self.init(
            threshold: threshold,
            subgroups: subgroups,
            entryCredibility: Credibility(reader.u32()),
            exitCredibility: Credibility(reader.u32()),
            depositMin: reader.u64(),
            organizationSeatsMax: reader.u16()
        )
    }
}
