package import CanonicalBytes
package import Consensus
package import Ledger

/// What a contract trusts of another chain: `LP(chain) || u8 channel || u64 trust seconds || u64 first epoch || u64 epoch
/// || u64 height || u64 time`.
///
/// Committees and the heights that they decide stand beside it.
package struct ForeignClient: StateRecord {
    /// Seconds that an operator may choose: a minute to a year.
    package static let trustRange: ClosedRange<UInt64> = 60...31_536_000

    /// The chain's identifier.
    package let chain: [UInt8]
    package let channel: Channel
    /// Seconds for which a verified header vouches for its committee.
    package let trustSeconds: UInt64
    /// Of the committee that governors vouched for; earlier ones count no more.
    package let firstEpoch: CommitteeEpoch
    /// Of the newest committee.
    package internal(set) var epoch: CommitteeEpoch
    /// Of the newest header that was verified.
    package internal(set) var height: Height
    /// Its time, or the block's in which governors vouched; milliseconds since 1970.
    package internal(set) var time: UInt64

    init(_ anchor: ClientAnchor, at time: UInt64) {
        self.chain = anchor.chain
        self.channel = .access
        self.trustSeconds = anchor.trustSeconds
        self.firstEpoch = anchor.committee.epoch
        self.epoch = anchor.committee.epoch
        self.height = anchor.firstHeight - 1
        self.time = time
    }

    /// Whether the newest header is too old for its committee to be believed.
    package func isExpired(at now: UInt64) -> Bool { Self.isOver(self.trustSeconds, since: self.time, at: now) }

    /// Whether a trust period is over that began at a time.
    static func isOver(_ seconds: UInt64, since time: UInt64, at now: UInt64) -> Bool {
        now > time && (now - time) / 1_000 > seconds
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.chain)
        writer.u8(self.channel.rawValue)
        writer.u64(self.trustSeconds)
        writer.u64(self.firstEpoch)
        writer.u64(self.epoch)
        writer.u64(self.height)
        writer.u64(self.time)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.chain = try reader.lengthPrefixed()
        guard let channel = Channel(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such channel")
        }
        self.channel = channel
        self.trustSeconds = try reader.u64()
        self.firstEpoch = try reader.u64()
        self.epoch = try reader.u64()
        self.height = try reader.u64()
        self.time = try reader.u64()
    }
}

/// What governors vouch for of another chain: `LP(chain) || LP(committee) || u64 first height || u64 trust seconds`.
package struct ClientAnchor: StateRecord {
    /// The chain's identifier, 1 to 64 bytes.
    package let chain: [UInt8]
    package let committee: Committee
    /// The first height that the committee decides; 1 for the genesis's.
    package let firstHeight: Height
    package let trustSeconds: UInt64

    package init(chain: [UInt8], committee: Committee, firstHeight: Height, trustSeconds: UInt64) {
        self.chain = chain
        self.committee = committee
        self.firstHeight = firstHeight
        self.trustSeconds = trustSeconds
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.chain)
        writer.lengthPrefixed(self.committee.bytes)
        writer.u64(self.firstHeight)
        writer.u64(self.trustSeconds)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.chain = try reader.lengthPrefixed()
        try require((1...64).contains(self.chain.count), .format, "a chain's identifier has 1 to 64 bytes")
        self.committee = try Committee(bytes: try reader.lengthPrefixed())
        self.firstHeight = try reader.u64()
        try require(self.firstHeight > 0, .format, "no committee decides block 0")
        self.trustSeconds = try reader.u64()
        let range = ForeignClient.trustRange
        try require(range.contains(self.trustSeconds), .format, "a trust period of \(range) seconds")
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

/// The first height that a committee decides, and since when it is known: `u64 height || u64 time`.
package struct ClientReign: StateRecord {
    package let firstHeight: Height
    /// Milliseconds since 1970: of the header that ended the reign before.
    package let since: UInt64

    package init(firstHeight: Height, since: UInt64) {
        self.firstHeight = firstHeight
        self.since = since
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u64(self.firstHeight)
        writer.u64(self.since)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.firstHeight = try reader.u64()
        self.since = try reader.u64()
    }
}
