internal import CanonicalBytes
internal import Foundation

/// One file for each column, in the layout that column stores have in memory.
///
/// All numbers little-endian. A text column is `NAME.offsets` (64-bit integers, one more than rows) into `NAME.utf8`;
/// a timestamp or integer column is `NAME.i64`; a decimal column is a text column and `NAME.f64`. `NAME.valid` has one
/// byte for each row, 1 where there is a value; where there is none a number is 0 and a text empty. `schema.json` lists
/// the columns.
final class ColumnsWriter: ShareWriter {
    static let schemaName = "schema.json"

    private let target: any OutputTarget
    private let columns: [ColumnFile]
    private var rows = 0

    init(_ target: any OutputTarget) throws {
        self.target = target
        self.columns = try ObservationRow.columns.map { try ColumnFile($0, target) }
    }

    func write(_ json: [UInt8], _ origin: ObservationOrigin) throws {
        for row in try ObservationRow.rows(json, origin) {
            for (column, value) in zip(self.columns, row.values) { try column.append(value) }
            self.rows += 1
        }
    }

    func finish() throws -> [(name: String, count: Int)] {
        for column in self.columns { try column.finish() }
        struct Schema: Encodable {
            struct Column: Encodable {
                let name: String
                let type: String
                let files: [String]
            }
            let version = 1
            let rows: Int
            let columns: [Column]
        }
        let schema = Schema(
            rows: self.rows,
            columns: self.columns.map {
                Schema.Column(name: $0.column.name, type: $0.column.kind.rawValue, files: $0.names)
            }
        )
        let file = try self.target.file(Self.schemaName)
        try file.write(PlainText.json(schema))
        try file.finish()
        return [(Self.schemaName, self.rows)]
    }
}

/// The files of one column.
private final class ColumnFile {
    let column: ObservationRow.Column
    let names: [String]
    private let valid: any OutputFile
    private var text: (offsets: any OutputFile, bytes: any OutputFile)?
    private var numbers: (any OutputFile)?
    private var length: Int64 = 0

    init(_ column: ObservationRow.Column, _ target: any OutputTarget) throws {
        self.column = column
        self.valid = try target.file("\(column.name).valid")
        var names = ["\(column.name).valid"]
        if column.kind == .text || column.kind == .decimal {
            self.text = (try target.file("\(column.name).offsets"), try target.file("\(column.name).utf8"))
            names += ["\(column.name).offsets", "\(column.name).utf8"]
        }
        switch column.kind {
        case .text: self.numbers = nil
        case .decimal:
            self.numbers = try target.file("\(column.name).f64")
            names.append("\(column.name).f64")
        case .timestamp, .integer:
            self.numbers = try target.file("\(column.name).i64")
            names.append("\(column.name).i64")
        }
        self.names = names
        try self.text?.offsets.write(Self.bytes(UInt64(0)))
    }

    func append(_ value: String?) throws {
        var number: UInt64?
        switch self.column.kind {
        case .text: break
        case .decimal: number = value.flatMap { Double($0) }?.bitPattern
        case .integer: number = value.flatMap { Int64($0) }.map { UInt64(bitPattern: $0) }
        case .timestamp: number = value.flatMap(Self.milliseconds).map { UInt64(bitPattern: $0) }
        }
        let isThere = value != nil && (self.numbers == nil || number != nil)
        try self.valid.write([isThere ? 1 : 0])
        if let text = self.text {
            let bytes = Array((value ?? "").utf8)
            self.length += Int64(bytes.count)
            try text.bytes.write(bytes)
            try text.offsets.write(Self.bytes(UInt64(bitPattern: self.length)))
        }
        try self.numbers?.write(Self.bytes(number ?? 0))
    }

    func finish() throws {
        try self.valid.finish()
        try self.text?.offsets.finish()
        try self.text?.bytes.finish()
        try self.numbers?.finish()
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    /// Milliseconds since 1970 of a FHIR instant; nil for what is none.
    private static func milliseconds(_ text: String) -> Int64? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.utf8.contains(UInt8(ascii: ".")))
        guard let date = try? style.parse(text) else { return nil }
        return Int64((date.timeIntervalSince1970 * 1_000).rounded())
    }
}
