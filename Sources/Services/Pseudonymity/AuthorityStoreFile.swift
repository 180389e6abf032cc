internal import Credentials
internal import GRDB

/// An SQLite file of mode 0600 in which every change is on the disk before anybody hears of it.
struct AuthorityStoreFile: Sendable {
    private let database: DatabaseQueue

    init(path: String, migrator: DatabaseMigrator) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA foreign_keys = ON")
            // What is deleted shall not be found in the file.
            try database.execute(sql: "PRAGMA secure_delete = ON")
        }
        // SQLite gives its journal the mode of the database, and an empty file is an empty database.
        if !PrivateFile.exists(path) { try PrivateFile.write([], to: path) }
        self.database = try DatabaseQueue(path: path, configuration: configuration)
        try migrator.migrate(self.database)
    }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value { try self.database.read(body) }

    /// One transaction; it takes the write lock first.
    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try self.database.writeWithoutTransaction { database in
            var value: Result<Value, any Error>?
            try database.inTransaction(.immediate) {
                value = .success(try body(database))
                return .commit
            }
            guard let value else { throw CredentialsError.unwritable("a transaction ended without a result") }
            return try value.get()
        }
    }
}
