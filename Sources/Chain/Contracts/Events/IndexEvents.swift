package import CanonicalBytes
package import Certificates
internal import Ledger

/// An anchor was entered: `LP(gateway) || u64 window || root(32) || u32 count || u8 marks || u16 n × scope(32)`.
package struct AnchorEntered: EventRecord {
    package static let topic = "index.anchored"

    package let gateway: PartyName
    package let window: UInt64
    package let root: [UInt8]
    package let count: UInt32
    package let marks: AnchorRecord.Marks
    /// Ascending.
    package let scopes: [[UInt8]]

    init(_ anchor: Anchor, marks: AnchorRecord.Marks) {
        self.gateway = anchor.gateway
        self.window = anchor.window
        self.root = anchor.root
        self.count = anchor.count
        self.marks = marks
        self.scopes = anchor.pages.map(\.scope)
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.party(self.gateway)
        writer.u64(self.window)
        writer.raw(self.root)
        writer.u32(self.count)
        writer.u8(self.marks.rawValue)
        writer.list(self.scopes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.gateway = try reader.partyName()
        self.window = try reader.u64()
        self.root = try reader.hash()
        self.count = try reader.u32()
        self.marks = AnchorRecord.Marks(rawValue: try reader.u8())
        self.scopes = try reader.ascending(1...Anchor.scopesMax, length: 32)
    }
}
