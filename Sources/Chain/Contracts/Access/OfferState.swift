package import CanonicalBytes
package import Certificates
internal import Ledger

/// An offer: `LP(author) || u64 time || u64 withdrawn || LP(arguments)`; times are milliseconds since 1970.
package struct Offer: StateRecord {
    package let author: PartyName
    package let time: UInt64
    /// 0: it stands.
    package var withdrawn: UInt64
    package let arguments: OfferAccess

    init(_ arguments: OfferAccess, by author: PartyName, at time: UInt64) {
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
        self.arguments = try OfferAccess(bytes: try reader.lengthPrefixed())
    }
}

/// Whose data lies in an organization's scope: `LP(holder) || LP(named by) || u64 time`; milliseconds since 1970.
package struct ScopeHolder: StateRecord {
    package let holder: PartyName
    /// The custodian or institution that said so.
    package let namedBy: PartyName
    package let time: UInt64

    init(_ holder: PartyName, namedBy: PartyName, at time: UInt64) {
        self.holder = holder
        self.namedBy = namedBy
        self.time = time
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.party(self.holder)
        writer.party(self.namedBy)
        writer.u64(self.time)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.holder = try reader.partyName()
        self.namedBy = try reader.partyName()
        self.time = try reader.u64()
    }
}
