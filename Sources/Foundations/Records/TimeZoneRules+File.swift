#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Reads a file of the time zone database.
enum TimeZoneFile {
    /// The largest file of the database has about 4 KiB.
    private static let largest = 65_536

    /// The contents of a regular file; nil when it is missing, unreadable or too large.
    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rbe") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: self.largest + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0, count > 0, count <= self.largest else { return nil }
        return Array(bytes[..<count])
    }
}
