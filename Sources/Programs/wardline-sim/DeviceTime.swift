/// An instant as a monitor prints it: UTC, to the millisecond.
struct DeviceTime {
    /// Milliseconds since 1970 UTC, leap seconds not counted.
    let milliseconds: Int64

    /// `2026-11-20T08:01:00.123Z` (RFC 3339).
    var rfc3339: String {
        let (date, time) = fields
        return
            "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))"
            + "T\(pad(time.hour, 2)):\(pad(time.minute, 2)):\(pad(time.second, 2)).\(pad(time.millisecond, 3))Z"
    }

    /// `20261120080100.123+0000` (HL7 v2 DTM).
    var hl7: String {
        let (date, time) = fields
        return
            "\(pad(date.year, 4))\(pad(date.month, 2))\(pad(date.day, 2))"
            + "\(pad(time.hour, 2))\(pad(time.minute, 2))\(pad(time.second, 2)).\(pad(time.millisecond, 3))+0000"
    }

    /// `1795162440.007`, seconds since 1970 (SenML base time).
    var unixSeconds: String { "\(milliseconds / 1000).\(pad(Int(milliseconds % 1000), 3))" }

    init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Reads `2026-11-20T08:01:00Z`, the form of the recording; nil for anything else.
    init?(recorded text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 20, bytes[19] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int? { Int(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        let seconds = ((DeviceTime.days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
        milliseconds = Int64(seconds) * 1000
    }

    private typealias Day = (year: Int, month: Int, day: Int)
    private typealias TimeOfDay = (hour: Int, minute: Int, second: Int, millisecond: Int)

    private var fields: (Day, TimeOfDay) {
        let seconds = Int(milliseconds / 1000)
        let ofDay = seconds % 86_400
        return (
            DeviceTime.day(seconds / 86_400),
            (ofDay / 3600, ofDay / 60 % 60, ofDay % 60, Int(milliseconds % 1000))
        )
    }

    // Howard Hinnant's civil calendar: eras of 400 years, years from March, so that a leap day comes last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func day(_ daysSince1970: Int) -> Day {
        let shifted = daysSince1970 + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
