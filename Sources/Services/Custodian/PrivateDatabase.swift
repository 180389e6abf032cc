internal import Credentials
internal import Foundation
internal import GRDB

/// SQLite files of the custodian's directory: mode 0600, durable, with a version of their own.
enum PrivateDatabase {
    /// Opens a database, which is made when it does not exist.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - version: of the schema; a file of a later one is refused.
    ///   - schema: statements that make what is missing.
    /// - Returns: the open database.
    /// - Throws: ``CustodianError/file(_:_:)`` for a file of a later version, or a database error.
    static func open(_ path: String, version: Int, schema: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000")
        }
        try self.closeToOthers(path)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { db in
            try db.execute(sql: "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)")
            let found = try Int.fetchOne(db, sql: "SELECT max(version) FROM schema_version") ?? version
            guard found <= version else {
                throw CustodianError.file(path, "it was written by a later version of this program (schema \(found))")
            }
            try db.execute(sql: schema)
            try db.execute(sql: "INSERT OR IGNORE INTO schema_version VALUES (?)", arguments: [version])
        }
        return queue
    }

    /// Makes the file with mode 0600 before SQLite does: its log and index get the mode that the file has.
    private static func closeToOthers(_ path: String) throws {
        if !PrivateFile.exists(path) { try PrivateFile.write([], to: path) }
        for suffix in ["", "-wal", "-shm"] where PrivateFile.exists(path + suffix) {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + suffix)
        }
    }
}
