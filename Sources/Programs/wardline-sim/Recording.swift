import ArgumentParser
import Glibc

/// One minute of the recording, in the recording's own digits: "0" is sensor off, "" not measured.
struct RecordedMinute {
    var heartRate: String
    var pulse: String
    var saturation: String
    var respiration: String
    /// Invasive arterial pressure: systolic, diastolic, mean.
    var arterial: [String]
    /// Cuff pressure: systolic, diastolic, mean; all empty when the cuff did not measure in this minute.
    var cuff: [String]
    /// Degrees Celsius; constructed, since the recording has none.
    var temperature: String

    /// Whether heart rate, saturation and respiration were all measured.
    var isPresent: Bool { [heartRate, saturation, respiration].allSatisfy { $0 != "0" && !$0.isEmpty } }
    var hasCuff: Bool { cuff.allSatisfy { !$0.isEmpty } }
}

/// Minute values of a monitor at a real bed, read from a CSV file.
struct Recording {
    let minutes: [RecordedMinute]
    /// When the first minute was recorded, milliseconds since 1970 UTC.
    let start: Int64

    private static let columns = [
        "time", "HR", "ABPSys", "ABPDias", "ABPMean", "PULSE", "RESP", "SpO2", "NBPSys", "NBPDias", "NBPMean",
    ]

    /// Reads the file at `path`; with `presentOnly` keeps only minutes in which all of the vital signs are present.
    init(path: String, presentOnly: Bool) throws {
        let lines = try readTextFile(path).split(whereSeparator: \.isNewline)
        guard let header = lines.first, header.split(separator: ",").map(String.init) == Recording.columns else {
            throw ValidationError("\(path): expected the columns \(Recording.columns.joined(separator: ","))")
        }
        let rows = lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        if let bad = rows.firstIndex(where: { $0.count != Recording.columns.count }) {
            throw ValidationError("\(path): line \(bad + 1) does not have \(Recording.columns.count) fields")
        }
        guard let first = rows.first, let start = DeviceTime(recorded: first[0]) else {
            throw ValidationError("\(path): no row with a time")
        }
        let minutes = rows.enumerated().map { Recording.minute($0.element, at: $0.offset) }
        self.minutes = presentOnly ? minutes.filter(\.isPresent) : minutes
        self.start = start.milliseconds
        if self.minutes.isEmpty { throw ValidationError("\(path): no minute with all vital signs") }
    }

    private static func minute(_ row: [String], at index: Int) -> RecordedMinute {
        RecordedMinute(
            heartRate: row[1],
            pulse: row[5],
            saturation: row[7],
            respiration: row[6],
            arterial: Array(row[2...4]),
            cuff: Array(row[8...10]),
            temperature: temperature(at: index)
        )
    }

    /// A slow wave between 36.0 and 37.9 °C, one decimal.
    private static func temperature(at index: Int) -> String {
        let phase = index % 38
        let tenths = 360 + (phase < 19 ? phase : 38 - phase)
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// The whole text of a file.
func readTextFile(_ path: String) throws -> String {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { throw ValidationError("\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(file, &chunk, chunk.count)
        guard count > 0 else { break }
        bytes.append(contentsOf: chunk[..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
}
