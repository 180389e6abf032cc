internal import Foundation
package import StrictYAML

extension Redactor {
    // MARK: Configuration

    /// A configuration as an outline: its keys, numbers, sizes and choices.
    ///
    /// - Parameter root: of a parsed YAML document; it need not be a configuration that the program accepts.
    /// - Returns: one line for each value.
    package mutating func configuration(_ root: YAMLField) -> String {
        var lines: [String] = []
        self.outline(root, key: "", indent: "", into: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func outline(_ field: YAMLField, key: String, indent: String, into lines: inout [String]) {
        if field.isMapping, let members = try? field.members() {
            for member in members {
                let key = self.value(member.key)
                if member.value.isMapping || member.value.isSequence {
                    lines.append("\(indent)\(key):")
                    self.outline(member.value, key: member.key, indent: indent + "  ", into: &lines)
                } else {
                    lines.append("\(indent)\(key): \(self.setting((try? member.value.text()) ?? "", of: member.key))")
                }
            }
        } else if field.isSequence, let elements = try? field.elements() {
            for element in elements {
                if element.isMapping || element.isSequence {
                    lines.append("\(indent)-")
                    self.outline(element, key: key, indent: indent + "  ", into: &lines)
                } else {
                    lines.append("\(indent)- \(self.setting((try? element.text()) ?? "", of: key))")
                }
            }
        } else {
            lines.append(indent + self.setting((try? field.text()) ?? "", of: key))
        }
    }

    private mutating func setting(_ text: String, of key: String) -> String {
        if text.isEmpty { return "''" }
        guard !Self.namingKeys.contains(key) else { return self.name(of: text) }
        return Self.isQuantity(text) ? text : self.value(text)
    }

    /// Up to five digits, or up to six with a unit of bytes.
    private static func isQuantity(_ text: String) -> Bool {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let unit = text.dropFirst(digits.count)
        guard !digits.isEmpty else { return false }
        return unit.isEmpty ? digits.count <= 5 : digits.count <= 6 && ["B", "KiB", "MiB", "GiB", "TiB"].contains(unit)
    }

    // MARK: Metrics

    /// Prometheus text with the values of labels taken out that name somebody.
    ///
    /// Comments are left out: their texts are in the documentation.
    package mutating func metrics(_ text: String) -> String {
        var lines: [String] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if let line = self.sample(line) { lines.append(line) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// - Returns: nil for a line that is no sample.
    private mutating func sample(_ line: Substring) -> String? {
        guard let space = line.lastIndex(of: " "), let number = Double(line[line.index(after: space)...]) else {
            return nil
        }
        let series = line[..<space]
        let name = series.prefix { $0 != "{" }
        guard name.hasPrefix("wardline_"), Self.isHarmless(name.dropFirst("wardline_".count)) else { return nil }
        let labels = series.dropFirst(name.count)
        guard labels.isEmpty || (labels.hasPrefix("{") && labels.hasSuffix("}")) else { return nil }
        let shown = Self.labels(labels.dropFirst().dropLast()).map { key, value in
            let isName = Self.namingKeys.contains(String(key))
            return "\(self.value(key))=\"\(isName ? self.name(of: String(value)) : self.value(value))\""
        }
        let whole = number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
        return "\(name)\(shown.isEmpty ? "" : "{\(shown.joined(separator: ","))}") \(whole)"
    }

    /// `a="b",c="d"`, with the escapes of Prometheus left as they are.
    private static func labels(_ text: Substring) -> [(Substring, Substring)] {
        var found: [(Substring, Substring)] = []
        var rest = text
        while let equals = rest.firstIndex(of: "=") {
            let key = rest[..<equals]
            var value = rest[rest.index(after: equals)...]
            guard value.first == "\"" else { break }
            value = value.dropFirst()
            var end = value.startIndex
            while end < value.endIndex, value[end] != "\"" {
                end =
                    value.index(end, offsetBy: value[end] == "\\" ? 2 : 1, limitedBy: value.endIndex) ?? value.endIndex
            }
            found.append((key, value[..<end]))
            rest = value[end...].drop { $0 == "\"" || $0 == "," }
        }
        return found
    }

    // MARK: Logs

    /// One line of a log, as text or as JSON: its time, level and words.
    package mutating func logLine(_ line: some StringProtocol) -> String {
        let line = String(line.prefix(Self.lineBytesMax))
        if line.hasPrefix("{"), let object = try? JSONDecoder().decode([String: String].self, from: Data(line.utf8)) {
            let head = [object["time"].flatMap { Self.isTime($0) ? $0 : nil }, object["level"].map { self.value($0) }]
            let fields = object.keys.sorted().filter { !["time", "level", "message"].contains($0) }.map { key in
                "\(self.value(key))=\(self.value(object[key] ?? "", of: key))"
            }
            let message = self.prose(object["message"] ?? "")
            return (head.compactMap { $0 } + [message] + fields).joined(separator: " ")
        }
        var words: [String] = []
        for (index, word) in line.split(separator: " ").enumerated() {
            if index == 0, Self.isTime(word) {
                words.append(String(word))
            } else if let equals = word.firstIndex(of: "="), Self.isHarmless(word[..<equals]) {
                let key = word[..<equals]
                words.append("\(key)=\(self.value(word[word.index(after: equals)...], of: key))")
            } else {
                words.append(self.prose(word))
            }
        }
        return words.joined(separator: " ")
    }

    /// `2026-11-23T01:02:03` with a fraction and a zone.
    private static func isTime(_ text: some StringProtocol) -> Bool {
        let pattern = Array("0000-00-00T00:00:00".utf8)
        let bytes = Array(text.utf8)
        guard (pattern.count...pattern.count + 12).contains(bytes.count) else { return false }
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        let starts = zip(bytes, pattern).allSatisfy { $1 == 0x30 ? isDigit($0) : $0 == $1 }
        return starts && bytes[pattern.count...].allSatisfy { isDigit($0) || "Z.+-:".utf8.contains($0) }
    }
}
