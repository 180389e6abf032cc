/// How data are written.
package enum ShareFormat: String, Sendable, CaseIterable {
    /// FHIR resources, one a line, with a manifest as of a bulk export.
    case ndjson
    /// One table, with a line of names.
    case csv
    /// One file for each column, with a schema: what column stores and notebooks read.
    case columns
}

/// Takes Observations one after the other and writes a format's files.
protocol ShareWriter: AnyObject {
    func write(_ json: [UInt8], _ origin: ObservationOrigin) throws
    /// Writes what comes last.
    ///
    /// - Returns: names of the data files with the number of their entries.
    func finish() throws -> [(name: String, count: Int)]
}

extension ShareFormat {
    func writer(_ target: any OutputTarget) throws -> any ShareWriter {
        switch self {
        case .ndjson: try LinesWriter(target)
        case .csv: try TableWriter(target)
        case .columns: try ColumnsWriter(target)
        }
    }
}

/// NDJSON: the resources as the gateway wrote them.
final class LinesWriter: ShareWriter {
    static let name = "Observation.ndjson"

    private let file: any OutputFile
    private var count = 0

    init(_ target: any OutputTarget) throws { self.file = try target.file(Self.name) }

    func write(_ json: [UInt8], _ origin: ObservationOrigin) throws {
        try self.file.write(json + [UInt8(ascii: "\n")])
        self.count += 1
    }

    func finish() throws -> [(name: String, count: Int)] {
        try self.file.finish()
        return [(Self.name, self.count)]
    }
}

/// CSV (RFC 4180) with CRLF at the end of lines; an empty field is a value that is not there.
final class TableWriter: ShareWriter {
    static let name = "observations.csv"

    private let file: any OutputFile
    private var count = 0

    init(_ target: any OutputTarget) throws {
        self.file = try target.file(Self.name)
        try self.file.write(ObservationRow.columns.map(\.name).joined(separator: ",") + "\r\n")
    }

    func write(_ json: [UInt8], _ origin: ObservationOrigin) throws {
        for row in try ObservationRow.rows(json, origin) {
            try self.file.write(row.values.map { Self.field($0 ?? "") }.joined(separator: ",") + "\r\n")
            self.count += 1
        }
    }

    func finish() throws -> [(name: String, count: Int)] {
        try self.file.finish()
        return [(Self.name, self.count)]
    }

    private static func field(_ text: String) -> String {
        let special: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        guard text.utf8.contains(where: special.contains) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
