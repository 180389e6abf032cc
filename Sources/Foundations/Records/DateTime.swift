/// An instant with the zone and the precision to show it in, as a FHIR `dateTime`.
///
/// Equality, order and hash are those of the instant; zone and precision only matter when it is written.
/// The range is that of 64-bit nanoseconds: 1677-09-21 to 2262-04-11.
package struct DateTime: Sendable {
    /// Nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
    package let nanosecondsSinceEpoch: Int64
    /// Offset of the zone from UTC in minutes, positive east, within ±23:59.
    package let offsetMinutes: Int16
    /// Digits after the seconds, 0 to 9.
    package let fractionDigits: UInt8

    /// Makes an instant; an offset beyond ±23:59 or more than 9 digits are brought to that limit.
    package init(nanosecondsSinceEpoch: Int64, offsetMinutes: Int16 = 0, fractionDigits: UInt8 = 3) {
        self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
        self.offsetMinutes = min(max(offsetMinutes, -1439), 1439)
        self.fractionDigits = min(fractionDigits, 9)
    }

    /// Reads RFC 3339 `date-time` (§5.6).
    ///
    /// - `T` and `Z` may be lower case; a space may stand for `T` (§5.6, note).
    /// - Digits of the fraction beyond nine are cut off.
    /// - A leap second, `23:59:60` in UTC, is the last nanosecond before the next day; elsewhere `:60` is refused.
    /// - `-00:00`, an unknown local offset, is UTC.
    @inlinable
    package init?(rfc3339 text: some Collection<UInt8>) {
        let parsed =
            text.withContiguousStorageIfAvailable { DateTime.parseRFC3339($0) }
            ?? Array(text).withUnsafeBufferPointer { DateTime.parseRFC3339($0) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Reads RFC 3339 `date-time` (§5.6).
    package init?(rfc3339 text: UnsafeRawBufferPointer) {
        guard let parsed = Self.parseRFC3339(text.assumingMemoryBound(to: UInt8.self)) else { return nil }
        self = parsed
    }

    @usableFromInline
    static func parseRFC3339(_ text: UnsafeBufferPointer<UInt8>) -> DateTime? {
        var scanner = DateTimeScanner(text)
        guard let civil = scanner.rfc3339(), let offset = civil.offsetMinutes else { return nil }
        return civil.resolved(offsetMinutes: Int(offset))
    }

    /// Milliseconds since the epoch, rounded towards the past.
    package var millisecondsSinceEpoch: Int64 {
        self.nanosecondsSinceEpoch.floorDivided(by: 1_000_000).quotient
    }

    /// The instant `nanoseconds` later, held at the end of the range.
    package func adding(nanoseconds: Int64) -> DateTime {
        let (sum, overflow) = self.nanosecondsSinceEpoch.addingReportingOverflow(nanoseconds)
        let held: Int64 = overflow ? (nanoseconds < 0 ? .min : .max) : sum
        return DateTime(
            nanosecondsSinceEpoch: held,
            offsetMinutes: self.offsetMinutes,
            fractionDigits: self.fractionDigits
        )
    }

    /// The same instant to be shown in another zone or precision.
    package func shown(offsetMinutes: Int16? = nil, fractionDigits: UInt8? = nil) -> DateTime {
        DateTime(
            nanosecondsSinceEpoch: self.nanosecondsSinceEpoch,
            offsetMinutes: offsetMinutes ?? self.offsetMinutes,
            fractionDigits: fractionDigits ?? self.fractionDigits
        )
    }
}

extension DateTime: Hashable, Comparable {
    package static func == (left: DateTime, right: DateTime) -> Bool {
        left.nanosecondsSinceEpoch == right.nanosecondsSinceEpoch
    }

    package static func < (left: DateTime, right: DateTime) -> Bool {
        left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.nanosecondsSinceEpoch)
    }

    /// Whether instant, zone and precision are the same.
    package func isIdentical(to other: DateTime) -> Bool {
        self == other && self.offsetMinutes == other.offsetMinutes && self.fractionDigits == other.fractionDigits
    }
}

extension DateTime: CustomStringConvertible {
    private static let longestText = 35

    /// The instant as FHIR `dateTime`: `2026-01-24T12:47:38.000+08:00`, with `Z` for the offset 0.
    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(Self.longestText)
        self.write(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the ``description`` as bytes; digits beyond the precision are cut off.
    package func write(to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.longestText) { buffer in
            var writer = DateTimeWriter(buffer: buffer)
            writer.write(self)
            output.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[..<writer.count]))
        }
    }
}

/// Puts the fields of an instant into a buffer of at least 35 bytes.
private struct DateTimeWriter {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    var count = 0

    init(buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    mutating func write(_ instant: DateTime) {
        let (seconds, nanoseconds) = instant.nanosecondsSinceEpoch.floorDivided(by: 1_000_000_000)
        let (days, secondOfDay) = (Int(seconds) + Int(instant.offsetMinutes) * 60).floorDivided(by: 86_400)
        let date = GregorianCalendar.date(dayNumber: days)
        self.pair(date.year / 100)
        self.pair(date.year % 100)
        self.byte(UInt8(ascii: "-"))
        self.pair(date.month)
        self.byte(UInt8(ascii: "-"))
        self.pair(date.day)
        self.byte(UInt8(ascii: "T"))
        self.pair(secondOfDay / 3600)
        self.byte(UInt8(ascii: ":"))
        self.pair(secondOfDay / 60 % 60)
        self.byte(UInt8(ascii: ":"))
        self.pair(secondOfDay % 60)
        self.fraction(Int(nanoseconds), digits: Int(instant.fractionDigits))
        self.zone(Int(instant.offsetMinutes))
    }

    private mutating func fraction(_ nanoseconds: Int, digits: Int) {
        guard digits > 0 else { return }
        self.byte(UInt8(ascii: "."))
        var unit = 100_000_000
        for _ in 0..<digits {
            self.byte(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: nanoseconds / unit % 10))
            unit /= 10
        }
    }

    private mutating func zone(_ offset: Int) {
        guard offset != 0 else { return self.byte(UInt8(ascii: "Z")) }
        self.byte(UInt8(ascii: offset < 0 ? "-" : "+"))
        self.pair(abs(offset) / 60)
        self.byte(UInt8(ascii: ":"))
        self.pair(abs(offset) % 60)
    }

    private mutating func pair(_ value: Int) {
        self.byte(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10))
        self.byte(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    private mutating func byte(_ value: UInt8) {
        self.buffer[self.count] = value
        self.count += 1
    }
}
