internal import BLS12381
internal import CanonicalBytes
internal import ThresholdSignatures

/// What a hop's certificate claims: that the holders of a key have signed a message.
///
/// Only the rules that need no pairing were checked.
struct HopClaim {
    let key: G1Point
    let signature: G2Point
    /// Of every subgroup the places of those who signed, ascending; nil for certificates that hide their signers.
    let signers: [[Int]]?

    /// Opens the certificate of a hop.
    ///
    /// - Throws: ``PathRefusal`` for the hop.
    init(_ hop: PathProof.Hop, at index: Int, under reign: ListReign) throws(PathRefusal) {
        let committee = hop.record.certifier.committee
        if committee == reign.list.committee.digest {
            try self.init(bitmap: hop.certificate, index, reign.list)
        } else if let joint = reign.joint, committee == joint.committee.digest {
            try self.init(threshold: hop.certificate, index, joint)
        } else {
            throw PathRefusal(.wrongCommittee, hop: index, .context, "no committee of the list")
        }
    }

    /// Opens a "WLQA", as ``BitmapCertificate/verify(_:of:by:)`` does before its pairings.
    private init(bitmap certificate: [UInt8], _ index: Int, _ list: VerificationNodeList) throws(PathRefusal) {
        let opened: Opened
        do throws(ProtocolFailure) { opened = try Opened(certificate, list.committee) } catch {
            throw PathRefusal(.malformedCertificate, hop: index, error)
        }
        var key = G1Point.identity
        var total = 0
        for (place, group) in list.committee.groups.enumerated() {
            let signers = opened.signers[place]
            try requirePath(!signers.isEmpty, .missingSubgroup, hop: index, .threshold, "a subgroup did not sign")
            let isEnough = signers.count >= Int(group.threshold)
            try requirePath(isEnough, .belowThreshold, hop: index, .threshold, "too few signers of a subgroup")
            for signer in signers { key = key + list.seats[place][signer].keys.signature.point }
            total += signers.count
        }
        let isEnough = total >= Int(list.committee.threshold)
        try requirePath(isEnough, .belowThreshold, hop: index, .threshold, "too few signers")
        // The pairing would count the identity as one. No keys of proven possession add up to it.
        try requirePath(!key.isIdentity, .signature, hop: index, .identity, "keys that add up to nothing")
        do throws(ProtocolFailure) { self.signature = try G2Point(opened.signature) } catch {
            throw PathRefusal(.malformedCertificate, hop: index, error)
        }
        self.key = key
        self.signers = opened.signers
    }

    /// Opens a "WLQB", as ``ThresholdCertificate/verify(_:of:by:)`` does before its pairings.
    private init(threshold certificate: [UInt8], _ index: Int, _ joint: JointCommittee) throws(PathRefusal) {
        do throws(ProtocolFailure) {
            var reader = CanonicalReader(certificate)
            try reader.magic("WLQB")
            let isOfCommittee = try reader.take(32) == joint.committee.digest
            try require(isOfCommittee, .context, "the certificate is of another committee")
            self.signature = try G2Point(reader.take(96))
            try reader.finish()
        } catch {
            throw PathRefusal(.malformedCertificate, hop: index, error)
        }
        self.key = joint.key.point
        self.signers = nil
    }
}

/// The parts of a "WLQA".
private struct Opened {
    let signers: [[Int]]
    /// Not yet decoded: that is the dear part, and too few signers show without it.
    let signature: [UInt8]

    init(_ certificate: [UInt8], _ committee: PrivilegedCommittee) throws(ProtocolFailure) {
        var reader = CanonicalReader(certificate)
        try reader.magic("WLQA")
        try require(reader.take(32) == committee.digest, .context, "the certificate is of another committee")
        var signers: [[Int]] = []
        for group in committee.groups {
            signers.append(try Self.places(reader.lengthPrefixed(), of: group.keys.count))
        }
        self.signature = try reader.take(96)
        self.signers = signers
        try reader.finish()
    }

    /// The places of the bits that are set, place j at bit `j mod 8`, lowest first, of byte `j / 8`.
    private static func places(_ bitmap: [UInt8], of count: Int) throws(ProtocolFailure) -> [Int] {
        try require(bitmap.count == (count + 7) / 8, .format, "a bitmap of another length")
        let places = (0..<8 * bitmap.count).filter { bitmap[$0 / 8] & 1 << UInt8($0 % 8) != 0 }
        try require((places.last ?? 0) < max(count, 1), .format, "a bit behind the last member")
        return places
    }
}
