internal import BLS12381
package import CanonicalBytes
internal import FiniteFields
internal import SecretSharing

/// The public outcome of a key generation: joint commitments `J_j`, of which the first is the group's key (specification
/// section 9.2).
package struct JointKey: Sendable, Hashable {
    /// `E(J_j)`.
    package let encoded: [[UInt8]]
    /// `PK = J_0`.
    package let groupKey: BLSPublicKey
    private let points: [G1Point]

    /// How many members' signatures make one of the group.
    package var threshold: Int { self.points.count }

    /// Decodes joint commitments.
    ///
    /// - Throws: `FORMAT` for none; `FORMAT`, `POINT`, `IDENTITY` or `SUBGROUP` for one.
    package init(_ encoded: [[UInt8]]) throws(ProtocolFailure) {
        var points: [G1Point] = []
        for point in encoded { points.append(try G1Point(point)) }
        try self.init(points: points)
    }

    /// Adds up the commitments of the qualified dealers.
    ///
    /// - Throws: `FORMAT` for no dealers or polynomials of different degrees, `IDENTITY` for commitments that cancel.
    package init(dealers: [DealerCommitments]) throws(ProtocolFailure) {
        try self.init(dealers: dealers, weights: dealers.map { _ in .one })
    }

    /// Adds up the commitments of dealers, each multiplied by a public weight.
    init(dealers: [DealerCommitments], weights: [Fr]) throws(ProtocolFailure) {
        let degree = dealers.first?.points.count ?? 0
        try require(dealers.allSatisfy { $0.points.count == degree }, .format, "polynomials of different degrees")
        let points = (0..<degree).map { place in
            zip(dealers, weights).reduce(G1Point.identity) { sum, dealer in
                sum
                    + (dealer.1 == .one
                        ? dealer.0.points[place] : dealer.0.points[place].multiplied(byPublic: dealer.1))
            }
        }
        try self.init(points: points)
    }

    private init(points: [G1Point]) throws(ProtocolFailure) {
        guard let first = points.first else { throw ProtocolFailure(.format, "no joint commitments") }
        var encoded: [[UInt8]] = []
        for point in points { encoded.append(try point.encoded()) }
        self.encoded = encoded
        self.groupKey = try BLSPublicKey(first)
        self.points = points
    }

    /// The key under which the signatures of a member, from 1 on, verify.
    ///
    /// - Throws: `FORMAT` for 0, `IDENTITY`.
    package func key(of member: UInt16) throws(ProtocolFailure) -> BLSPublicKey {
        try require(member >= 1, .format, "members are numbered from 1")
        return try BLSPublicKey(Feldman.value(of: self.points, at: member))
    }

    /// Verifies a member's signature before it is combined.
    ///
    /// - Throws: `FORMAT` for member 0, as ``BLSPublicKey/verify(_:of:)``.
    package func verify(
        _ signature: [UInt8],
        of message: [UInt8],
        by member: UInt16
    ) throws(ProtocolFailure) {
        try self.key(of: member).verify(signature, of: message)
    }

    /// The group's signature from those of its members.
    ///
    /// - Parameters:
    ///   - parts: verified signatures of one message with the members' numbers; those of the lowest numbers are used.
    ///   - threshold: how many are needed.
    /// - Returns: the signature, which verifies under the group's key.
    /// - Throws: `DUPLICATE` for a number that occurs twice, `THRESHOLD` for too few, `FORMAT` for number 0, as decoding
    ///   a signature does.
    package static func combine(
        _ parts: [(member: UInt16, signature: [UInt8])],
        threshold: Int
    ) throws(ProtocolFailure) -> BLSSignature {
        try require(Set(parts.map(\.member)).count == parts.count, .duplicate, "a member occurs twice")
        try require(threshold >= 1 && parts.count >= threshold, .threshold, "too few signatures")
        let used = parts.sorted { $0.member < $1.member }.prefix(threshold)
        try require(used.allSatisfy { $0.member >= 1 }, .format, "members are numbered from 1")
        var points: [G2Point] = []
        for part in used { points.append(try G2Point(part.signature)) }
        let weights = Lagrange.weights(atZeroFrom: used.map { UInt64($0.member) })
        return try BLSSignature(G2Point.sum(publicScalars: weights, points))
    }

    package static func == (a: JointKey, b: JointKey) -> Bool { a.encoded == b.encoded }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.encoded) }
}
