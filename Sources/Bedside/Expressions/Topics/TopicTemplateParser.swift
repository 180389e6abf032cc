/// Reads the levels of a ``TopicTemplate``.
struct TopicTemplateParser {
    let bytes: [UInt8]
    private(set) var levels: [TopicTemplate.Level] = []
    private(set) var captureNames: [String] = []

    init(_ text: String) { self.bytes = Array(text.utf8) }

    mutating func parse() throws(ExpressionError) {
        guard !self.bytes.isEmpty else { throw self.failure("a topic template is not empty", at: 0) }
        guard self.bytes.count <= TopicTemplate.textMax else {
            throw self.failure("the topic template is longer than \(TopicTemplate.textMax) bytes", at: 0)
        }
        var start = 0
        while start <= self.bytes.count {
            let end = self.bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? self.bytes.count
            if self.levels.last?.kind == .rest {
                throw self.failure("nothing can follow # or {name...}", at: start - 1)
            }
            guard self.levels.count < TopicTemplate.levelsMax else {
                throw self.failure("more than \(TopicTemplate.levelsMax) levels", at: start)
            }
            self.levels.append(try self.level(start..<end))
            start = end + 1
        }
    }

    private mutating func level(_ range: Range<Int>) throws(ExpressionError) -> TopicTemplate.Level {
        let text = self.bytes[range]
        if text.elementsEqual([UInt8(ascii: "+")]) { return self.wildcard(.single) }
        if text.elementsEqual([UInt8(ascii: "#")]) { return self.wildcard(.rest) }
        if text.first == UInt8(ascii: "{") { return try self.capture(range) }
        for position in range {
            switch self.bytes[position] {
            case UInt8(ascii: "+"), UInt8(ascii: "#"), UInt8(ascii: "{"), UInt8(ascii: "}"):
                throw self.failure("a wildcard or capture fills its whole level", at: position)
            case 0: throw self.failure("a topic has no NUL character", at: position)
            default: break
            }
        }
        return TopicTemplate.Level(kind: .literal, text: range, isCaptured: false)
    }

    private func wildcard(_ kind: TopicTemplate.Kind) -> TopicTemplate.Level {
        TopicTemplate.Level(kind: kind, text: 0..<0, isCaptured: false)
    }

    private mutating func capture(_ range: Range<Int>) throws(ExpressionError) -> TopicTemplate.Level {
        guard self.bytes[range].last == UInt8(ascii: "}") else {
            throw self.failure("expected } at the end of the level", at: range.upperBound)
        }
        var name = self.bytes[range].dropFirst().dropLast()
        let dots = Array("...".utf8)
        let isRest = name.suffix(3).elementsEqual(dots)
        if isRest { name = name.dropLast(3) }
        guard Self.isCaptureName(name) else {
            throw self.failure(
                "a capture is named by a letter and then letters, digits, _ or -",
                at: range.lowerBound + 1
            )
        }
        let text = String(decoding: name, as: UTF8.self)
        guard !self.captureNames.contains(text) else {
            throw self.failure("the capture \(text) occurs twice", at: range.lowerBound + 1)
        }
        self.captureNames.append(text)
        return TopicTemplate.Level(kind: isRest ? .rest : .single, text: 0..<0, isCaptured: true)
    }

    /// Whether the bytes are a capture name: a letter or `_`, then letters, digits, `_` or `-`.
    static func isCaptureName(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, first.isCaptureNameFirst else { return false }
        return name.dropFirst().allSatisfy(\.isCaptureNameRest)
    }

    private func failure(_ reason: String, at position: Int) -> ExpressionError {
        ExpressionError(position: position, reason: reason)
    }
}

extension UInt8 {
    var isCaptureNameFirst: Bool { self.isLetter || self == UInt8(ascii: "_") }
    var isCaptureNameRest: Bool { self.isCaptureNameFirst || self.isDigit || self == UInt8(ascii: "-") }
}
