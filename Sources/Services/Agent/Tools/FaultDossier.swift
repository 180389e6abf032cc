package import CanonicalBytes
package import Certificates
package import Foundation
internal import Receipts
internal import Records
package import Spool

/// Evidence against a privacy center with what is needed to check it: to hand on, one line of JSON.
///
/// It holds the center's own signed statements and its certificates. Who knows the authority's key checks it without
/// asking the center, the gateway or anybody else.
package struct FaultDossier: Sendable, Codable, Equatable {
    /// The center's party name.
    package let center: String
    /// A short word for machines.
    package let kind: String
    /// When the gateway saw it, ms since 1970.
    package let seenMilliseconds: Int64
    /// Index pointers of the envelopes that the statements name, in hexadecimal digits.
    package let envelopes: [String]
    /// `WLPF`, as in `docs/spec/receipts.md`.
    package let evidence: Data
    /// The center's implicit certificates under which the statements were signed.
    package let certificates: [Data]

    enum CodingKeys: String, CodingKey {
        case center, kind, envelopes, evidence, certificates
        case seenMilliseconds = "seen_ms"
    }

    /// Puts stored evidence together with the certificates that the spool keeps.
    ///
    /// - Throws: `FORMAT` for evidence that cannot be read; a database error.
    package init(_ fault: StoredFault, from spool: Spool) throws {
        let parsed = try ParsedFault(bytes: fault.evidence)
        self.center = fault.center
        self.kind = fault.kind
        self.seenMilliseconds = fault.seen
        self.envelopes = parsed.envelopes.map { $0.bytes.hex }
        self.evidence = Data(fault.evidence)
        self.certificates = try parsed.certificateDigests.compactMap {
            try spool.certificate($0.bytes).map { Data($0) }
        }
    }

    /// Checks everything, offline: certificates, signatures, and that the statements contradict each other.
    ///
    /// - Parameter issuer: the consortium's authority.
    /// - Returns: what the center did, in one sentence.
    /// - Throws: `ProtocolFailure`, with the reason.
    package func verify(issuer: CertificateIssuer) throws(ProtocolFailure) -> String {
        var keys: [CenterKey] = []
        for bytes in self.certificates {
            keys.append(try CenterKey(ImplicitCertificate(bytes: [UInt8](bytes)), from: issuer, at: nil))
        }
        let isNamed = keys.allSatisfy { $0.center.utf8.elementsEqual(self.center.utf8) }
        try require(isNamed, .context, "a certificate is another party's")
        let parsed = try ParsedFault(bytes: [UInt8](self.evidence))
        let fault = try parsed.verified(by: keys)
        try require(fault.kindName == self.kind, .context, "the evidence is of the kind \(fault.kindName)")
        let fits = parsed.envelopes.map { $0.bytes.hex } == self.envelopes
        try require(fits, .context, "the evidence names other envelopes")
        return fault.explanation
    }

    /// One line of JSON without its line feed.
    package func line() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self))
    }

    /// Reads a line of ``line()``.
    package init(line: [UInt8]) throws { self = try JSONDecoder().decode(Self.self, from: Data(line)) }
}

extension PrivacyCenterFault {
    /// A word for machines.
    var kindName: String {
        switch self {
        case .conflictingRoots: "conflicting-roots"
        case .conflictingLeaves: "conflicting-leaves"
        case .replacedLeaf: "replaced-leaf"
        case .droppedLeaf: "dropped-leaf"
        case .shrunkTree: "shrunk-tree"
        case .deniedEnvelope: "denied-envelope"
        }
    }
}
