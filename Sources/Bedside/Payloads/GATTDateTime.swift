internal import Units

/// The Date Time characteristic (0x2A08), seven octets inside many measurements; local time without a zone.
///
/// Year, month or day 0 means unknown. Fields outside the calendar are kept, not refused: a broken clock must not cost
/// the measurement, and the profile decides what replaces the time.
struct GATTDateTime {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    init(_ cursor: inout BinaryCursor) throws(DecodeFailure) {
        self.year = Int(try cursor.u16("year"))
        self.month = Int(try cursor.u8("month"))
        self.day = Int(try cursor.u8("day"))
        self.hour = Int(try cursor.u8("hours"))
        self.minute = Int(try cursor.u8("minutes"))
        self.second = Int(try cursor.u8("seconds"))
    }

    /// What makes the time unusable: the first unknown part, "invalid" for one outside the calendar; nil if usable.
    var unknown: StaticString? {
        if self.year == 0 { return "year" }
        if self.month == 0 { return "month" }
        if self.day == 0 { return "day" }
        let isCalendar =
            self.year >= 1582 && self.year <= 9999 && self.month <= 12
            && self.day <= Self.days(inMonth: self.month, year: self.year)
        return isCalendar && self.hour < 24 && self.minute < 60 && self.second < 60 ? nil : "invalid"
    }

    /// The time moved by whole minutes; only meaningful for a usable time.
    func adding(minutes: Int) -> GATTDateTime {
        var moved = self
        let total = self.hour * 60 + self.minute + minutes
        var days = total / 1440
        var rest = total % 1440
        if rest < 0 {
            rest += 1440
            days -= 1
        }
        moved.hour = rest / 60
        moved.minute = rest % 60
        // An offset is at most 32,767 minutes, hence 23 days: at most one month has to be crossed.
        moved.day += days
        if moved.day < 1 {
            moved.month -= 1
            if moved.month < 1 { (moved.year, moved.month) = (moved.year - 1, 12) }
            moved.day += Self.days(inMonth: moved.month, year: moved.year)
        } else if moved.day > Self.days(inMonth: moved.month, year: moved.year) {
            moved.day -= Self.days(inMonth: moved.month, year: moved.year)
            moved.month += 1
            if moved.month > 12 { (moved.year, moved.month) = (moved.year + 1, 1) }
        }
        return moved
    }

    /// Adds `time`, or `time_unknown` and `time_parts` when there is no usable time.
    func write(to tree: inout PayloadTree) throws(DecodeFailure) {
        guard let unknown = self.unknown else {
            try tree.addString(self.text, key: "time")
            return
        }
        try tree.addWord(unknown, key: "time_unknown")
        try tree.openContainer(.object, key: "time_parts")
        try tree.addWhole(self.year, key: "year")
        try tree.addWhole(self.month, key: "month")
        try tree.addWhole(self.day, key: "day")
        try tree.addWhole(self.hour, key: "hour")
        try tree.addWhole(self.minute, key: "minute")
        try tree.addWhole(self.second, key: "second")
        tree.closeContainer()
    }

    /// The time as "yyyy-MM-ddTHH:mm:ss".
    var text: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(19)
        Self.append(self.year, digits: 4, to: &text)
        for (mark, part) in [
            ("-" as Unicode.Scalar, self.month), ("-", self.day), ("T", self.hour), (":", self.minute),
            (":", self.second),
        ] {
            text.append(UInt8(ascii: mark))
            Self.append(part, digits: 2, to: &text)
        }
        return text
    }

    private static func append(_ value: Int, digits: Int, to text: inout [UInt8]) {
        var divisor = digits == 4 ? 1000 : 10
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    private static func days(inMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
