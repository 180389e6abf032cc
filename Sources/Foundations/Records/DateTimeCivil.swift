/// A date and time as a clock on a wall shows it, with the zone only if it was written.
///
/// Year 0 means that the source did not know the date: it is kept so that the reading can be flagged, and has no instant.
package struct CivilDateTime: Sendable, Hashable {
    /// The smallest field that the text held.
    package enum Precision: UInt8, Sendable, Hashable, Comparable {
        case year, month, day, hour, minute, second

        package static func < (left: Precision, right: Precision) -> Bool { left.rawValue < right.rawValue }

        /// The precision of an HL7 text with this many digits before the fraction.
        init(digitCount: Int) {
            self = Precision(rawValue: UInt8(max(0, min(digitCount, 14) - 4) / 2)) ?? .second
        }
    }

    /// 0 to 9999; 0 when unknown.
    package let year: Int
    /// 1 to 12; 0 only with the year 0.
    package let month: Int
    /// 1 to the length of the month; 0 only with the year 0.
    package let day: Int
    /// 0 to 23.
    package let hour: Int
    /// 0 to 59.
    package let minute: Int
    /// 0 to 60; 60 is a leap second.
    package let second: Int
    /// 0 to 999,999,999.
    package let nanosecond: Int32
    /// Digits of the fraction that were written, at most 9.
    package let fractionDigits: UInt8
    /// The written offset from UTC in minutes, positive east; nil when there was none.
    package let offsetMinutes: Int16?
    /// The smallest field that was written.
    package let precision: Precision

    /// Makes a date and time; nil when a field is out of its range or the date does not exist.
    package init?(
        year: Int,
        month: Int,
        day: Int,
        hour: Int = 0,
        minute: Int = 0,
        second: Int = 0,
        nanosecond: Int32 = 0,
        fractionDigits: UInt8 = 0,
        offsetMinutes: Int16? = nil,
        precision: Precision = .second
    ) {
        guard 0...9999 ~= year, 0...23 ~= hour, 0...59 ~= minute, 0...60 ~= second else { return nil }
        guard 0...999_999_999 ~= nanosecond, fractionDigits <= 9, -1439...1439 ~= offsetMinutes ?? 0 else { return nil }
        if year == 0 {
            guard 0...12 ~= month, 0...31 ~= day else { return nil }
        } else {
            guard 1...12 ~= month, day >= 1, day <= GregorianCalendar.dayCount(year: year, month: month) else {
                return nil
            }
        }
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
        (self.nanosecond, self.fractionDigits) = (nanosecond, fractionDigits)
        (self.offsetMinutes, self.precision) = (offsetMinutes, precision)
    }

    /// Reads RFC 3339 `date-time` (§5.6) whose zone may be missing: `2019-02-01T22:46:01`.
    package init?(rfc3339OrLocal text: some Collection<UInt8>) {
        self.init(text) { $0.rfc3339() }
    }

    /// Reads an HL7 v2 DTM: `YYYY[MM[DD[HH[MM[SS[.S...]]]]]][+/-ZZZZ]` (HL7 2.9 §2A.3.22).
    ///
    /// Also accepts three digits of milliseconds straight after the seconds, which monitors in the field send.
    package init?(hl7 text: some Collection<UInt8>) {
        self.init(text) { $0.hl7() }
    }

    init?(_ text: some Collection<UInt8>, read: (inout DateTimeScanner) -> CivilDateTime?) {
        func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> CivilDateTime? {
            var scanner = DateTimeScanner(bytes)
            return read(&scanner)
        }
        let parsed = text.withContiguousStorageIfAvailable(scan) ?? Array(text).withUnsafeBufferPointer(scan)
        guard let parsed else { return nil }
        self = parsed
    }

    /// The instant in the written zone, or in `offsetMinutes` when none was written.
    ///
    /// - Returns: nil for the year 0, a year outside the range of ``DateTime``, an offset beyond ±23:59, or a second
    ///   60 that is not 23:59:60 in UTC.
    package func resolved(offsetMinutes fallback: Int) -> DateTime? {
        let offset = self.offsetMinutes.map(Int.init) ?? fallback
        guard -1439...1439 ~= offset, let local = self.localSeconds else { return nil }
        return self.instant(utcSeconds: local - offset * 60, offsetMinutes: offset)
    }

    /// Seconds from 1970-01-01T00:00:00 on the same wall clock; nil for the year 0.
    ///
    /// A leap second counts as 59.
    var localSeconds: Int? {
        guard self.year > 0 else { return nil }
        let days = GregorianCalendar.dayNumber(year: self.year, month: self.month, day: self.day)
        return days * 86_400 + self.hour * 3600 + self.minute * 60 + min(self.second, 59)
    }

    /// The instant at `utcSeconds`, with the fraction of this time.
    func instant(utcSeconds: Int, offsetMinutes: Int) -> DateTime? {
        let isLeapSecond = self.second == 60
        if isLeapSecond, utcSeconds.floorDivided(by: 86_400).remainder != 86_399 { return nil }
        let fraction = isLeapSecond ? 999_999_999 : Int128(self.nanosecond)
        // Wider than the result: in the range's first second the whole seconds alone lie outside of it.
        guard let sum = Int64(exactly: Int128(utcSeconds) * 1_000_000_000 + fraction) else { return nil }
        return DateTime(
            nanosecondsSinceEpoch: sum,
            offsetMinutes: Int16(offsetMinutes),
            fractionDigits: self.fractionDigits
        )
    }
}
