package import CanonicalBytes
package import Certificates
internal import Ledger

/// A trace was ordered: `order(32) || certificate(32) || u8 reason || statement(32) || LP(authority)`.
package struct TraceOrdered: EventRecord {
    package static let topic = "access.trace-ordered"

    package let arguments: OrderTrace
    package let authority: PartyName

    package init(_ arguments: OrderTrace, by authority: PartyName) {
        self.arguments = arguments
        self.authority = authority
    }

    package func write(to writer: inout CanonicalWriter) {
        self.arguments.write(to: &writer)
        writer.party(self.authority)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.arguments = try OrderTrace(from: &reader)
        self.authority = try reader.partyName()
    }
}

/// An authority did its part of a trace: `order(32) || certificate(32) || evidence(32) || LP(party) || u8 complete`.
package struct TraceAnswered: EventRecord {
    package static let topic = "access.trace-answered"

    package let order: [UInt8]
    /// Of the pseudonym.
    package let certificate: [UInt8]
    package let evidence: [UInt8]
    package let party: PartyName
    /// Whether both kinds of authority have answered.
    package let isComplete: Bool

    package init(order: [UInt8], certificate: [UInt8], evidence: [UInt8], party: PartyName, isComplete: Bool) {
        self.order = order
        self.certificate = certificate
        self.evidence = evidence
        self.party = party
        self.isComplete = isComplete
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.order)
        writer.raw(self.certificate)
        writer.raw(self.evidence)
        writer.party(self.party)
        writer.flag(self.isComplete)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.order = try reader.hash()
        self.certificate = try reader.hash()
        self.evidence = try reader.hash()
        self.party = try reader.partyName()
        self.isComplete = try reader.flag()
    }
}
