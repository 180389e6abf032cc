internal import CanonicalBytes
package import Records

/// What a privacy center did not do as it should.
package struct CenterFault: Sendable, Hashable, CustomStringConvertible {
    /// A statement of a center that is false, not merely missing.
    package enum Lie: String, Sendable, Hashable, Codable {
        /// A part whose proof does not hold.
        case falsePart = "false-part"
        /// An envelope, capsule or certificate that is another one than was asked for.
        case anotherEnvelope = "another-envelope"
        /// A head of the chain that was too old when it answered.
        case staleHead = "stale-head"
        /// A record of a delivery that is of something else, or that the chain does not hold.
        case falseRecord = "false-record"
    }

    /// Its name in the grant.
    package let center: String
    package let why: String
    /// nil for what is merely missing.
    package let lie: Lie?
    /// What the center sent, when that is the evidence.
    package let evidence: [UInt8]
    /// Stable code of its refusal; empty for none.
    package let code: String

    package init(center: String, why: String, lie: Lie? = nil, evidence: [UInt8] = [], code: String = "") {
        self.center = center
        self.why = why
        self.lie = lie
        self.evidence = evidence
        self.code = code
    }

    /// Whether it is against the center: what it sent is false, not merely missing.
    package var isLie: Bool { self.lie != nil }

    package var description: String { "\(self.center) \(self.why)" }
}

/// What keeps a receiver from reading.
package enum ReceivingError: Error, Sendable, CustomStringConvertible {
    /// The grant file does not verify, and why.
    case grant(String)
    /// The grant is for another certificate than this identity has; the name in the grant.
    case anotherReceiver(String)
    /// There is no key for the data of this gateway in this scope and epoch.
    case identityKey(sender: String, label: String, epoch: UInt64)
    /// No center lists the scope.
    case unlisted([CenterFault])
    /// No center has this envelope under the grant.
    case noEnvelope(Digest, [CenterFault])
    /// Too few good parts for an envelope.
    case parts(Digest, count: Int, needed: Int, [CenterFault])
    /// An envelope that does not open, and why.
    case envelope(Digest, String)

    package var description: String {
        switch self {
        case .grant(let why): "the grant does not serve: \(why)"
        case .anotherReceiver(let name):
            "the grant is for another certificate, of \(name.isEmpty ? "a pseudonym" : name), than this identity has"
        case .identityKey(let sender, let label, let epoch):
            "the identity key of \(sender) for \(label), epoch \(epoch), is needed: "
                + "`wardline ibe request --sender \(sender) …`, then --identity-key FILE"
        case .unlisted(let faults): "no privacy center lists the scope: \(Self.list(faults))"
        case .noEnvelope(let h1, let faults):
            "no privacy center gives the envelope \(h1.bytes.hex)\(faults.isEmpty ? "" : ": \(Self.list(faults))")"
        case .parts(let h1, let count, let needed, let faults):
            "\(count) of \(needed) parts for the envelope \(h1.bytes.hex): \(Self.list(faults))"
        case .envelope(let h1, let why): "the envelope \(h1.bytes.hex) does not open: \(why)"
        }
    }

    private static func list(_ faults: [CenterFault]) -> String {
        faults.isEmpty ? "the centers have no more" : faults.map(\.description).joined(separator: "; ")
    }
}
