/// A POSIX `TZ` string, the rule for years after the table: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX.1-2017 §8.3).
struct PosixTimeZone: Sendable {
    /// When clocks change in a year.
    struct Change: Sendable {
        enum Day: Sendable {
            /// `Jn`: day 1 to 365, 29 February not counted.
            case withoutLeapDay(Int)
            /// `n`: day 0 to 365.
            case fromZero(Int)
            /// `Mm.w.d`: weekday d of week w in month m; week 5 is the last.
            case weekday(month: Int, week: Int, day: Int)
        }

        let day: Day
        /// Seconds after midnight of the day, by the clocks before the change; may be negative (RFC 8536 §3.3.1).
        let secondOfDay: Int

        /// Seconds since 1970 of the change on the clocks before it.
        func localSeconds(year: Int) -> Int {
            let newYear = GregorianCalendar.dayNumber(year: year, month: 1, day: 1)
            let day =
                switch self.day {
                case .withoutLeapDay(let number):
                    newYear + number - 1 + (number >= 60 && GregorianCalendar.isLeap(year) ? 1 : 0)
                case .fromZero(let number): newYear + number
                case .weekday(let month, let week, let weekday):
                    Self.dayNumber(year: year, month: month, week: week, weekday: weekday)
                }
            return day * 86_400 + self.secondOfDay
        }

        private static func dayNumber(year: Int, month: Int, week: Int, weekday: Int) -> Int {
            let first = GregorianCalendar.dayNumber(year: year, month: month, day: 1)
            let ahead = (weekday - GregorianCalendar.weekday(dayNumber: first) + 7) % 7
            let day = ahead + (week - 1) * 7
            return first + (day < GregorianCalendar.dayCount(year: year, month: month) ? day : day - 7)
        }
    }

    /// Seconds east of UTC in standard time.
    private let standardOffset: Int
    /// Seconds east of UTC in summer time, with its beginning and end.
    private let summer: (offset: Int, start: Change, end: Change)?

    func offsetSeconds(atUTC seconds: Int) -> Int {
        guard let summer = self.summer else { return self.standardOffset }
        let day = (seconds + self.standardOffset).floorDivided(by: 86_400).quotient
        let year = GregorianCalendar.date(dayNumber: day).year
        let start = summer.start.localSeconds(year: year) - self.standardOffset
        let end = summer.end.localSeconds(year: year) - summer.offset
        // South of the equator summer time spans the new year.
        let isSummer = start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end
        return isSummer ? summer.offset : self.standardOffset
    }

    init?(_ text: ArraySlice<UInt8>) {
        var reader = PosixReader(text: text)
        guard reader.name(), let standard = reader.time() else { return nil }
        self.standardOffset = -standard
        guard !reader.isAtEnd else {
            self.summer = nil
            return
        }
        guard reader.name() else { return nil }
        var summerOffset = self.standardOffset + 3600
        if !reader.isNext(UInt8(ascii: ",")) {
            guard let offset = reader.time() else { return nil }
            summerOffset = -offset
        }
        guard let start = reader.change(), let end = reader.change(), reader.isAtEnd else { return nil }
        self.summer = (summerOffset, start, end)
    }
}

/// Reads the parts of a `TZ` string.
private struct PosixReader {
    private var rest: ArraySlice<UInt8>

    init(text: ArraySlice<UInt8>) {
        self.rest = text
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    func isNext(_ byte: UInt8) -> Bool { self.rest.first == byte }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard self.isNext(byte) else { return false }
        self.rest.removeFirst()
        return true
    }

    /// Three or more letters, or anything in angle brackets.
    mutating func name() -> Bool {
        if self.skip(UInt8(ascii: "<")) {
            guard let end = self.rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            self.rest = self.rest[(end + 1)...]
            return true
        }
        let letters = self.rest.prefix { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 }
        self.rest = self.rest.dropFirst(letters.count)
        return letters.count >= 3
    }

    private mutating func number(upTo largest: Int) -> Int? {
        let digits = self.rest.prefix { $0 &- UInt8(ascii: "0") < 10 }
        guard !digits.isEmpty, digits.count <= 3 else { return nil }
        self.rest = self.rest.dropFirst(digits.count)
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return value <= largest ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds; hours up to 167 (RFC 8536 §3.3.1).
    mutating func time() -> Int? {
        let isNegative = self.skip(UInt8(ascii: "-"))
        if !isNegative { _ = self.skip(UInt8(ascii: "+")) }
        guard var seconds = self.number(upTo: 167).map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] where self.skip(UInt8(ascii: ":")) {
            guard let part = self.number(upTo: 59) else { return nil }
            seconds += part * unit
        }
        return isNegative ? -seconds : seconds
    }

    /// Reads `,date[/time]`.
    mutating func change() -> PosixTimeZone.Change? {
        guard self.skip(UInt8(ascii: ",")), let day = self.day() else { return nil }
        guard self.skip(UInt8(ascii: "/")) else { return .init(day: day, secondOfDay: 7200) }
        return self.time().map { .init(day: day, secondOfDay: $0) }
    }

    private mutating func day() -> PosixTimeZone.Change.Day? {
        if self.skip(UInt8(ascii: "J")) {
            return self.number(upTo: 365).flatMap { $0 >= 1 ? .withoutLeapDay($0) : nil }
        }
        guard self.skip(UInt8(ascii: "M")) else { return self.number(upTo: 365).map { .fromZero($0) } }
        guard let month = self.number(upTo: 12), month >= 1, self.skip(UInt8(ascii: ".")),
            let week = self.number(upTo: 5), week >= 1, self.skip(UInt8(ascii: ".")),
            let weekday = self.number(upTo: 6)
        else { return nil }
        return .weekday(month: month, week: week, day: weekday)
    }
}
