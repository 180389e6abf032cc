package import CanonicalBytes
internal import P256Group
internal import Transcripts

/// A signed list of what an issuer has revoked: certificate digests and X.509 fingerprints.
///
/// Digests of ECQV certificates and SHA-256 fingerprints of X.509 certificates stand in one list; both have 32 bytes.
/// A list that was parsed proves nothing before ``verify(by:at:)``. The encoding is specified in
/// `docs/spec/revocation-list.md`.
package struct RevocationList: Sendable, Hashable {
    /// Digests in one list, at most; 32 MiB of them.
    package static let countMax = 1 << 20
    /// Bytes of one digest.
    package static let digestLength = 32
    private static let signatureContext = "REVOCATIONS"

    /// The name of the issuer that signed.
    package let issuer: String
    /// Counts the lists of an issuer upwards.
    package let number: UInt64
    /// When the list was made, seconds since 1970.
    package let thisUpdate: UInt64
    /// The last second at which the list is current, seconds since 1970.
    package let nextUpdate: UInt64
    /// The canonical encoding with its signature.
    package let bytes: [UInt8]
    /// Where the digests stand in ``bytes``.
    private let digests: Range<Int>

    /// Parses a list.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLRL")
        self.issuer = try reader.text()
        self.number = try reader.u64()
        self.thisUpdate = try reader.u64()
        self.nextUpdate = try reader.u64()
        try require(self.thisUpdate <= self.nextUpdate, .format, "the list ends before it begins")
        let count = Int(try reader.u32())
        try require(count <= Self.countMax, .format, "a list of \(count) digests")
        let length = count * Self.digestLength + Schnorr.signatureLength
        try require(reader.remaining == length, .format, "the list has another length than it says")
        self.digests = reader.offset..<reader.offset + count * Self.digestLength
        self.bytes = bytes
        for index in 0..<max(count - 1, 0) {
            let ascends = self.digest(index).lexicographicallyPrecedes(self.digest(index + 1))
            try require(ascends, .format, "digests are not in ascending order")
        }
    }

    /// Signs a list of what is revoked now.
    ///
    /// - Parameters:
    ///   - digests: in any order; repetitions are dropped.
    ///   - number: greater than that of the list before.
    ///   - thisUpdate: seconds since 1970.
    ///   - nextUpdate: seconds since 1970, not before `thisUpdate`.
    ///   - authority: signs under its own name.
    ///   - aux: 32 random bytes that hedge the signature's nonce.
    /// - Returns: the signed list.
    /// - Throws: `FORMAT` for a digest of another length than 32, too many of them, or an impossible window.
    package static func sign(
        _ digests: [[UInt8]],
        number: UInt64,
        thisUpdate: UInt64,
        nextUpdate: UInt64,
        by authority: CertificateAuthority,
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> RevocationList {
        for digest in digests {
            try require(digest.count == self.digestLength, .format, "a digest has 32 bytes, not \(digest.count)")
        }
        let listed = Set(digests).sorted { $0.lexicographicallyPrecedes($1) }
        try require(listed.count <= self.countMax, .format, "a list of \(listed.count) digests")
        var writer = CanonicalWriter(capacity: listed.count * self.digestLength + 256)
        writer.magic("WLRL")
        writer.lengthPrefixed(authority.issuer.name)
        writer.u64(number)
        writer.u64(thisUpdate)
        writer.u64(nextUpdate)
        writer.u32(UInt32(listed.count))
        for digest in listed { writer.raw(digest) }
        writer.raw(
            try Schnorr.sign(authority.key, context: self.signatureContext, message: writer.bytes, aux: aux)
        )
        return try RevocationList(bytes: writer.bytes)
    }

    /// Requires that this issuer signed the list and that the list is current.
    ///
    /// - Parameters:
    ///   - issuer: whose list it must be.
    ///   - now: seconds since 1970; nil leaves the window unchecked, since an old list still revokes what it names.
    /// - Throws: `CONTEXT` for another issuer's name, `SCALAR` or `SIGNATURE`, `TIME`; in this order.
    package func verify(by issuer: CertificateIssuer, at now: UInt64?) throws(ProtocolFailure) {
        let isTheirs = self.issuer.utf8.elementsEqual(issuer.name.utf8)
        try require(isTheirs, .context, "the list has another issuer")
        try Schnorr.verify(
            issuer.publicKey,
            context: Self.signatureContext,
            message: Array(self.bytes[..<self.digests.upperBound]),
            signature: Array(self.bytes[self.digests.upperBound...])
        )
        if let now {
            try require(self.thisUpdate <= now && now <= self.nextUpdate, .time, "the list is not current")
        }
    }

    /// Whether the list names this certificate digest or X.509 fingerprint.
    package func contains(_ digest: [UInt8]) -> Bool {
        var range = 0..<self.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let found = self.digest(middle)
            if found.elementsEqual(digest) { return true }
            range =
                found.lexicographicallyPrecedes(digest) ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return false
    }

    /// How many digests the list names.
    package var count: Int { self.digests.count / Self.digestLength }

    /// Every revoked digest, in ascending order.
    package var revoked: [[UInt8]] { (0..<self.count).map { Array(self.digest($0)) } }

    // One list has one encoding.
    package static func == (a: RevocationList, b: RevocationList) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }

    private func digest(_ index: Int) -> ArraySlice<UInt8> {
        let start = self.digests.lowerBound + index * Self.digestLength
        return self.bytes[start..<start + Self.digestLength]
    }
}
