package import CanonicalBytes
package import Certificates
internal import Ledger

/// An order to name the holder of a pseudonym: `LP(authority) || u64 time || LP(arguments) || u16 n × (LP(party) ||
/// evidence(32) || u64 time)`; times are milliseconds since 1970.
package struct TraceOrder: StateRecord {
    /// Answers of one order: one of each party, so that no foreign one takes another's place.
    package static let answersMax = 16

    package struct Answer: Hashable, Sendable {
        /// A registration authority or an authority of pseudonyms.
        package let party: PartyName
        package let evidence: [UInt8]
        package let time: UInt64
    }

    /// The tracing authority.
    package let authority: PartyName
    package let time: UInt64
    package let arguments: OrderTrace
    package private(set) var answers: [Answer]

    init(_ arguments: OrderTrace, by authority: PartyName, at time: UInt64) {
        self.authority = authority
        self.time = time
        self.arguments = arguments
        self.answers = []
    }

    /// Whether a registration authority and an authority of pseudonyms have both answered.
    package var isComplete: Bool {
        self.answers.contains { $0.party.role == .registrationAuthority }
            && self.answers.contains { $0.party.role == .pseudonymAuthority }
    }

    mutating func add(_ answer: Answer) { self.answers.append(answer) }

    package func write(to writer: inout CanonicalWriter) {
        writer.party(self.authority)
        writer.u64(self.time)
        writer.lengthPrefixed(self.arguments.bytes)
        writer.u16(UInt16(self.answers.count))
        for answer in self.answers {
            writer.party(answer.party)
            writer.raw(answer.evidence)
            writer.u64(answer.time)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.authority = try reader.partyName()
        self.time = try reader.u64()
        self.arguments = try OrderTrace(bytes: try reader.lengthPrefixed())
        var answers: [Answer] = []
        for _ in 0..<(try reader.u16()) {
            answers.append(
                Answer(party: try reader.partyName(), evidence: try reader.hash(), time: try reader.u64())
            )
        }
        self.answers = answers
    }
}
