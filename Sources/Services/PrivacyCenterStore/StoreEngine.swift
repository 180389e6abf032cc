/// A value in a row or of a parameter.
enum SQLValue: Sendable, Equatable {
    case integer(Int64)
    case blob([UInt8])
    /// Only read, never bound: our tables hold none.
    case text([UInt8])
    case null
}

/// One row of a result.
struct SQLRow: Sendable {
    let values: [SQLValue]

    /// An integer column; throws ``StoreError/damaged(_:)`` for another type.
    func integer(_ column: Int) throws(StoreError) -> Int64 {
        guard self.values.indices.contains(column), case .integer(let value) = self.values[column] else {
            throw StoreError.damaged("a column that holds integers holds something else")
        }
        return value
    }

    /// A number that is stored as the integer with the same bits.
    func number(_ column: Int) throws(StoreError) -> UInt64 { UInt64(bitPattern: try self.integer(column)) }

    /// A column of bytes; throws ``StoreError/damaged(_:)`` for another type.
    func blob(_ column: Int) throws(StoreError) -> [UInt8] {
        guard self.values.indices.contains(column), case .blob(let bytes) = self.values[column] else {
            throw StoreError.damaged("a column that holds bytes holds something else")
        }
        return bytes
    }
}

/// A statement that runs once per row of parameters: row by row in SQLite, all at once in PostgreSQL.
struct BulkStatement: Sendable {
    /// With a parameter per column, numbered in the order in which they stand.
    let single: String
    /// With an array parameter per column.
    let set: String
}

/// A connection within a transaction; parameters are always bound, never part of the text.
protocol StoreConnection {
    /// Runs a statement, and gives its rows.
    func rows(_ sql: String, _ parameters: [SQLValue]) throws -> [SQLRow]

    /// Runs a statement, and gives the number of rows that it changed.
    func change(_ sql: String, _ parameters: [SQLValue]) throws -> Int

    /// Runs a statement for every row of parameters, and gives all the rows it yields, in any order.
    func bulk(_ statement: BulkStatement, _ parameters: [[SQLValue]]) throws -> [SQLRow]
}

extension StoreConnection {
    func rows(_ sql: String) throws -> [SQLRow] { try self.rows(sql, []) }
}

/// A database that runs transactions; calls block, from any thread.
protocol StoreEngine: Sendable {
    /// Where it is, in words and without secrets.
    var place: String { get }

    /// What a `SELECT` needs so that the row stays as it is until the transaction ends.
    var rowLock: String { get }

    /// How many threads may usefully write at once.
    var writersMax: Int { get }

    /// Runs a transaction that sees one moment and changes nothing.
    func read<T>(_ body: (any StoreConnection) throws -> T) throws -> T

    /// Runs a transaction that is durable when this returns; `body` may run again when the connection was lost.
    func write<T>(_ body: (any StoreConnection) throws -> T) throws -> T

    /// Bytes on the disk.
    func storageBytes() throws -> UInt64

    /// Looks for damage below the rows: in pages, indexes and the schema.
    func inspect(_ findings: ScrubFindings) throws

    func close() throws
}
