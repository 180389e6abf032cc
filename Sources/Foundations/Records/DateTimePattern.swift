/// Why a date pattern was refused.
package enum DateTimePatternError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The pattern has more than 64 bytes.
    case tooLong(bytes: Int)
    /// A run of letters that is not one of the fields.
    case unknownField(String)
    /// A field occurs twice.
    case repeatedField(String)
    /// `yyyy`, `MM` or `dd` is missing.
    case missingField(String)
    /// A quotation has no end.
    case unterminatedQuote

    package var description: String {
        switch self {
        case .tooLong(let bytes): "The date pattern has \(bytes) bytes; at most 64 are read."
        case .unknownField(let field):
            "\(field) is not a field of a date pattern: use yyyy, MM, dd, HH, mm, ss, S to SSSSSSSSS, XX or XXX,"
                + " and quote other letters as in 'T'."
        case .repeatedField(let field): "The date pattern has \(field) twice."
        case .missingField(let field): "The date pattern lacks \(field)."
        case .unterminatedQuote: "The date pattern has a quotation mark without its partner."
        }
    }
}

/// A date format of a device, compiled once: `dd.MM.yyyy HH:mm:ss.SSS`.
///
/// Fields have fixed widths: `yyyy MM dd HH mm ss`, a fraction of 1 to 9 `S`, and the zones `XX` (`+0800` or `Z`) and
/// `XXX` (`+08:00` or `Z`). Other letters must be quoted as in `'UTC'`, except `T`; everything else stands for itself.
package struct DateTimePattern: Sendable, Hashable {
    enum Element: Sendable, Hashable {
        case year, month, day, hour, minute, second
        case fraction(digits: Int)
        case zone(colon: Bool)
        case literal(UInt8)
    }

    private static let longest = 64

    let elements: [Element]

    /// Compiles a pattern.
    package init(_ pattern: String) throws(DateTimePatternError) {
        let bytes = Array(pattern.utf8)
        guard bytes.count <= Self.longest else { throw .tooLong(bytes: bytes.count) }
        var elements: [Element] = []
        var seen: Set<UInt8> = []
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "'") {
                elements += try Self.quotation(bytes, &position)
                continue
            }
            let end = bytes[position...].firstIndex { $0 != byte } ?? bytes.count
            let run = String(decoding: bytes[position..<end], as: UTF8.self)
            if Self.isLetter(byte), run != "T" {
                guard let field = Self.field(run) else { throw .unknownField(run) }
                guard seen.insert(byte).inserted else { throw .repeatedField(run) }
                elements.append(field)
            } else {
                elements += repeatElement(.literal(byte), count: end - position)
            }
            position = end
        }
        for field in ["yyyy", "MM", "dd"] where !seen.contains(field.utf8.first ?? 0) { throw .missingField(field) }
        self.elements = elements
    }

    /// The text between quotation marks; two in a row stand for one, within a quotation and alone.
    private static func quotation(_ bytes: [UInt8], _ position: inout Int) throws(DateTimePatternError) -> [Element] {
        let mark = UInt8(ascii: "'")
        var text: [UInt8] = []
        position += 1
        while position < bytes.count {
            let isMark = bytes[position] == mark
            let isPair = isMark && position + 1 < bytes.count && bytes[position + 1] == mark
            if isMark, !isPair {
                position += 1
                return (text.isEmpty ? [mark] : text).map { .literal($0) }
            }
            text.append(bytes[position])
            position += isPair ? 2 : 1
        }
        throw .unterminatedQuote
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }

    private static func field(_ run: String) -> Element? {
        switch run {
        case "yyyy": .year
        case "MM": .month
        case "dd": .day
        case "HH": .hour
        case "mm": .minute
        case "ss": .second
        case "XX": .zone(colon: false)
        case "XXX": .zone(colon: true)
        default: run.utf8.first == UInt8(ascii: "S") && run.utf8.count <= 9 ? .fraction(digits: run.utf8.count) : nil
        }
    }
}

extension CivilDateTime {
    /// Reads a text that fills a pattern.
    package init?(pattern: DateTimePattern, text: some Collection<UInt8>) {
        self.init(text) { $0.civil(pattern) }
    }
}

extension DateTimeScanner {
    /// The fields of a pattern, filling the whole text.
    fileprivate mutating func civil(_ pattern: DateTimePattern) -> CivilDateTime? {
        var (year, month, day, hour, minute, second) = (0, 0, 0, 0, 0, 0)
        var fraction: (nanoseconds: Int32, digits: UInt8) = (0, 0)
        var offset: Int16?
        for element in pattern.elements {
            switch element {
            case .year: guard self.read(4, into: &year) else { return nil }
            case .month: guard self.read(2, into: &month) else { return nil }
            case .day: guard self.read(2, into: &day) else { return nil }
            case .hour: guard self.read(2, into: &hour) else { return nil }
            case .minute: guard self.read(2, into: &minute) else { return nil }
            case .second: guard self.read(2, into: &second) else { return nil }
            case .fraction(let count):
                guard let value = self.digits(count) else { return nil }
                fraction = ((count..<9).reduce(Int32(value)) { scaled, _ in scaled * 10 }, UInt8(count))
            case .zone(let colon):
                guard let written = self.zone(colon: colon) else { return nil }
                offset = written
            case .literal(let byte): guard self.skip(byte) else { return nil }
            }
        }
        guard self.isAtEnd else { return nil }
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

    private mutating func read(_ count: Int, into field: inout Int) -> Bool {
        guard let value = self.digits(count) else { return false }
        field = value
        return true
    }
}
