internal import CanonicalBytes
internal import FiniteFields

/// How points of a list are encoded.
package enum PointForm: UInt8, Sendable {
    /// The abscissa and a sign: 48 or 96 bytes.
    case compressed = 0
    /// Both coordinates: twice as long, and read without square roots.
    case uncompressed = 1
}

/// What is checked of points that are decoded.
package enum PointChecks: Sendable {
    /// That they are on the curve, which leaves the subgroup to a digest that the reader trusts.
    case onCurve
    /// That they are in the subgroup too.
    case inSubgroup
    /// That they are in the subgroup and none is the identity.
    case inSubgroupNotIdentity
}

extension BulkPoint {
    private static func length(_ form: PointForm) -> Int {
        form == .compressed ? Coordinate.byteCount : 2 * Coordinate.byteCount
    }

    static func encode(_ points: [Affine], _ form: PointForm) -> [UInt8] {
        Cores.flatMap(points.count, size: 1024) { range in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(range.count * Self.length(form))
            for point in points[range] { bytes += Self.encode(point, form) }
            return bytes
        }
    }

    private static func encode(_ point: Affine, _ form: PointForm) -> [UInt8] {
        if point.isIdentity {
            return [form.flag | PointFlag.infinity] + [UInt8](repeating: 0, count: Self.length(form) - 1)
        }
        var bytes = point.abscissa.encoded
        if form == .uncompressed { return bytes + point.ordinate.encoded }
        bytes[0] |= PointFlag.compressed | (point.ordinate.isLarger ? PointFlag.larger : 0)
        return bytes
    }

    /// - Throws: `FORMAT` for another length than `count` points have, or the failure of the first bad point.
    static func decode(
        _ bytes: [UInt8],
        count: Int,
        _ form: PointForm,
        _ checks: PointChecks
    ) throws(ProtocolFailure) -> [Affine] {
        let length = Self.length(form)
        try require(bytes.count == count * length, .format, "\(bytes.count) bytes are not \(count) points")
        let results = Cores.map((count + Self.partSize - 1) / Self.partSize) { part in
            bytes.withUnsafeBytes { bytes in
                Result { () throws(ProtocolFailure) in
                    var points: [Affine] = []
                    points.reserveCapacity(Self.partSize)
                    for index in part * Self.partSize..<min(count, (part + 1) * Self.partSize) {
                        let encoded = UnsafeRawBufferPointer(rebasing: bytes[index * length..<(index + 1) * length])
                        points.append(try Self.decode(encoded, form, checks, index))
                    }
                    return points
                }
            }
        }
        var points: [Affine] = []
        points.reserveCapacity(count)
        for result in results { points += try result.get() }
        return points
    }

    /// Points that one task decodes.
    private static var partSize: Int { 256 }

    private static func decode(
        _ bytes: UnsafeRawBufferPointer,
        _ form: PointForm,
        _ checks: PointChecks,
        _ index: Int
    ) throws(ProtocolFailure) -> Affine {
        do throws(ProtocolFailure) {
            let point = try Self.decode(bytes, form)
            switch checks {
            case .onCurve: return point
            case .inSubgroup where point.isIdentity: return point
            case .inSubgroup, .inSubgroupNotIdentity:
                try require(!point.isIdentity, .identity, "the identity is not accepted")
                try require(Self(affine: point).isInSubgroup, .subgroup, "not in the subgroup of prime order")
                return point
            }
        } catch {
            throw ProtocolFailure(error.code, "point \(index): \(error.detail)")
        }
    }

    /// A point of the curve or the identity; encodings that are not canonical are refused.
    private static func decode(_ bytes: UnsafeRawBufferPointer, _ form: PointForm) throws(ProtocolFailure) -> Affine {
        let flags = bytes[0] & PointFlag.all
        try require(flags & PointFlag.compressed == form.flag, .point, "the compression flag is wrong")
        if flags & PointFlag.infinity != 0 {
            let isCanonical = bytes[0] == form.flag | PointFlag.infinity && bytes.dropFirst().allSatisfy { $0 == 0 }
            try require(isCanonical, .point, "not the encoding of the identity")
            return Self.affineIdentity
        }
        guard let x = Affine.coordinate(bytes, at: 0, ignoring: PointFlag.all) else {
            throw ProtocolFailure(.point, "a coordinate is not below p")
        }
        if form == .uncompressed { return try Self.point(x, bytes) }
        guard let root = (x.squared() * x + Self.constant).squareRoot() else {
            throw ProtocolFailure(.point, "no point of the curve")
        }
        return Self.affine(x, root.isLarger == (flags & PointFlag.larger != 0) ? root : -root)
    }

    private static func point(_ x: Coordinate, _ bytes: UnsafeRawBufferPointer) throws(ProtocolFailure) -> Affine {
        try require(bytes[0] & PointFlag.larger == 0, .point, "a sign with both coordinates")
        guard let y = Affine.coordinate(bytes, at: Coordinate.byteCount, ignoring: 0) else {
            throw ProtocolFailure(.point, "a coordinate is not below p")
        }
        try require(Self.isOnCurve(x, y), .point, "no point of the curve")
        return Self.affine(x, y)
    }
}

extension PointForm {
    /// The first byte's flag of this form.
    fileprivate var flag: UInt8 { self == .compressed ? PointFlag.compressed : 0 }
}

/// The flags in the first byte of an encoded point.
private enum PointFlag {
    static let compressed: UInt8 = 0x80
    static let infinity: UInt8 = 0x40
    static let larger: UInt8 = 0x20
    static let all: UInt8 = 0xe0
}
