extension Function {
    /// The functions over texts.
    ///
    /// Numbers and booleans are read as their text; positions count Unicode scalars.
    func applyText(_ values: [Value]) -> Value {
        var texts: [String] = []
        for value in values {
            guard let text = value.textual else { return .absent }
            texts.append(text)
        }
        switch self {
        case .contains: return .bool(Self.position(of: texts[1].utf8, in: texts[0].utf8) != nil)
        case .startswith: return .bool(texts[0].utf8.starts(with: texts[1].utf8))
        case .endswith: return .bool(texts[0].utf8.reversed().starts(with: texts[1].utf8.reversed()))
        default: break
        }
        guard let result = self.result(texts, values), result.utf8.count <= ExpressionBounds.resultTextMax else {
            return .absent
        }
        return .text(result)
    }

    private func result(_ texts: [String], _ values: [Value]) -> String? {
        switch self {
        case .concat: Self.concatenated(texts)
        case .lower: texts[0].lowercased()
        case .upper: texts[0].uppercased()
        case .trim: Self.trimmed(texts[0])
        case .replace: Self.replaced(texts[0], texts[1], by: texts[2])
        case .split: values[2].wholeNumber.flatMap { Self.piece(of: texts[0], texts[1], at: $0) }
        case .substring: Self.substring(texts[0], from: values[1], count: values.count > 2 ? values[2] : nil)
        default: nil
        }
    }

    private static func concatenated(_ texts: [String]) -> String? {
        let length = texts.reduce(0) { $0 + $1.utf8.count }
        return length <= ExpressionBounds.resultTextMax ? texts.joined() : nil
    }

    private static func trimmed(_ text: String) -> String {
        var bytes = Substring(text).utf8
        while bytes.first?.isBlank == true { bytes.removeFirst() }
        while bytes.last?.isBlank == true { bytes.removeLast() }
        return String(Substring(bytes))
    }

    /// A part of the text, cut to what exists; a negative start counts from the end.
    private static func substring(_ text: String, from: Value, count: Value?) -> String? {
        let scalars = text.unicodeScalars
        let length = scalars.count
        guard let from = from.wholeNumber else { return nil }
        let wanted = count.map(\.wholeNumber) ?? length
        guard let wanted, wanted >= 0 else { return nil }
        let start = min(max(from < 0 ? length + max(from, -length) : from, 0), length)
        let end = start + min(wanted, length - start)
        let first = scalars.index(scalars.startIndex, offsetBy: start)
        return String(scalars[first..<scalars.index(first, offsetBy: end - start)])
    }

    private static func replaced(_ text: String, _ wanted: String, by replacement: String) -> String? {
        guard !wanted.isEmpty else { return text }
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let place = self.position(of: wanted.utf8, in: rest) {
            result.append(contentsOf: rest[..<place])
            result.append(contentsOf: replacement.utf8)
            guard result.count <= ExpressionBounds.resultTextMax else { return nil }
            rest = rest[(place + wanted.utf8.count)...]
        }
        return String(decoding: result + rest, as: UTF8.self)
    }

    /// The piece with this number between separators; negative numbers count from the end.
    private static func piece(of text: String, _ separator: String, at index: Int) -> String? {
        guard !separator.isEmpty else { return nil }
        var pieces: [ArraySlice<UInt8>] = []
        var rest = Array(text.utf8)[...]
        while let place = self.position(of: separator.utf8, in: rest) {
            pieces.append(rest[..<place])
            rest = rest[(place + separator.utf8.count)...]
        }
        pieces.append(rest)
        let position = index < 0 ? pieces.count + max(index, -pieces.count - 1) : index
        guard pieces.indices.contains(position) else { return nil }
        return String(decoding: pieces[position], as: UTF8.self)
    }

    /// Where a text first occurs, byte for byte; a match never splits a character of valid UTF-8.
    private static func position<Text: Collection<UInt8>>(
        of wanted: String.UTF8View,
        in text: Text
    ) -> Text.Index? {
        guard let first = wanted.first else { return text.startIndex }
        var rest = text[...]
        while let place = rest.firstIndex(of: first) {
            if text[place...].starts(with: wanted) { return place }
            rest = text[text.index(after: place)...]
        }
        return nil
    }
}
