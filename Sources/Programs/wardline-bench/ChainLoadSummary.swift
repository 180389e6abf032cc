import Foundation

/// The figures of a run.
struct LoadSummary {
    let entries: [LoadEntry]
    let outcome: LoadRun.Outcome
    let blocks: Int
    /// ms.
    let longestGap: Double

    var json: String {
        var (final, refused, open, sends, inTime) = (0, 0, 0, 0, 0)
        var latencies: [Double] = []
        for entry in self.entries {
            sends += entry.sends
            switch entry.fate {
            case .open: open += 1
            case .refused: refused += 1
            case .final:
                final += 1
                latencies.append(entry.latency ?? 0)
                if entry.end <= self.outcome.end { inTime += 1 }
            }
        }
        let seconds = Double(self.outcome.end - self.outcome.begin) / 1e9
        let bytes = self.entries.map(\.transaction.bytes.count).max() ?? 0
        let fields = [
            #""submitted":\#(self.entries.count)"#, #""final":\#(final)"#, #""refused":\#(refused)"#,
            #""open":\#(open)"#, #""hand_ins":\#(sends)"#, #""transaction_bytes":\#(bytes)"#,
            #""seconds":\#(Self.rounded(seconds))"#,
            #""final_per_second":\#(Self.rounded(seconds > 0 ? Double(inTime) / seconds : 0))"#,
            #""blocks":\#(self.blocks)"#, #""longest_gap_ms":\#(Self.rounded(self.longestGap))"#,
            #""latency_ms":\#(Self.percentiles(latencies))"#,
            #""probe_ms":\#(Self.percentiles(self.entries.compactMap(\.probe)))"#,
        ]
        return "{\(fields.joined(separator: ","))}"
    }

    private static func percentiles(_ values: [Double]) -> String {
        let sorted = values.sorted()
        guard let last = sorted.last else { return #"{"count":0}"# }
        func at(_ share: Double) -> String { self.rounded(sorted[Int(Double(sorted.count - 1) * share)]) }
        return
            #"{"count":\#(sorted.count),"p50":\#(at(0.5)),"p90":\#(at(0.9)),"p99":\#(at(0.99)),"max":\#(self.rounded(last))}"#
    }

    /// A number of JSON with two digits behind the point.
    static func rounded(_ value: Double) -> String { String(format: "%.2f", value) }
}
