package import CanonicalBytes
package import Ledger

/// Says of which label scopes are: `label(32) || u16 n × scope(32)`.
///
/// The label is a digest that the organization's custodian makes, so that the chain does not learn the label; consents
/// about it bind all scopes that were ever said to be of it. What a scope is of is said once and stays: a custodian must
/// not take a scope out of a consent.
package struct SetScopeLabel: MethodArguments {
    package static let contract = "access"
    package static let method = "scope-label"
    package static let channels: [Channel] = [.access]
    /// Scopes of one call.
    package static let countMax = 64

    /// 32 bytes.
    package let label: [UInt8]
    /// Ascending, 1 to ``countMax``, the label not among them.
    package let scopes: [[UInt8]]

    package init(label: [UInt8], scopes: [[UInt8]]) {
        self.label = label
        self.scopes = scopes
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.label)
        writer.list(self.scopes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.label = try reader.hash()
        self.scopes = try reader.ascending(1...Self.countMax, length: 32)
        try require(!self.scopes.contains(self.label), .format, "a label that is a scope")
    }
}
