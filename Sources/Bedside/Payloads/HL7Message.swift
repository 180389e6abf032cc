/// One HL7 v2 message in UTF-8, cut into segments; fields are cut when they are asked for.
struct HL7Message {
    /// The segments that Wardline reads.
    enum SegmentKind {
        case event, patient, merged, visit, order, observation
    }

    struct Segment {
        let kind: SegmentKind
        let range: Range<Int>
    }

    /// More segments than this are refused.
    static let segmentsMax = 65_536

    let bytes: UnsafeRawBufferPointer
    let delimiters: HL7Delimiters
    let characterSet: HL7CharacterSet
    /// The MSH segment.
    private(set) var header: Range<Int> = 0..<0
    /// The other segments of known kinds, in their order.
    private(set) var segments: [Segment] = []

    init(
        _ bytes: UnsafeRawBufferPointer,
        _ delimiters: HL7Delimiters,
        _ characterSet: HL7CharacterSet
    ) throws(DecodeFailure) {
        self.bytes = bytes
        self.delimiters = delimiters
        self.characterSet = characterSet
        // The standard separates segments by CR alone; only a message without any may use LF instead, since a LF may
        // also stand inside a text.
        let separator: UInt8 = bytes.contains(0x0D) ? 0x0D : 0x0A
        var lines = HL7Pieces(bytes, in: 0..<bytes.count, separatedBy: separator)
        while let line = lines.next() {
            var start = line.lowerBound
            while start < line.upperBound, bytes[start] == 0x0A { start += 1 }
            if start < line.upperBound { try self.addSegment(start..<line.upperBound) }
        }
    }

    private mutating func addSegment(_ range: Range<Int>) throws(DecodeFailure) {
        let isNamed =
            range.count >= 3 && self.bytes[range.prefix(3)].allSatisfy(Self.isOfName)
            && (range.count == 3 || self.bytes[range.lowerBound + 3] == self.delimiters.field)
        guard isNamed else {
            throw DecodeFailure(.malformed, "a line is not an HL7 segment", offset: range.lowerBound)
        }
        guard self.segments.count < Self.segmentsMax else {
            throw DecodeFailure(.tooLarge, "more than \(Self.segmentsMax) segments", offset: range.lowerBound)
        }
        let name = self.bytes[range.prefix(3)]
        if name.elementsEqual("OBX".utf8) {
            self.segments.append(Segment(kind: .observation, range: range))
        } else if name.elementsEqual("OBR".utf8) {
            self.segments.append(Segment(kind: .order, range: range))
        } else if name.elementsEqual("PID".utf8) {
            // A second patient would need every observation to know its own: refused before any can be confused.
            try self.addOnce(.patient, range)
        } else if name.elementsEqual("MRG".utf8) {
            try self.addOnce(.merged, range)
        } else if name.elementsEqual("PV1".utf8) {
            try self.addOnce(.visit, range)
        } else if name.elementsEqual("EVN".utf8) {
            try self.addOnce(.event, range)
        } else if name.elementsEqual("MSH".utf8) {
            guard self.header.isEmpty else {
                throw DecodeFailure(.unsupported, "more than one HL7 message in a payload", offset: range.lowerBound)
            }
            self.header = range
        }
    }

    private mutating func addOnce(_ kind: SegmentKind, _ range: Range<Int>) throws(DecodeFailure) {
        guard !self.segments.contains(where: { $0.kind == kind }) else {
            throw DecodeFailure(
                .unsupported,
                "more than one event, patient or visit in a message",
                offset: range.lowerBound
            )
        }
        self.segments.append(Segment(kind: kind, range: range))
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension HL7Message {
    /// The first part of `range` that has the 1-based number `number` among its components, and so on.
    private func piece(_ number: Int, of range: Range<Int>, _ separator: UInt8) -> Range<Int> {
        var pieces = HL7Pieces(self.bytes, in: range, separatedBy: separator)
        var rest = number
        while let piece = pieces.next() {
            rest -= 1
            if rest == 0 { return piece }
        }
        return range.upperBound..<range.upperBound
    }

    /// The first repetition of a field.
    func repetition(_ field: Range<Int>) -> Range<Int> { self.piece(1, of: field, self.delimiters.repetition) }

    func repetitions(_ field: Range<Int>) -> HL7Pieces {
        HL7Pieces(self.bytes, in: field, separatedBy: self.delimiters.repetition)
    }

    func components(_ repetition: Range<Int>) -> HL7Pieces {
        HL7Pieces(self.bytes, in: repetition, separatedBy: self.delimiters.component)
    }

    /// Component `number`, from 1, of the field's first repetition, without the spaces around it.
    func component(_ number: Int, _ field: Range<Int>) -> Range<Int> {
        self.trimmed(self.piece(number, of: self.repetition(field), self.delimiters.component))
    }

    func subcomponent(_ number: Int, _ component: Range<Int>) -> Range<Int> {
        self.trimmed(self.piece(number, of: component, self.delimiters.subcomponent))
    }

    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self.bytes[start] == UInt8(ascii: " ") { start += 1 }
        while end > start, self.bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
        return start..<end
    }

    /// Whether the text is `""`, HL7's way to say that a value is null (v2.6 §2.5.3).
    func isNull(_ range: Range<Int>) -> Bool { self.equals(range, "\"\"") }

    func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount
            && self.bytes[range].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: range.count))
    }
}

/// The fields of one segment; the memory is reused from segment to segment.
struct HL7Fields {
    /// Fields above this number are not read.
    private static let numberMax = 32

    private var ranges: [Range<Int>] = []
    private var end = 0

    /// Cuts a segment.
    ///
    /// MSH counts its separator as field 1, so its fields start one later than in other segments.
    mutating func cut(_ segment: Range<Int>, of message: HL7Message, isHeader: Bool = false) {
        self.ranges.removeAll(keepingCapacity: true)
        self.end = segment.upperBound
        var pieces = HL7Pieces(message.bytes, in: segment, separatedBy: message.delimiters.field)
        if isHeader { self.ranges.append(segment.lowerBound..<segment.lowerBound) }
        while self.ranges.count <= Self.numberMax, let piece = pieces.next() { self.ranges.append(piece) }
    }

    /// Field `number`, from 1; empty when the segment is shorter.
    subscript(_ number: Int) -> Range<Int> {
        number < self.ranges.count ? self.ranges[number] : self.end..<self.end
    }
}
