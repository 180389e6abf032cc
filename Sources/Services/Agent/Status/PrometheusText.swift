/// Writes the Prometheus text exposition format, version 0.0.4.
struct PrometheusText {
    enum Kind: String {
        case counter
        case gauge
    }

    private(set) var text = ""

    /// Writes a metric without labels.
    mutating func write(_ name: String, _ kind: Kind, _ help: String, _ value: some Numeric) {
        self.write(name, kind, help, [([], value)])
    }

    /// Writes a metric's series.
    ///
    /// - Parameters:
    ///   - name: with its unit last, `_total` for counters.
    ///   - kind: counter or gauge.
    ///   - help: one sentence.
    ///   - series: label pairs and value of each.
    mutating func write<Value: Numeric>(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        _ series: [([(String, String)], Value)]
    ) {
        guard !series.isEmpty else { return }
        self.text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for (labels, value) in series { self.writeRow(name, labels, "\(value)") }
    }

    /// Writes a histogram.
    ///
    /// - Parameters:
    ///   - name: with its unit last.
    ///   - help: one sentence.
    ///   - rows: its `_bucket`, `_sum` and `_count` series, with labels and values.
    mutating func write(
        histogram name: String,
        _ help: String,
        _ rows: [(name: String, labels: [(String, String)], value: String)]
    ) {
        guard !rows.isEmpty else { return }
        self.text += "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
        for row in rows { self.writeRow(row.name, row.labels, row.value) }
    }

    private mutating func writeRow(_ name: String, _ labels: [(String, String)], _ value: String) {
        let list = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        self.text += list.isEmpty ? "\(name) \(value)\n" : "\(name){\(list)} \(value)\n"
    }

    private static func escaped(_ label: String) -> String {
        var result = ""
        for character in label.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
