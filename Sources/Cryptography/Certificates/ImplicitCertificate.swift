package import CanonicalBytes
internal import Transcripts

/// What an issuer states about a subject.
package struct CertificateFields: Sendable, Hashable {
    package var issuer: String
    package var serial: UInt64
    /// Empty in a pseudonym certificate.
    package var subject: String
    /// Seconds since 1970, inclusive.
    package var notBefore: UInt64
    /// Seconds since 1970, inclusive.
    package var notAfter: UInt64
    package var usage: CertificateUsage
    /// `name:value` of the characters `A-Z a-z 0-9 _ . -`, strictly ascending by bytes.
    package var attributes: [String]
    package var extensionBytes: [UInt8]

    package init(
        issuer: String,
        serial: UInt64,
        subject: String,
        notBefore: UInt64,
        notAfter: UInt64,
        usage: CertificateUsage,
        attributes: [String],
        extensionBytes: [UInt8] = []
    ) {
        self.issuer = issuer
        self.serial = serial
        self.subject = subject
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.usage = usage
        self.attributes = attributes
        self.extensionBytes = extensionBytes
    }

    // Texts are compared as bytes: `String ==` equates different ones.
    package static func == (a: CertificateFields, b: CertificateFields) -> Bool { a.encoded == b.encoded }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.encoded) }
}

/// An ECQV implicit certificate (SEC 4; specification section 4).
///
/// It proves nothing by itself: any bytes of the right form yield some public key. It is verified by a later
/// successful use of that key.
package struct ImplicitCertificate: Sendable, Hashable {
    package let fields: CertificateFields
    /// `P_U`, as encoded; 33 bytes that need not be a point.
    package let reconstructionPoint: [UInt8]
    /// The canonical encoding.
    package let bytes: [UInt8]
    /// `cert_digest`, 32 bytes.
    package let digest: [UInt8]

    /// Encodes a certificate.
    ///
    /// - Throws: `FORMAT` for attributes out of form or order, a window that ends before it begins, or a
    ///   reconstruction point of another length than 33 bytes.
    package init(_ fields: CertificateFields, reconstructionPoint: [UInt8]) throws(ProtocolFailure) {
        try fields.validate()
        try require(reconstructionPoint.count == 33, .format, "a reconstruction point has 33 bytes")
        self.fields = fields
        self.reconstructionPoint = reconstructionPoint
        self.bytes = fields.encoded + reconstructionPoint
        self.digest = TaggedHash.digest("ECQV-CERT-ID", self.bytes)
    }

    /// Parses a certificate.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLC1")
        let fields = CertificateFields(
            issuer: try reader.text(),
            serial: try reader.u64(),
            subject: try reader.text(),
            notBefore: try reader.u64(),
            notAfter: try reader.u64(),
            usage: CertificateUsage(rawValue: try reader.u8()),
            attributes: try Self.attributes(&reader),
            extensionBytes: try reader.lengthPrefixed()
        )
        let point = try reader.take(33)
        try reader.finish()
        try self.init(fields, reconstructionPoint: point)
        try require(self.bytes == bytes, .format, "a certificate that is not canonical")
    }

    /// Whether the certificate names this attribute.
    package func has(attribute: String) -> Bool {
        self.fields.attributes.contains { $0.utf8.elementsEqual(attribute.utf8) }
    }

    package static func == (a: ImplicitCertificate, b: ImplicitCertificate) -> Bool { a.bytes == b.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }

    private static func attributes(_ reader: inout CanonicalReader) throws(ProtocolFailure) -> [String] {
        var attributes: [String] = []
        for _ in 0..<(try reader.u16()) { attributes.append(try reader.text()) }
        return attributes
    }
}

extension CertificateFields {
    fileprivate func validate() throws(ProtocolFailure) {
        try require(self.notBefore <= self.notAfter, .format, "the certificate ends before it begins")
        try require(self.attributes.count <= Int(UInt16.max), .format, "too many attributes")
        for attribute in self.attributes {
            try require(Self.isAttribute(attribute), .format, "an attribute is not name:value")
        }
        for (first, second) in zip(self.attributes, self.attributes.dropFirst()) {
            let ascends = first.utf8.lexicographicallyPrecedes(second.utf8)
            try require(ascends, .format, "attributes are not in ascending order")
        }
    }

    fileprivate var encoded: [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLC1")
        writer.lengthPrefixed(self.issuer)
        writer.u64(self.serial)
        writer.lengthPrefixed(self.subject)
        writer.u64(self.notBefore)
        writer.u64(self.notAfter)
        writer.u8(self.usage.rawValue)
        writer.u16(UInt16(truncatingIfNeeded: self.attributes.count))
        for attribute in self.attributes { writer.lengthPrefixed(attribute) }
        writer.lengthPrefixed(self.extensionBytes)
        return writer.bytes
    }

    private static func isAttribute(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(self.isAttributeCharacter) }
    }

    private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
