package import BLS12381
package import CanonicalBytes
internal import Transcripts

/// The public key `Y` under which epoch keys are encapsulated (specification section 6).
package struct IdentityParameters: Sendable, Hashable {
    /// `Y`, the product of all parties' secrets with `P2`.
    package let point: G2Point
    /// `E(Y)`, 96 bytes.
    package let encoded: [UInt8]
    /// `H("IBE-PARAMS", E(Y))`, 32 bytes.
    package let digest: [UInt8]
    /// Lines of `Y`, for the pairings of all identities.
    let prepared: PreparedG2

    /// - Throws: `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP`.
    package init(_ encoded: [UInt8]) throws(ProtocolFailure) {
        self.init(point: try G2Point(encoded), encoded: encoded)
    }

    init(point: G2Point, encoded: [UInt8]) {
        self.point = point
        self.encoded = encoded
        self.digest = TaggedHash.digest("IBE-PARAMS", encoded)
        self.prepared = PreparedG2(point)
    }

    package static func == (a: IdentityParameters, b: IdentityParameters) -> Bool { a.encoded == b.encoded }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.digest) }
}

/// The parties' points `P_i = s_i·P2`, against which their steps of an issuing are checked.
package struct PartyPoints: Sendable, Hashable {
    /// `E(P_i)`, party 0 first.
    package let encoded: [[UInt8]]
    let points: [G2Point]
    let prepared: [PreparedG2]

    package var count: Int { self.encoded.count }

    /// - Throws: `FORMAT` for more than 256 parties; `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for a point.
    package init(_ encoded: [[UInt8]]) throws(ProtocolFailure) {
        try require(encoded.count <= 256, .format, "more than 256 parties")
        var points: [G2Point] = []
        for point in encoded { points.append(try G2Point(point)) }
        self.init(encoded: encoded, points: points)
    }

    init(encoded: [[UInt8]], points: [G2Point]) {
        self.encoded = encoded
        self.points = points
        self.prepared = points.map { PreparedG2($0) }
    }

    package static func == (a: PartyPoints, b: PartyPoints) -> Bool { a.encoded == b.encoded }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.encoded) }
}
