package import Logging

/// Which operation work belongs to, over all processes that take part: W3C Trace Context, level 1.
///
/// A process passes its own on in the field `traceparent` of a request; the one that answers goes on with the same trace
/// under a span of its own. Both write the identifiers into their logs (``metadataProvider``), under the names that
/// OpenTelemetry gives them. They are random and say nothing about what is worked on.
package struct TraceContext: Sendable, Hashable {
    /// The one that the current task works for.
    @TaskLocal package static var current: TraceContext?

    /// Its lower bit says that somebody records the trace; the other bits have no meaning yet and are not passed on.
    private static let isSampled: UInt8 = 1

    /// 16 bytes, not all zero.
    private let trace: UInt128
    /// 8 bytes, not zero.
    private let span: UInt64
    private let flags: UInt8

    private init(trace: UInt128, span: UInt64, flags: UInt8) {
        self.trace = trace
        self.span = span
        self.flags = flags
    }

    /// Begins a trace that nobody records but the logs.
    package init() {
        self.init(trace: .random(in: 1 ... .max), span: .random(in: 1 ... .max), flags: 0)
    }

    /// Reads the field `traceparent`; nil for another form than level 1 has, or a later one keeps.
    ///
    /// - Parameter text: as it was sent.
    package init?(traceparent text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 4, omittingEmptySubsequences: false)
        guard text.utf8.count <= 512, parts.count >= 4,
            let version = UInt8(lowercaseHex: parts[0]), version != 0xff, version != 0 || parts.count == 4,
            let trace = UInt128(lowercaseHex: parts[1]), trace != 0,
            let span = UInt64(lowercaseHex: parts[2]), span != 0,
            let flags = UInt8(lowercaseHex: parts[3])
        else { return nil }
        self.init(trace: trace, span: span, flags: flags & Self.isSampled)
    }

    /// The same trace in another process, or another part of this one.
    package var child: TraceContext {
        TraceContext(trace: self.trace, span: .random(in: 1 ... .max), flags: self.flags)
    }

    /// 32 hexadecimal digits.
    package var traceID: String { self.trace.lowercaseHex }

    /// 16 hexadecimal digits.
    package var spanID: String { self.span.lowercaseHex }

    /// What the field `traceparent` says to the next one.
    package var traceparent: String { "00-\(self.traceID)-\(self.spanID)-\(self.flags.lowercaseHex)" }

    /// Works for this operation: what is logged and asked for meanwhile belongs to it.
    package func perform<Value>(_ work: () throws -> Value) rethrows -> Value {
        try Self.$current.withValue(self, operation: work)
    }

    /// As above, for work that waits.
    package func perform<Value>(
        isolation: isolated (any Actor)? = #isolation,
        _ work: () async throws -> Value
    ) async rethrows -> Value {
        try await Self.$current.withValue(self, operation: work, isolation: isolation)
    }

    /// Adds the current operation's identifiers to a line of the log, by the names of OpenTelemetry's log formats.
    package static let metadataProvider = Logger.MetadataProvider {
        guard let current = Self.current else { return [:] }
        return ["trace_id": "\(current.traceID)", "span_id": "\(current.spanID)"]
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// Two digits for each byte, nothing else; nil for another number of digits, and for capitals.
    fileprivate init?(lowercaseHex digits: Substring.UTF8View) {
        guard digits.count == Self.bitWidth / 4, !digits.contains(where: { (65...90).contains($0) || $0 == 43 }) else {
            return nil
        }
        self.init(Substring(digits), radix: 16)
    }

    fileprivate var lowercaseHex: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: Self.bitWidth / 4 - digits.count) + digits
    }
}
