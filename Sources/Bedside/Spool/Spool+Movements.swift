internal import Foundation
internal import GRDB

/// One movement of a patient, as bytes that the agent reads and writes.
package struct StoredMovement: Sendable, Equatable {
    /// What makes two the same, however often they come.
    package let content: [UInt8]
    /// All of it.
    package let encoded: [UInt8]

    package init(content: [UInt8], encoded: [UInt8]) {
        self.content = content
        self.encoded = encoded
    }
}

/// What one commit changes about patients' movements.
package struct MovementChange: Sendable, Equatable {
    /// New ones.
    package var added: [StoredMovement] = []
    /// ``StoredMovement/content`` of those that are forgotten.
    package var forgotten: [[UInt8]] = []
    /// Messages of the batch that moved somebody, by their positions.
    package var messages: [Int] = []
    /// Messages of the batch that repeat a movement.
    package var repeatedMessages: [Int] = []

    package init() {}
}

extension Spool {
    /// Version 7: movements of patients, sealed whole.
    static let movementSchema = """
        CREATE TABLE movement (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            tag BLOB NOT NULL UNIQUE,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL
        );
        """

    /// The movements that were stored after a number, in that order.
    ///
    /// - Parameter id: 0 for all.
    /// - Returns: numbers and ``StoredMovement/encoded``.
    /// - Throws: ``SpoolError`` when a row does not open.
    package func movements(after id: Int64 = 0) throws -> [(id: Int64, encoded: [UInt8])] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT id, tag, epoch, sealed FROM movement WHERE id > ? ORDER BY id",
                arguments: [id]
            ).map { row in (row[0], try self.openMovement(row, db)) }
        }
    }

    /// Stores and deletes movements; one that is there already stays.
    func apply(_ change: MovementChange, epoch: Int64, _ db: Database) throws {
        for movement in change.added {
            let tag = self.movementTag(movement.content)
            let sealed = try self.file.keys.seal(
                movement.encoded,
                row: Self.movementRow(tag),
                epoch: epoch,
                db
            )
            try db.execute(
                sql: "INSERT OR IGNORE INTO movement (tag, epoch, sealed) VALUES (?, ?, ?)",
                arguments: [tag, sealed.epoch, Data(sealed.bytes)]
            )
        }
        for content in change.forgotten {
            try db.execute(sql: "DELETE FROM movement WHERE tag = ?", arguments: [self.movementTag(content)])
        }
    }

    private func openMovement(_ row: Row, _ db: Database) throws -> [UInt8] {
        let sealed = SealedBytes(epoch: row[2], bytes: [UInt8](row[3] as Data))
        return try self.file.keys.open(sealed, row: Self.movementRow(row[1]), db)
    }

    private func movementTag(_ content: [UInt8]) -> Data {
        var fields = FieldWriter()
        fields.write("movement")
        fields.write(content)
        return Data(self.file.keys.tag(fields))
    }

    static func movementRow(_ tag: Data) -> String { "movement/\(tag.base64EncodedString())" }
}
