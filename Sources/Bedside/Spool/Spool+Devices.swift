internal import Foundation
internal import GRDB

/// An entry of the history of a device's clock.
package struct ClockNote: Sendable, Equatable {
    package let device: String
    /// Id of the profile that read the message; empty when unknown.
    package let profile: String
    /// `established`, `jump` or `hourly`.
    package let kind: String
    /// Gateway clock, ms since 1970.
    package let at: Int64
    /// Receive time minus device time, ns; before the entry, if there was an estimate.
    package let offsetBeforeNs: Int64?
    package let offsetNs: Int64
    /// Parts per million; nil within the first hour.
    package let drift: Int64?
    /// Counts since the device was seen first.
    package let samples: Int64
    package let corrections: Int64
    package let jumps: Int64

    package init(
        device: String,
        profile: String,
        kind: String,
        at: Int64,
        offsetBeforeNs: Int64?,
        offsetNs: Int64,
        drift: Int64?,
        samples: Int64,
        corrections: Int64,
        jumps: Int64
    ) {
        self.device = device
        self.profile = profile
        self.kind = kind
        self.at = at
        self.offsetBeforeNs = offsetBeforeNs
        self.offsetNs = offsetNs
        self.drift = drift
        self.samples = samples
        self.corrections = corrections
        self.jumps = jumps
    }
}

extension Spool {
    /// Version 8: names of devices, sealed, and what is counted of them by number.
    static let deviceSchema = """
        CREATE TABLE device (
            number INTEGER PRIMARY KEY,
            tag BLOB NOT NULL UNIQUE,
            epoch INTEGER NOT NULL,
            sealed BLOB NOT NULL
        );
        CREATE TABLE clock_history (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            device INTEGER NOT NULL REFERENCES device (number),
            profile TEXT NOT NULL,
            kind TEXT NOT NULL,
            at_ms INTEGER NOT NULL,
            before_ns INTEGER,
            offset_ns INTEGER NOT NULL,
            drift_ppm INTEGER,
            samples INTEGER NOT NULL,
            corrections INTEGER NOT NULL,
            jumps INTEGER NOT NULL
        );
        CREATE INDEX clock_history_by_device ON clock_history (device, at_ms);
        CREATE INDEX clock_history_by_time ON clock_history (at_ms);
        """

    /// The history of clocks, oldest first.
    ///
    /// - Parameters:
    ///   - device: only this one's; nil for all.
    ///   - since: entries from then on, ms since 1970.
    ///   - max: the newest so many at most.
    /// - Returns: the entries.
    /// - Throws: ``SpoolError`` when a name does not open.
    package func clockHistory(of device: String? = nil, since: Int64 = .min, max: Int = 100_000) throws -> [ClockNote] {
        try self.file.reader.read { db in
            let names = try self.deviceNames(db)
            var number: Int64?
            if let device {
                guard let known = names.first(where: { $0.value == device })?.key else { return [] }
                number = known
            }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM clock_history WHERE (:device IS NULL OR device = :device) AND at_ms >= :since
                    ORDER BY id DESC LIMIT :max
                    """,
                arguments: ["device": number, "since": since, "max": max]
            ).reversed().map { row in
                ClockNote(
                    device: names[row["device"]] ?? "",
                    profile: row["profile"],
                    kind: row["kind"],
                    at: row["at_ms"],
                    offsetBeforeNs: row["before_ns"],
                    offsetNs: row["offset_ns"],
                    drift: row["drift_ppm"],
                    samples: row["samples"],
                    corrections: row["corrections"],
                    jumps: row["jumps"]
                )
            }
        }
    }

    func store(_ note: ClockNote, epoch: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO clock_history
                (device, profile, kind, at_ms, before_ns, offset_ns, drift_ppm, samples, corrections, jumps)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                try self.deviceNumber(note.device, epoch: epoch, db), note.profile, note.kind, note.at,
                note.offsetBeforeNs, note.offsetNs, note.drift, note.samples, note.corrections, note.jumps,
            ]
        )
    }

    /// The number of a device, which it gets when it is seen first.
    func deviceNumber(_ name: String, epoch: Int64, _ db: Database) throws -> Int64 {
        var fields = FieldWriter()
        fields.write("device")
        fields.write(name)
        let tag = Data(self.file.keys.tag(fields))
        let query = try db.cachedStatement(sql: "SELECT number FROM device WHERE tag = ?")
        if let known = try Int64.fetchOne(query, arguments: [tag]) { return known }
        let sealed = try self.file.keys.seal(Array(name.utf8), row: Self.deviceRow(tag), epoch: epoch, db)
        try db.execute(
            sql: "INSERT INTO device (tag, epoch, sealed) VALUES (?, ?, ?)",
            arguments: [tag, sealed.epoch, Data(sealed.bytes)]
        )
        return db.lastInsertedRowID
    }

    func deviceNames(_ db: Database) throws -> [Int64: String] {
        var names: [Int64: String] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT number, tag, epoch, sealed FROM device") {
            names[row[0]] = String(decoding: try self.openDevice(row, db), as: UTF8.self)
        }
        return names
    }

    private func openDevice(_ row: Row, _ db: Database) throws -> [UInt8] {
        let sealed = SealedBytes(epoch: row[2], bytes: [UInt8](row[3] as Data))
        return try self.file.keys.open(sealed, row: Self.deviceRow(row[1]), db)
    }

    static func deviceRow(_ tag: Data) -> String { "device/\(tag.base64EncodedString())" }

    /// Deletes old entries of the histories; names stay, there are few.
    static func pruneDevices(before time: Int64, _ rowsMax: Int, _ db: Database) throws -> Int {
        try db.execute(
            sql: "DELETE FROM clock_history WHERE id IN (SELECT id FROM clock_history WHERE at_ms < ? LIMIT ?)",
            arguments: [time, rowsMax]
        )
        let entries = db.changesCount
        return entries + (try Self.pruneAccounts(before: time / AccountSheet.hourMilliseconds, db))
    }
}
