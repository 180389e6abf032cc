internal import BLS12381
package import CanonicalBytes

/// One aggregated signature with a bitmap of its signers for each group, "WLQA" (specification section 9.1).
///
/// Everyone sees who signed, and each privileged group is represented.
package struct BitmapCertificate: Sendable {
    /// The canonical encoding.
    package let bytes: [UInt8]

    /// Joins signatures of one message; verification decides whether they are enough.
    ///
    /// - Parameters:
    ///   - committee: the signers' committee.
    ///   - signers: for each group the places of those who signed.
    ///   - signatures: theirs, 96 bytes each, in any order.
    /// - Throws: `FORMAT` for places that the committee does not have; as ``BLSSignature/init(aggregating:)``.
    package init(
        committee: PrivilegedCommittee,
        signers: [[Int]],
        signatures: [[UInt8]]
    ) throws(ProtocolFailure) {
        try require(signers.count == committee.groups.count, .format, "signers for another number of groups")
        var writer = CanonicalWriter()
        writer.magic("WLQA")
        writer.raw(committee.digest)
        for (group, places) in zip(committee.groups, signers) {
            let isMember = places.allSatisfy(group.keys.indices.contains)
            try require(isMember, .format, "a signer who is not in the group")
            writer.lengthPrefixed(SignerBitmap.encode(places, of: group.keys.count))
        }
        writer.raw(try BLSSignature(aggregating: signatures).encoded)
        self.bytes = writer.bytes
    }

    /// Verifies a certificate of a message.
    ///
    /// - Parameters:
    ///   - certificate: bytes of any origin.
    ///   - message: what the members signed, for example ``CrossChainMessage/signedBytes(committee:payload:)``.
    ///   - committee: whose members' possession of their keys was verified when it was formed.
    /// - Returns: for each group the places of those who signed, ascending.
    /// - Throws: `FORMAT`, `CONTEXT` for another committee, `THRESHOLD` for too few signers of a group or in all,
    ///   `IDENTITY` for keys that add up to nothing, as ``BLSPublicKey/verify(_:of:)``.
    @discardableResult
    package static func verify(
        _ certificate: [UInt8],
        of message: [UInt8],
        by committee: PrivilegedCommittee
    ) throws(ProtocolFailure) -> [[Int]] {
        var reader = CanonicalReader(certificate)
        try reader.magic("WLQA")
        try require(reader.take(32) == committee.digest, .context, "the certificate is of another committee")
        var sum = G1Point.identity
        var signers: [[Int]] = []
        for (group, members) in zip(committee.groups, committee.members) {
            let places = try SignerBitmap.decode(reader.lengthPrefixed(), of: members.count)
            let isEnough = places.count >= Int(group.threshold)
            try require(isEnough, .threshold, "too few signers of a group")
            for place in places { sum = sum + (try members[place].key()).point }
            signers.append(places)
        }
        let signature = try reader.take(96)
        try reader.finish()
        let total = signers.reduce(0) { $0 + $1.count }
        try require(total >= Int(committee.threshold), .threshold, "too few signers")
        try BLSPublicKey(sum).verify(signature, of: message)
        return signers
    }
}

/// Places as bits, place j at bit `j mod 8`, lowest first, of byte `j / 8`.
enum SignerBitmap {
    /// - Precondition: all places are below the count.
    static func encode(_ places: [Int], of count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (count + 7) / 8)
        for place in places { bytes[place / 8] |= 1 << (place % 8) }
        return bytes
    }

    /// The places of the bits that are set, ascending.
    ///
    /// - Throws: `FORMAT` for another length or bits that stand for nobody.
    static func decode(_ bytes: [UInt8], of count: Int) throws(ProtocolFailure) -> [Int] {
        try require(bytes.count == (count + 7) / 8, .format, "a bitmap of another length")
        let places = (0..<8 * bytes.count).filter { bytes[$0 / 8] >> ($0 % 8) & 1 == 1 }
        try require((places.last ?? 0) < max(count, 1), .format, "a bit behind the last member")
        return places
    }
}
