internal import Foundation
internal import GRDB

extension Spool {
    /// Every association ever made, ended ones included, in the order of their begin.
    package func associations() throws -> [Association] {
        try self.file.reader.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM association ORDER BY from_ms, id")
                .map { try self.association($0, db) }
        }
    }

    /// The association of a subject at a moment; nil when it belonged to no patient.
    package func association(of subject: Association.Subject, at time: Int64) throws -> Association? {
        try self.file.reader.read { db in try self.associations(of: subject, db) }.last { $0.holds(at: time) }
    }

    /// Associates a bed or a device with a patient.
    ///
    /// - Parameters:
    ///   - subject: the bed or device.
    ///   - patient: 32 lower-case hexadecimal digits.
    ///   - from: ms since 1970.
    ///   - to: end, ms since 1970, not included; nil leaves it open.
    ///   - replace: ends an open association that began before `from` at that moment.
    /// - Returns: the association's number.
    /// - Throws: ``StoreRefusal/failed(_:)`` when it would overlap another one, in words.
    @discardableResult
    package func associate(
        _ subject: Association.Subject,
        with patient: String,
        from: Int64,
        to: Int64? = nil,
        replace: Bool = false
    ) throws(StoreRefusal) -> Int64 {
        try Self.check(subject, patient: patient, from: from, to: to)
        return try self.file.write(now: self.clock()) { db, epoch in
            for other in try self.associations(of: subject, db) where other.overlaps(from: from, to: to) {
                guard replace, other.to == nil, other.from <= from else {
                    throw StoreRefusal.failed(
                        "\(subject) already belongs to patient \(other.patient) from \(other.from) ms "
                            + "to \(other.to.map { "\($0) ms" } ?? "now"); end that association first, or replace it"
                    )
                }
                try Self.setEnd(other.id, from, db)
            }
            return try self.insert(subject, patient: patient, from: from, to: to, epoch: epoch, db)
        }
    }

    /// Ends the open association of a subject at a moment (ms since 1970) not before its begin.
    ///
    /// - Throws: ``StoreRefusal/failed(_:)`` when there is none that this moment could end.
    package func endAssociation(of subject: Association.Subject, at time: Int64) throws(StoreRefusal) {
        try self.file.write(now: self.clock()) { db, _ in
            guard let open = try self.associations(of: subject, db).last(where: { $0.to == nil }) else {
                throw StoreRefusal.failed("\(subject) belongs to no patient now")
            }
            guard open.from <= time else {
                throw StoreRefusal.failed("the association of \(subject) begins at \(open.from) ms, after its end")
            }
            try Self.setEnd(open.id, time, db)
        }
    }

    /// Seals associations of old epochs with the current key.
    func resealAssociations(before limit: Int64, epoch: Int64, _ db: Database) throws {
        for row in try Row.fetchAll(db, sql: "SELECT * FROM association WHERE epoch < ?", arguments: [limit]) {
            let old = try self.association(row, db)
            let sealed = try self.seal(old.subject, old.patient, from: old.from, epoch: epoch, db)
            try db.execute(
                sql: "UPDATE association SET epoch = ?, sealed = ? WHERE id = ?",
                arguments: [sealed.epoch, Data(sealed.bytes), old.id]
            )
        }
    }

    private static func check(
        _ subject: Association.Subject,
        patient: String,
        from: Int64,
        to: Int64?
    ) throws(StoreRefusal) {
        let digits = patient.utf8
        let isHexadecimal = digits.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard digits.count == 32, isHexadecimal else {
            throw .failed("a patient pseudonym is 32 lower-case hexadecimal digits")
        }
        switch subject {
        case .bed(let name), .device(let name):
            guard (1...256).contains(name.utf8.count) else { throw .failed("a bed or device has 1 to 256 bytes") }
        }
        if let to, to <= from { throw .failed("an association must end after it begins") }
    }

    private func insert(
        _ subject: Association.Subject,
        patient: String,
        from: Int64,
        to: Int64?,
        epoch: Int64,
        _ db: Database
    ) throws -> Int64 {
        let sealed = try self.seal(subject, patient, from: from, epoch: epoch, db)
        try db.execute(
            sql: "INSERT INTO association (subject_tag, from_ms, to_ms, epoch, sealed) VALUES (?, ?, ?, ?, ?)",
            arguments: [Data(self.file.keys.tag(subject.fields)), from, to, sealed.epoch, Data(sealed.bytes)]
        )
        return db.lastInsertedRowID
    }

    private func associations(of subject: Association.Subject, _ db: Database) throws -> [Association] {
        try Row.fetchAll(
            db,
            sql: "SELECT * FROM association WHERE subject_tag = ? ORDER BY from_ms, id",
            arguments: [Data(self.file.keys.tag(subject.fields))]
        ).map { try self.association($0, db) }
    }

    private func seal(
        _ subject: Association.Subject,
        _ patient: String,
        from: Int64,
        epoch: Int64,
        _ db: Database
    ) throws -> SealedBytes {
        var fields = subject.fields
        let row = Self.associationRow(Data(self.file.keys.tag(fields)), from: from)
        fields.write(patient)
        return try self.file.keys.seal(fields.bytes, row: row, epoch: epoch, db)
    }

    private func association(_ row: Row, _ db: Database) throws -> Association {
        let from: Int64 = row["from_ms"]
        let name = Self.associationRow(row["subject_tag"], from: from)
        let sealed = SealedBytes(epoch: row["epoch"], bytes: [UInt8](row["sealed"] as Data))
        var fields = FieldReader(try self.file.keys.open(sealed, row: name, db))
        guard let subject = Association.Subject(&fields), let patient = fields.text() else {
            throw SpoolError.damagedRow(name)
        }
        return Association(id: row["id"], subject: subject, patient: patient, from: from, to: row["to_ms"])
    }

    private static func setEnd(_ id: Int64, _ time: Int64, _ db: Database) throws {
        try db.execute(sql: "UPDATE association SET to_ms = ? WHERE id = ?", arguments: [time, id])
    }

    private static func associationRow(_ tag: Data, from: Int64) -> String {
        "association/\(tag.base64EncodedString())/\(from)"
    }
}
