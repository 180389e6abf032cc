package import CanonicalBytes

// Objects of the ledger's genesis, of blocks that change the membership and of exported chains.

extension Member {
    /// Longest key, in bytes: none of the known schemes needs half of it.
    package static let keyBytesMax = 256

    /// `u16 id || LP voting_key || LP share_key`.
    package func write(to writer: inout CanonicalWriter) {
        writer.u16(self.id.number)
        writer.lengthPrefixed(self.votingKey)
        writer.lengthPrefixed(self.shareKey)
    }

    /// Reads a member strictly; what its keys are worth is the signature scheme's question.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`.
    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try reader.replica()
        self.votingKey = try reader.lengthPrefixed()
        self.shareKey = try reader.lengthPrefixed()
        let longest = max(self.votingKey.count, self.shareKey.count)
        try require(longest <= Self.keyBytesMax, .format, "a validator's key of \(longest) bytes")
    }
}

extension Committee {
    /// `"WLCM" || u64 epoch || u64 blocks_per_leader || u16 n || n members || u16 k || k × u16 barred`.
    package func write(to writer: inout CanonicalWriter) {
        writer.magic("WLCM")
        writer.u64(self.epoch)
        writer.u64(self.blocksPerLeader)
        writer.u16(UInt16(self.members.count))
        for member in self.members { member.write(to: &writer) }
        writer.u16(UInt16(self.barredFromLeading.count))
        for id in self.barredFromLeading { writer.u16(id.number) }
    }

    /// The canonical bytes.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 32 + self.members.count * 96)
        self.write(to: &writer)
        return writer.bytes
    }

    /// Reads a committee strictly: one that ``init(epoch:members:barredFromLeading:blocksPerLeader:)`` refuses has no
    /// encoding.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`.
    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        try reader.magic("WLCM")
        let epoch = try reader.u64()
        let blocksPerLeader = try reader.u64()
        let size = Int(try reader.u16())
        try require(size <= 256, .format, "a committee of \(size)")
        var members: [Member] = []
        for _ in 0..<size { members.append(try Member(from: &reader)) }
        let count = Int(try reader.u16())
        try require(count <= size, .format, "\(count) of \(size) validators barred from leading")
        var barred: [ReplicaID] = []
        for _ in 0..<count { barred.append(try reader.replica()) }
        let committee = Committee(
            epoch: epoch,
            members: members,
            barredFromLeading: barred,
            blocksPerLeader: blocksPerLeader
        )
        guard let committee else { throw ProtocolFailure(.format, "members that form no committee") }
        self = committee
    }

    /// Reads a committee that fills the bytes.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try self.init(from: &reader)
        try reader.finish()
    }
}

extension CommitteeHistory {
    /// Most committees that are read at once; a chain that changes its validators daily has them for 179 years.
    package static let reignsMax = 65_536

    /// `"WLCH" || u32 n × (u64 first_height || committee)`.
    package func write(to writer: inout CanonicalWriter) {
        writer.magic("WLCH")
        writer.u32(UInt32(self.reigns.count))
        for reign in self.reigns {
            writer.u64(reign.firstHeight)
            reign.committee.write(to: &writer)
        }
    }

    /// Reads a history strictly: it starts at height 1, and every committee is the next epoch's and decides from a
    /// later height on.
    ///
    /// Whether each predecessor certified it is the light client's question.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`.
    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        try reader.magic("WLCH")
        let count = Int(try reader.u32())
        try require((1...Self.reignsMax).contains(count), .format, "\(count) committees")
        let first = try reader.u64()
        try require(first == 1, .format, "the first committee decides from height \(first)")
        self.init(genesis: try Committee(from: &reader))
        var lowest: Height = 1
        for _ in 1..<count {
            let height = try reader.u64()
            let committee = try Committee(from: &reader)
            try require(height > lowest, .format, "committees of one height")
            try require(
                self.current.epoch < .max && committee.epoch == self.current.epoch + 1,
                .format,
                "epoch \(committee.epoch) after \(self.current.epoch)"
            )
            self.follow(committee, after: height - 1)
            lowest = height
        }
    }

    /// The canonical bytes.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 512 * self.reigns.count)
        self.write(to: &writer)
        return writer.bytes
    }

    /// Reads a history that fills the bytes.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try self.init(from: &reader)
        try reader.finish()
    }
}
