package import CanonicalBytes
package import Certificates
package import Ledger

/// Says whose data lies in scopes: `LP(holder) || u16 n × scope(32)`.
///
/// The holder, a patient, speaks for these scopes of the caller's organization from then on, and nobody before her does.
package struct SetScopeHolder: MethodArguments {
    package static let contract = "access"
    package static let method = "scope-holder"
    package static let channels: [Channel] = [.access]
    /// Scopes of one call.
    package static let countMax = 64

    package let holder: PartyName
    /// Ascending, 1 to ``countMax``.
    package let scopes: [[UInt8]]

    package init(holder: PartyName, scopes: [[UInt8]]) {
        self.holder = holder
        self.scopes = scopes
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.party(self.holder)
        writer.list(self.scopes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.holder = try reader.partyName()
        try require(self.holder.role == .patient, .format, "a holder is a patient")
        self.scopes = try reader.ascending(1...Self.countMax, length: 32)
    }
}
