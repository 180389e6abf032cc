package import CanonicalBytes
package import Certificates
package import Consensus
internal import Ledger

/// The consents about a scope as they were brought: `u64 height || consents`.
package struct BroughtConsents: StateRecord {
    /// The access block after which they were so.
    package let height: Height
    package let consents: ScopeConsents

    init(_ consents: ScopeConsents, height: Height) {
        self.height = height
        self.consents = consents
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u64(self.height)
        self.consents.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.height = try reader.u64()
        self.consents = try ScopeConsents(from: &reader)
    }
}

/// The last refusal of a step by a party: `LP(code) || u64 time`; milliseconds since 1970.
package struct Refusal: StateRecord {
    package let code: String
    package let time: UInt64

    init(_ code: String, at time: UInt64) {
        self.code = code
        self.time = time
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.code)
        writer.u64(self.time)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.code = try reader.word(1...64)
        self.time = try reader.u64()
    }
}

/// What the requester of a permission reported: `u16 n × (LP(accused) || u8 kind || evidence(32) || u64 time)`.
package struct Faults: StateRecord {
    /// Reports under one permission.
    package static let countMax = 32

    package struct Entry: Hashable, Sendable {
        package let accused: PartyName
        package let kind: FaultKind
        package let evidence: [UInt8]
        /// Milliseconds since 1970.
        package let time: UInt64
    }

    package private(set) var entries: [Entry] = []

    init() {}

    mutating func add(_ entry: Entry) { self.entries.append(entry) }

    package func write(to writer: inout CanonicalWriter) {
        writer.u16(UInt16(self.entries.count))
        for entry in self.entries {
            writer.party(entry.accused)
            writer.u8(entry.kind.rawValue)
            writer.raw(entry.evidence)
            writer.u64(entry.time)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        for _ in 0..<(try reader.u16()) {
            let accused = try reader.partyName()
            guard let kind = FaultKind(rawValue: try reader.u8()) else {
                throw ProtocolFailure(.format, "no such fault")
            }
            self.entries.append(
                Entry(accused: accused, kind: kind, evidence: try reader.hash(), time: try reader.u64())
            )
        }
    }
}
