package import CanonicalBytes
package import Certificates
internal import Ledger

/// What all events say that change the consents about scopes: `id(32) || LP(author) || u16 n × scope(32)`.
package struct ConsentChange: Hashable, Sendable {
    /// Of the consent or offer; the label of which scopes were said to be.
    package let id: [UInt8]
    package let author: PartyName
    /// Ascending; of a consent about a label its digest alone.
    package let scopes: [[UInt8]]

    package init(id: [UInt8], author: PartyName, scopes: [[UInt8]]) {
        self.id = id
        self.author = author
        self.scopes = scopes
    }

    func write(to writer: inout CanonicalWriter) {
        writer.raw(self.id)
        writer.party(self.author)
        writer.list(self.scopes)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try reader.hash()
        self.author = try reader.partyName()
        self.scopes = try reader.ascending(0...ConsentSubject.countMax, length: 32)
    }

    /// The change that an event of any of the five topics tells; nil for other events.
    package init?(topic: String, data: [UInt8]) {
        func change<Event: ConsentEvent>(_ type: Event.Type) -> ConsentChange? {
            topic.isSame(as: type.topic) ? (try? Event(bytes: data))?.change : nil
        }
        let found =
            change(ConsentSet.self) ?? change(ConsentWithdrawn.self) ?? change(AccessOffered.self)
            ?? change(OfferWithdrawn.self) ?? change(ScopesLabelled.self)
        guard let found else { return nil }
        self = found
    }
}

/// An event that changes the consents about scopes.
package protocol ConsentEvent: EventRecord {
    var change: ConsentChange { get }
}

/// A consent was stated: change, `u8 mode`.
package struct ConsentSet: ConsentEvent {
    package static let topic = "access.consent-set"

    package let change: ConsentChange
    package let mode: ConsentMode

    package init(_ change: ConsentChange, mode: ConsentMode) {
        self.change = change
        self.mode = mode
    }

    package func write(to writer: inout CanonicalWriter) {
        self.change.write(to: &writer)
        writer.u8(self.mode.rawValue)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.change = try ConsentChange(from: &reader)
        guard let mode = ConsentMode(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such mode of consent")
        }
        self.mode = mode
    }
}

/// A consent was withdrawn: change.
package struct ConsentWithdrawn: ConsentEvent {
    package static let topic = "access.consent-withdrawn"

    package let change: ConsentChange

    package init(_ change: ConsentChange) { self.change = change }

    package func write(to writer: inout CanonicalWriter) { self.change.write(to: &writer) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.change = try ConsentChange(from: &reader)
    }
}

/// An offer was made: change, `u8 grantee kind || LP(grantee)`.
package struct AccessOffered: ConsentEvent {
    package static let topic = "access.offered"

    package let change: ConsentChange
    package let grantee: Grantee

    package init(_ change: ConsentChange, to grantee: Grantee) {
        self.change = change
        self.grantee = grantee
    }

    package func write(to writer: inout CanonicalWriter) {
        self.change.write(to: &writer)
        self.grantee.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.change = try ConsentChange(from: &reader)
        self.grantee = try Grantee(from: &reader)
    }
}

/// An offer was withdrawn: change.
package struct OfferWithdrawn: ConsentEvent {
    package static let topic = "access.offer-withdrawn"

    package let change: ConsentChange

    package init(_ change: ConsentChange) { self.change = change }

    package func write(to writer: inout CanonicalWriter) { self.change.write(to: &writer) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.change = try ConsentChange(from: &reader)
    }
}

/// Scopes are of a label from now on, whose consents bind them: change, with the label as its identifier.
package struct ScopesLabelled: ConsentEvent {
    package static let topic = "access.scope-label"

    package let change: ConsentChange

    package init(_ change: ConsentChange) { self.change = change }

    package func write(to writer: inout CanonicalWriter) { self.change.write(to: &writer) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.change = try ConsentChange(from: &reader)
    }
}
