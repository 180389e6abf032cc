/// Why a time zone is not available.
package enum TimeZoneError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Neither `utc`, an offset such as `+08:00`, nor a name of the IANA database.
    case invalidName(String)
    /// The database of this computer has no file for the name.
    case notInstalled(name: String, directory: String)
    /// The file is not a TZif file (RFC 8536) of version 2 or later.
    case damaged(name: String)

    package var description: String {
        switch self {
        case .invalidName(let name):
            "\(name) is not a time zone: write utc, an offset such as +08:00, or a name such as Europe/Berlin."
        case .notInstalled(let name, let directory):
            "The time zone \(name) is not installed in \(directory); install the package tzdata or write an offset."
        case .damaged(let name):
            "The file of the time zone \(name) cannot be read as TZif version 2 or later (RFC 8536)."
        }
    }
}

/// The offsets of one time zone from UTC, past and future.
package struct TimeZoneRules: Sendable {
    /// What became of a wall-clock time that the zone does not map to exactly one instant.
    package enum Ambiguity: Sendable, Hashable {
        /// There is exactly one instant.
        case none
        /// Clocks skipped this time; it was moved forward by the length of the gap.
        case gap
        /// Clocks showed this time twice; the first occurrence was taken.
        case overlap
    }

    private enum Source: Sendable {
        case fixed(seconds: Int)
        case table(TimeZoneTable)
    }

    /// The name as given.
    package let name: String
    private let source: Source

    /// Finds a zone: `utc` or `Z`, an offset (`+08:00`, `-0530`), or a name of the IANA time zone database.
    ///
    /// A name is read from `directory`, by default where Debian's package tzdata installs it.
    package init(_ name: String, directory: String = "/usr/share/zoneinfo") throws(TimeZoneError) {
        self.name = name
        if let offset = Self.fixedOffset(name) {
            self.source = .fixed(seconds: offset * 60)
            return
        }
        guard Self.isDatabaseName(name) else { throw .invalidName(name) }
        guard let bytes = TimeZoneFile.read("\(directory)/\(name)") else {
            throw .notInstalled(name: name, directory: directory)
        }
        guard let table = TimeZoneTable(tzif: bytes) else { throw .damaged(name: name) }
        self.source = .table(table)
    }

    /// Offset from UTC in minutes, positive east, at an instant in seconds since 1970.
    ///
    /// Local mean times before standard time have seconds; they are cut off towards the west.
    package func offsetMinutes(atUTC seconds: Int64) -> Int {
        // Ten thousand years either way are more than DateTime holds, and keep the calendar from overflowing.
        let bounded = min(max(Int(seconds), -315_360_000_000), 315_360_000_000)
        return self.offsetSeconds(atUTC: bounded).floorDivided(by: 60).quotient
    }

    /// The instant of a wall-clock time in this zone; a zone that was written with the time has precedence.
    ///
    /// - Returns: nil for the year 0 and for what ``DateTime`` cannot hold.
    package func resolve(_ civil: CivilDateTime) -> (DateTime, ambiguity: Ambiguity)? {
        if let written = civil.offsetMinutes {
            return civil.resolved(offsetMinutes: Int(written)).map { ($0, .none) }
        }
        guard let local = civil.localSeconds else { return nil }
        // Every offset is below a day, so a day to either side lies before and after any change that matters.
        let before = self.offsetMinutes(atUTC: Int64(local - 86_400)) * 60
        let after = self.offsetMinutes(atUTC: Int64(local + 86_400)) * 60
        let fitsBefore = self.offsetMinutes(atUTC: Int64(local - before)) * 60 == before
        let fitsAfter = self.offsetMinutes(atUTC: Int64(local - after)) * 60 == after
        let offset = fitsBefore || !fitsAfter ? before : after
        let utc = local - offset
        let shown = self.offsetMinutes(atUTC: Int64(utc))
        guard let instant = civil.instant(utcSeconds: utc, offsetMinutes: shown) else { return nil }
        if !fitsBefore, !fitsAfter { return (instant, .gap) }
        return (instant, fitsBefore && fitsAfter && before != after ? .overlap : .none)
    }

    private func offsetSeconds(atUTC seconds: Int) -> Int {
        switch self.source {
        case .fixed(let offset): offset
        case .table(let table): table.offsetSeconds(atUTC: seconds)
        }
    }

    private static func fixedOffset(_ name: String) -> Int? {
        if ["utc", "z"].contains(name.lowercased()) { return 0 }
        let bytes = Array(name.utf8)
        return bytes.withUnsafeBufferPointer { text in
            var scanner = DateTimeScanner(text)
            guard let offset = scanner.numericZone(colon: bytes.count == 6), scanner.isAtEnd else { return nil }
            return Int(offset)
        }
    }

    /// Whether the name is made of plain path components, so that no name leaves the directory of the database.
    private static func isDatabaseName(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 64 else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { component in
            guard let first = component.utf8.first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first | 0x20 else {
                return false
            }
            return component.utf8.allSatisfy(Self.isNameByte)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"):
            true
        default: false
        }
    }
}
