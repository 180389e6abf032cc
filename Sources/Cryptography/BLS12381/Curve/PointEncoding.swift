internal import CanonicalBytes
internal import FiniteFields

/// The flags in the first byte of an encoded point.
private enum Flag {
    static let compressed: UInt8 = 0x80
    static let infinity: UInt8 = 0x40
    static let larger: UInt8 = 0x20
    static let all: UInt8 = 0xe0
}

/// The encodings of ZCash and of the IETF drafts (specification section 3.2).
extension CurvePoint {
    /// Decodes a compressed point other than the identity.
    ///
    /// - Throws: `FORMAT`, `POINT`, `IDENTITY`, `POINT` or `SUBGROUP`, in the order of the specification.
    init(decodingCompressed bytes: [UInt8]) throws(ProtocolFailure) {
        try Self.checkLength(bytes, Coordinate.byteCount)
        try require(bytes[0] & Flag.compressed != 0, .point, "the compression flag is not set")
        try Self.checkInfinity(bytes, flags: Flag.compressed | Flag.infinity)
        guard let x = Coordinate(encoded: Self.withoutFlags(bytes)[...]) else {
            throw ProtocolFailure(.point, "a coordinate is not below p")
        }
        guard let root = (x.squared() * x + Self.constant).squareRoot() else {
            throw ProtocolFailure(.point, "no point of the curve")
        }
        let isLarger = bytes[0] & Flag.larger != 0
        try self.init(checking: x, root.isLarger == isLarger ? root : -root)
    }

    /// Decodes a point other than the identity from both coordinates.
    ///
    /// - Throws: as ``init(decodingCompressed:)``.
    init(decodingUncompressed bytes: [UInt8]) throws(ProtocolFailure) {
        try Self.checkLength(bytes, 2 * Coordinate.byteCount)
        try require(bytes[0] & Flag.compressed == 0, .point, "the compression flag is set")
        try Self.checkInfinity(bytes, flags: Flag.infinity)
        try require(bytes[0] & Flag.larger == 0, .point, "a sign with both coordinates")
        guard let x = Coordinate(encoded: bytes[..<Coordinate.byteCount]),
            let y = Coordinate(encoded: bytes[Coordinate.byteCount...])
        else { throw ProtocolFailure(.point, "a coordinate is not below p") }
        try require(Self.isOnCurve(x, y), .point, "no point of the curve")
        try self.init(checking: x, y)
    }

    /// - Throws: `IDENTITY` for the identity, which is never encoded.
    func compressed() throws(ProtocolFailure) -> [UInt8] {
        try require(!self.hasNoCoordinates, .identity, "the identity has no encoding")
        let (x, y) = self.coordinates
        var bytes = x.encoded
        bytes[0] |= Flag.compressed | (y.isLarger ? Flag.larger : 0)
        return bytes
    }

    /// - Throws: `IDENTITY` for the identity, which is never encoded.
    func uncompressed() throws(ProtocolFailure) -> [UInt8] {
        try require(!self.hasNoCoordinates, .identity, "the identity has no encoding")
        let (x, y) = self.coordinates
        return x.encoded + y.encoded
    }

    private init(checking x: Coordinate, _ y: Coordinate) throws(ProtocolFailure) {
        self.init(x: x, y: y, z: .one)
        try require(self.isInSubgroup, .subgroup, "not in the subgroup of prime order")
    }

    private static func checkLength(_ bytes: [UInt8], _ count: Int) throws(ProtocolFailure) {
        try require(bytes.count == count, .format, "a point has \(count) bytes, not \(bytes.count)")
    }

    private static func checkInfinity(_ bytes: [UInt8], flags: UInt8) throws(ProtocolFailure) {
        guard bytes[0] & Flag.infinity != 0 else { return }
        let isCanonical = bytes[0] == flags && bytes.dropFirst().allSatisfy { $0 == 0 }
        try require(isCanonical, .point, "not the encoding of the identity")
        throw ProtocolFailure(.identity, "the identity is not accepted")
    }

    private static func withoutFlags(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes[0] &= ~Flag.all
        return bytes
    }
}
