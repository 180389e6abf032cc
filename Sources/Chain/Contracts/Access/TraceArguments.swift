package import CanonicalBytes
package import Ledger

/// Why the holder of a pseudonym is to be named.
package enum TraceReason: UInt8, CaseIterable, Hashable, Sendable {
    /// A court has ordered it.
    case court = 1
    /// Data was used for something else than its purpose, or given away.
    case misuse = 2
    /// The holder's attributes are not true.
    case falseAttributes = 3
    /// A patient's safety depends on it.
    case safety = 4
    /// The statement says it.
    case other = 5
}

/// Orders that the holder of a pseudonym is named: `order(32) || certificate(32) || u8 reason || statement(32)`.
package struct OrderTrace: MethodArguments {
    package static let contract = "access"
    package static let method = "trace-order"
    package static let channels: [Channel] = [.access]

    /// Random, 32 bytes.
    package let order: [UInt8]
    /// Digest of the pseudonym's certificate.
    package let certificate: [UInt8]
    package let reason: TraceReason
    /// Digest of the order's text.
    package let statement: [UInt8]

    package init(order: [UInt8], certificate: [UInt8], reason: TraceReason, statement: [UInt8]) {
        self.order = order
        self.certificate = certificate
        self.reason = reason
        self.statement = statement
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.order)
        writer.raw(self.certificate)
        writer.u8(self.reason.rawValue)
        writer.raw(self.statement)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.order = try reader.hash()
        self.certificate = try reader.hash()
        guard let reason = TraceReason(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such reason for a trace")
        }
        self.reason = reason
        self.statement = try reader.hash()
    }
}

/// One of the two authorities that name a holder together has done its part: `order(32) || evidence(32)`.
package struct AnswerTrace: MethodArguments {
    package static let contract = "access"
    package static let method = "trace-answer"
    package static let channels: [Channel] = [.access]

    package let order: [UInt8]
    /// Digest of what the authority handed over.
    package let evidence: [UInt8]

    package init(order: [UInt8], evidence: [UInt8]) {
        self.order = order
        self.evidence = evidence
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.order)
        writer.raw(self.evidence)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.order = try reader.hash()
        self.evidence = try reader.hash()
    }
}
