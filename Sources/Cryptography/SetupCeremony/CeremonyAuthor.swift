internal import CanonicalBytes
internal import Transcripts

/// Who made a contribution.
package enum CeremonyAuthor: Hashable, Sendable, CustomStringConvertible {
    /// A member of the consortium, by a name of 1 to 255 bytes.
    case member(String)
    /// Nobody: a public value that nobody could predict or choose when the last member contributed, hashed
    /// 2^`doublings` times.
    case beacon([UInt8], doublings: UInt8)

    /// Most iterations: 2^24 take some seconds.
    package static let doublingsMax: UInt8 = 24

    package var description: String {
        switch self {
        case .member(let name): name
        case .beacon(let value, let doublings): "beacon \(value.hex), 2^\(doublings) iterations"
        }
    }

    package static func == (a: CeremonyAuthor, b: CeremonyAuthor) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }

    /// `u8 kind || LP(name or value) || u8 doublings`.
    var bytes: [UInt8] {
        var writer = CanonicalWriter()
        switch self {
        case .member(let name):
            writer.u8(0)
            writer.lengthPrefixed(name)
            writer.u8(0)
        case .beacon(let value, let doublings):
            writer.u8(1)
            writer.lengthPrefixed(value)
            writer.u8(doublings)
        }
        return writer.bytes
    }

    init(_ reader: inout CanonicalReader) throws(ProtocolFailure) {
        let kind = try reader.u8()
        try require(kind <= 1, .format, "an author of kind \(kind)")
        if kind == 0 {
            self = .member(try reader.text())
            try require(try reader.u8() == 0, .format, "a member with iterations")
        } else {
            self = .beacon(try reader.lengthPrefixed(), doublings: try reader.u8())
        }
        try self.check()
    }

    /// - Throws: `FORMAT` for a length or a number of iterations out of range.
    func check() throws(ProtocolFailure) {
        switch self {
        case .member(let name):
            try require((1...255).contains(name.utf8.count), .format, "a name of \(name.utf8.count) bytes")
        case .beacon(let value, let doublings):
            try require((1...255).contains(value.count), .format, "a beacon of \(value.count) bytes")
            try require(doublings <= Self.doublingsMax, .format, "2^\(doublings) iterations")
        }
    }

    var isBeacon: Bool { if case .beacon = self { true } else { false } }
}

/// The place of a contribution in the chain of all, and its author.
struct ContributionHeader: Sendable {
    /// Digest of the contribution before, or of what the phase starts from.
    let previous: [UInt8]
    /// From 0 in each phase.
    let index: UInt32
    let author: CeremonyAuthor

    /// `previous (32) || u32 index || author`: what knowledge proofs are bound to.
    var bytes: [UInt8] { self.previous + self.index.bigEndianBytes + self.author.bytes }

    init(previous: [UInt8], index: Int, author: CeremonyAuthor) {
        self.previous = previous
        self.index = UInt32(index)
        self.author = author
    }

    init(_ reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.previous = try reader.take(32)
        self.index = try reader.u32()
        self.author = try CeremonyAuthor(&reader)
    }

    /// The seed of a beacon's secrets, nil for a member.
    var beaconSeed: [UInt8]? {
        guard case .beacon(let value, let doublings) = self.author else { return nil }
        var seed = TaggedHash.digest("CEREMONY-BEACON", self.previous, value)
        for _ in 0..<(1 << Int(doublings)) { seed = TaggedHash.digest("CEREMONY-BEACON-STEP", seed) }
        return seed
    }
}
