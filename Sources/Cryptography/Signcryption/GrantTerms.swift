internal import CanonicalBytes

/// What a grant states, before the owner's signature (specification section 5.5).
package struct GrantTerms: Sendable, Hashable {
    /// A privacy center that holds a share of the re-encryption key.
    package struct Center: Sendable, Hashable {
        package let id: String
        package let certificateDigest: [UInt8]

        package init(id: String, certificateDigest: [UInt8]) {
            self.id = id
            self.certificateDigest = certificateDigest
        }
    }

    /// 32 random bytes.
    package let grantID: [UInt8]
    package let owner: String
    package let ownerCertificateDigest: [UInt8]
    /// Subject of the receiver's certificate; empty for a pseudonym certificate.
    package let receiver: String
    package let receiverCertificateDigest: [UInt8]
    package let scopeDigest: [UInt8]
    /// `E(Q_scope)`.
    package let scopeKey: [UInt8]
    /// `E(X)`, fresh for every grant.
    package let ephemeral: [UInt8]
    /// Seconds since 1970, inclusive.
    package let notBefore: UInt64
    /// Seconds since 1970, inclusive.
    package let notAfter: UInt64
    /// `E(A_0)` to `E(A_(t-1))`: commitments to the polynomial that shares the re-encryption key.
    package let commitments: [[UInt8]]
    /// The holders of the shares 1 to n.
    package let centers: [Center]

    /// Parts that are needed to open an envelope.
    package var threshold: Int { self.commitments.count }

    /// `grant_body`.
    ///
    /// - Throws: `FORMAT` unless 1 ≤ t ≤ n ≤ 255, `DUPLICATE` for a center that occurs twice, `FORMAT` for a window
    ///   that ends before it begins.
    func encoded() throws(ProtocolFailure) -> [UInt8] {
        let isPossible = 1 <= self.threshold && self.threshold <= self.centers.count && self.centers.count <= 255
        try require(isPossible, .format, "\(self.threshold) of \(self.centers.count) privacy centers")
        let names = Set(self.centers.map { Array($0.id.utf8) })
        try require(names.count == self.centers.count, .duplicate, "a privacy center occurs twice")
        try require(self.notBefore <= self.notAfter, .format, "the grant ends before it begins")
        var writer = CanonicalWriter()
        writer.magic("WLG1")
        writer.raw(self.grantID)
        writer.lengthPrefixed(self.owner)
        writer.raw(self.ownerCertificateDigest)
        writer.lengthPrefixed(self.receiver)
        writer.raw(self.receiverCertificateDigest)
        writer.raw(self.scopeDigest)
        writer.raw(self.scopeKey)
        writer.raw(self.ephemeral)
        writer.u64(self.notBefore)
        writer.u64(self.notAfter)
        writer.u8(UInt8(self.threshold))
        writer.u8(UInt8(self.centers.count))
        for commitment in self.commitments { writer.raw(commitment) }
        for center in self.centers {
            writer.lengthPrefixed(center.id)
            writer.raw(center.certificateDigest)
        }
        return writer.bytes
    }
}

extension GrantTerms {
    /// Reads the terms from the front of a grant.
    ///
    /// - Throws: `FORMAT`.
    init(_ reader: inout CanonicalReader) throws(ProtocolFailure) {
        try reader.magic("WLG1")
        self.grantID = try reader.take(32)
        self.owner = try reader.text()
        self.ownerCertificateDigest = try reader.take(32)
        self.receiver = try reader.text()
        self.receiverCertificateDigest = try reader.take(32)
        self.scopeDigest = try reader.take(32)
        self.scopeKey = try reader.take(33)
        self.ephemeral = try reader.take(33)
        self.notBefore = try reader.u64()
        self.notAfter = try reader.u64()
        let threshold = try reader.u8()
        let count = try reader.u8()
        var commitments: [[UInt8]] = []
        for _ in 0..<threshold { commitments.append(try reader.take(33)) }
        self.commitments = commitments
        var centers: [Center] = []
        for _ in 0..<count {
            centers.append(Center(id: try reader.text(), certificateDigest: try reader.take(32)))
        }
        self.centers = centers
    }
}
