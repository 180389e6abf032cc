internal import CPostgreSQL

/// One connection to a server, with its prepared statements.
///
/// Unchecked, because the connection is a C pointer; the engine gives it to one thread at a time.
final class PostgreSQLConnection: StoreConnection, @unchecked Sendable {
    private let handle: OpaquePointer
    private var statements: [String: String] = [:]

    /// Connects.
    ///
    /// - Throws: ``StoreError/unavailable(_:)``.
    init(_ connection: ConnectionString) throws(StoreError) {
        // What the connection string says counts more: it comes last.
        let settings = [
            ("application_name", "wardline"), ("connect_timeout", "10"), ("keepalives_idle", "30"),
            ("tcp_user_timeout", "30000"), ("dbname", connection.text),
        ]
        let handle = Self.withCStrings(settings.map(\.0)) { keywords in
            Self.withCStrings(settings.map(\.1)) { PQconnectdbParams(keywords, $0, 1) }
        }
        guard let handle else { throw .unavailable("no memory for a connection") }
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else {
            throw .unavailable("cannot reach PostgreSQL: \(Self.firstLine(PQerrorMessage(handle)))")
        }
        // libpq would print the server's notices.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // Plans are kept while tables grow from nothing: only indexes stay right.
        try self.command(
            """
            SET synchronous_commit = on; SET client_encoding = 'UTF8'; SET enable_seqscan = off; \
            SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off
            """
        )
    }

    deinit { PQfinish(self.handle) }

    /// Whether the connection is lost for good.
    var isLost: Bool { PQstatus(self.handle) != CONNECTION_OK }

    /// Runs statements without parameters and without interest in rows.
    func command(_ sql: String) throws(StoreError) {
        _ = try self.rows(of: PQexec(self.handle, sql))
    }

    func rows(_ sql: String, _ parameters: [SQLValue]) throws -> [SQLRow] {
        try self.rows(of: self.execute(sql, parameters.map(BinaryParameter.init)))
    }

    func change(_ sql: String, _ parameters: [SQLValue]) throws -> Int {
        let result = try self.execute(sql, parameters.map(BinaryParameter.init))
        // Read before the result is freed.
        let count = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        _ = try self.rows(of: result)
        return count
    }

    func bulk(_ statement: BulkStatement, _ parameters: [[SQLValue]]) throws -> [SQLRow] {
        guard let columns = parameters.first?.indices else { return [] }
        return try self.rows(
            of: self.execute(statement.set, columns.map { BinaryParameter(column: $0, of: parameters) })
        )
    }

    private func execute(_ sql: String, _ parameters: [BinaryParameter]) throws(StoreError) -> OpaquePointer? {
        let name = try self.prepared(sql, parameters.map(\.type))
        let lengths = parameters.map { Int32($0.bytes.count) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        return Self.withPointers(parameters) { values in
            PQexecPrepared(self.handle, name, Int32(parameters.count), values, lengths, formats, 1)
        }
    }

    private func prepared(_ sql: String, _ types: [UInt32]) throws(StoreError) -> String {
        if let name = self.statements[sql] { return name }
        let name = "s\(self.statements.count)"
        _ = try self.rows(of: PQprepare(self.handle, name, sql, Int32(types.count), types))
        self.statements[sql] = name
        return name
    }

    /// Takes the rows out of a result and frees it.
    private func rows(of result: OpaquePointer?) throws(StoreError) -> [SQLRow] {
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: break
        default: throw self.failure(result)
        }
        let columns = PQnfields(result)
        let types = (0..<columns).map { PQftype(result, $0) }
        return (0..<PQntuples(result)).map { row in
            SQLRow(
                values: (0..<columns).map { column in
                    guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
                        return .null
                    }
                    let count = Int(PQgetlength(result, row, column))
                    return BinaryParameter.value(
                        type: types[Int(column)],
                        UnsafeRawBufferPointer(start: start, count: count)
                    )
                }
            )
        }
    }

    /// Only the primary message: the detail may show stored values.
    private func failure(_ result: OpaquePointer?) -> StoreError {
        guard PQstatus(self.handle) == CONNECTION_OK, let result else {
            return .unavailable("the connection to PostgreSQL was lost")
        }
        let state = PQresultErrorField(result, 67).map { String(cString: $0) } ?? ""  // PG_DIAG_SQLSTATE, 'C'
        let message = PQresultErrorField(result, 77).map { String(cString: $0) } ?? ""  // PG_DIAG_MESSAGE_PRIMARY, 'M'
        let text = "PostgreSQL \(state): \(message)"
        switch state {
        case "53100": return .diskFull
        case "XX001", "XX002": return .damaged(text)
        case let state where state.hasPrefix("08") || state.hasPrefix("57P") || state.hasPrefix("53"):
            return .unavailable(text)
        default: return .failed(text)
        }
    }

    private static func firstLine(_ message: UnsafeMutablePointer<CChar>?) -> String {
        guard let message else { return "no message" }
        return String(cString: message).split(separator: "\n").first.map(String.init) ?? "no message"
    }
}

// Pointers for C
extension PostgreSQLConnection {
    private static func withCStrings<T>(
        _ strings: [String],
        _ body: ([UnsafePointer<CChar>?]) -> T
    ) -> T {
        func collect(_ index: Int, _ pointers: [UnsafePointer<CChar>?]) -> T {
            guard index < strings.count else { return body(pointers + [nil]) }
            return strings[index].withCString { collect(index + 1, pointers + [$0]) }
        }
        return collect(0, [])
    }

    private static func withPointers<T>(
        _ parameters: [BinaryParameter],
        _ body: ([UnsafePointer<CChar>?]) -> T
    ) -> T {
        func collect(_ index: Int, _ pointers: [UnsafePointer<CChar>?]) -> T {
            guard index < parameters.count else { return body(pointers) }
            return parameters[index].bytes.withUnsafeBytes { buffer in
                buffer.withMemoryRebound(to: CChar.self) { characters in
                    // A nil pointer is a null value; an empty array still needs an address.
                    guard let start = characters.baseAddress else {
                        return withUnsafePointer(to: CChar(0)) { collect(index + 1, pointers + [$0]) }
                    }
                    return collect(index + 1, pointers + [start])
                }
            }
        }
        return collect(0, [])
    }
}
