/// Reads the fields of written dates and times from left to right.
struct DateTimeScanner {
    private let text: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    var isAtEnd: Bool { self.position == self.text.count }

    /// The next byte, not consumed.
    var peek: UInt8? { self.position < self.text.count ? self.text[self.position] : nil }

    /// Consumes `byte` if it is next.
    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard self.position < self.text.count, self.text[self.position] == byte else { return false }
        self.position += 1
        return true
    }

    /// Exactly `count` digits as a number, at most 18.
    @inline(__always)
    mutating func digits(_ count: Int) -> Int? {
        guard self.position + count <= self.text.count else { return nil }
        var value = 0
        for index in self.position..<(self.position + count) {
            let digit = self.text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        self.position += count
        return value
    }

    /// Number of digits ahead.
    var digitRun: Int {
        var end = self.position
        while end < self.text.count, self.text[end] &- UInt8(ascii: "0") < 10 { end += 1 }
        return end - self.position
    }

    /// Any number of digits after a decimal point: nanoseconds, and how many digits are kept (at most 9).
    mutating func fraction() -> (nanoseconds: Int32, digits: UInt8)? {
        var value: Int32 = 0
        var count = 0
        while self.position < self.text.count {
            let digit = self.text[self.position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            if count < 9 { value = value &* 10 &+ Int32(digit) }
            count += 1
            self.position += 1
        }
        guard count > 0 else { return nil }
        let kept = min(count, 9)
        for _ in kept..<9 { value = value &* 10 }
        return (value, UInt8(kept))
    }

    /// `Z`, or a sign, hours, an optional or required colon and minutes; the offset in minutes.
    mutating func zone(colon: Bool) -> Int16? {
        if self.skip(UInt8(ascii: "Z")) || self.skip(UInt8(ascii: "z")) { return 0 }
        return self.numericZone(colon: colon)
    }

    /// A sign, two digits of hours and two of minutes, with a colon between them or without.
    mutating func numericZone(colon: Bool) -> Int16? {
        let isWest = self.skip(UInt8(ascii: "-"))
        guard isWest || self.skip(UInt8(ascii: "+")), let hours = self.digits(2), hours < 24 else { return nil }
        if colon, !self.skip(UInt8(ascii: ":")) { return nil }
        guard let minutes = self.digits(2), minutes < 60 else { return nil }
        let offset = Int16(hours * 60 + minutes)
        return isWest ? -offset : offset
    }

    /// RFC 3339 §5.6 with an optional zone, filling the whole text.
    mutating func rfc3339() -> CivilDateTime? {
        guard let year = self.digits(4), self.skip(UInt8(ascii: "-")), let month = self.digits(2),
            self.skip(UInt8(ascii: "-")), let day = self.digits(2),
            self.skip(UInt8(ascii: "T")) || self.skip(UInt8(ascii: "t")) || self.skip(UInt8(ascii: " ")),
            let hour = self.digits(2), self.skip(UInt8(ascii: ":")), let minute = self.digits(2),
            self.skip(UInt8(ascii: ":")), let second = self.digits(2)
        else { return nil }
        var fraction: (nanoseconds: Int32, digits: UInt8) = (0, 0)
        if self.skip(UInt8(ascii: ".")) {
            guard let written = self.fraction() else { return nil }
            fraction = written
        }
        var offset: Int16?
        if !self.isAtEnd {
            guard let written = self.zone(colon: true), self.isAtEnd else { return nil }
            offset = written
        }
        return CivilDateTime(
            year: year,
            month: month,
            day: day,
            hour: hour,
            minute: minute,
            second: second,
            nanosecond: fraction.nanoseconds,
            fractionDigits: fraction.digits,
            offsetMinutes: offset
        )
    }

    /// HL7 v2 DTM (chapter 2A.3.22), filling the whole text.
    mutating func hl7() -> CivilDateTime? {
        let run = self.digitRun
        guard [4, 6, 8, 10, 12, 14, 17].contains(run), let year = self.digits(4) else { return nil }
        // What the text leaves out is the beginning of the span it names.
        guard let month = run >= 6 ? self.digits(2) : 1, let day = run >= 8 ? self.digits(2) : 1,
            let hour = run >= 10 ? self.digits(2) : 0, let minute = run >= 12 ? self.digits(2) : 0,
            let second = run >= 14 ? self.digits(2) : 0
        else { return nil }
        var fraction: (nanoseconds: Int32, digits: UInt8) = (0, 0)
        // Some monitors write milliseconds straight after the seconds; the standard demands a point.
        if run == 17 || (run == 14 && self.skip(UInt8(ascii: "."))) {
            guard let written = self.fraction() else { return nil }
            fraction = written
        }
        var offset: Int16?
        if !self.isAtEnd {
            guard let written = self.numericZone(colon: false), self.isAtEnd else { return nil }
            offset = written
        }
        return CivilDateTime(
            year: year,
            month: month,
            day: day,
            hour: hour,
            minute: minute,
            second: second,
            nanosecond: fraction.nanoseconds,
            fractionDigits: fraction.digits,
            offsetMinutes: offset,
            precision: CivilDateTime.Precision(digitCount: run)
        )
    }
}
