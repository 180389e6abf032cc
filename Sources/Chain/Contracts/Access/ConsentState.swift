package import CanonicalBytes
package import Certificates
internal import Ledger

/// A consent: `LP(author) || u64 time || u64 withdrawn || LP(arguments)`; times are milliseconds since 1970.
package struct Consent: StateRecord {
    package let author: PartyName
    package let time: UInt64
    /// 0: it stands.
    package var withdrawn: UInt64
    package let arguments: SetConsent

    init(_ arguments: SetConsent, by author: PartyName, at time: UInt64) {
        self.author = author
        self.time = time
        self.withdrawn = 0
        self.arguments = arguments
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.party(self.author)
        writer.u64(self.time)
        writer.u64(self.withdrawn)
        writer.lengthPrefixed(self.arguments.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.author = try reader.partyName()
        self.time = try reader.u64()
        self.withdrawn = try reader.u64()
        self.arguments = try SetConsent(bytes: try reader.lengthPrefixed())
    }
}
