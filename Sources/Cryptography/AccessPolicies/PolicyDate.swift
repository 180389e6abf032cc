/// Dates in comparisons: days since 1970-01-01, which fit the numbers of policies until 2149-06-06.
///
/// Only what a person writes and reads has dates; canonical text and keys have the number.
package enum PolicyDate {
    /// The first and the last date that a comparison can name.
    package static let range = "1970-01-01 to 2149-06-06"

    /// Whether the text has the form of a date, `YYYY-MM-DD`, with any digits.
    static func hasForm(_ text: some Collection<UInt8>) -> Bool {
        text.count == 10
            && zip(text, 0...).allSatisfy { byte, index in
                index == 4 || index == 7
                    ? byte == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar, `YYYY-MM-DD`; nil for anything else and for dates out of
    /// ``range``.
    package static func days(_ text: some Collection<UInt8>) -> UInt16? {
        guard self.hasForm(text) else { return nil }
        let digits = text.map { Int($0) - Int(UInt8(ascii: "0")) }
        let year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3]
        let (month, day) = (digits[5] * 10 + digits[6], digits[8] * 10 + digits[9])
        guard (1970...2149).contains(year), (1...12).contains(month), (1...self.length(month, of: year)).contains(day)
        else { return nil }
        return UInt16(exactly: self.daysBefore(year) + self.daysBefore(month, of: year) + day - 1)
    }

    /// The date that is so many days after 1970-01-01.
    package static func text(_ days: UInt16) -> String {
        var rest = Int(days)
        var (year, month) = (1970, 1)
        while rest >= self.length(of: year) {
            rest -= self.length(of: year)
            year += 1
        }
        while rest >= self.length(month, of: year) {
            rest -= self.length(month, of: year)
            month += 1
        }
        return "\(year)-\(self.padded(month))-\(self.padded(rest + 1))"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    private static func length(of year: Int) -> Int { self.isLeap(year) ? 366 : 365 }

    private static func length(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: self.isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysBefore(_ year: Int) -> Int { (1970..<year).reduce(0) { $0 + self.length(of: $1) } }

    private static func daysBefore(_ month: Int, of year: Int) -> Int {
        (1..<month).reduce(0) { $0 + self.length($1, of: year) }
    }
}
