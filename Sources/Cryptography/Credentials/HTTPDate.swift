/// The time in the field `Date` of an answer (RFC 9110 §5.6.7, IMF-fixdate).
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Parameter text: `Sun, 06 Nov 1994 08:49:37 GMT`.
    /// - Returns: seconds since 1970; nil for any other form, and for years before 1970.
    static func seconds(_ text: String) -> UInt64? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT", let day = self.number(words[1], 1...31),
            let month = self.months.firstIndex(of: String(words[2])), let year = self.number(words[3], 1970...9_999)
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = self.number(clock[0], 0...23), let minute = self.number(clock[1], 0...59),
            let second = self.number(clock[2], 0...60)
        else { return nil }
        return UInt64(self.days(year, month + 1, day) * 86_400 + hour * 3_600 + minute * 60 + second)
    }

    private static func number(_ text: Substring, _ range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text), range.contains(value) else {
            return nil
        }
        return value
    }

    /// Days since 1970-01-01 of a day in the Gregorian calendar; years are counted from March, so that a leap day is the last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
